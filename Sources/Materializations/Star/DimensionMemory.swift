import StarModel

/// What a dimension must remember and its rows cannot show; it is kept in the ledger.
struct DimensionMemory {
  let layout: DimensionLayout

  private var l: DimensionLayout { layout }
  private var keys: ColumnList { layout.keys }
  private var dimension: Dimension { layout.dimension }
  private var isSnapshot: Bool { dimension.input == .snapshot }

  /// Whether unchanged versions of the input are remembered, where rows cannot.
  var keepsUnits: Bool { !dimension.isVersioned && dimension.operation != nil }
  /// Whether the latest time that anything was stated for a key is, where no row begins then.
  var keepsLatest: Bool { !dimension.isVersioned && l.hasEffective && dimension.operation == nil }
  /// Whether deletions that no row shows are remembered: those stated before any version, and those that withdrew
  /// all that they ended.
  var keepsDeletions: Bool {
    isSnapshot
      ? dimension.deletes == .invalidate || dimension.deletes == .newRecord : dimension.operation != nil
  }

  /// Whether the place of a row that holds since ever is remembered where it is not its source's time: a key that
  /// was deleted before it had a row, was inferred, and came back with an older time.
  var keepsPlaces: Bool { isSnapshot && keepsDeletions && l.hasInferred && l.hasEffective }

  /// Joins the latest time that the ledger notes down for a key. Joined, and not asked for by row: the ledger has no
  /// index.
  func latest(_ kind: String, of rows: String, as alias: String = "g") -> String {
    """
      left join (
          select \(keys.of("g")), max(g.at) as at
          from \(l.ledgerTable) g where g.kind = '\(kind)' group by \(keys.of("g"))
        ) \(alias) on \(keys.equal(alias, rows))
    """
  }

  /// Notes down what the events of a load leave to remember.
  var statements: [Plan.Statement] {
    (keepsDeletions ? deletions : []) + (keepsUnits ? units : []) + (keepsLatest ? latestTimes : [])
      + (keepsPlaces ? places : [])
  }

  private var deletions: [Plan.Statement] {
    let remember = """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at)
      select 'deleted', \(keys.of("e")), e.whc_at
      from \(l.temp("events")) e
      where not e.whc_version and not e.whc_stored\(isSnapshot ? " and e.whc_dropped" : "")
      """
    if isSnapshot { return [Plan.Statement(.change, remember)] }
    let (ledger, g) = self.ledger
    let forget = """
      delete from \(ledger) using \(l.temp("touched")) t
      where \(keys.equal("t", g)) and \(g).kind = 'deleted'
        and not exists (
          select 1 from \(l.temp("events")) e where \(keys.equal("e", g)) and e.whc_at = \(g).at and not e.whc_version)
      """
    return [Plan.Statement(.change, forget), Plan.Statement(.change, remember)]
  }

  private var ledger: (table: String, alias: String) { l.dialect.deleted(l.ledger, "g") }

  private var places: [Plan.Statement] {
    let (ledger, g) = self.ledger
    return [
      """
      delete from \(ledger) using \(l.temp("touched")) t
      where \(keys.equal("t", g)) and \(g).kind = 'placed'
        and not exists (select 1 from \(l.temp("chain")) c where \(keys.equal("c", g)) and c.whc_placed = \(g).at)
      """,
      """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at)
      select 'placed', \(keys.of("c")), c.whc_placed
      from \(l.temp("chain")) c
      where c.whc_placed is not null
        and not exists (select 1 from \(l.ledgerTable) g where \(keys.equal("g", "c")) and g.kind = 'placed')
      """,
    ].map { Plan.Statement(.change, $0) }
  }

  private var units: [Plan.Statement] {
    let (ledger, g) = self.ledger
    return [
      """
      delete from \(ledger) using \(l.temp("events")) e
      where \(keys.equal("e", g)) and e.whc_at = \(g).at and \(g).kind = 'unit' and not e.whc_version
      """,
      """
      insert into \(l.ledgerTable) (kind, \(keys.bare), at)
      select 'unit', \(keys.of("e")), e.whc_stated
      from \(l.temp("events")) e
      where e.whc_version and e.whc_dropped
        and not exists (
          select 1 from \(l.ledgerTable) g
          where \(keys.equal("g", "e")) and g.kind = 'unit' and g.at = e.whc_stated)
      """,
    ].map { Plan.Statement(.change, $0) }
  }

  /// A row that a deletion takes back leaves its values to the others of its key, and with them its time. A noted time
  /// is later than all of its key's when a deletion took back every row, and with them the values.
  private var latestTimes: [Plan.Statement] {
    let latest = """
      select \(keys.bare), max(at) as at
        from (
          select \(keys.of("e")), e.whc_latest as at, true as holds
          from \(l.temp("events")) e where e.whc_version
          union all
          select \(keys.of("o")), o.whc_stated, false
          from \(l.temp("stored")) o
          where o.whc_real and not exists (select 1 from \(l.temp("chain")) c where c.whc_tid = o.whc_tid)
        ) t
        group by \(keys.bare) having bool_or(holds)
      """
    let (ledger, g) = self.ledger
    return [.temporary("whc_latest", as: latest, l.dialect)]
      + [
        """
        delete from \(ledger) using \(l.temp("latest")) n
        where \(keys.equal("n", g)) and \(g).kind = 'latest' and \(g).at <> n.at
        """,
        """
        insert into \(l.ledgerTable) (kind, \(keys.bare), at)
        select 'latest', \(keys.of("n")), n.at from \(l.temp("latest")) n
        where not exists (select 1 from \(l.ledgerTable) g where \(keys.equal("g", "n")) and g.kind = 'latest')
          and not exists (
            select 1 from \(l.temp("events")) e
            where \(keys.equal("e", "n")) and e.whc_stated = n.at and e.whc_version and not e.whc_dropped)
        """,
      ].map { Plan.Statement(.change, $0) }
  }
}
