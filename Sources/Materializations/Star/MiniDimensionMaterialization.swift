public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A mini-dimension: the combinations that some columns of a dimension take, each with a key, and beside it the
/// history of who had which from when to when.
///
/// The history is a dimension of type 2 under its base's rules; each of its rows carries the key of its combination.
public struct MiniDimensionMaterialization: Materialization {
  public static let name = "mini_dimension"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = DimensionMaterialization().needs(input)
    if let relation = input.node.relation {
      let history = MiniDimensionTable.history(of: relation, input.dialect)
      needs.columnsOf = input.relations[history] != nil ? [history] : []
      let star = Star(input.manifest)
      if let mini = star.miniDimensions[input.node.id],
        let (base, _) = star.base(of: mini.node, input.manifest),
        let taken = TakenTable.relation(of: base, for: history, input)
      {
        needs.columnsOf.append(taken)
      }
    }
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    let star = Star(input.manifest)
    guard let mini = star.miniDimensions[input.node.id] else {
      throw DiagnosticsError(MiniDimension.decode(input.node).diagnostics)
    }
    guard let (base, split) = star.base(of: mini.node, input.manifest) else {
      throw DiagnosticsError(mini.withoutBase(at: input.node.span(ofConfig: "materialized")))
    }
    var draft = try PlanDraft(input)
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(input.dialect.render(existing.name)) is a \(existing.kind.sqlWord); a mini-dimension is kept in a table",
          at: input.node.startSpan, help: "drop it, or give the mini-dimension another 'alias'"))
    }
    let table = try MiniDimensionTable(mini, split, base, input, target: draft.target)
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    try table.prepare(&draft)
    let taken = try TakenTable(of: base, only: split.columns, for: table.layout.target, input)
    try DimensionMaterialization.load(
      table.layout, table.historyInput, &draft,
      after: taken.map { TakeOverLoad(taken: $0, layout: table.layout, input: table.historyInput) })
    draft.add(table.combinations)
    draft.add(table.keys)
    draft.evidence[StarCheck(.surrogateKey)] = .proved("a key is given to a new combination, once")
    draft.steps.append(.audit(table.invariant))
    if input.existing == nil { draft.add(try Indexes.statements(input, on: draft.target)) }
    draft.gate(draft.target)
    try StarDesign.carryOut(key: mini.surrogateKey.name, &draft)
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: input.existing != nil))
    TableBuild.addComments(to: &draft, columns: table.definitions.map(\.name))
    draft.runHooks(input.postHooks)
    draft.creates = [draft.target, table.layout.target, table.layout.ledger].map {
      RelationState(name: $0, kind: .table)
    }
    return draft.plan(isIdempotent: true)
  }
}

/// The two tables of a mini-dimension and what is written to them.
struct MiniDimensionTable {
  let mini: MiniDimension
  let columns: [ColumnDescription]
  let target: RelationName
  /// The history's.
  let layout: DimensionLayout
  /// The model's input as the history sees it.
  let historyInput: PlanInput
  private let input: PlanInput

  /// Where the history of the mini-dimension at `relation` is kept.
  static func history(of relation: RelationName, _ dialect: Dialect) -> RelationName {
    AsideNames.name(of: relation, "__history", dialect: dialect)
  }

  init(
    _ mini: MiniDimension, _ split: MiniDimension.Split, _ base: Dimension, _ input: PlanInput,
    target: RelationName
  ) throws(DiagnosticsError) {
    self.mini = mini
    self.input = input
    self.target = target
    let names = input.queryColumns.map(\.name)
    var missing: [Diagnostic] = []
    columns = split.columns.compactMap { name in
      if let found = input.queryColumns.first(where: { $0.name == name }) { return found }
      missing.append(
        Diagnostic(
          "unknown-column",
          "column '\(name)' of the mini-dimension \(mini.name) is not a column of its SQL",
          meant: NearMiss(name, among: names),
          at: input.manifest.nodes[base.node]?.span(ofConfig: "mini_dimensions") ?? input.node.startSpan,
          help: "its columns are \(names.joined(separator: ", "))"))
      return nil
    }
    missing += DimensionLayout.strangeValues(
      of: mini.members, in: split.columns, mini.name, at: input.node.span(ofConfig: "members"))
    if !missing.isEmpty { throw DiagnosticsError(missing) }
    let dimension = base.history(of: mini)
    let needed = Set(
      dimension.naturalKey + split.columns
        + [dimension.effectiveAt, dimension.operation?.column, dimension.operation?.at].compactMap(\.self))
    var history = input
    let relation = Self.history(of: target, input.dialect)
    history.existing = input.relations[relation]
    history.dependents = []
    history.queryColumns = input.queryColumns.filter { needed.contains($0.name) }
    historyInput = history
    let type = mini.surrogateKey.method == .integer ? "bigint" : input.dialect.canonicalType("text")
    layout = try DimensionLayout(
      dimension, history, target: relation, hasInferred: false, carries: [(mini.surrogateKey.name, type)])
  }

  private var l: DimensionLayout { layout }
  private var table: String { l.dialect.render(target) }
  private var key: String { l.q(mini.surrogateKey.name) }
  private var isInteger: Bool { mini.surrogateKey.method == .integer }
  private var values: ColumnList { ColumnList(columns.map(\.name), l.dialect) }
  private var memberKeys: String {
    mini.members.map { isInteger ? "\($0.key)" : "'\($0.key)'" }.joined(separator: ", ")
  }
  private var notMember: String { mini.members.isEmpty ? "" : " and m.\(key) not in (\(memberKeys))" }

  /// Redshift makes no text of a boolean by itself.
  private func hashable(_ value: String, _ type: String) -> String {
    l.dialect.kind == .redshift && type == "boolean" ? l.dialect.text(value, type) : value
  }

  /// A combination as one text: NULLs are told from empty texts, and it can be hashed.
  private func combination(_ alias: String) -> String {
    guard l.dialect.kind == .redshift else { return "row(\(values.of(alias)))::text" }
    return columns.map { column in
      let text = l.dialect.text("\(alias).\(l.q(column.name))", column.type)
      return "coalesce(cast(length(\(text)) as varchar(11)) || ':' || \(text), '-')"
    }.joined(separator: "\n    || ")
  }

  var definitions: [(name: String, type: String)] {
    [(mini.surrogateKey.name, isInteger ? "bigint not null" : l.dialect.canonicalType("text") + " not null")]
      + columns.map { ($0.name, $0.type) }
  }

  func prepare(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    if input.existing == nil {
      let columns = definitions.map { "  \(l.q($0.name)) \($0.type)" }.joined(separator: ",\n")
      let design = PhysicalDesign(input, star: try StarDesign(input, key: mini.surrogateKey.name))
      draft.add(.prepare, "create table if not exists \(table) (\n\(columns)\n)\(try design.ofTable())")
    } else {
      try evolve(&draft)
    }
    draft.add(.lock, l.dialect.lock(table))
    for member in mini.members {
      let texts = columns.map { DimensionTable.text(member, $0.name, $0.type, l.dialect) }
      let own = isInteger ? "\(member.key)" : "'\(member.key)'"
      draft.add(
        .change,
        "insert into \(table) (\(key), \(values.bare))\nselect \(([own] + texts).joined(separator: ", "))\n"
          + "where not exists (select 1 from \(table) where \(key) = \(own))")
    }
  }

  private func evolve(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    guard let present = input.existing?.columns else { return }
    let names = definitions.map(\.name)
    if let lost = present.first(where: { !names.contains($0.name) }) {
      throw DiagnosticsError(
        Diagnostic(
          "column-of-combinations",
          "'\(lost.name)' is a column of \(table) and no longer one of \(mini.name): its rows are told apart by it",
          at: input.node.startSpan,
          help: "keep it among the columns, or give the mini-dimension another 'alias'"))
    }
    try ColumnEvolution(table: table, input: input).add(definitions, to: &draft)
  }

  /// Combinations that were never seen get a key; none is ever taken away.
  var combinations: Plan.Statement {
    let order = combination("c")
    let new =
      isInteger
      ? "(select greatest(coalesce(max(\(key)), 0), 0) from \(table))\n    + row_number() over (order by \(order))"
      : NewKey.hash(columns.map { hashable("c.\(l.q($0.name))", $0.type) }, l.dialect)
    let rows = l.dialect.firstOfEach(
      combination("h"), values.values(of: "h"),
      from: """
        \(l.table) h
        where not exists (select 1 from \(table) m where \(combination("m")) = \(combination("h"))\(notMember))
        """)
    return Plan.Statement(
      .change,
      """
      insert into \(table) (\(key), \(values.bare))
      select \(new), \(values.of("c"))
      from (
        \(rows)
      ) c
      """)
  }

  /// Each row of the history leads to its combination.
  var keys: Plan.Statement {
    Plan.Statement(
      .change,
      """
      update \(l.table) h
      set \(key) = m.\(key)
      from \(table) m
      where \(combination("m")) = \(combination("h"))\(notMember)
        and \(l.dialect.isDistinct("h.\(key)", "m.\(key)"))
      """)
  }

  /// What must hold: every row of the history leads to one combination, and no combination stands there twice.
  var invariant: Plan.Audit {
    Plan.Audit(
      "broken-combinations", "rows of \(mini.name) would not be one for each combination",
      check: StarCheck(.combinations),
      query: """
        select count(*) over () as offences, \(combination("m")) as combination, count(*) as rows
        from \(table) m
        where true\(notMember)
        group by \(combination("m")) having count(*) > 1
        union all
        select count(*) over (), \(combination("h")), 0
        from \(l.table) h
        where h.\(key) is null
        limit 5
        """)
  }
}
