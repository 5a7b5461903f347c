import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The load of a dimension that has no rows yet: with nothing to compare with, the versions are made from the input in
/// one pass and written at once.
///
/// That nothing is there is known only under the lock. Where another build was quicker, or where a row breaks a rule,
/// the server refuses, and the load that compares and tells what is wrong is the plan's second way.
struct FirstLoad {
  let layout: DimensionLayout
  let input: PlanInput

  /// What the server refuses with: that something is there already or that a key stands twice; and NULL, which stands
  /// for the beginning of a version that breaks a rule.
  static let refusals = ["WHC01", "23502"]

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }

  /// nil where the table was there when the plan was made, or where more than the input's versions is to be kept.
  init?(layout: DimensionLayout, input: PlanInput) {
    let dimension = layout.dimension
    guard input.dialect.hasProceduralStatements, input.existing == nil, dimension.takeOver == nil,
      dimension.operation == nil,
      layout.withPrevious.isEmpty, dimension.isVersioned || dimension.effectiveAt == nil,
      !(input.isFullRefresh && dimension.discardsHistory),
      // An audit dimension counts the rows that changes are read from.
      layout.carries.isEmpty || dimension.input == .snapshot
    else { return nil }
    self.layout = layout
    self.input = input
  }

  func add(to draft: inout PlanDraft) throws(DiagnosticsError) {
    let table = DimensionTable(layout: layout, input: input)
    try table.prepare(&draft)
    let isFilled = """
      exists (select from \(l.table) d where true\(l.notMember("d")))
          or exists (select from \(l.ledgerTable))
      """
    draft.add(.prepare, refusal("\(dimension.name) has rows by now", when: isFilled))
    draft.add(table.members)
    draft.add(DimensionMaterialization.runTime(layout, input))
    let create = CreateAs(input: input)
    draft.add(create.header)
    if let time = dimension.effectiveAt {
      draft.add(history(at: "s.\(l.q(time))::\(l.timeType)", create))
    } else {
      draft.add(create.wrap("\(insert)\nselect \(onlyVersion)\nfrom (\n", "\n) s"))
      draft.add(.prepare, refusal("a key of \(dimension.name) stands in more than one row", when: isRepeated))
    }
  }

  private func refusal(_ why: String, when condition: String) -> String {
    SQLText.refusal(Self.refusals[0], l.dialect.literal(why), when: condition)
  }

  private var insert: String {
    var names = [dimension.surrogateKey.name] + keys.names + l.valueColumns
    names += [dimension.columns.validFrom, dimension.columns.validTo, dimension.columns.isCurrent]
    if l.hasStated { names.append(dimension.columns.statedAt) }
    return "insert into \(l.table) (\(ColumnList(names, l.dialect).bare))"
  }

  /// True for rows without a natural key and for those with a member's.
  private var isStrange: String {
    let audits = LoadAudits(layout: layout, input: input)
    return "\(keys.anyNull("s")) or \(audits.memberKeyMatch("s"))"
  }

  // MARK: One row a key

  private var onlyVersion: String {
    let begins = dimension.firstVersionFrom == .always ? l.earliest : l.now
    let names = l.attributeNames + l.hybrid.map(\.name)
    let values =
      [l.newKey("s", from: begins), keys.of("s")] + names.map { "s.\(l.q($0))" }
      + ["case when (\(isStrange)) is false then \(begins) end", l.open, "true"]
    return values.joined(separator: ",\n  ")
  }

  /// Counted by sorting where that costs little, and least when the rows come in their keys' order.
  private var isRepeated: String {
    let sorts: Set = ["smallint", "integer", "bigint", "date", "uuid"]
    guard l.key.count == 1, sorts.contains(l.key[0].type) else {
      return "exists (select from \(l.table) d group by \(keys.of("d")) having count(*) > 1)"
    }
    return "(select count(\(keys.of("d"))) <> count(distinct \(keys.of("d"))) from \(l.table) d)"
  }

  // MARK: Versions

  /// The rows put on each key's line of time, those that say what the one before says left out, and each holding up
  /// to the next.
  private func history(at time: String, _ create: CreateAs) -> Plan.Statement {
    let attributes = l.attributes.map { attribute in
      let name = l.q(attribute.name)
      switch attribute.rule {
      case .overwrite: return "last_value(s.\(name)) over whole as \(name)"
      case .retainOriginal: return "first_value(s.\(name)) over whole as \(name)"
      default: return "s.\(name)"
      }
    }
    let copies = l.hybrid.map {
      "last_value(s.\(l.q($0.name))) over whole as \(l.q(DimensionLayout.currentName(of: $0.name)))"
    }
    var unit = [keys.of("s")] + attributes + copies + ["\(time) as whc_at"]
    unit.append(
      "(\(isStrange)) is false and \(time) is not null\n"
        + "      and lag(\(time)) over line is distinct from \(time) as whc_sound")
    if dimension.collapsesNeighbours {
      let equal = l.tracked.map {
        let value = "s.\(l.q($0.name))" + ($0.comparesAsText ? "::text" : "")
        return "\n      and lag(\(value)) over line is not distinct from \(value)"
      }
      unit.append("lag(\(time)) over line < \(time)\(equal.joined()) as whc_repeats")
    }
    let looksAtAll = l.attributes.contains { [.overwrite, .retainOriginal, .hybrid].contains($0.rule) }
    let order = "partition by \(keys.of("s")) order by \(time)"
    let whole = ",\n            whole as (\(order) rows between unbounded preceding and unbounded following)"
    let begins =
      dimension.firstVersionFrom == .always
      ? "case when lag(x.whc_at) over line is null then \(l.earliest) else x.whc_at end" : "x.whc_at"
    var version = [keys.of("x")] + l.valueColumns.map { "x.\(l.q($0))" }
    version += ["x.whc_at", "x.whc_sound", "\(begins) as whc_begins", "lead(x.whc_at) over line as whc_ends"]
    var values = [
      l.newKey("x", from: "x.whc_begins", order: "order by \(keys.of("x")), x.whc_at"), keys.of("x"),
    ]
    values += l.valueColumns.map { "x.\(l.q($0))" }
    values += ["case when x.whc_sound then x.whc_begins end", "coalesce(x.whc_ends, \(l.open))"]
    values.append("x.whc_ends is null")
    if l.hasStated { values.append("nullif(x.whc_at, x.whc_begins)") }
    return create.wrap(
      """
      \(insert)
      select \(values.joined(separator: ",\n  "))
      from (
        select \(version.joined(separator: ",\n    "))
        from (
          select \(unit.joined(separator: ",\n      "))
          from (

      """,
      """

          ) s
          window line as (\(order))\(looksAtAll ? whole : "")
        ) x\(dimension.collapsesNeighbours ? "\n  where x.whc_repeats is not true" : "")
        window line as (partition by \(keys.of("x")) order by x.whc_at)
      ) x
      """)
  }
}
