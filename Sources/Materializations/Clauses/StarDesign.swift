import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// What `physical: star` makes of a table on Redshift: where its rows lie, in which order, and which keys are declared.
///
/// A `dist` or `sort` of the model's own comes first.
struct StarDesign {
  /// As in the config `dist`: `all`, or a column.
  private(set) var distribution: String?
  private(set) var sort: [String] = []
  /// Why, for `whc plan`.
  private(set) var reasons: [String] = []

  /// Up to so many rows a copy of a dimension lies on every node.
  static let smallDimension = 3_000_000

  /// Whether the model asks for it; nil when its word is none that is known.
  static func isAsked(_ node: Node) throws(DiagnosticsError) -> Bool {
    guard let value = node.config["physical"], !value.isNull else { return false }
    switch value.string {
    case "star": return true
    case "none": return false
    default:
      throw DiagnosticsError(
        Diagnostic(
          "bad-config", "'physical' of \(node.label) is \(value.string.map { "'\($0)'" } ?? value.kindName)",
          at: node.span(ofConfig: "physical"),
          help: "'physical: star' chooses distribution and sort keys on Redshift, 'none' leaves them to it"))
    }
  }

  /// The tables whose size and keys the design asks for.
  static func asksFor(_ relations: [RelationName?], _ input: PlanInput) -> [RelationName] {
    let isAsked = (try? isAsked(input.node)) ?? false
    return isAsked && input.dialect.hasDistributionKeys ? relations.compactMap(\.self) : []
  }

  /// nil where none is asked for.
  private init?(_ input: PlanInput) throws(DiagnosticsError) {
    guard try Self.isAsked(input.node) else { return nil }
    guard input.dialect.hasDistributionKeys else {
      reasons = ["physical: star changes nothing on PostgreSQL"]
      return
    }
    for key in ["dist", "sort"] where !(input.node.config[key]?.isNull ?? true) {
      reasons.append("'\(key)' is the model's own")
    }
  }

  /// Of a table that others join by its key.
  init?(_ input: PlanInput, key: String) throws(DiagnosticsError) {
    try self.init(input)
    guard input.dialect.hasDistributionKeys else { return }
    let rows = input.node.relation.flatMap { input.storage[$0]?.rows } ?? 0
    sort = [key]
    if rows <= Self.smallDimension {
      distribution = "all"
      tell("dist", "a copy on every node: it has \(rows == 0 ? "few" : "\(rows)") rows")
    } else {
      distribution = key
      tell("dist", "distributed by \(key): with \(rows) rows it is too large for a copy on every node")
    }
    tell("sort", "sorted by \(key), by which facts join it")
  }

  /// Of a fact or a bridge.
  init?(_ input: PlanInput, _ layout: FactLayout) throws(DiagnosticsError) {
    try self.init(input)
    guard input.dialect.hasDistributionKeys else { return }
    func rows(_ lookup: FactLayout.Lookup) -> Int { input.storage[lookup.relation]?.rows ?? 0 }
    let described = layout.lookups.filter { !$0.target.isGenerated && !$0.target.isJunk && !$0.isMini }
    let size = described.map(rows).max()
    if let size, let largest = described.first(where: { rows($0) == size }) {
      distribution = largest.foreignKey
      let count = size == 0 ? "the first that it names" : "its largest dimension with \(size) rows"
      tell("dist", "distributed by \(largest.foreignKey), the key to \(largest.target.name), \(count)")
    } else {
      tell("dist", "distributed as Redshift likes: no source describes a dimension of it")
    }
    let fact = layout.fact
    let event = fact.eventTime ?? fact.accumulating?.milestones.first?.at
    let dates = layout.lookups.filter(\.target.isDate)
    let first = dates.first { date in
      let column = date.key.first?.name
      return column == event || fact.periodic != nil && column == PeriodicSnapshot.endColumn
    }
    if let date = (first ?? dates.first)?.foreignKey {
      sort = [date]
      tell("sort", "sorted by \(date), its key to \((first ?? dates[0]).target.name)")
    } else if let event, layout.kept.contains(where: { $0.name == event }) {
      sort = [event]
      tell("sort", "sorted by \(event), its time")
    }
    guard let present = layout.presentStyle(input), !isOwn("dist", input),
      let wanted = distribution, present != "KEY(\(wanted))"
    else { return }
    reasons.append("the table there is \(present); --full-refresh makes it anew")
  }

  private func isOwn(_ key: String, _ input: PlanInput) -> Bool { !(input.node.config[key]?.isNull ?? true) }

  /// Says why, unless the model has its own word for it.
  private mutating func tell(_ key: String, _ why: String) {
    guard !reasons.contains("'\(key)' is the model's own") else { return }
    reasons.append(why)
  }

  // MARK: What is done for it

  /// After a dimension's audits: the primary key of a new table, and another distribution for one that has grown.
  ///
  /// Keys are never held by Redshift and always believed, so they are declared in the transaction whose audits have just
  /// shown them true.
  static func carryOut(key: String, _ draft: inout PlanDraft) throws(DiagnosticsError) {
    let input = draft.input
    guard let design = try StarDesign(input, key: key) else { return }
    draft.reasons = design.reasons
    guard input.dialect.hasDistributionKeys else { return }
    let table = input.dialect.render(draft.target)
    guard input.existing != nil else {
      draft.add(.index, "alter table \(table) add primary key (\(input.dialect.quote(key)))")
      return
    }
    guard !design.isOwn("dist", input), let present = input.storage[draft.target]?.style else { return }
    // The table is written anew, which is nothing for the load's transaction.
    switch design.distribution {
    case "all" where present != "ALL" && !present.hasPrefix("KEY"):
      draft.afterwards.append(
        .statement(Plan.Statement(.cleanup, "alter table \(table) alter diststyle all")))
    case let column? where column != "all" && present != "KEY(\(column))":
      draft.afterwards.append(
        .statement(Plan.Statement(.cleanup, "alter table \(table) alter distkey \(column)")))
    default: break
    }
  }

  /// The grain of a fact, and its keys to dimensions whose rows are never taken away again.
  static func keys(of layout: FactLayout, on table: String, _ input: PlanInput) throws(DiagnosticsError)
    -> [Plan.Statement]
  {
    guard try isAsked(input.node), !input.dialect.enforcesKeys else { return [] }
    var keys = ["unique (\(layout.grainColumns.bare))"]
    for lookup in layout.lookups where lookup.target.isGenerated || lookup.target.isJunk {
      guard input.storage[lookup.relation]?.hasPrimaryKey == true else { continue }
      keys.append(
        "foreign key (\(layout.q(lookup.foreignKey))) references \(layout.dialect.render(lookup.relation)) "
          + "(\(layout.q(lookup.target.surrogateKey.name)))")
    }
    return keys.map { Plan.Statement(.index, "alter table \(table) add \($0)") }
  }
}

extension FactLayout {
  /// How the table that is there lies, where that is known.
  fileprivate func presentStyle(_ input: PlanInput) -> String? {
    input.existing == nil ? nil : input.storage[target]?.style
  }
}
