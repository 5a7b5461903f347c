import Synchronization

/// The part of a connection that other threads may touch while a statement runs: asking the server to stop
/// it.
///
/// A request is answered once by the work it was meant for: by the running statement, or else by the next
/// one.
final class CancelHandle: Sendable {
  private struct State {
    var token: Token?
    var isWorking = false
    var isRequested = false
  }

  /// What `PQgetCancel` gave: the server's address and the connection's key.
  ///
  /// Sendable because it never changes and the manual allows `PQcancel` on it from any thread.
  struct Token: @unchecked Sendable {
    var libpq: Libpq
    var pointer: OpaquePointer
  }

  private let state = Mutex(State())

  func attach(_ token: Token?) { state.withLock { $0.token = token } }

  /// Frees the token; from then on `cancel` does nothing.
  func detach() {
    state.withLock { state in
      if let token = state.token { token.libpq.PQfreeCancel(token.pointer) }
      state.token = nil
    }
  }

  func beginWork() { state.withLock { $0.isWorking = true } }

  func endWork() {
    state.withLock { state in
      state.isWorking = false
      state.isRequested = false
    }
  }

  var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Whether a request was waiting; it is answered by this.
  func takeRequest() -> Bool {
    state.withLock { state in
      defer { state.isRequested = false }
      return state.isRequested
    }
  }

  func cancel() {
    // The lock is held while the request is sent, so that it cannot reach a statement of later work.
    state.withLock { state in
      guard state.isWorking, let token = state.token else { return }
      state.isRequested = true
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        if let start = buffer.baseAddress { _ = token.libpq.PQcancel(token.pointer, start, 256) }
      }
    }
  }
}
