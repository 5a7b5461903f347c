import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The table of a dimension whose rows follow from its config: days, times of a day.
///
/// Rows that are there stay, whatever becomes of the config; a row is written only when something in it differs.
struct GeneratedDimension {
  struct Column {
    var name: String
    var type: String
    /// Over `x`, a row of ``rows``.
    var value: String
    var isText: Bool { type == "text" }
  }

  /// The surrogate key first, then the day or time that it stands for.
  let columns: [Column]
  /// What follows FROM in the query that gives all rows.
  let rows: String
  let members: [DimensionMember]
  let input: PlanInput
  /// What is asked of the new rows, in `pg_temp.whc_calendar`, before they are written.
  var audits: [Plan.Audit] = []

  private func q(_ name: String) -> String { input.dialect.quote(name) }

  func add(to draft: inout PlanDraft) throws(DiagnosticsError) {
    let table = input.dialect.render(draft.target)
    draft.evidence[StarCheck(.surrogateKey)] = .proved("a key follows from its \(columns[1].name)")
    draft.evidence[StarCheck(.calendar)] = .proved("only what is not there yet is added, under a lock")
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    if input.existing == nil {
      let design = PhysicalDesign(input, star: try StarDesign(input, key: columns[0].name))
      let definitions = columns.map { "  \(q($0.name)) \($0.type)" }.joined(separator: ",\n")
      draft.add(
        .prepare,
        "create table if not exists \(table) (\n\(definitions)\n)\(try design.ofTable())")
    } else if let present = input.existing?.columns {
      let missing = columns.filter { column in !present.contains { $0.name == column.name } }
      let actions = missing.map { "add column \(input.dialect.unlessThere)\(q($0.name)) \($0.type)" }
      if input.dialect.hasMultipleAlterActions, !actions.isEmpty {
        draft.add(.prepare, "alter table \(table)\n  " + actions.joined(separator: ",\n  "))
      } else {
        for action in actions { draft.add(.prepare, "alter table \(table) \(action)") }
      }
    }
    draft.add(.lock, input.dialect.lock(table))
    let values = columns.map { "\($0.value) as \(q($0.name))" }.joined(separator: ",\n  ")
    draft.temporary("whc_calendar", as: "select \(values)\nfrom \(rows)")
    let calendar = input.dialect.temporary("whc_calendar")
    if input.existing != nil {
      // Without figures the planner takes the days of both tables for far fewer than there are.
      if input.dialect.hasProceduralStatements {
        draft.add(.analyze, "analyze \(calendar) (\(q(columns[1].name)))")
      }
      draft.steps += audits.map { .audit($0) }
    }
    draft.add(memberRows(table))
    let names = ColumnList(columns.map(\.name), input.dialect)
    let rest = columns.dropFirst(2).map { q($0.name) }
    let natural = q(columns[1].name)
    draft.add(
      .change,
      """
      update \(table) d
      set \(rest.map { "\($0) = c.\($0)" }.joined(separator: ", "))
      from \(calendar) c
      where d.\(natural) = c.\(natural)
        and \(input.dialect.anyDiffers(rest.map { "d.\($0)" }, rest.map { "c.\($0)" }))
      """)
    draft.add(
      Plan.Statement(
        .main,
        """
        insert into \(table) (\(names.bare))
        select \(names.of("c"))
        from \(calendar) c
        where not exists (select 1 from \(table) d where d.\(natural) = c.\(natural))
        order by c.\(natural)
        """, countsRows: true))
    if input.existing == nil { draft.add(try Indexes.statements(input, on: draft.target)) }
    draft.gate(draft.target)
    try StarDesign.carryOut(key: columns[0].name, &draft)
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: input.existing != nil))
    TableBuild.addComments(to: &draft, columns: columns.map(\.name))
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
  }

  private func memberRows(_ table: String) -> [Plan.Statement] {
    let texts = columns.filter(\.isText).map(\.name)
    let names = ColumnList([columns[0].name] + texts, input.dialect).bare
    let key = q(columns[0].name)
    return members.map { member in
      let label = input.dialect.literal(member.label)
      let values = ["\(member.key)"] + texts.map { _ in label }
      return Plan.Statement(
        .change,
        "insert into \(table) (\(names))\nselect \(values.joined(separator: ", "))\n"
          + "where not exists (select 1 from \(table) where \(key) = \(member.key))")
    }
  }
}
