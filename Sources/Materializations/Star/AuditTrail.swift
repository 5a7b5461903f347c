import ProjectModel
import StarModel
import Warehouse

/// The row that a load leaves in its audit dimension, and the column that leads there from the rows that it wrote.
struct AuditTrail {
  let audit: AuditDimension
  let input: PlanInput
  /// The audit dimension's table.
  let relation: RelationName

  /// nil when the model names no audit dimension.
  init?(_ input: PlanInput, star: Star) {
    guard let audit = star.audit(of: input.node.id, in: input.manifest),
      let relation = input.manifest.nodes[audit.node]?.relation
    else { return nil }
    self.audit = audit
    self.input = input
    self.relation = relation
  }

  var column: String { audit.surrogateKey }
  private var q: String { input.dialect.quote(column) }
  private var table: String { input.dialect.render(relation) }

  /// The key of this load, as an expression.
  var key: String { "(select a.whc_key from \(input.dialect.temporary("whc_audit")) a)" }

  /// Takes the load's key: the next number, or, where a sequence would make loads wait for each other, one made of the
  /// time in seconds and nine digits of what is loaded.
  var take: Plan.Statement {
    let dialect = input.dialect
    let next =
      "nextval(pg_get_serial_sequence(\(dialect.literal(table)), \(dialect.literal(column))))"
    let load = dialect.literal("\(input.flags.invocationID) \(input.node.id.rawValue)")
    let made =
      "cast(extract(epoch from getdate()) as bigint) * 1000000000 + strtol(left(md5(\(load)), 7), 16)"
    return .temporary(
      "whc_audit",
      as: "select \(dialect.kind == .postgres ? next : made) as whc_key,\n  \(dialect.clock) as whc_started",
      dialect)
  }

  /// The same, after the column is given to a table that has none: its rows lead to the unknown member, which costs
  /// no rewriting of them.
  func begin(_ target: String) -> [Plan.Statement] {
    guard let present = input.existing?.columns, !present.contains(where: { $0.name == column }),
      let unknown = audit.members.first(where: { $0.name == DimensionMember.unknown })
    else { return [take] }
    guard input.dialect.kind == .postgres else {
      return [
        "alter table \(target) add column \(q) bigint", "update \(target) set \(q) = \(unknown.key)",
      ].map { Plan.Statement(.prepare, $0) } + [take]
    }
    return [
      "alter table \(target) add column if not exists \(q) bigint default \(unknown.key)",
      "alter table \(target) alter column \(q) drop default",
    ].map { Plan.Statement(.prepare, $0) } + [take]
  }

  /// Gives the load's key to the versions that this transaction wrote.
  ///
  /// - Parameter isRewritten: true when every row was rewritten for a column's new type; then only keys that the load
  ///   found something new of are looked at, and members.
  func mark(_ layout: DimensionLayout, isRewritten: Bool = false) -> [Plan.Statement] {
    guard input.dialect.hasRowPlaces else { return mark(untouched: layout) }
    var among = ""
    if isRewritten {
      var changed = "select \(layout.keys.of("t")) from pg_temp.whc_touched t"
      if layout.dimension.input == .snapshot {
        changed += "\n    union all select \(layout.keys.of("t")) from pg_temp.whc_delta t"
      }
      among = "(\(layout.keys.of("d"))) in (\n    \(changed))"
      if !layout.dimension.members.isEmpty { among += " or d.\(layout.surrogate) in (\(layout.memberKeys))" }
      among = "\n  and (\(among))"
    }
    func update(_ condition: String, _ tally: Plan.Tally) -> Plan.Statement {
      Plan.Statement(
        .change,
        "update \(layout.table) d\nset \(q) = \(key)\nwhere d.xmin = pg_current_xact_id()::xid and \(condition)\(among)"
      ).counted(tally)
    }
    // A row that a fact inferred was there.
    let own = layout.hasInferred ? " and not d.\(layout.isInferred)" : ""
    return [
      update("d.\(q) is null\(own)", .inserted), update("d.\(q) is distinct from \(key)", .updated),
    ]
  }

  /// The same where a row does not tell when it was written: it has no key then. A row that waits for its first version
  /// was not written by the load.
  private func mark(untouched layout: DimensionLayout) -> [Plan.Statement] {
    let waits = layout.hasInferred ? " and not d.\(layout.isInferred)" : ""
    let isNew = " and d.\(layout.surrogate) not in (select f.whc_key from \(layout.temp("formerly")) f)"
    return [(isNew, Plan.Tally.inserted), ("", .updated)].map { condition, tally in
      Plan.Statement(
        .change, "update \(layout.table) d\nset \(q) = \(key)\nwhere d.\(q) is null\(waits)\(condition)"
      ).counted(tally)
    }
  }

  /// The row of the load.
  ///
  /// - Parameters:
  ///   - unknown: an expression that counts the rows with a key to an unknown member.
  ///   - read: one that counts the rows that were read, where the server does not say how many it stored in a table that
  ///     it made of a query; nil: they were counted.
  ///   - inserted: the same of those that were stored.
  func end(unknown: String = "null", read: String? = nil, inserted: String? = nil) -> Plan.Statement {
    let flags = input.flags
    func text(_ text: String) -> String { input.dialect.literal(text) }
    let values = [
      "a.whc_key", text(flags.invocationID), text(input.node.id.rawValue), text(flags.targetName),
      text(flags.version), text(MD5.hexadecimal(input.compiled.sql)), "a.whc_started", input.dialect.clock,
      read ?? Plan.Tally.read.marker, inserted ?? Plan.Tally.inserted.marker, Plan.Tally.updated.marker,
      unknown,
      Plan.Tally.warnings.marker,
      "case when \(Plan.Tally.warnings.marker) = 0 then 'passed' else 'passed with warnings' end",
    ]
    let columns = ([column] + AuditDimension.columns.map(\.name)).map(input.dialect.quote)
    var statement = Plan.Statement(
      .change,
      """
      insert into \(table) (\(columns.joined(separator: ", ")))
      select \(values.joined(separator: ", "))
      from \(input.dialect.temporary("whc_audit")) a
      """)
    statement.readsTallies = true
    return statement
  }
}
