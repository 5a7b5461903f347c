import StarModel
import Warehouse

/// The surrogate key of a row that a dimension gets now.
struct NewKey {
  let dimension: Dimension
  /// As they stand in SQL.
  let table: String
  let ledger: String
  let dialect: Dialect

  /// Counted up from the highest key ever given, the rows being numbered in `order`; or the hash.
  ///
  /// Rows leave a dimension only when they are withdrawn, and the ledger then keeps their keys.
  func expression(_ alias: String, from: String, order: String = "") -> String {
    guard dimension.surrogateKey.method == .integer else { return hash(alias, from: from) }
    let key = dialect.quote(dimension.surrogateKey.name)
    return "(select greatest(coalesce((select max(\(key)) from \(table)), 0),\n"
      + "      coalesce((select max(surrogate_key) from \(ledger)), 0), 0))\n"
      + "    + row_number() over (\(order))"
  }

  /// What dbt_utils' `generate_surrogate_key` makes of the natural key and `valid_from`.
  private func hash(_ alias: String, from: String) -> String {
    return Self.hash(dimension.naturalKey.map { "\(alias).\(dialect.quote($0))" } + [from], dialect)
  }

  /// The same of the natural key alone.
  func hashOfNaturalKey(_ alias: String) -> String {
    Self.hash(dimension.naturalKey.map { "\(alias).\(dialect.quote($0))" }, dialect)
  }

  /// What `generate_surrogate_key` makes of some expressions.
  static func hash(_ values: [String], _ dialect: Dialect = .postgres) -> String {
    let null = "'_dbt_utils_surrogate_key_null_'"
    let parts = values.map { "coalesce(cast(\($0) as \(dialect.longText)), \(null))" }
    return "md5(" + parts.joined(separator: " || '-' || ") + ")"
  }
}
