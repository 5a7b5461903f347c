public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A bridge: built anew by each run, aside, with its weights looked at before anybody sees it.
public struct BridgeMaterialization: Materialization {
  public static let name = "bridge"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = FactMaterialization().needs(input)
    if let fact = Bridge.decode(input.node).value?.fact {
      let lookups = Star(input.manifest).lookups(of: fact, input.manifest)
      needs.storageOf = StarDesign.asksFor(FactMaterialization.related(lookups, input), input)
    }
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var input = input
    let layout = try Self.layout(&input)
    var draft = try PlanDraft(input)
    draft.reasons = try StarDesign(input, layout)?.reasons ?? []
    draft.lockTarget()
    try FactRebuild(layout: layout, input: input).add(to: &draft)
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: false))
    TableBuild.addComments(to: &draft, columns: layout.columns.names)
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    return draft.plan(isIdempotent: true)
  }

  /// - Parameter input: gets the columns that the bridge has, where it is a hierarchy.
  static func layout(_ input: inout PlanInput) throws(DiagnosticsError) -> FactLayout {
    let decoded = Bridge.decode(input.node)
    guard let bridge = decoded.value, !decoded.diagnostics.contains(where: { $0.severity == .error }) else {
      throw DiagnosticsError(decoded.diagnostics)
    }
    try check(bridge, input)
    let hierarchy = bridge.kind == .hierarchy ? BridgeHierarchy(bridge: bridge, dialect: input.dialect) : nil
    if let hierarchy { input.queryColumns = hierarchy.columns(input.queryColumns) }
    var layout = try FactLayout(
      bridge.fact, input, star: Star(input.manifest), target: try input.target())
    if let hierarchy {
      layout.frame = hierarchy.frame
      layout.stageAudits = [hierarchy.cycles(input.node.span(ofConfig: "parent"))]
    } else {
      layout.stageAudits = BridgeAudits(bridge: bridge, input: input).all
    }
    return layout
  }

  /// Every column that is named is one of the SQL.
  private static func check(_ bridge: Bridge, _ input: PlanInput) throws(DiagnosticsError) {
    let names = input.queryColumns.map(\.name)
    var wanted = bridge.group.map { ($0, "group_key") } + bridge.key.map { ($0, "key") }
    for (name, key) in [
      (bridge.weight, "weight"), (bridge.validFrom, "valid_from"), (bridge.validTo, "valid_to"),
      (bridge.asOf, "as_of"), (bridge.parent, "parent"),
    ] {
      if let name { wanted.append((name, key)) }
    }
    let problems = wanted.filter { !names.contains($0.0) }.map { name, key in
      Diagnostic(
        "unknown-column",
        "\(key) '\(name)' of \(bridge.name) is not a column of its SQL", meant: NearMiss(name, among: names),
        at: input.node.span(ofConfig: key), help: "its columns are \(names.joined(separator: ", "))")
    }
    if !problems.isEmpty { throw DiagnosticsError(problems) }
  }
}

/// What must hold of a bridge's rows, asked of `whc_stage` before the table is made.
struct BridgeAudits {
  let bridge: Bridge
  let input: PlanInput

  private func q(_ name: String) -> String { input.dialect.quote(name) }
  private var group: ColumnList { ColumnList(bridge.group, input.dialect) }
  private var member: ColumnList { ColumnList(bridge.group + bridge.key, input.dialect) }

  private var stage: String { input.dialect.temporary("whc_stage") }
  private var open: String { input.dialect.kind == .postgres ? "'infinity'" : "'9999-12-31'" }

  var all: [Plan.Audit] { [intervals, weights].compactMap(\.self) }

  private var weights: Plan.Audit? {
    guard let weight = bridge.weight else { return nil }
    let sum = "cast(sum(s.\(q(weight))) as \(input.dialect.kind == .postgres ? "numeric" : "numeric(38,12)"))"
    let broken =
      "coalesce(abs(\(sum) - 1) > \(Bridge.tolerance), true)\n  or bool_or(s.\(q(weight)) is null or s.\(q(weight)) < 0)"
    var query = """
      select count(*) over () as groups, \(group.of("s")), sum(s.\(q(weight))) as weight, count(*) as members
      from \(stage) s
      group by \(group.of("s"))
      having \(broken)
      order by \(group.of("s"))
      limit 5
      """
    if let from = bridge.validFrom, let to = bridge.validTo {
      query = """
        select count(*) over () as groups, \(group.of("s")), p.whc_at as at, sum(s.\(q(weight))) as weight,
          count(*) as members
        from (
          select \(group.bare), \(q(from)) as whc_at from \(stage)
          union
          select \(group.bare), \(q(to)) from \(stage)
        ) p
        join \(stage) s on \(group.equal("s", "p"))
          and p.whc_at >= s.\(q(from)) and p.whc_at < coalesce(s.\(q(to)), \(open))
        group by \(group.of("s")), p.whc_at
        having \(broken)
        order by \(group.of("s")), p.whc_at
        limit 5
        """
    }
    return Plan.Audit(
      "weights-not-one", "groups of \(bridge.name) have weights that do not add up to one",
      help: "divide each weight by the sum of its group in the SQL; weights are neither NULL nor below zero",
      span: input.node.span(ofConfig: "weight"), check: StarCheck(.weights), query: query)
  }

  private var intervals: Plan.Audit? {
    guard let from = bridge.validFrom, let to = bridge.validTo else { return nil }
    return Plan.Audit(
      "bad-interval", "rows of \(bridge.name) end before they begin, or hold twice for one member of a group",
      help: "each row holds from \(from) up to, and not including, \(to); NULL there means: still",
      span: input.node.span(ofConfig: "valid_from"), check: StarCheck(.intervals),
      query: """
        select count(*) over () as rows, \(member.of("s")), s.\(q(from)), s.\(q(to))
        from (
          select s.*, lead(s.\(q(from))) over (partition by \(member.of("s")) order by s.\(q(from))) as whc_next
          from \(stage) s
        ) s
        where s.\(q(from)) >= coalesce(s.\(q(to)), \(open)) or coalesce(s.\(q(to)), \(open)) > s.whc_next
        order by \(member.of("s")), s.\(q(from))
        limit 5
        """)
  }
}

/// The closure of a tree: from rows of (node, parent) to rows of (node, everything below it).
struct BridgeHierarchy {
  let bridge: Bridge
  let dialect: Dialect

  private func q(_ name: String) -> String { dialect.quote(name) }
  private var key: String { q(bridge.key.first ?? "") }
  private var parent: String { q(bridge.parent ?? "") }

  /// What the closure gives, for a SQL of these columns.
  func columns(_ columns: [ColumnDescription]) -> [ColumnDescription] {
    let type = columns.first { $0.name == bridge.key.first }?.type ?? "text"
    return [
      ColumnDescription(name: bridge.ends.parent, type: type),
      ColumnDescription(name: bridge.ends.child, type: type),
      ColumnDescription(name: Bridge.depth, type: "integer"),
      ColumnDescription(name: Bridge.isTop, type: "boolean"),
      ColumnDescription(name: Bridge.isBottom, type: "boolean"),
    ]
  }

  /// What stands before and behind the user's SQL. A node that is its own parent is at the top; one that is met twice on
  /// a way down is marked and not followed.
  var frame: (opening: String, closing: String) {
    guard dialect.kind == .postgres else { return frameOfTexts }
    return (
      "with recursive whc_node as (\nselect n.\(key), nullif(n.\(parent), n.\(key)) as \(parent)\nfrom (\n",
      """

      ) n
      ),
      whc_path as (
        select n.\(key) as whc_from, n.\(key) as whc_to, 0 as depth, array[n.\(key)::text] as way, false as is_cycle
        from whc_node n
        union all
        select p.whc_from, n.\(key), p.depth + 1, p.way || n.\(key)::text, n.\(key)::text = any (p.way)
        from whc_path p
        join whc_node n on n.\(parent) = p.whc_to
        where not p.is_cycle
      )
      select p.whc_from as \(q(bridge.ends.parent)), p.whc_to as \(q(bridge.ends.child)),
        p.depth as \(q(Bridge.depth)),
        p.whc_from not in (
          select n.\(key) from whc_node n join whc_node a on a.\(key) = n.\(parent) where n.\(key) is not null
        ) as \(q(Bridge.isTop)),
        p.whc_to not in (select n.\(parent) from whc_node n where n.\(parent) is not null) as \(q(Bridge.isBottom)),
        p.is_cycle as whc_is_cycle
      from whc_path p
      """
    )
  }

  /// The same without arrays, and without subqueries among the values.
  private var frameOfTexts: (opening: String, closing: String) {
    func step(_ key: String) -> String { "cast(\(key) as \(dialect.longText)) || '\n'" }
    return (
      "with recursive whc_node as (\nselect n.\(key), nullif(n.\(parent), n.\(key)) as \(parent)\nfrom (\n",
      """

      ) n
      ),
      whc_path (whc_from, whc_to, depth, way, is_cycle) as (
        select n.\(key), n.\(key), 0, cast('\n' || \(step("n.\(key)")) as \(dialect.longText)), false
        from whc_node n
        union all
        select p.whc_from, n.\(key), p.depth + 1, cast(p.way || \(step("n.\(key)")) as \(dialect.longText)),
          strpos(p.way, '\n' || \(step("n.\(key)"))) > 0
        from whc_path p
        join whc_node n on n.\(parent) = p.whc_to
        where not p.is_cycle
      )
      select p.whc_from as \(q(bridge.ends.parent)), p.whc_to as \(q(bridge.ends.child)),
        p.depth as \(q(Bridge.depth)), a.whc_key is null as \(q(Bridge.isTop)), b.whc_key is null as \(q(Bridge.isBottom)),
        p.is_cycle as whc_is_cycle
      from whc_path p
      left join (
        select distinct n.\(key) as whc_key from whc_node n join whc_node m on m.\(key) = n.\(parent)
      ) a on a.whc_key = p.whc_from
      left join (select distinct n.\(parent) as whc_key from whc_node n) b on b.whc_key = p.whc_to
      """
    )
  }

  func cycles(_ span: SourceSpan?) -> Plan.Audit {
    Plan.Audit(
      "hierarchy-cycle", "nodes of \(bridge.name) stand below themselves",
      help: "correct the parents of the nodes that are named", span: span,
      query: """
        select count(*) over () as nodes, s.\(q(bridge.ends.parent)), min(s.\(q(Bridge.depth))) as after
        from \(dialect.temporary("whc_stage")) s
        where s.whc_is_cycle and s.\(q(bridge.ends.parent)) = s.\(q(bridge.ends.child))
        group by s.\(q(bridge.ends.parent))
        order by s.\(q(bridge.ends.parent))
        limit 5
        """)
  }
}
