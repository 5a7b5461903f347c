import Diagnostics
import StarModel
import Warehouse

/// The dimension's table and its ledger made ready for a load: created, widened, its members put in.
///
/// Everything says `if not exists`, because another build may have made it while this one waited for the lock.
struct DimensionTable {
  let layout: DimensionLayout
  let input: PlanInput

  func prepare(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    let l = layout
    let columns = l.definitions.map { "  \(l.q($0.name)) \($0.type)" }.joined(separator: ",\n")
    if input.existing == nil {
      let design = PhysicalDesign(input, star: try StarDesign(input, key: l.dimension.surrogateKey.name))
      draft.add(
        .prepare,
        "create table if not exists \(l.table) (\n\(columns)\n)\(try design.ofTable())")
    }
    if input.relations[l.ledger] == nil {
      let keys = l.key.map { "  \(l.q($0.name)) \(l.dialect.columnType($0.type))" }.joined(separator: ",\n")
      draft.add(
        .prepare,
        "create table if not exists \(l.ledgerTable) (\n  kind text not null,\n\(keys),\n  at \(l.timeType),\n"
          + "  surrogate_key \(l.surrogateType)\n)")
      draft.add(
        .comment,
        "comment on table \(l.ledgerTable) is "
          + l.dialect.literal(
            "What \(l.target.identifier) must remember and does not show: withdrawn keys, deletions; kept by whc"
          ))
    }
    // Readers go on; whoever else writes waits.
    draft.add(.lock, l.dialect.lock(l.table))
    try evolve(&draft)
    try RecordedRows(layout: layout, input: input).prepare(&draft)
  }

  /// A column that the SQL has and the table has not is added, one that the SQL lost is kept, a narrower type is
  /// widened.
  private func evolve(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    let l = layout
    let key = [ColumnDescription(name: l.dimension.surrogateKey.name, type: l.surrogateType)] + l.key
    let evolution = ColumnEvolution(
      table: l.table, input: input, loss: "its history", rules: l.dimension.schemaChanges,
      lost: l.lostColumns(input))
    let widened = try evolution.add(l.definitions, to: &draft) { (name) throws(DiagnosticsError) in
      guard key.contains(where: { $0.name == name }) else { return }
      throw DiagnosticsError(
        Diagnostic(
          "not-this-dimension", "\(l.table) has no column '\(name)', so it is not this dimension's table",
          at: input.node.span(ofConfig: "natural_key"),
          help: "move the old table away, or give the dimension another 'alias'"))
    }
    for column in l.key + key.prefix(1) where widened.contains(column.name) {
      let name = column.name == l.dimension.surrogateKey.name ? "surrogate_key" : column.name
      draft.add(
        (l.dialect.altersTypesInTransaction
          ? ["alter table \(l.ledgerTable) alter column \(l.q(name)) type \(column.type)"]
          : SchemaChange.Retyping(column: name, from: "", to: l.dialect.columnType(column.type)).statements(
            on: l.ledgerTable, dialect: l.dialect)).map { Plan.Statement(.prepare, $0) })
    }
  }

  /// The members that are not there yet. One that is there may have been changed by the user and is left alone.
  var members: [Plan.Statement] {
    let l = layout
    func text(_ member: DimensionMember, _ attribute: DimensionLayout.Attribute) -> String {
      Self.text(member, attribute.name, attribute.type, l.dialect)
    }
    return l.dimension.members.map { member in
      let names =
        [l.dimension.surrogateKey.name] + l.key.map(\.name) + l.valueColumns
        + l.withPrevious.map { PreviousValues.name(of: $0.name) }
      let values =
        [l.memberKey(member)] + l.key.map { Self.memberKeyValue(member, $0.type) }
        + (l.attributes + l.hybrid + l.withPrevious).map { text(member, $0) }
        + [l.earliest, l.open, "true"]
      let columns =
        ColumnList(names, l.dialect).bare + ", \(l.validFrom), \(l.validTo), \(l.isCurrent)"
      return Plan.Statement(
        .change,
        "insert into \(l.table) (\(columns))\nselect \(values.joined(separator: ", "))\n"
          + "where not exists (select 1 from \(l.table) where \(l.surrogate) = \(l.memberKey(member)))")
    }
  }

  static func memberKeyValue(_ member: DimensionMember, _ type: String) -> String {
    let base = ColumnType(type).base
    switch base {
    case "smallint", "integer", "bigint", "numeric", "real", "double precision", "text", "character varying",
      "character":
      return "'\(member.key)'::\(type)"
    case "uuid":
      // -1 reads ffffffff-…-ffff: the number in two's complement.
      let digits = String(UInt64(bitPattern: Int64(member.key)), radix: 16)
      let fill: Character = member.key < 0 ? "f" : "0"
      return "'\(String(repeating: fill, count: 32 - digits.count))\(digits)'::uuid"
    default: return "null::\(type)"
    }
  }

  /// What a member says in an attribute of `type`: the value that it was given, a label in a text, else NULL.
  static func text(
    _ member: DimensionMember, _ name: String, _ type: String, _ dialect: Dialect
  ) -> String {
    if let given = member.values[name] { return "\(given.map(dialect.literal) ?? "null")::\(type)" }
    let column = ColumnType(type)
    guard column.isString else { return "null::\(type)" }
    let label = dialect.literal(member.label)
    guard dialect.kind == .postgres else {
      return dialect.literal(dialect.clipped(member.label, to: column.stringSize)) + "::\(type)"
    }
    return column.isUnbounded ? "\(label)::\(type)" : "left(\(label), \(column.stringSize))::\(type)"
  }
}
