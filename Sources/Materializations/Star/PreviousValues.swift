import StarModel
import Warehouse

/// Attributes of type 3: overwritten like type 1, with the value before the last change in `previous_<column>`.
///
/// The values of a key stand on a line of time: the stored one, or what the load corrects it to, then what the load
/// states of times after it. The last of them that is not the present value is the previous one; where there is none,
/// it stays what it was. A late statement changes nothing in it, and one that the load leaves out is none.
struct PreviousValues {
  let layout: DimensionLayout

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }

  static func name(of attribute: String) -> String { "previous_" + attribute }

  /// The keys that the load writes rows of.
  private var written: String {
    let touched = "select \(keys.of("t")) from \(l.temp("touched")) t"
    return dimension.input == .changes
      ? touched : touched + " union select \(keys.of("x")) from \(l.temp("delta")) x"
  }

  /// The values before the load of the keys that it writes rows of, one row a key.
  var remember: Plan.Statement {
    let names = keys.names + l.withPrevious.flatMap { [$0.name, Self.name(of: $0.name)] }
    let newest = "greatest(max(\(stated)) over (partition by \(keys.of("d"))), g.at)"
    let rows = l.dialect.firstOfEach(
      keys.of("d"), ColumnList(names, l.dialect).values(of: "d") + [(newest, "whc_newest")],
      from: """
        \(l.table) d
        join (\(written)) s on \(keys.equal("s", "d"))
        left join (
          select \(keys.of("g")), max(g.at) as at
          from \(l.ledgerTable) g
          where g.kind in ('latest', 'unit')
          group by \(keys.of("g"))
        ) g on \(keys.equal("g", "d"))
        where not \(l.inferred("d"))\(l.notMember("d"))
        """)
    return .temporary("whc_before", as: rows, l.dialect)
  }

  /// A row that stands for a deletion states nothing.
  private var stated: String {
    dimension.deletes == .newRecord
      ? "case when not \(l.deleted("d")) then \(l.stated("d")) end" : l.stated("d")
  }

  /// After the load.
  var update: [Plan.Statement] { l.withPrevious.enumerated().flatMap { update($1, "whc_previous_\($0)") } }

  /// Of an extract, only the units that are events have a place in the key's history.
  private var taken: String {
    guard dimension.input == .snapshot, let name = dimension.effectiveAt else { return "" }
    return """

          and exists (
            select 1 from \(l.temp("events")) e
            where \(keys.equal("e", "s")) and e.whc_version and e.whc_stated = s.\(l.q(name))::\(l.timeType))
      """
  }

  private func update(_ attribute: DimensionLayout.Attribute, _ known: String) -> [Plan.Statement] {
    let value = l.q(attribute.name)
    let previous = l.q(Self.name(of: attribute.name))
    func differ(_ left: String, _ right: String) -> String {
      l.dialect.isDistinct(l.comparable(attribute, left), l.comparable(attribute, right))
    }
    let time = dimension.effectiveAt.map { "s.\(l.q($0))::\(l.timeType)" } ?? l.now
    let deletion = dimension.input == .changes ? ChangesLoad.isDeletion(l, "s") : "false"
    let present = l.dialect.firstOfEach(
      keys.of("d"), ColumnList(keys.names + [attribute.name], l.dialect).values(of: "d"),
      from: """
        \(l.table) d
        join (\(written)) s on \(keys.equal("s", "d"))
        where not \(l.inferred("d"))\(l.notMember("d"))
        """)
    let former = l.dialect.firstOfEach(
      keys.of("e"), ColumnList(keys.names + [attribute.name], l.dialect).values(of: "e"),
      from: """
        line e
        join present c on \(keys.equal("c", "e")) and \(differ("e.\(value)", "c.\(value)"))
        """, orderedBy: "e.whc_at desc nulls last")
    let query = """
      with present as (
        \(present)
      ), line as (
        select \(keys.of("s")), s.\(value), \(time) as whc_at
        from \(l.temp("stage")) s
        left join \(l.temp("before")) b on \(keys.equal("b", "s"))
        where not \(deletion) and \(l.dialect.isNotTrue("b.whc_newest > \(time)"))\(taken)
        union all
        select \(keys.of("b")), b.\(value), null::\(l.timeType)
        from \(l.temp("before")) b
        where not exists (
          select 1 from \(l.temp("stage")) s
          where \(keys.equal("s", "b")) and not \(deletion) and \(time) = b.whc_newest)
      ), former as (
        \(former)
      )
      select \(keys.of("c")), case when \(keys.isThere("f")) then f.\(value) else b.\(previous) end as whc_previous
      from present c
      left join former f on \(keys.equal("f", "c"))
      left join \(l.temp("before")) b on \(keys.equal("b", "c"))
      """
    return [
      .temporary(known, as: query, l.dialect),
      Plan.Statement(
        .change,
        """
        update \(l.table) d
        set \(previous) = n.whc_previous\(l.touch)
        from \(l.dialect.temporary(known)) n
        where \(keys.equal("n", "d")) and \(differ("d.\(previous)", "n.whc_previous"))
        """),
    ]
  }
}

extension ColumnList {
  /// Whether an outer join found a row, told by a column that is never NULL in one.
  fileprivate func isThere(_ alias: String) -> String {
    "\(alias).\(dialect.quote(names.first ?? "")) is not null"
  }
}
