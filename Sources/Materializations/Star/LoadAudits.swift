import Diagnostics
import ProjectModel
import StarModel

/// What stops a load before anything is written.
struct LoadAudits {
  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var name: String { layout.dimension.name }

  /// - Parameter rows: a table with every staged row whose key or time is NULL; its `whc_delta` form has the time as
  ///   `whc_effective` and rows of the dimension without a unit.
  func add(to draft: inout PlanDraft, from rows: String) {
    let isDelta = rows.hasSuffix("whc_delta")
    let here = isDelta ? " and x.whc_here" : ""
    let sample = keys.names + l.attributeNames.prefix(4)
    let span = input.node.span(ofConfig: "natural_key")
    draft.steps.append(
      .audit(
        Plan.Audit(
          "null-natural-key",
          "rows of \(name) have no natural key (\(keys.names.joined(separator: ", ")) is NULL)",
          help: "leave them out in the SQL with 'where \(keys.names[0]) is not null'", span: span,
          check: StarCheck(.naturalKey),
          query: "select count(*) over () as rows, \(ColumnList(sample, l.dialect).of("x"))\nfrom \(rows) x\n"
            + "where \(keys.anyNull("x"))\(here)\nlimit 5")))
    if let time = l.dimension.effectiveAt {
      let column = isDelta ? "whc_effective" : l.q(time)
      draft.steps.append(
        .audit(
          Plan.Audit(
            "null-effective-at", "rows of \(name) do not say from when they hold (\(time) is NULL)",
            help: "give them a time in the SQL, or leave them out",
            span: input.node.span(ofConfig: "effective_at"), check: StarCheck(.naturalKey),
            query:
              "select count(*) over () as rows, \(ColumnList(sample, l.dialect).of("x"))\nfrom \(rows) x\n"
              + "where x.\(column) is null\(here)\nlimit 5")))
    }
    draft.steps.append(.audit(duplicates(span)))
    if !l.dimension.members.isEmpty { draft.steps.append(.audit(memberKeys(rows, here, span))) }
  }

  private func duplicates(_ span: SourceSpan) -> Plan.Audit {
    let time = l.dimension.effectiveAt
    let unit = keys.of("s") + (time.map { ", s.\(l.q($0))" } ?? "")
    return Plan.Audit(
      "duplicate-natural-key",
      time == nil
        ? "a key of \(name) stands in more than one row" : "a key of \(name) is stated twice for one time",
      help: "keep one row for each \(keys.names.joined(separator: ", "))" + (time.map { " and \($0)" } ?? "")
        + " in the SQL", span: span, check: StarCheck(.naturalKey),
      query: """
        select count(*) over () as keys, \(unit), count(*) as rows
        from \(l.temp("stage")) s
        join \(l.temp("several")) m on \(keys.equal("m", "s"))
        group by \(unit) having count(*) > 1
        order by count(*) desc, \(keys.of("s"))
        limit 5
        """)
  }

  private func memberKeys(_ rows: String, _ here: String, _ span: SourceSpan) -> Plan.Audit {
    Plan.Audit(
      "member-key-in-source", "\(name) has a row in its source with the key of one of its members",
      help: "give the member another number in 'members'", span: span,
      check: StarCheck(.naturalKey),
      query: """
        select count(*) over () as rows, \(keys.of("x"))
        from \(rows) x
        where (\(memberKeyMatch("x")))\(here)
        limit 5
        """)
  }

  /// Compared with literals: reading the members from the table would read all of it.
  func memberKeyMatch(_ alias: String) -> String {
    let matches = l.dimension.members.compactMap { member -> String? in
      let values = l.key.map { DimensionTable.memberKeyValue(member, $0.type) }
      guard !values.contains(where: { $0.hasPrefix("null") }) else { return nil }
      return zip(keys.names, values).map { "\(alias).\(l.q($0)) = \($1)" }.joined(separator: " and ")
    }
    return matches.isEmpty ? "false" : matches.map { "(\($0))" }.joined(separator: " or ")
  }
}
