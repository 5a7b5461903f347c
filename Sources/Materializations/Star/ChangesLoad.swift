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
    draft.add(.prepare, several)
    LoadAudits(layout: layout, input: input).add(to: &draft, from: "pg_temp.whc_stage")
    draft.add(.prepare, touched)
  }

  /// True for rows that say "deleted".
  static func isDeletion(_ layout: DimensionLayout, _ alias: String) -> String {
    guard let operation = layout.dimension.operation else { return "false" }
    let codes = operation.deleteCodes.map(layout.dialect.literal).joined(separator: ", ")
    return "coalesce(\(alias).\(layout.q(operation.column))::text in (\(codes)), false)"
  }

  private var several: String {
    """
    create temporary table whc_several on commit drop as
    select distinct \(keys.of("s"))
    from pg_temp.whc_stage s
    group by \(keys.of("s")), s.\(time) having count(*) > 1
    """
  }

  private var touched: String {
    let deletion = Self.isDeletion(l, "s")
    let same = l.signature(l.attributes, "s").flatMap { left in
      l.signature(l.attributes, "d").map { "\n      and \(left) is not distinct from \($0)" }
    }
    var query = """
      create temporary table whc_touched on commit drop as
      select \(keys.of("s")) from pg_temp.whc_stage s
      where not \(deletion)
        and not exists (
          select from \(l.table) d
          where \(keys.equal("d", "s")) and \(l.stated("d")) = s.\(time)
            and not \(l.inferred("d"))\(isDerived("d"))\(same ?? ""))
      """
    if layout.dimension.operation != nil {
      query += """

        union
        select \(keys.of("s")) from pg_temp.whc_stage s
        where \(deletion)
          and not exists (
            select from \(l.ledgerTable) d
            where \(keys.equal("d", "s")) and d.kind = 'deleted' and d.at = s.\(time))
        """
    } else {
      query = query.replacing("drop as\nselect ", with: "drop as\nselect distinct ")
    }
    return query
  }

  /// Rows that stand for a deletion are no units.
  private func isDerived(_ alias: String) -> String {
    layout.dimension.deletes == .newRecord ? " and not \(l.deleted(alias))" : ""
  }
}
