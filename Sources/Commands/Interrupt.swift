import Dispatch
import Foundation

/// Ctrl-C and SIGTERM while a run is going on: the first asks it to stop, the second ends the process at once.
///
/// `@unchecked`: Dispatch lets a source be cancelled from any thread, and the array of them never changes.
final class Interrupt: @unchecked Sendable {
  private let sources: [any DispatchSourceSignal]

  init(_ stop: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "whc.interrupt")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in
        stop()
        // A second signal has the system's own meaning.
        signal(number, SIG_DFL)
      }
      source.resume()
      return source
    }
  }

  /// Gives the signals back to the system.
  func release() {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
