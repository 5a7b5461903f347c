public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// Combinations of flags, each with a key that it keeps: a load adds those that are new and changes nothing else.
///
/// The model's SQL may give a combination any number of times, and need not give all: facts that look it up add what
/// they meet.
public struct JunkDimensionMaterialization: Materialization {
  public static let name = "junk_dimension"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.ownColumns = input.existing != nil
    needs.queryColumns = true
    needs.dependents = input.existing != nil
    needs.storageOf = StarDesign.asksFor([input.existing?.name], input)
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    let decoded = JunkDimension.decode(input.node)
    guard let junk = decoded.value else { throw DiagnosticsError(decoded.diagnostics) }
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(input.dialect.render(existing.name)) is a \(existing.kind.sqlWord); a junk dimension is kept in a table",
          at: input.node.startSpan, help: "drop it, or give the dimension another 'alias'"))
    }
    let flags = try flags(junk, input)
    var draft = try PlanDraft(input)
    let table = input.dialect.render(draft.target)
    let q = input.dialect.quote
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    if input.existing == nil {
      let columns = flags.map { ",\n  \(q($0.name)) \(input.dialect.columnType($0.type))" }.joined()
      draft.add(
        .prepare,
        "create table if not exists \(table) (\n  \(q(junk.surrogateKey)) bigint not null\(columns)\n)"
          + (try PhysicalDesign(input, star: StarDesign(input, key: junk.surrogateKey)).ofTable()))
    }
    draft.add(.lock, input.dialect.lock(table))
    try evolve(junk, flags, table, input, &draft)
    draft.add(members(junk, flags, table, input))
    draft.evidence[StarCheck(.surrogateKey)] = .proved("a key is given to a new combination, once")
    draft.evidence[StarCheck(.combinations)] = .proved("only what is not there yet is added, under a lock")
    draft.add(CreateAs(input: input).temporaryTable("whc_stage").map { $0.asMain })
    draft.add(
      JunkKeys(junk: junk, table: table, dialect: input.dialect).add(
        from: input.dialect.temporary("whc_stage"), columns: flags))
    if input.existing == nil { draft.add(try Indexes.statements(input, on: draft.target)) }
    draft.gate(draft.target)
    try StarDesign.carryOut(key: junk.surrogateKey, &draft)
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: input.existing != nil))
    TableBuild.addComments(to: &draft, columns: [junk.surrogateKey] + junk.flags)
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    return draft.plan(isIdempotent: true)
  }

  private func flags(_ junk: JunkDimension, _ input: PlanInput) throws(DiagnosticsError)
    -> [ColumnDescription]
  {
    var problems: [Diagnostic] = []
    let names = input.queryColumns.map(\.name)
    for flag in junk.flags where !names.contains(flag) {
      problems.append(
        Diagnostic(
          "unknown-column",
          "flag '\(flag)' of \(junk.name) is not a column of its SQL", meant: NearMiss(flag, among: names),
          at: input.node.span(ofConfig: "flags"), help: "its columns are \(names.joined(separator: ", "))"))
    }
    for name in names where !junk.flags.contains(name) {
      problems.append(
        Diagnostic(
          "not-a-flag", "'\(name)' is a column of the SQL of \(junk.name) and none of its flags",
          at: input.node.span(ofConfig: "flags"), help: "add it to 'flags:', or take it out of the SQL"))
    }
    if !problems.isEmpty { throw DiagnosticsError(problems) }
    return junk.flags.compactMap { flag in input.queryColumns.first { $0.name == flag } }
  }

  /// A new flag is NULL in the combinations that are there; one that is gone would leave rows that nothing tells apart.
  private func evolve(
    _ junk: JunkDimension, _ flags: [ColumnDescription], _ table: String, _ input: PlanInput,
    _ draft: inout PlanDraft
  ) throws(DiagnosticsError) {
    guard let present = input.existing?.columns else { return }
    if let gone = present.first(where: { $0.name != junk.surrogateKey && !junk.flags.contains($0.name) }) {
      throw DiagnosticsError(
        Diagnostic(
          "flag-removed", "\(table) has the column '\(gone.name)', which is no longer a flag of \(junk.name)",
          at: input.node.span(ofConfig: "flags"),
          help: "keep it in 'flags:' and let the SQL give NULL for it, or begin a dimension of another name"))
    }
    try ColumnEvolution(table: table, input: input).add(flags.map { ($0.name, $0.type) }, to: &draft)
  }

  private func members(
    _ junk: JunkDimension, _ flags: [ColumnDescription], _ table: String, _ input: PlanInput
  ) -> [Plan.Statement] {
    let texts = flags.filter { ColumnType($0.type).isString && ColumnType($0.type).isUnbounded }
    let names = ColumnList([junk.surrogateKey] + texts.map(\.name), input.dialect)
    return junk.members.map { member in
      let values = ["\(member.key)"] + texts.map { _ in input.dialect.literal(member.label) }
      return Plan.Statement(
        .change,
        "insert into \(table) (\(names.bare))\nselect \(values.joined(separator: ", "))\n"
          + "where not exists (select 1 from \(table) where \(input.dialect.quote(junk.surrogateKey)) = \(member.key))"
      )
    }
  }
}

/// How combinations of flags are compared, and get their keys.
struct JunkKeys {
  let junk: JunkDimension
  /// As it stands in SQL.
  let table: String
  let dialect: Dialect

  /// NULL is a value like others. Written so that the server can join by hash; members are no combinations.
  ///
  /// - Parameter pairs: expressions and the type of the left one
  static func matches(_ pairs: [(String, String, String)], key: String, _ dialect: Dialect) -> String {
    pairs.map { left, right, type in
      guard dialect.kind == .redshift else {
        return
          "(\(left) is null) = (\(right) is null) and coalesce(\(left)::text, '') = coalesce(\(right)::text, '')"
      }
      // A boolean does not become a text there.
      func text(_ value: String) -> String {
        type == "boolean"
          ? "case when \(value) then 'y' when not \(value) then 'n' else '' end"
          : "coalesce(cast(\(value) as \(dialect.longText)), '')"
      }
      func isThere(_ value: String) -> String { "case when \(value) is null then 0 else 1 end" }
      return "\(isThere(left)) = \(isThere(right)) and \(text(left)) = \(text(right))"
    }.joined(separator: "\n    and ") + "\n    and \(key) > 0"
  }

  /// Adds the combinations of `source` that the table does not have.
  ///
  /// - Parameter columns: those of `source` with the flags, in their order.
  func add(from source: String, columns: [ColumnDescription]) -> Plan.Statement {
    let q = dialect.quote
    let flags = ColumnList(junk.flags, dialect)
    let renamed = zip(columns, junk.flags).map { "s.\(q($0.name)) as \(q($1))" }.joined(separator: ", ")
    let matches = Self.matches(
      zip(columns, junk.flags).map { ("n.\(q($1))", "d.\(q($1))", $0.type) },
      key: "d.\(q(junk.surrogateKey))", dialect)
    return Plan.Statement(
      .change,
      """
      insert into \(table) (\(q(junk.surrogateKey)), \(flags.bare))
      select (select coalesce(max(k.\(q(junk.surrogateKey))), 0) from \(table) k where k.\(q(junk.surrogateKey)) > 0)
          + row_number() over (order by \(flags.of("n"))),
        \(flags.of("n"))
      from (
        select distinct \(renamed)
        from \(source) s
      ) n
      where not exists (select 1 from \(table) d where \(matches))
      """, countsRows: true)
  }
}
