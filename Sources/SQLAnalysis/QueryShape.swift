/// What a query gives: its columns, where they come from, and what identifies its rows.
public struct QueryShape: Sendable, Hashable {
  /// How a column's values come into an output; the last is the strongest.
  public enum Use: String, Sendable, Hashable, Comparable, CaseIterable {
    case copied, transformed, aggregated

    public static func < (left: Use, right: Use) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  public struct Column: Sendable, Hashable {
    public var name: String
    /// nil when it is not known.
    public var type: SQLType?
    /// nil when it is not known.
    public var isNullable: Bool?
    /// The columns whose values it is made of.
    public var origins: [ColumnReference: Use] = [:]
    /// 0-based byte offset of what gives it in the query's text: an expression, or a `*`.
    public var offset: Int?
    /// False when only a `*` over a relation gives it, so that the relation decides whether it is there.
    public var isListed = true
    /// Of a SELECT's own columns: whether it could be left out without changing anything else.
    var isFree = false
    /// Whether it is a text in quotes or NULL, which becomes what it meets in a set operation.
    var isUntyped = false
    /// Of a `row_number()`: the columns, by position, that it begins anew for.
    var partition: Set<Int>?

    public init(_ name: String) { self.name = name }
  }

  public var columns: [Column] = []
  /// False when a `*` over a relation of unknown columns hides some.
  public var isComplete = true
  /// The one relation that may give columns which are not listed; nil when there is none, or several.
  public var open: TableName?
  /// Sets of positions in `columns` of which no two rows have the same values; an empty set: at most one row.
  public var keys: [Set<Int>] = []
  /// Columns that decide which rows there are and in which order: of WHERE, joins, GROUP BY, HAVING, ORDER BY and windows.
  public var conditions: Set<ColumnReference> = []

  public init() {}

  /// The same with other places of its columns.
  func placed(_ place: (Int?) -> Int?) -> QueryShape {
    var result = self
    for index in columns.indices { result.columns[index].offset = place(columns[index].offset) }
    return result
  }

  /// The first column of the name.
  public func column(_ name: String) -> Column? { columns.first { $0.name == name } }

  /// Whether no two rows have the same values in these columns, as far as the query itself tells.
  public func isUnique(_ names: Set<String>) -> Bool {
    keys.contains { key in key.allSatisfy { names.contains(columns[$0].name) } }
  }

  /// As a relation that others read: a materialised model.
  public var relation: RelationShape {
    var seen: Set<String> = []
    let unique = columns.filter { seen.insert($0.name).inserted }
    return RelationShape(
      columns: unique.map { RelationShape.Column(name: $0.name, type: $0.type, isNullable: $0.isNullable) },
      isComplete: isComplete, keys: keys.map { key in Set(key.map { columns[$0].name }) })
  }
}
