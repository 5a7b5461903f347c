import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// `input: changes`: finds the keys of which something is stated that is not stored yet.
struct ChangesLoad {
  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var time: String { "\(l.q(layout.dimension.effectiveAt ?? ""))::\(l.timeType)" }

  func add(to draft: inout PlanDraft) {
    // A few late versions are looked for in the table, not the table in them.
    if l.dialect.hasProceduralStatements {
      draft.add(.analyze, "analyze \(l.temp("stage")) (\(keys.bare))")
    }
    if let operation = layout.dimension.operation { read(operation, &draft) }
    draft.temporary("whc_several", as: several)
    LoadAudits(layout: layout, input: input).add(to: &draft, from: "\(l.temp("stage"))")
    draft.temporary("whc_touched", as: touched)
  }

  /// Leaves out what is ignored, stops at codes that nobody has heard of, and gives deletions their own time.
  private func read(_ operation: Dimension.Operation, _ draft: inout PlanDraft) {
    func code(_ alias: String) -> String { "\(alias).\(l.q(operation.column))::text" }
    func listed(_ codes: [String]) -> String { codes.map(l.dialect.literal).joined(separator: ", ") }
    if !operation.ignoredCodes.isEmpty {
      let stage = l.dialect.deleted(temporary: "whc_stage", "s")
      draft.add(
        .prepare,
        "delete from \(stage.table)\nwhere \(code(stage.alias)) in (\(listed(operation.ignoredCodes)))")
    }
    if !operation.writtenCodes.isEmpty {
      let known = listed(operation.writtenCodes + operation.deleteCodes)
      draft.steps.append(
        .audit(
          Plan.Audit(
            "unknown-operation", "rows of \(l.dimension.name) have an operation that is not declared",
            help: "add the code to 'insert', 'update', 'delete' or 'ignore' of 'operation'",
            span: input.node.span(ofConfig: "operation"),
            query: """
              select count(*) over () as rows, s.\(l.q(operation.column)), \(keys.of("s"))
              from \(l.temp("stage")) s
              where \(l.dialect.isNotTrue("\(code("s")) in (\(known))"))
              limit 5
              """)))
    }
    if let at = operation.at, let time = layout.dimension.effectiveAt {
      draft.add(
        .prepare,
        "update \(l.temp("stage")) s set \(l.q(time)) = s.\(l.q(at))\n"
          + "where \(Self.isDeletion(l, "s")) and s.\(l.q(at)) is not null")
    }
  }

  /// True for rows that say "deleted".
  static func isDeletion(_ layout: DimensionLayout, _ alias: String) -> String {
    guard let operation = layout.dimension.operation else { return "false" }
    let codes = operation.deleteCodes.map(layout.dialect.literal).joined(separator: ", ")
    return "coalesce(\(alias).\(layout.q(operation.column))::text in (\(codes)), false)"
  }

  private var several: String {
    """
    select distinct \(keys.of("s"))
    from \(l.temp("stage")) s
    group by \(keys.of("s")), s.\(time) having count(*) > 1
    """
  }

  /// An outer join, of which the server hashes the smaller side; of an anti-join it hashes the table (before
  /// PostgreSQL 16).
  private var touched: String {
    let deletion = Self.isDeletion(l, "s")
    let same = l.attributes.isEmpty ? "" : "\n      and \(l.same(l.attributes, "s", "d"))"
    let states = layout.dimension.operation != nil
    var query = """
      select \(states ? "" : "distinct ")\(keys.of("s")) from \(l.temp("stage")) s
      left join \(l.table) d
        on \(keys.equal("d", "s")) and \(l.stated("d")) = s.\(time)
          and not \(l.inferred("d"))\(isDerived("d"))\(same)
      where not \(deletion) and d.\(l.surrogate) is null
      """
    if states {
      query += """

        union
        select \(keys.of("s")) from \(l.temp("stage")) s
        where \(deletion)
          and not exists (
            select 1 from \(l.ledgerTable) d
            where \(keys.equal("d", "s")) and d.kind = 'deleted' and d.at = s.\(time))
        """
    }
    return query
  }

  /// Rows that stand for a deletion are no units.
  private func isDerived(_ alias: String) -> String {
    layout.dimension.deletes == .newRecord ? " and not \(l.deleted(alias))" : ""
  }
}
