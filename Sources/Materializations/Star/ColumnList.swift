import Warehouse

/// Column names as they stand in statements: lists, joins, comparisons.
struct ColumnList {
  let names: [String]
  let dialect: Dialect

  init(_ names: [String], _ dialect: Dialect) {
    self.names = names
    self.dialect = dialect
  }

  /// `"a", "b"`
  var bare: String { names.map(dialect.quote).joined(separator: ", ") }

  /// `s."a", s."b"`
  func of(_ alias: String) -> String {
    names.map { "\(alias).\(dialect.quote($0))" }.joined(separator: ", ")
  }

  /// Each with its name, for ``Dialect/firstOfEach(_:_:from:orderedBy:)``.
  func values(of alias: String) -> [(value: String, name: String)] {
    names.map { ("\(alias).\(dialect.quote($0))", dialect.quote($0)) }
  }

  /// `l."a" = r."a" and l."b" = r."b"`
  func equal(_ left: String, _ right: String) -> String {
    names.map { "\(left).\(dialect.quote($0)) = \(right).\(dialect.quote($0))" }.joined(separator: " and ")
  }

  /// `(l."a" is null or l."b" is null)`
  func anyNull(_ alias: String) -> String {
    "(" + names.map { "\(alias).\(dialect.quote($0)) is null" }.joined(separator: " or ") + ")"
  }
}
