public import Diagnostics
import ProjectModel
import Warehouse

/// A query kept with its rows, which each run refreshes.
///
/// As in dbt the query of one that exists stays as it is until a full refresh; of its config only the indexes are
/// compared, and `on_configuration_change` says what follows when they differ.
public struct MaterializedViewMaterialization: Materialization {
  public static let name = "materialized_view"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.dependents = input.existing != nil && !isRefreshed(input)
    needs.queryColumns = Comments(input: input).wantsColumns
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var draft = try PlanDraft(input)
    let target = draft.target
    let aside = AsideNames.name(of: target, AsideNames.temporary, dialect: input.dialect)
    draft.dropLeftovers(aside, AsideNames.name(of: target, AsideNames.backup, dialect: input.dialect))
    draft.runHooks(input.preHooks)
    if isRefreshed(input) {
      if input.dialect.kind == .postgres { draft.add(.index, try indexes(input, on: target)) }
      draft.add(
        Plan.Statement(.main, "refresh materialized view \(input.dialect.render(target))", countsRows: false))
    } else if let existing = input.existing, !input.dialect.renamesMaterializedViews {
      try Replaceable.check(existing, input)
      draft.add(.drop, "drop \(existing.kind.sqlWord) if exists \(input.dialect.render(target)) cascade")
      draft.add(try create(target, input))
    } else if let existing = input.existing {
      try Replaceable.check(existing, input)
      draft.add(try create(aside, input))
      draft.add(
        Publication(input, replacing: existing, at: target).statements(aside: aside, kind: .materializedView))
    } else {
      draft.add(try create(target, input))
    }
    draft.add(Grants.statements(input, on: target, mayCarryOver: isRefreshed(input)))
    let comments = Comments(input: input).statements(
      on: target, kind: .materializedView, columns: input.queryColumns.map(\.name))
    draft.add(comments.statements)
    draft.warnings += [comments.warning].compactMap(\.self)
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: target, kind: .materializedView)]
    return draft.plan(isIdempotent: true)
  }

  private func isRefreshed(_ input: PlanInput) -> Bool {
    input.existing?.kind == .materializedView && !input.isFullRefresh
  }

  private func create(_ relation: RelationName, _ input: PlanInput) throws(DiagnosticsError)
    -> [Plan.Statement]
  {
    let create = CreateAs(input: input)
    let design = PhysicalDesign(input).ofMaterializedView
    let opening = "create materialized view \(input.dialect.render(relation))\(design)\n  as (\n"
    var indexes = try Indexes.statements(input, on: relation)
    // dbt sends them together, so that the last one's answer is what is told of the node.
    if !indexes.isEmpty { indexes[indexes.count - 1].purpose = .main }
    return create.header + [create.wrap(opening, "\n  )")] + indexes
  }

  /// Makes the indexes those of the config. They are compared by the server, as sets of columns with kind and
  /// uniqueness; their names say nothing.
  private func indexes(_ input: PlanInput, on target: RelationName) throws(DiagnosticsError) -> String {
    let dialect = input.dialect
    let shape = "array(select unnest(columns) order by 1), indisunique, amname::text"
    let existing = """
      select i.indexrelid::regclass as name, i.indisunique, m.amname,
          array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = i.indexrelid) as columns
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = c.relam
        where i.indrelid = \(dialect.literal(dialect.render(target)))::regclass
      """
    var wanted: [(shape: String, create: String)] = []
    let items = input.node.config["indexes"].map { $0.list ?? [$0] } ?? []
    for (item, statement) in zip(items, try Indexes.statements(input, on: target)) {
      let columns = (item.mapping?["columns"]?.strings ?? []).sorted().map(dialect.literal)
      let kind = dialect.literal(item.mapping?["type"]?.string ?? "btree")
      let unique = item.mapping?["unique"]?.bool ?? false
      wanted.append(
        ("(array[\(columns.joined(separator: ", "))]::text[], \(unique), \(kind))", statement.sql))
    }
    let others =
      wanted.isEmpty
      ? "" : "\n    where (\(shape)) not in (\(wanted.map(\.shape).joined(separator: ", ")))"
    let change = input.node.config["on_configuration_change"]?.string ?? "apply"
    let name = dialect.literal(dialect.render(target))
    func act(_ statement: String) -> String {
      switch change {
      case "continue":
        "raise warning 'the indexes of % differ from its config and stay as they are', \(name)"
      case "fail":
        "raise exception 'the indexes of % differ from its config, and on_configuration_change is fail', \(name)"
      default: statement
      }
    }
    var body = """
        for old in select * from (\(existing)) x\(others)
        loop
          \(act("execute format('drop index %s', old.name)"));
        end loop;
      """
    for index in wanted {
      body += """

          if not exists (select from (\(existing)) x where (\(shape)) = \(index.shape)) then
            \(act(index.create));
          end if;
        """
    }
    return "do " + SQLText.dollarQuoted("\ndeclare old record;\nbegin\n\(body)\nend\n")
  }
}
