import ProjectModel
import StarModel
import Warehouse

/// Rows for keys that a dimension does not know yet, one a key and valid since ever, filled in place when their
/// first real version comes.
struct FactInference {
  let layout: FactLayout
  let lookup: FactLayout.Lookup

  /// Nothing unless the edge says `missing: infer`.
  var statements: [Plan.Statement] {
    let l = layout
    let table = l.dialect.render(lookup.relation)
    let stage = l.dialect.temporary("whc_stage")
    if let junk = lookup.junk {
      var added = JunkKeys(junk: junk, table: table, dialect: l.dialect).add(
        from: stage, columns: lookup.key)
      added.countsRows = false
      return locks(table) + [added]
    }
    guard lookup.edge.missing == .infer, let dimension = lookup.dimension else { return [] }
    let ledger = AsideNames.name(of: lookup.relation, "__ledger", dialect: l.dialect)
    let key = ColumnList(lookup.key.map(\.name), l.dialect)
    let natural = ColumnList(dimension.naturalKey, l.dialect)
    let names = dimension.columns
    let renamed = zip(lookup.key, dimension.naturalKey).map { "s.\(l.q($0.name)) as \(l.q($1))" }
      .joined(separator: ", ")
    let ever = l.dialect.kind == .postgres ? "'-infinity'" : "'1900-01-01'"
    let newKey = NewKey(
      dimension: dimension, table: table, ledger: l.dialect.render(ledger), dialect: l.dialect
    )
    .expression("n", from: ever, order: "order by \(natural.of("n"))")
    let open = dimension.openEnd.map(l.dialect.literal) ?? "null"
    let durable = DurableKey(dimension, table: table, ledger: l.dialect.render(ledger), dialect: l.dialect)
    return locks(table) + [
      Plan.Statement(
        .change,
        """
        insert into \(table) (\(l.q(dimension.surrogateKey.name)), \(natural.bare), \(l.q(names.validFrom)),
          \(l.q(names.validTo)), \(l.q(names.isCurrent)), \(l.q(names.isInferred)))
        select \(newKey),
          \(natural.of("n")), \(ever), \(open), true, true
        from (
          select distinct \(renamed)
          from \(stage) s
          left join \(table) d on \(l.matches(lookup, "s", "d"))
          where not \(key.anyNull("s")) and \(l.surrogate(lookup, "d")) is null
        ) n
        """)
    ] + [durable?.fill].compactMap(\.self)
  }

  /// The same locks as a build of the dimension takes.
  private func locks(_ table: String) -> [Plan.Statement] {
    let dialect = layout.dialect
    var locks = [Plan.Statement(.lock, dialect.lock(table))]
    if dialect.hasAdvisoryLocks {
      locks.insert(
        Plan.Statement(.lock, AdvisoryLock.statement("relation", lookup.relation, dialect: dialect)), at: 0)
    }
    return locks
  }
}
