import Foundation
public import ProjectModel

/// What a rebuild of a dimension changes, or would change.
public struct DimensionDifference: Sendable {
  /// A kind of difference: how many there are, and up to five of them as text.
  public struct Count: Sendable {
    /// A column's name, or a fact's key as `fct_sale.price_key`; else empty.
    public var name: String
    public var count: Int
    public var samples: [String]
  }

  public var node: NodeID
  public var membersAdded: Count?
  public var membersRemoved: Count?
  public var versionsAdded: Count?
  public var versionsRemoved: Count?
  /// Versions that are in both, and begin or end elsewhere.
  public var intervalsMoved: Count?
  /// Columns whose values differ in versions that are in both.
  public var columns: [Count] = []
  /// Keys of facts that lead to versions that are gone or do not hold at their time any more.
  public var facts: [Count] = []
  public var isApplied = false

  init(node: NodeID) { self.node = node }

  /// True when a rebuild changes nothing.
  public var isEmpty: Bool {
    [membersAdded, membersRemoved, versionsAdded, versionsRemoved, intervalsMoved].allSatisfy { $0 == nil }
      && columns.isEmpty
  }

  /// - Parameter rows: section, name, count and a JSON list of samples.
  mutating func read(_ rows: [[String?]]) {
    for row in rows where row.count == 4 {
      guard let count = row[2].flatMap({ Int($0) }), count > 0 else { continue }
      let samples = row[3].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
      let found = Count(name: row[1] ?? "", count: count, samples: samples ?? [])
      switch row[0] {
      case "members_added": membersAdded = found
      case "members_removed": membersRemoved = found
      case "versions_added": versionsAdded = found
      case "versions_removed": versionsRemoved = found
      case "intervals_moved": intervalsMoved = found
      case "changed": columns.append(found)
      default: facts.append(found)
      }
    }
  }
}
