import Foundation
import Warehouse

/// Whether work that the server undid is sent again, and when.
struct RetryRule {
  private let dialect: Dialect
  private let retriesOfRefusals: Int

  /// - Parameter retriesOfRefusals: how often whatever was refused is sent again.
  init(_ dialect: Dialect, _ retriesOfRefusals: Int = 0) {
    self.dialect = dialect
    self.retriesOfRefusals = retriesOfRefusals
  }

  /// Seconds to wait before the next attempt; nil when there is to be none.
  ///
  /// PostgreSQL makes one of two wait by itself. Redshift finds conflicts where both could go on for long, so they are kept
  /// apart by pauses that grow and differ.
  ///
  /// - Parameters:
  ///   - attempt: the one that failed, from 1.
  ///   - chance: what makes two pauses differ, from 0 to 1.
  func pause(
    after attempt: Int, _ error: WarehouseError?, chance: Double = Double.random(in: 0...1)
  ) -> Double? {
    guard let error, attempt < attempts(for: error) else { return nil }
    guard dialect.kind == .redshift else { return 0 }
    return min(0.2 * pow(2, Double(attempt - 1)), 8) * (0.5 + chance)
  }

  private func attempts(for error: WarehouseError) -> Int {
    guard case .statement(let message) = error else { return 1 }
    // A schema that another session makes may not be seen yet.
    let isUnseen = dialect.kind == .redshift && message.sqlState == "3F000"
    if error.isConflict(in: dialect) || isUnseen {
      return max(dialect.kind == .redshift ? 6 : 3, retriesOfRefusals + 1)
    }
    return retriesOfRefusals + 1
  }

  /// Waits, but not beyond the end of the task.
  static func wait(seconds: Double) {
    let end = Date(timeIntervalSinceNow: seconds)
    while !Task.isCancelled, end.timeIntervalSinceNow > 0 {
      Thread.sleep(forTimeInterval: min(0.1, max(0, end.timeIntervalSinceNow)))
    }
  }
}
