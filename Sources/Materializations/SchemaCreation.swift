public import Warehouse

/// Schemas that the run's relations stand in.
public enum SchemaCreation {
  /// One transaction that makes those that are missing; nil when there is nothing to make.
  ///
  /// `create schema if not exists` alone still fails when two sessions make the same schema at once, so a lock
  /// comes first.
  public static func group(for schemas: [SchemaName], dialect: Dialect) -> Plan.Group? {
    var names: [String] = []
    for schema in schemas where !names.contains(schema.schema) { names.append(schema.schema) }
    guard !names.isEmpty else { return nil }
    var statements: [Plan.Statement] = []
    if dialect.kind == .postgres {
      statements.append(
        Plan.Statement(.lock, "select pg_advisory_xact_lock(hashtextextended('whc create schema', 0))"))
    }
    statements += names.sorted().map {
      Plan.Statement(.createSchema, "create schema if not exists \(dialect.quote($0))")
    }
    return Plan.Group(.transaction, isIdempotent: true, statements.map { .statement($0) })
  }
}
