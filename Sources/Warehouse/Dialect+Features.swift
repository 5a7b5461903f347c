/// What a server can do. Where the version counts and is not yet known, the oldest supported one is assumed.
extension Dialect {
  private func postgres(from version: Int) -> Bool {
    kind == .postgres && max(serverVersion, oldestServerVersion) >= version
  }

  /// `MERGE` in full. Redshift has a narrow one: see ``hasNarrowMerge``.
  public var hasMerge: Bool { postgres(from: 150_000) }
  /// `MERGE` with exactly one matched and one not matched branch, no alias on the target, a table as source.
  public var hasNarrowMerge: Bool { kind == .redshift }
  /// `MERGE … WHEN NOT MATCHED BY SOURCE` and `RETURNING` in it.
  public var hasMergeBySource: Bool { postgres(from: 170_000) }
  public var hasNullsNotDistinct: Bool { postgres(from: 150_000) }
  public var hasMaterializedCTE: Bool { kind == .postgres }
  public var hasCopyFromStandardInput: Bool { kind == .postgres }
  public var hasIndexes: Bool { kind == .postgres }
  public var hasUnloggedTables: Bool { kind == .postgres }
  public var hasReturning: Bool { kind == .postgres }
  public var hasOnConflict: Bool { kind == .postgres }
  public var hasSavepoints: Bool { kind == .postgres }
  public var hasAdvisoryLocks: Bool { kind == .postgres }
  public var hasLateral: Bool { kind == .postgres }
  public var hasFilterClause: Bool { kind == .postgres }
  public var hasDistinctOn: Bool { kind == .postgres }
  /// Whether a statement knows a row's place in its table, `ctid`, and can find it again by that.
  public var hasRowPlaces: Bool { kind == .postgres }
  public var hasCheckConstraints: Bool { kind == .postgres }
  public var hasGenerateSeries: Bool { kind == .postgres }
  /// `VALUES` as a table in FROM.
  public var hasValuesTable: Bool { kind == .postgres }
  /// Whether UNIQUE, PRIMARY KEY and FOREIGN KEY are checked; Redshift only believes them.
  public var enforcesKeys: Bool { kind == .postgres }
  /// Whether TRUNCATE can be rolled back; in Redshift it commits.
  public var hasTransactionalTruncate: Bool { kind == .postgres }
  /// Whether one ALTER TABLE may hold several actions.
  public var hasMultipleAlterActions: Bool { kind == .postgres }
  /// Whether ALTER COLUMN TYPE may stand in a transaction.
  public var altersTypesInTransaction: Bool { kind == .postgres }
  public var renamesMaterializedViews: Bool { kind == .postgres }
  /// Whether an aggregate window with ORDER BY must name its frame.
  public var needsExplicitFrames: Bool { kind == .redshift }
  /// `WITH NO SCHEMA BINDING`
  public var hasLateBindingViews: Bool { kind == .redshift }
  public var hasDistributionKeys: Bool { kind == .redshift }
  /// Bytes that one statement may have; nil when there is no limit worth a thought.
  public var maximumStatementLength: Int? { kind == .redshift ? 16 << 20 : nil }
  /// The number of columns a table may have.
  public var maximumColumnCount: Int { 1600 }

  /// Aggregates values of a column to one text: `string_agg` or `listagg`.
  public func aggregateText(_ expression: String, separator: String, orderedBy order: String? = nil) -> String
  {
    switch kind {
    case .postgres:
      "string_agg(\(expression), \(literal(separator))\(order.map { " order by \($0)" } ?? ""))"
    case .redshift:
      "listagg(\(expression), \(literal(separator)))"
        + (order.map { " within group (order by \($0))" } ?? "")
    }
  }
}
