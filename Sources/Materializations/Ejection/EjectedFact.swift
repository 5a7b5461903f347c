import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A fact or a bridge as a table with its lookups written out.
struct EjectedFact {
  let layout: FactLayout
  private let node: Node
  private let input: PlanInput
  private let ejection: Ejection

  /// - Throws: what is wrong between the declaration and the columns of the SQL.
  init(_ node: Node, _ input: PlanInput, _ ejection: Ejection) throws(DiagnosticsError) {
    self.node = node
    self.ejection = ejection
    var input = input
    layout =
      try ejection.star.bridges[node.id] == nil
      ? FactMaterialization.layout(&input) : BridgeMaterialization.layout(&input)
    self.input = input
  }

  private var fact: Fact { layout.fact }
  var isFact: Bool { ejection.star.facts[node.id] != nil }

  /// - Throws: `cannot-eject`.
  func files() throws(DiagnosticsError) -> [Ejection.File] {
    let types = Dictionary(layout.definitions.map { ($0.name, $0.type) }, uniquingKeysWith: { old, _ in old })
    let select = layout.values.filter { $0.name != layout.trail?.column }.map {
      "  (\($0.value))::\(types[$0.name] ?? "text") as \(q($0.name))"
    }
    let rows = Ejection.rows(of: node, apart: hasInput)
    let opening = layout.frame?.opening ?? ""
    var parts = [("stated", opening + rows + (layout.frame?.closing ?? ""))]
    if let snapshot = fact.periodic {
      parts = FactPeriods(snapshot: snapshot, layout: layout, input: input, hasTable: false).parts(of: rows)
    }
    let joins = layout.lookups.map { "\n" + layout.join($0) }.joined()
    let given = """
      select
      \(select.joined(separator: ",\n"))
      from \(parts.last?.0 ?? "stated") s\(joins)

      """
    let loads = loads
    var with = parts.map { "\($0.0) as (\n\($0.1)\n)" }
    var sql = given
    if keepsForgotten {
      with += ["given as (\n\(given))", withForgotten]
      sql = "select \(layout.columns.bare)\nfrom made\n"
    } else if loads != nil {
      with.append("made as (\n\(given))")
    }
    sql = "with \(with.joined(separator: ",\n\n"))\n\n\(sql)"
    if let loads {
      sql = loads.wrapped("with \(with.joined(separator: ",\n\n"))", columns: layout.columns.names)
    }
    if keepsForgotten || loads != nil {
      sql = "{%- set built = none if should_full_refresh() else load_relation(this) %}\n" + sql
    }
    let adds = ejection.adds(fact)
    let before = (adds ? ["{{ \(macro)() }}"] : []) + (loads.map { [$0.begins] } ?? [])
    var settings = before.isEmpty ? [] : ["pre_hook=[\(before.map { "'\($0)'" }.joined(separator: ", "))]"]
    if let loads { settings.append("post_hook='\(loads.ended)'") }
    var files = [
      Ejection.File(
        path: node.originalFilePath,
        text: Ejection.configured(
          referring(sql), as: "table", settings: settings,
          notes: notes + (loads.map { [$0.dependency] } ?? [])))
    ]
    if hasInput { files.append(Ejection.apart(node)) }
    if adds { files.append(additions) }
    return files + tests + (loads.map { [$0.macros] } ?? [])
  }

  /// Whether its SQL is a model of its own, which more than the fact reads.
  private var hasInput: Bool { ejection.adds(fact) || layout.trail != nil }

  /// nil unless loads leave a row in an audit dimension.
  private var loads: EjectedLoads? {
    let unknown = layout.lookups.compactMap { lookup in
      layout.member(DimensionMember.unknown, lookup).map { "n.\(q(lookup.foreignKey)) = \($0)" }
    }
    let isGiven =
      keepsForgotten
      ? " and exists (select 1 from \(Ejection.reference(apart: node)) s where \(layout.grainColumns.equal("s", "n")))"
      : ""
    var loads = EjectedLoads(
      of: node, rows: layout.grain.map { ($0.name, $0.type) },
      read: "(select count(*) from \(Ejection.reference(apart: node)))",
      unknown: unknown.isEmpty ? "false" : unknown.joined(separator: " or "), ejection)
    loads?.countsFirstUpdates = false
    loads?.given = isGiven
    return loads
  }

  private var notes: [String] {
    var notes = [
      keepsForgotten
        ? "Every build reads and writes all rows. After a change of columns, build once with --full-refresh."
        : "Every build reads and writes all rows; rows that the SQL no longer gives leave the table."
    ]
    if fact.accumulating?.nullMilestone == .keep {
      notes.append("A milestone that the SQL forgets is not reached any more (null_milestone).")
    }
    if let snapshot = fact.periodic {
      notes.append("Periods that the SQL no longer gives rows of leave the table.")
      if snapshot.closed != .replace { notes.append("No period is closed: late rows change old ones.") }
    }
    if !fact.allocations.isEmpty {
      notes.append("Lines of one header that say different amounts no longer stop the load.")
    }
    if !fact.views.isEmpty {
      notes.append(
        "The views beside it (\(fact.views.map(\.rawValue).joined(separator: ", "))) are not written.")
    }
    if fact.edges.contains(where: { $0.maxUnknown != nil }) {
      notes.append("The limits of unknown members (max_unknown) are lost.")
    }
    return notes
  }

  // MARK: What it adds to dimensions

  private var macro: String { "\(node.name)__add_to_dimensions" }

  /// The rows that dimensions get for what the fact meets, written before it looks them up.
  private var additions: Ejection.File {
    let statements = layout.inOrderOfLocks.compactMap { lookup -> String? in
      guard let insertion = lookup.junk.map({ combinations($0, lookup) }) ?? members(lookup) else {
        return nil
      }
      return
        "  lock table \(layout.dialect.render(lookup.relation)) in share row exclusive mode;\n\(insertion);"
    }
    return Ejection.File(
      path: "macros/star/\(macro).sql",
      text: """
        {#- Rows of dimensions for what \(node.name) meets and they do not know; called before it is built. -#}
        {% macro \(macro)() %}
        \(referring(statements.joined(separator: "\n")))
        {% endmacro %}

        """)
  }

  private func combinations(_ junk: JunkDimension, _ lookup: FactLayout.Lookup) -> String {
    JunkKeys(junk: junk, table: layout.dialect.render(lookup.relation), dialect: layout.dialect)
      .add(from: Ejection.reference(apart: node), columns: lookup.key).sql
  }

  /// A row for each key that is not there, valid since ever, which the dimension's next build fills when it knows more.
  private func members(_ lookup: FactLayout.Lookup) -> String? {
    guard lookup.edge.missing == .infer, let dimension = lookup.dimension else { return nil }
    let names = dimension.columns
    let table = layout.dialect.render(lookup.relation)
    let natural = ColumnList(dimension.naturalKey, layout.dialect)
    let surrogate = q(dimension.surrogateKey.name)
    let isInteger = dimension.surrogateKey.method == .integer
    let key =
      isInteger
      ? "(select greatest(max(\(surrogate)), 0) from \(table)) + row_number() over (order by \(natural.of("n")))"
      : NewKey.hash(dimension.naturalKey.map { "n.\(q($0))" } + ["'-infinity'"])
    let open = dimension.openEnd.map(layout.dialect.literal) ?? "null"
    var columns = [
      (surrogate, key), (natural.bare, natural.of("n")), (q(names.validFrom), "'-infinity'"),
      (q(names.validTo), open), (q(names.isCurrent), "true"), (q(names.isInferred), "true"),
    ]
    if let durable = dimension.durableKey {
      columns.append((q(durable), isInteger ? key : NewKey.hash(dimension.naturalKey.map { "n.\(q($0))" })))
    }
    if dimension.hasDeletedColumn { columns.append((q(names.isDeleted), "false")) }
    let renamed = zip(lookup.key, dimension.naturalKey).map { "s.\(q($0.name)) as \(q($1))" }
    return """
        insert into \(table) (\(columns.map(\.0).joined(separator: ", ")))
        select \(columns.map(\.1).joined(separator: ",\n    "))
        from (
          select distinct \(renamed.joined(separator: ", "))
          from \(Ejection.reference(apart: node)) s
          left join \(table) d on \(layout.matches(lookup, "s", "d"))
          where not \(ColumnList(lookup.key.map(\.name), layout.dialect).anyNull("s")) and d.\(surrogate) is null
        ) n
      """
  }

  // MARK: Tests

  private var tests: [Ejection.File] {
    let table = "{{ ref('\(node.name)') }}"
    let grain = fact.grain.map(q).joined(separator: ", ")
    var tests = [
      test(
        "grain",
        """
        select \(grain), count(*) as rows_of_one_grain
        from \(table)
        group by \(grain)
        having count(*) > 1 or \(fact.grain.map { "\(q($0)) is null" }.joined(separator: " or "))
        """)
    ]
    let keys = layout.lookups.map { q($0.foreignKey) }.sorted()
    if !keys.isEmpty {
      tests.append(
        test(
          "keys_are_found",
          "select *\nfrom \(table)\nwhere \(keys.map { "\($0) is null" }.joined(separator: " or "))"))
    }
    if let lags = layout.lags, lags.snapshot.order != .ignore, let broken = lags.isOutOfOrder("f") {
      let config = lags.snapshot.order == .warn ? "{{ config(severity='warn') }}\n" : ""
      tests.append(test("milestone_order", "\(config)select *\nfrom \(table) f\nwhere \(broken)"))
    }
    // What is asked of the SQL's rows can be asked of the bridge's.
    let audits: [StarCheck.Kind] = [.weights, .intervals]
    for audit in layout.stageAudits {
      guard let kind = audit.check?.kind, audits.contains(kind) else { continue }
      tests.append(test(kind.rawValue, audit.query.replacing("pg_temp.whc_stage", with: table)))
    }
    return tests
  }

  private func test(_ name: String, _ sql: String) -> Ejection.File {
    Ejection.File(path: "tests/star/\(node.name)__\(name).sql", text: sql + "\n")
  }

  // MARK: Words

  func q(_ name: String) -> String { ejection.q(name) }

  /// The text with references in place of the dimensions' names.
  private func referring(_ sql: String) -> String {
    layout.lookups.reduce(sql) { text, lookup in
      text.replacing(layout.dialect.render(lookup.relation), with: ejection.reference(to: lookup))
    }
  }
}
