import Dispatch
import Synchronization

/// Lets one transaction of a run drop at a time.
final class DropQueue: Sendable {
  private let semaphore = DispatchSemaphore(value: 1)

  /// Waits until it is free. It is held from a drop to its commit, or a rollback.
  ///
  /// Only for a minute: who holds it might wait for a lock of the one who waits here, which no server would see. What then
  /// gets in each other's way is sent again as any conflict.
  ///
  /// - Returns: whether it is held now.
  func enter() -> Bool { semaphore.wait(timeout: .now() + 60) == .success }
  func leave() { semaphore.signal() }
}

/// A connection's turn to drop.
final class DropTurn: Sendable {
  private let held = Mutex<DropQueue?>(nil)

  /// Waits for the turn, unless it is held already. Only the connection's own thread calls this.
  func begin(in queue: DropQueue?) {
    guard let queue, held.withLock({ $0 }) == nil, queue.enter() else { return }
    held.withLock { $0 = queue }
  }

  func end() {
    held.withLock { queue in
      queue?.leave()
      queue = nil
    }
  }
}

/// `drop table … cascade`, with comments before or behind it.
struct DropStatement {
  /// The statement up to its last word, and what stands behind that.
  private let (head, tail): (Substring, Substring)

  /// nil for everything else.
  init?(_ sql: String) {
    let words = Self.start(of: sql[...]).prefix(24).lowercased()
    guard ["drop table ", "drop view ", "drop materialized view "].contains(where: words.hasPrefix),
      let mark = sql.ranges(of: #/(?i:\s+cascade)(?=\s*;?\s*(?:/\*|--|$))/#).last
    else { return nil }
    head = sql[..<mark.lowerBound]
    tail = sql[mark.upperBound...]
  }

  var withoutCascade: String { String(head + tail) }

  static func isBegin(_ sql: String) -> Bool {
    let words = start(of: sql[...]).prefix(17).lowercased()
    return words.hasPrefix("begin") || words.hasPrefix("start transaction")
  }

  /// The text behind blanks and comments.
  private static func start(of sql: Substring) -> Substring {
    var rest = sql
    while true {
      rest = rest.drop(while: \.isWhitespace)
      if rest.hasPrefix("/*"), let end = rest.firstRange(of: "*/") {
        rest = rest[end.upperBound...]
      } else if rest.hasPrefix("--") {
        rest = rest.drop { !$0.isNewline }
      } else {
        return rest
      }
    }
  }
}
