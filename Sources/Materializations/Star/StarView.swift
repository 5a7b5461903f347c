import Warehouse

/// A view that stands beside a star's table and is kept by its load.
struct StarView {
  /// As it is written in SQL.
  let name: String
  let query: String
  let dialect: Dialect

  /// Redshift replaces a view only by one of the very same columns, so it is made anew there, and what reads it by
  /// hand-made SQL goes with it.
  var statements: [Plan.Statement] {
    guard dialect.kind == .redshift else {
      return [Plan.Statement(.change, "create or replace view \(name) as\n\(query)")]
    }
    return [
      Plan.Statement(.change, "drop view if exists \(name) cascade"),
      Plan.Statement(.change, "create view \(name) as\n\(query)"),
    ]
  }
}
