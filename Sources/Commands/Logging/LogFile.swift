import Foundation
import Synchronization

/// `logs/dbt.log`: every event of every command, one command after the other.
///
/// The file is opened when the first line is written. Lines are put together for a moment, since a system call for
/// each costs more than the rest of a small run; what waits is written when the process exits. A full or unwritable
/// disk ends the logging, never the command.
final class LogFile: Sendable {
  private struct State {
    var descriptor: Int32?
    var hasFailed = false
    var waiting: [UInt8] = []
    /// Bytes in the file.
    var size = 0
    /// Seconds since 1970.
    var lastWrite = 0.0
  }

  private static let keptFiles = 5
  private static let waitingLimit = 32 << 10
  /// Seconds.
  private static let longestWait = 0.25
  /// Files that may hold lines when the process exits.
  private static let open = Mutex<[LogFile]>([])

  private let path: String
  private let heading: String
  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: bytes above which the file is put aside as `dbt.log.1`, older ones moving up to `dbt.log.5`;
  ///   0: never.
  init(folder: String, heading: String, limit: Int = 10 << 20) {
    path = folder + "/dbt.log"
    self.heading = heading
    self.limit = limit
  }

  func write(_ line: String) {
    let isFirst = state.withLock { state in
      let isFirst = state.descriptor == nil && !state.hasFailed
      if isFirst { open(&state) }
      guard state.descriptor != nil else { return false }
      state.waiting += line.utf8
      let now = Clock.now()
      if state.waiting.count >= Self.waitingLimit || now - state.lastWrite >= Self.longestWait {
        flush(&state)
        state.lastWrite = now
      }
      return isFirst
    }
    if isFirst { Self.flushAtExit(self) }
  }

  /// Writes what waits.
  func flush() { state.withLock { flush(&$0) } }

  private func flush(_ state: inout State) {
    guard let descriptor = state.descriptor, !state.waiting.isEmpty else { return }
    if Self.writeAll(state.waiting, to: descriptor) {
      state.size += state.waiting.count
      state.waiting.removeAll(keepingCapacity: true)
      if limit > 0, state.size > limit {
        close(descriptor)
        state.descriptor = nil
        open(&state)
      }
    } else {
      close(descriptor)
      state = State(descriptor: nil, hasFailed: true)
    }
  }

  private static func flushAtExit(_ file: LogFile) {
    let isFirst = open.withLock { files in
      files.append(file)
      return files.count == 1
    }
    if isFirst { atexit { LogFile.open.withLock { $0 }.forEach { $0.flush() } } }
  }

  private func open(_ state: inout State) {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var info = stat()
    state.size = stat(path, &info) == 0 ? Int(info.st_size) : 0
    if limit > 0, state.size > limit {
      for number in (1..<Self.keptFiles).reversed() { rename("\(path).\(number)", "\(path).\(number + 1)") }
      rename(path, path + ".1")
      state.size = 0
    }
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0, Self.writeAll(Array(heading.utf8), to: descriptor) else {
      if descriptor >= 0 { close(descriptor) }
      state.hasFailed = true
      return
    }
    state.descriptor = descriptor
  }

  private static func writeAll(_ text: [UInt8], to descriptor: Int32) -> Bool {
    var bytes = text[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      bytes = bytes.dropFirst(count)
    }
    return true
  }
}
