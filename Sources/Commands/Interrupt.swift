import Dispatch
import Foundation

/// Ctrl-C, SIGTERM and a closed terminal (SIGHUP) while a run is going on: the first asks it to stop, the second ends
/// the process at once.
///
/// `@unchecked`: Dispatch lets a source be cancelled from any thread, and the arrays never change.
final class Interrupt: @unchecked Sendable {
  private let numbers: [Int32]
  private let sources: [any DispatchSourceSignal]

  init(_ stop: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "whc.interrupt")
    // What was ignored stays ignored: who started this with nohup wants it to outlive the terminal.
    numbers = [SIGINT, SIGTERM, SIGHUP].filter { number in
      let before = signal(number, SIG_IGN)
      return unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) || number != SIGHUP
    }
    sources = numbers.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in
        // A second signal has the system's own meaning, from now on, also while the first is being answered.
        signal(number, SIG_DFL)
        stop()
      }
      source.resume()
      return source
    }
  }

  /// Gives the signals back to the system.
  func release() {
    for source in sources { source.cancel() }
    for number in numbers { signal(number, SIG_DFL) }
  }
}
