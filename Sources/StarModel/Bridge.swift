public import Diagnostics
public import ProjectModel

/// A model with `materialized: bridge`: which members of a dimension belong to a group, or which stand below which.
public struct Bridge: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Rows of (group, member): the owners of an account, the diagnoses of a visit.
    case group
    /// Every pair of a node and one below it, however deep, from rows of (node, parent).
    case hierarchy
  }

  public var node: NodeID
  public var name: String
  public var kind: Kind
  /// The dimension that it leads to.
  public var to: Fact.Target
  /// The columns of the SQL with the member's natural key.
  public var key: [String]
  public var role: String?
  public var asOf: String?
  public var missing: Fact.Missing
  /// The columns that tell groups apart.
  public var group: [String]
  /// The column with the member's share of its group.
  public var weight: String?
  /// From when a row holds, and up to when; nil: always.
  public var validFrom: String?
  public var validTo: String?
  /// Of a hierarchy, the column of the SQL with the natural key of what a node stands below; NULL at the top.
  public var parent: String?
  public var span: SourceSpan?

  /// Of a hierarchy: the natural keys of both ends, as columns of the table.
  public var ends: (parent: String, child: String) {
    ("parent_\(key.first ?? "")", "child_\(key.first ?? "")")
  }

  /// How far from one the sum of a group's weights may be: that of three times 0.3333.
  public static let tolerance = "0.0001"

  /// Columns that a hierarchy has beside its ends.
  public static let depth = "depth"
  public static let isTop = "is_top"
  public static let isBottom = "is_bottom"

  /// The lookups, whose columns are those of ``fact``.
  public var edges: [Fact.Edge] {
    switch kind {
    case .group:
      [Fact.Edge(to: to, role: role, key: key, asOf: asOf ?? validFrom, missing: missing, declaredBy: "to")]
    case .hierarchy:
      [
        Fact.Edge(to: to, role: "parent", key: [ends.parent], missing: missing, declaredBy: "to"),
        Fact.Edge(to: to, role: "child", key: [ends.child], missing: missing, declaredBy: "to"),
      ]
    }
  }

  /// The bridge as the factless fact that its table is like: keys found by lookups, one row for each grain.
  public var fact: Fact {
    Fact(
      node: node, name: name, kind: .factless,
      grain: kind == .hierarchy ? [ends.parent, ends.child] : group + key + [validFrom].compactMap(\.self),
      edges: edges, degenerate: group, measures: [weight].compactMap { $0.map { Fact.Measure(name: $0) } },
      eventTime: nil, lookback: Fact.defaultLookback, loadedAt: nil, rekey: .off, accumulating: nil,
      periodic: nil, span: span)
  }
}
