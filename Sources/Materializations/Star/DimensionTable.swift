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
      draft.add(.prepare, "create table if not exists \(l.table) (\n\(columns)\n)")
    }
    if input.relations[l.ledger] == nil {
      let keys = l.key.map { "  \(l.q($0.name)) \($0.type)" }.joined(separator: ",\n")
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
    draft.add(.lock, "lock table \(l.table) in share row exclusive mode")
    try evolve(&draft)
  }

  /// A column that the SQL has and the table has not is added, one that the SQL lost is kept, a narrower type is
  /// widened.
  private func evolve(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    guard let present = input.existing?.columns else { return }
    let l = layout
    var actions: [String] = []
    var widens = false
    for (name, type) in l.definitions {
      guard let old = present.first(where: { $0.name == name }) else {
        let isKey = name == l.dimension.surrogateKey.name || l.key.contains { $0.name == name }
        guard !isKey else {
          throw DiagnosticsError(
            Diagnostic(
              "not-this-dimension", "\(l.table) has no column '\(name)', so it is not this dimension's table",
              at: input.node.span(ofConfig: "natural_key"),
              help: "move the old table away, or give the dimension another 'alias'"))
        }
        actions.append("add column if not exists \(l.q(name)) \(type)")
        continue
      }
      let new = type.replacing(" not null", with: "").replacing(" default false", with: "")
      switch TypeChange(from: old.type, to: new) {
      case .none: break
      case .widening:
        widens = true
        actions.append("alter column \(l.q(name)) type \(new)")
      case .impossible:
        throw DiagnosticsError(
          Diagnostic(
            "column-type-changed",
            "column '\(name)' of \(l.dimension.name) was \(old.type) and is now \(new), and its history cannot follow",
            at: input.node.startSpan, help: "cast it to \(old.type) in the SQL"))
      }
    }
    guard !actions.isEmpty else { return }
    let views = Dependents(dialect: l.dialect, views: widens ? input.dependents : [])
    draft.add(views.lock + views.detach)
    draft.add(.prepare, "alter table \(l.table)\n  " + actions.joined(separator: ",\n  "))
    draft.add(views.attach)
    for attribute in l.key + [ColumnDescription(name: l.dimension.surrogateKey.name, type: l.surrogateType)] {
      let name = attribute.name == l.dimension.surrogateKey.name ? "surrogate_key" : attribute.name
      guard actions.contains(where: { $0.hasPrefix("alter column \(l.q(attribute.name)) ") }) else {
        continue
      }
      draft.add(.prepare, "alter table \(l.ledgerTable) alter column \(l.q(name)) type \(attribute.type)")
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
    return column.isUnbounded ? "\(label)::\(type)" : "left(\(label), \(column.stringSize))::\(type)"
  }
}
