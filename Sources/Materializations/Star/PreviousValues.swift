import StarModel
import Warehouse

/// Attributes of type 3: overwritten like type 1, with the value before the last change in `previous_<column>`.
///
/// The values of a key stand on a line of time: the stored one, then what the load states of times after it. The last
/// of them that is not the present value is the previous one; where there is none, it stays what it was. A correction
/// of the newest statement and a late one change nothing in it.
struct PreviousValues {
  let layout: DimensionLayout

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }

  static func name(of attribute: String) -> String { "previous_" + attribute }

  /// The keys that the load writes rows of.
  private var written: String {
    let touched = "select \(keys.of("t")) from pg_temp.whc_touched t"
    return dimension.input == .changes
      ? touched : touched + " union select \(keys.of("x")) from pg_temp.whc_delta x"
  }

  /// The values before the load of the keys that it writes rows of, one row a key.
  var remember: Plan.Statement {
    let values = l.withPrevious.map {
      "d.\(l.q($0.name)), d.\(l.q(Self.name(of: $0.name)))"
    }.joined(separator: ", ")
    return Plan.Statement(
      .prepare,
      """
      create temporary table whc_before on commit drop as
      select distinct on (\(keys.of("d"))) \(keys.of("d")), \(values),
        greatest(
          max(\(stated)) over (partition by \(keys.of("d"))), g.at
        ) as whc_newest
      from \(l.table) d
      join (\(written)) s on \(keys.equal("s", "d"))
      left join (
        select \(keys.of("g")), max(g.at) as at
        from \(l.ledgerTable) g
        where g.kind in ('latest', 'unit')
        group by \(keys.of("g"))
      ) g on \(keys.equal("g", "d"))
      where not \(l.inferred("d"))\(l.notMember("d"))
      order by \(keys.of("d"))
      """)
  }

  /// A row that stands for a deletion states nothing.
  private var stated: String {
    dimension.deletes == .newRecord
      ? "case when not \(l.deleted("d")) then \(l.stated("d")) end" : l.stated("d")
  }

  /// After the load.
  var update: [Plan.Statement] { l.withPrevious.map(update) }

  private func update(_ attribute: DimensionLayout.Attribute) -> Plan.Statement {
    let value = l.q(attribute.name)
    let previous = l.q(Self.name(of: attribute.name))
    let cast = attribute.comparesAsText ? "::text" : ""
    let time = dimension.effectiveAt.map { "s.\(l.q($0))::\(l.timeType)" } ?? l.now
    let deletion = dimension.input == .changes ? ChangesLoad.isDeletion(l, "s") : "false"
    return Plan.Statement(
      .change,
      """
      with present as (
        select distinct on (\(keys.of("d"))) \(keys.of("d")), d.\(value)
        from \(l.table) d
        join (\(written)) s on \(keys.equal("s", "d"))
        where not \(l.inferred("d"))\(l.notMember("d"))
        order by \(keys.of("d"))
      ), line as (
        select \(keys.of("s")), s.\(value), \(time) as whc_at
        from pg_temp.whc_stage s
        left join pg_temp.whc_before b on \(keys.equal("b", "s"))
        where not \(deletion) and (b.whc_newest >= \(time)) is not true
        union all
        select \(keys.of("b")), b.\(value), null
        from pg_temp.whc_before b
        where not exists (
          select from pg_temp.whc_stage s
          where \(keys.equal("s", "b")) and not \(deletion) and \(time) = b.whc_newest)
      ), former as (
        select distinct on (\(keys.of("e"))) \(keys.of("e")), e.\(value)
        from line e
        join present c on \(keys.equal("c", "e")) and e.\(value)\(cast) is distinct from c.\(value)\(cast)
        order by \(keys.of("e")), e.whc_at desc nulls last
      ), known as (
        select \(keys.of("c")), case when \(keys.isThere("f")) then f.\(value) else b.\(previous) end as whc_previous
        from present c
        left join former f on \(keys.equal("f", "c"))
        left join pg_temp.whc_before b on \(keys.equal("b", "c"))
      )
      update \(l.table) d
      set \(previous) = n.whc_previous
      from known n
      where \(keys.equal("n", "d")) and d.\(previous)\(cast) is distinct from n.whc_previous\(cast)
      """)
  }
}

extension ColumnList {
  /// Whether an outer join found a row, told by a column that is never NULL in one.
  fileprivate func isThere(_ alias: String) -> String {
    "\(alias).\(dialect.quote(names.first ?? "")) is not null"
  }
}
