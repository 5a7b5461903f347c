import StarModel
import Warehouse

/// Gives the past versions of each member what the SQL says of it now, in attributes that the table gains with this
/// load.
struct ColumnBackfill {
  let layout: DimensionLayout
  let input: PlanInput

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }

  /// Those that the table has not yet.
  private var added: [DimensionLayout.Attribute] {
    guard let present = input.existing?.columns else { return [] }
    return l.attributes.filter { attribute in
      l.dimension.schemaChanges.backfills(attribute.name)
        && !present.contains { $0.name == attribute.name }
    }
  }

  /// After the columns were added, and before the load compares them. The SQL runs once more for it.
  var statements: [Plan.Statement] {
    guard !added.isEmpty else { return [] }
    let values = ColumnList(added.map(\.name), l.dialect)
    var set = added.map { "\(l.q($0.name)) = b.\(l.q($0.name))" }
    for attribute in added where attribute.rule == .hybrid {
      set.append("\(l.q(DimensionLayout.currentName(of: attribute.name))) = b.\(l.q(attribute.name))")
    }
    let latest = l.dimension.effectiveAt.map { "x.\(l.q($0)) desc" } ?? ""
    let written =
      l.dimension.input == .changes && l.dimension.operation != nil
      ? "\n  where not \(ChangesLoad.isDeletion(l, "x"))" : ""
    let rows = l.dialect.firstOfEach(
      keys.of("x"), (keys.values(of: "x") + values.values(of: "x")),
      from: "\(l.temp("backfill")) x\(written)", orderedBy: latest)
    return CreateAs(input: input).temporaryTable("whc_backfill") + [
      Plan.Statement(
        .change,
        """
        update \(l.table) d
        set \(set.joined(separator: ", "))\(l.touch)
        from (
          \(rows)
        ) b
        where \(keys.equal("b", "d"))\(l.notMember("d"))
        """)
    ]
  }
}
