import Diagnostics
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is written beside the one whose name it takes when it is whole.
///
/// One that is given up without ``finish()`` leaves nothing behind.
final class PendingFile: Sendable {
  private struct State {
    /// nil when the file is closed.
    var descriptor: Int32?
    var problem: DiagnosticsError?
  }

  private let path: String
  private let beside: String
  private let state: Mutex<State>

  /// Makes the folders above `path`, too, as far as they are missing.
  init(_ path: String) throws(DiagnosticsError) {
    self.path = path
    beside = "\(path).\(getpid()).tmp"
    var descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0, errno == ENOENT {
      try ArtifactFile.makeFolder(above: path)
      descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    }
    guard descriptor >= 0 else { throw ArtifactFile.cannotWrite(path) }
    state = Mutex(State(descriptor: descriptor))
  }

  deinit {
    state.withLock {
      guard let descriptor = $0.descriptor else { return }
      close(descriptor)
      unlink(beside)
    }
  }

  /// Adds bytes; a failure is kept for ``finish()``.
  func append(_ bytes: UnsafeRawBufferPointer) {
    state.withLock { state in
      guard state.problem == nil, let descriptor = state.descriptor else { return }
      var rest = bytes
      while !rest.isEmpty {
        let count = writeSome(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          state.problem = ArtifactFile.cannotWrite(path)
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Gives the file its name.
  ///
  /// - Throws: `cannot-write`; the file that had the name before is then as it was.
  func finish() throws(DiagnosticsError) {
    let problem = state.withLock { state -> DiagnosticsError? in
      guard let descriptor = state.descriptor else { return state.problem }
      state.descriptor = nil
      // A full disk may show itself only when the file is closed.
      let isClosed = close(descriptor) == 0
      if state.problem == nil, !isClosed || rename(beside, path) != 0 {
        state.problem = ArtifactFile.cannotWrite(path)
      }
      if state.problem != nil { unlink(beside) }
      return state.problem
    }
    if let problem { throw problem }
  }
}

// Inside the class the name `write` would mean a function of its own.
private func writeSome(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, start, count)
}
