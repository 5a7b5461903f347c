import Diagnostics
import ProjectModel
import Warehouse

/// How an incremental model's new rows meet the old ones.
struct IncrementalStrategy {
  enum Kind: String {
    case append
    case deleteInsert = "delete+insert"
    case merge
    /// The batch's time is emptied and filled again: Redshift's microbatch, which needs no key.
    case batch
    /// By a macro of the project or of a package.
    case written
  }

  /// Where the new rows are read from.
  enum Source {
    /// A temporary table, its name as it stands in SQL.
    case staged(String)
    /// The query itself: nothing is written twice.
    case query(CreateAs)
  }

  var kind: Kind
  /// As written: names or expressions.
  var uniqueKey: [String]
  var predicates: [String]
  /// Columns that a matched row takes; nil: all.
  var updateOnly: [String]?
  var updateAllBut: [String]?

  init(_ input: PlanInput) throws(DiagnosticsError) {
    let config = input.node.config
    uniqueKey = config.uniqueKey
    predicates =
      config["predicates"]?.strings ?? config["incremental_predicates"]?.strings ?? []
    updateOnly = config["merge_update_columns"]?.strings
    updateAllBut = config["merge_exclude_columns"]?.strings
    let word = Self.word(input)
    if !input.overriddenMacros.isDisjoint(with: Self.macros(word)) {
      kind = .written
      return
    }
    switch word {
    case "default": kind = uniqueKey.isEmpty ? .append : .deleteInsert
    case "append": kind = .append
    case "delete+insert", "delete_insert": kind = .deleteInsert
    case "merge": kind = .merge
    case "microbatch" where input.dialect.kind == .postgres:
      kind = .merge
      guard !uniqueKey.isEmpty || input.existing?.kind != .table || input.isFullRefresh else {
        throw DiagnosticsError(
          Diagnostic(
            "bad-config",
            "microbatch model '\(input.node.name)' has no 'unique_key', by which PostgreSQL merges batches",
            at: input.node.span(ofConfig: "incremental_strategy")))
      }
    case "microbatch":
      kind = .batch
      // The first batch makes the table.
      guard let batch = input.batch, let time = config["event_time"]?.string else { break }
      predicates = predicates.map { $0.replacing("DBT_INTERNAL_DEST.", with: "") }
      predicates += [
        "\(time) >= timestamp '\(batch.start)'", "\(time) < timestamp '\(batch.end)'",
      ]
    default: throw DiagnosticsError(Self.unknown(word, input))
    }
    guard kind == .merge else { return }
    if let only = updateOnly, let but = updateAllBut, !only.isEmpty, !but.isEmpty {
      throw DiagnosticsError(
        Diagnostic(
          "bad-config", "\(input.node.label) sets both 'merge_update_columns' and 'merge_exclude_columns'",
          at: input.node.span(ofConfig: "merge_exclude_columns"), help: "keep one of them"))
    }
    if input.dialect.kind == .postgres, 1..<150_000 ~= input.dialect.serverVersion {
      throw DiagnosticsError(
        Diagnostic(
          "needs-newer-server",
          "'incremental_strategy: merge' needs PostgreSQL 15; the server is \(input.dialect.serverVersion / 10_000)",
          at: input.node.span(ofConfig: "incremental_strategy"),
          help: "use 'delete+insert', which gives the same rows"))
    }
  }

  /// The macros that say what a strategy does.
  static func macros(_ word: String) -> [String] {
    let name = "get_incremental_\(word.replacing("+", with: "_"))_sql"
    let append = ["get_incremental_append_sql", "get_insert_into_sql"]
    let deleteInsert = ["get_incremental_delete_insert_sql", "get_delete_insert_merge_sql"]
    let merge = [
      "get_incremental_merge_sql", "get_merge_sql", "get_merge_update_columns",
      "get_merge_unique_key_match",
    ]
    let own: [String] =
      switch word {
      case "default": append + deleteInsert
      case "append": append
      case "delete+insert", "delete_insert": deleteInsert
      case "merge", "microbatch": merge
      default: []
      }
    return [name] + own + [
      "process_schema_changes", "sync_column_schemas", "check_for_schema_changes",
    ]
  }

  static func word(_ input: PlanInput) -> String {
    input.node.config["incremental_strategy"]?.string ?? "default"
  }

  /// A strategy that reads the new rows twice, or a server whose MERGE takes only tables.
  func needsStaging(_ dialect: Dialect) -> Bool {
    switch kind {
    case .append, .written: false
    case .deleteInsert: !uniqueKey.isEmpty
    case .batch: true
    case .merge: dialect.kind == .redshift
    }
  }

  func statements(into target: String, columns: [String], from source: Source, dialect: Dialect)
    -> [Plan.Statement]
  {
    let list = columns.map(dialect.quote).joined(separator: ", ")
    switch kind {
    case .append: return [insert(into: target, list, source)]
    case .written: return []
    case .batch:
      let sql = "delete from \(target)\n  where (\(predicates.joined(separator: "\n  and ")))"
      return [Plan.Statement(.change, sql), insert(into: target, list, source)]
    case .deleteInsert:
      guard !uniqueKey.isEmpty, case .staged(let rows) = source else {
        return [insert(into: target, list, source)]
      }
      return [delete(from: target, rows, dialect), insert(into: target, list, source)]
    case .merge: return [merge(into: target, columns, list, source, dialect)]
    }
  }

  private func insert(into target: String, _ list: String, _ source: Source) -> Plan.Statement {
    let opening = "insert into \(target) (\(list))\n  (\n    select \(list)\n    from "
    switch source {
    case .staged(let rows):
      return Plan.Statement(.main, opening + rows + "\n  )", countsRows: true)
    case .query(let create):
      return create.wrap(opening + "(\n", "\n    ) as dbt_internal_source\n  )")
    }
  }

  private func delete(from target: String, _ rows: String, _ dialect: Dialect) -> Plan.Statement {
    let key = uniqueKey.joined(separator: ", ")
    let (to, from) =
      dialect.kind == .postgres ? (" as DBT_INTERNAL_DEST", " as DBT_INTERNAL_SOURCE") : ("", "")
    var sql = """
      delete from \(target)\(to)
      where (\(key)) in (
        select distinct \(key)
        from \(rows)\(from)
      )
      """
    for predicate in predicates {
      // Redshift's DELETE knows its target by no other name.
      let own =
        dialect.kind == .postgres
        ? predicate
        : predicate.replacing("DBT_INTERNAL_DEST.", with: target + ".")
          .replacing("dbt_internal_dest.", with: target + ".")
      sql += "\n  and \(own)"
    }
    return Plan.Statement(.change, sql)
  }

  private func merge(
    into target: String, _ columns: [String], _ list: String, _ source: Source, _ dialect: Dialect
  ) -> Plan.Statement {
    // Redshift's MERGE knows its target by no other name.
    let old = dialect.kind == .postgres ? "DBT_INTERNAL_DEST" : target
    var conditions = predicates.map { $0.replacing("DBT_INTERNAL_DEST", with: old) }
    conditions += uniqueKey.map { "DBT_INTERNAL_SOURCE.\($0) = \(old).\($0)" }
    if uniqueKey.isEmpty { conditions.append("FALSE") }
    let matched =
      uniqueKey.isEmpty
      ? ""
      : "\n  when matched then update set\n    "
        + updated(columns, dialect).map { "\($0) = DBT_INTERNAL_SOURCE.\($0)" }.joined(separator: ",\n    ")
    let values = columns.map { "DBT_INTERNAL_SOURCE.\(dialect.quote($0))" }.joined(separator: ", ")
    let opening = "merge into \(target)\(dialect.kind == .postgres ? " as DBT_INTERNAL_DEST" : "")\n  using "
    let closing =
      " as DBT_INTERNAL_SOURCE\n  on (\(conditions.joined(separator: ") and (")))\(matched)\n"
      + "  when not matched then insert\n    (\(list))\n  values\n    (\(values))"
    switch source {
    case .staged(let rows): return Plan.Statement(.main, opening + rows + closing, countsRows: true)
    case .query(let create): return create.wrap(opening + "(\n", "\n  )" + closing)
    }
  }

  private func updated(_ columns: [String], _ dialect: Dialect) -> [String] {
    if let only = updateOnly, !only.isEmpty { return only }
    let but = Set((updateAllBut ?? []).map { $0.lowercased() })
    return columns.filter { !but.contains($0.lowercased()) }.map(dialect.quote)
  }

  private static func unknown(_ word: String, _ input: PlanInput) -> Diagnostic {
    let place = input.node.span(ofConfig: "incremental_strategy")
    let known =
      "PostgreSQL takes 'append', 'delete+insert', 'merge' and 'microbatch', and what a macro "
      + "get_incremental_<strategy>_sql writes"
    switch word {
    case "insert_overwrite":
      return Diagnostic(
        "unsupported-strategy", "'incremental_strategy: insert_overwrite' is not for this database",
        at: place,
        help: known)
    default:
      return Diagnostic(
        "unknown-strategy", "there is no incremental strategy '\(word)'", at: place, help: known)
    }
  }
}
