import Foundation

/// What EXPLAIN tells of a statement that is a full join done by hashing: both sides are then read exactly once.
///
/// Run with ANALYZE it also tells how many rows went in and came out. A join of keys that stand once on each side gives
/// `rowsIn` less the matched pairs, and the matched pairs are `rowsOut` less the rows without a partner; so the rows
/// without a partner are `2 * rowsOut - rowsIn` if no key stands twice, and fewer than that if one does.
public struct FullJoinPlan: Sendable, Equatable {
  /// Rows of both sides; nil when the statement was planned and not run.
  public var rowsIn: Int?
  /// Pairs and rows without a partner, before WHERE.
  public var rowsOut: Int?
  /// What WHERE left.
  public var rowsKept: Int?

  /// How many rows have no partner unless a key stands twice on one side.
  public var rowsAlone: Int? {
    guard let rowsIn, let rowsOut else { return nil }
    return 2 * rowsOut - rowsIn
  }

  /// - Parameter explanation: what `explain (format json)` answers. nil where the join is done in another way, or by
  ///   several processes, whose counts the server gives rounded.
  public init?(explanation: String) {
    guard
      let join = try? JSONDecoder().decode([Explanation].self, from: Data(explanation.utf8)).first?.plan,
      join.type == "Hash Join", join.joinType == "Full", join.isParallel != true
    else { return nil }
    guard let kept = join.rows else { return }
    let sides = join.children.filter { ["Outer", "Inner"].contains($0.relationship) }
    guard sides.count == 2, (sides + [join]).allSatisfy({ $0.loops == 1 }) else { return nil }
    rowsIn = sides.reduce(0) { $0 + ($1.rows ?? 0) }
    rowsOut = kept + (join.rowsRemoved ?? 0)
    rowsKept = kept
  }

  private struct Explanation: Decodable {
    var plan: Step

    enum CodingKeys: String, CodingKey { case plan = "Plan" }
  }

  private struct Step: Decodable {
    var type: String
    var relationship: String?
    var joinType: String?
    var isParallel: Bool?
    var rows: Int?
    var loops: Int?
    var rowsRemoved: Int?
    var plans: [Step]?

    var children: [Step] { plans ?? [] }

    enum CodingKeys: String, CodingKey {
      case type = "Node Type"
      case relationship = "Parent Relationship"
      case joinType = "Join Type"
      case isParallel = "Parallel Aware"
      case rows = "Actual Rows"
      case loops = "Actual Loops"
      case rowsRemoved = "Rows Removed by Filter"
      case plans = "Plans"
    }
  }
}
