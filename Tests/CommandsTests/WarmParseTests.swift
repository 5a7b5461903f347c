import ArgumentParser
import Diagnostics
import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel
import Runner
import TestSupport
import Testing

@testable import Artifacts
@testable import Commands

/// A warm parse and the SQL after every kind of edit give what a cold one gives, to the byte.
@Suite struct WarmParseTests {
  typealias Origin = ParsedProject.Origin
  typealias Change = @Sendable (ProjectFolder) throws -> Void

  struct Edit: Sendable {
    var name: String
    /// What the second parse must have been able to use; nil: whatever it was.
    var origin: Origin?
    var variables: [String: String] = [:]
    var flags: [String] = []
    var change: Change

    init(
      _ name: String, _ origin: Origin?, variables: [String: String] = [:], flags: [String] = [],
      _ change: @escaping Change = { _ in }
    ) {
      self.name = name
      self.origin = origin
      self.variables = variables
      self.flags = flags
      self.change = change
    }

    /// Puts `new` in the place of `old` in a file.
    static func replacing(_ name: String, _ origin: Origin?, _ file: String, _ old: String, _ new: String)
      -> Edit
    {
      Edit(name, origin) { folder in
        let text = try String(contentsOfFile: folder.path + "/" + file, encoding: .utf8)
        #expect(text.contains(old), "\(file) has no '\(old)'")
        try folder.write(text.replacingOccurrences(of: old, with: new), to: file)
      }
    }
  }

  static let edits: [Edit] = [
    Edit("nothing", .unchanged),
    Edit("times of files", .unchanged) { folder in
      for file in ["models/orders.sql", "models/orders.yml", "dbt_project.yml"] {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: folder.path + "/" + file)
      }
    },
    Edit("another time, the same contents again", .unchanged) { folder in
      let text = try String(contentsOfFile: folder.path + "/models/orders.sql", encoding: .utf8)
      try folder.write(text, to: "models/orders.sql")
    },
    .replacing("a model's text", .updated(1), "models/orders.sql", "amount", "amount * 2 as amount"),
    .replacing("lines before a call", .updated(1), "models/orders.sql", "select id", "select\n\n  id"),
    .replacing("a model's parent", .updated(1), "models/totals.sql", "ref('orders')", "ref('customers')"),
    .replacing("a model's tags", .updated(1), "models/orders.sql", "tags=['hot']", "tags=['cold', 'hot']"),
    .replacing(
      "a view becomes a table", .updated(1), "models/totals.sql", "select",
      "{{ config(materialized='table') }} select"),
    .replacing(
      "a model becomes ephemeral", .whole, "models/totals.sql", "select",
      "{{ config(materialized='ephemeral') }} select"),
    .replacing("a model's alias", .whole, "models/totals.sql", "select", "{{ config(alias='sums') }} select"),
    .replacing(
      "a model is disabled", .whole, "models/totals.sql", "select", "{{ config(enabled=false) }} select"),
    .replacing(
      "a model asks the database", .updated(1), "models/totals.sql", "select",
      "{% set r = run_query('select 1') %} select"),
    .replacing(
      "a model calls a macro", .updated(1), "models/totals.sql", "sum(amount)", "{{ cents('amount') }}"),
    .replacing(
      "a model's hook", .updated(1), "models/totals.sql", "select",
      "{{ config(post_hook=\"grant select on {{ this }} to {{ var('role') }}\") }} select"),
    .replacing(
      "a model reads another source", .updated(1), "models/customers.sql", "source('raw', 'customers')",
      "source('raw', 'orders')"),
    .replacing("a description", .updated(1), "models/orders.yml", "All orders", "Every order"),
    .replacing(
      "a description from a docs block", .updated(1), "models/orders.yml", "All orders",
      "'{{ doc(\"orders\") }}'"
    ),
    .replacing(
      "a test more", .updated(1), "models/orders.yml", "data_tests: [unique]",
      "data_tests: [unique, not_null]"),
    .replacing(
      "a test less", .updated(1), "models/orders.yml", "data_tests: [unique, not_null]",
      "data_tests: [unique]"),
    .replacing("a test's argument", .updated(1), "models/orders.yml", "values: [a, b]", "values: [a, b, c]"),
    .replacing(
      "a test of a test's own macro", .updated(1), "models/orders.yml", "data_tests: [unique]",
      "data_tests: [unique, {positive: {config: {severity: warn}}}]"),
    .replacing("all tests gone", nil, "models/totals.yml", "data_tests: [not_null]", "description: d"),
    .replacing("first tests", nil, "models/customers.yml", "description: Who buys", "data_tests: [unique]"),
    .replacing(
      "an entry less", .updated(1), "models/orders.yml", "  - name: totals_by_day\n    description: Days",
      ""),
    .replacing(
      "an entry more", .updated(1), "models/orders.yml", "models:\n",
      "models:\n  - name: plain\n    description: Plain\n"),
    .replacing(
      "an entry for nothing", .whole, "models/orders.yml", "models:\n", "models:\n  - name: nowhere\n"),
    .replacing("a key that is not known", .whole, "models/orders.yml", "models:\n", "modells:\n"),
    .replacing(
      "a model's group", .whole, "models/orders.yml", "    description: All orders", "    group: sales"),
    .replacing(
      "a source", .updated(1), "models/sources.yml", "- name: orders",
      "- name: orders\n        description: Raw"),
    .replacing(
      "a source's place", .updated(1), "models/sources.yml", "- name: raw", "- name: raw\n    schema: ore"),
    .replacing(
      "a source's tags", .updated(1), "models/sources.yml", "- name: raw",
      "- name: raw\n    config: {tags: [t]}"),
    .replacing(
      "a source's tests", .updated(1), "models/sources.yml", "data_tests: [unique]",
      "data_tests: [not_null, unique]"),
    .replacing(
      "a source's column", .updated(1), "models/sources.yml", "[{name: id,",
      "[{name: at, description: When}, {name: id,"),
    .replacing(
      "a source's event time", .whole, "models/sources.yml", "- name: orders",
      "- name: orders\n        config: {event_time: at}"),
    .replacing(
      "a source more", .whole, "models/sources.yml", "- name: orders", "- name: orders\n      - name: more"),
    .replacing("a source less", .whole, "models/sources.yml", "- name: orders\n", "- name: order\n"),
    .replacing(
      "a disabled source", .whole, "models/sources.yml", "- name: customers",
      "- name: customers\n        config: {enabled: false}"),
    .replacing("a group beside sources", .whole, "models/groups.yml", "Ada", "Bob"),
    .replacing("a macro", .whole, "macros/cents.sql", "/ 100", "/ 1000"),
    .replacing("a generic test", .whole, "tests/generic/positive.sql", "<= 0", "< 0"),
    .replacing("a docs block", .whole, "models/docs.md", "Orders are", "Orders were"),
    .replacing("dbt_project.yml", .whole, "dbt_project.yml", "+materialized: view", "+materialized: table"),
    .replacing("a project variable", .whole, "dbt_project.yml", "role: reader", "role: writer"),
    .replacing("a seed", .updated(1), "seeds/regions.csv", "1,north", "1,south"),
    .replacing("a singular test", .updated(1), "tests/no_orphans.sql", "is null", "is not null"),
    .replacing("a snapshot", .updated(1), "snapshots/history.sql", "select *", "select id"),
    .replacing(
      "a snapshot's config", .updated(1), "snapshots/history.sql", "check_cols='all'", "check_cols=['id']"),
    .replacing(
      "a snapshot's parent", .updated(1), "snapshots/history.sql", "ref('customers')", "ref('plain')"),
    .replacing("a snapshot renamed", .whole, "snapshots/history.sql", "snapshot history", "snapshot past"),
    .replacing("a snapshot less", .whole, "snapshots/history.sql", "snapshot", "raw"),
    .replacing(
      "a snapshot's strategy", .updated(1), "snapshots/history.sql", "strategy='check'", "strategy='chick'"),
    .replacing("a ref that leads nowhere", .whole, "models/totals.sql", "ref('orders')", "ref('order')"),
    .replacing(
      "a circle", .whole, "models/orders.sql", "source('raw', 'orders')",
      "source('raw', 'orders') }}, {{ ref('totals')"),
    .replacing("broken Jinja", .whole, "models/orders.sql", "select id", "{% if %} select id"),
    .replacing("broken YAML", .whole, "models/orders.yml", "models:\n", "models: [\n"),
    Edit("a model more", .whole) { try $0.write("select * from {{ ref('orders') }}", to: "models/more.sql") },
    Edit("a model less", .whole) {
      try FileManager.default.removeItem(atPath: $0.path + "/models/totals_by_day.sql")
    },
    Edit("a model renamed", .whole) {
      try FileManager.default.moveItem(
        atPath: $0.path + "/models/plain.sql", toPath: $0.path + "/models/simple.sql")
    },
    Edit("a model and its properties", .updated(2)) {
      try $0.write("{{ config(tags=['x']) }} select 1 as id", to: "models/customers.sql")
      try $0.write("models:\n  - name: customers\n    description: People\n", to: "models/customers.yml")
    },
    Edit("a variable of the environment that is read", .whole, variables: ["REGION": "south"]),
    Edit("one that is read and was not set", .whole, variables: ["UNSET": "now"]),
    Edit("one that nobody reads", .unchanged, variables: ["OTHER": "x"]),
    Edit("--vars", .whole, flags: ["--vars", "{start: 2025-01-01}"]),
    Edit("another target", .whole, flags: ["--target", "prod"]),
    Edit("a flag that a config looks at", .whole, variables: ["DBT_FAIL_FAST": "true"]),
    Edit("--no-partial-parse", .whole, flags: ["--no-partial-parse"]),
    Edit("a damaged cache", .whole) { folder in
      let file = URL(filePath: folder.path + "/target/whc-cache.bin")
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: file)
    },
    Edit("a cut cache", .whole) { folder in
      let file = URL(filePath: folder.path + "/target/whc-cache.bin")
      try Data(contentsOf: file).dropLast(100).write(to: file)
    },
    Edit("an empty cache", .whole) { try $0.write("", to: "target/whc-cache.bin") },
    Edit("no cache", .whole) {
      try FileManager.default.removeItem(atPath: $0.path + "/target/whc-cache.bin")
    },
  ]

  @Test func isWhatAColdParseIs() async throws {
    let parsed = try await Parsed(Self.project)
    for edit in Self.edits { try await parsed.check(edit) }
  }

  /// What unit tests hold of their models, and they themselves.
  static let testedEdits: [Edit] = [
    .replacing("a tested model", .updated(1), "models/orders.sql", "amount", "amount + 1 as amount"),
    .replacing("a tested model's lines", .updated(1), "models/orders.sql", "select", "\n\nselect"),
    .replacing(
      "a tested model that now runs incrementally", .whole, "models/orders.sql", "select",
      "{% if is_incremental() %}{% endif %} select"),
    .replacing("another model", .updated(1), "models/totals.sql", "sum", "max"),
    .replacing(
      "another model's parent", .updated(1), "models/totals.sql", "ref('orders')", "ref('raw_orders')"),
    .replacing("a seed", .whole, "seeds/raw_orders.csv", "1,5", "1,6"),
    .replacing("another model's properties", .updated(1), "models/totals.yml", "Sums", "All sums"),
    .replacing("properties beside a unit test", .updated(1), "models/orders.yml", "Orders", "All orders"),
    .replacing("what a unit test gives", .updated(1), "models/orders.yml", "amount: 3", "amount: 4"),
    .replacing("what a unit test expects", .updated(1), "models/orders.yml", "as amount", "as sum"),
    .replacing("a unit test's override", .updated(1), "models/orders.yml", "x: 1", "x: 2"),
    .replacing("a unit test's description", .updated(1), "models/orders.yml", "Adds up", "Sums up"),
    .replacing("a unit test's model", .whole, "models/orders.yml", "model: totals", "model: orders"),
    .replacing("a unit test's name", .whole, "models/orders.yml", "name: adds", "name: sums"),
    .replacing("a unit test that is wrong", .whole, "models/orders.yml", "format: sql", "format: sequel"),
  ]

  @Test func isWhatAColdParseIsWithUnitTests() async throws {
    let parsed = try await Parsed(Self.testedProject)
    for edit in Self.testedEdits { try await parsed.check(edit) }
  }

  /// A project that was parsed once: each edit begins with it and with the cache that this left.
  private final class Parsed {
    private let folder: ProjectFolder
    private let before = ["REGION": "north"]
    /// The folder as the first parse left it, and what came of that.
    private let copy: URL
    private let first: Outcome

    init(_ project: String) async throws {
      folder = try ProjectFolder(project)
      copy = folder.url.appendingPathExtension("copy")
      first = try await WarmParseTests.outcome(folder, [], before)
      #expect(first.origin == .whole, "the project itself is in order")
      try FileManager.default.copyItem(at: folder.url, to: copy)
    }

    deinit { try? FileManager.default.removeItem(at: copy) }

    func check(_ edit: Edit) async throws {
      try FileManager.default.removeItem(at: folder.url)
      try FileManager.default.copyItem(at: copy, to: folder.url)
      try edit.change(folder)
      let variables = before.merging(edit.variables) { _, new in new }
      let warm = try await WarmParseTests.outcome(folder, edit.flags, variables)
      let name = Comment(rawValue: edit.name)
      if let origin = edit.origin { #expect((warm.origin ?? .whole) == origin, name) }
      switch warm.origin {
      case .unchanged:
        #expect(warm.contents == first.contents, name)
        #expect(!warm.known.isEmpty, name)
      // A cold parse itself.
      case .whole: break
      case .updated:
        let cold = try await WarmParseTests.outcome(folder, edit.flags + ["--no-partial-parse"], variables)
        #expect(warm.contents == cold.contents, name)
        #expect(cold.known.isEmpty, name)
        fallthrough
      case nil:
        // What was left behind is as good.
        let again = try await WarmParseTests.outcome(folder, edit.flags, variables)
        #expect(again.contents == warm.contents, name)
      }
    }
  }

  fileprivate struct Outcome {
    var origin: Origin?
    var contents: [String]
    /// The nodes that were not rendered again.
    var known: Set<String> = []
  }

  /// Everything that later stages see of a parse, or what is wrong with the project.
  fileprivate static func outcome(
    _ folder: ProjectFolder, _ flags: [String], _ variables: [String: String]
  ) async throws -> Outcome {
    do {
      let workspace = try await parse(folder, flags, variables)
      var artifact = ManifestArtifact(
        workspace.manifest,
        metadata: ArtifactMetadata(invocationID: "", generatedAt: 0, invocationStartedAt: 0))
      artifact.parsedAt = 0
      let nodes = workspace.manifest.nodes.values.map { node -> String in
        var cache = CacheWriter()
        cache.add(node)
        return node.id.rawValue + String(ContentHash.of(cache.bytes))
      }
      let (compiled, known) = try compile(workspace)
      return Outcome(
        origin: workspace.origin,
        contents: [String(decoding: artifact.write(), as: UTF8.self)] + nodes + compiled, known: known)
    } catch let error as DiagnosticsError {
      return Outcome(origin: nil, contents: error.diagnostics.map(\.json))
    }
  }

  /// The SQL of all nodes with its source maps, in the target folder and in a list, and whose was known.
  private static func compile(_ workspace: Workspace) throws -> ([String], Set<String>) {
    let store = CompiledStore(workspace)
    let nodes = Array(workspace.manifest.nodes.values)
    let early = Precompiled(
      nodes: nodes, compiler: workspace.compiler, earlier: store.known, ephemerals: true, report: { _ in },
      keep: { store.write($1, of: $0) })
    store.keep(early.compiled, of: nodes)
    try store.finish()
    let lines = early.compiled.map { id, node in
      // What the run alone knows is another in each.
      let text = id.rawValue.hasSuffix("of_the_run") ? "" : node.sql + "\(node.sourceMap.segments)"
      return "\(id.rawValue) \(text) \(node.injected) \(node.hasInjected)"
    }
    for node in nodes where early.compiled[node.id] != nil {
      let file = workspace.path(workspace.layout.compiledPath(of: node))
      #expect(try String(contentsOfFile: file, encoding: .utf8) == early.compiled[node.id]?.sql)
    }
    return (lines.sorted(), Set(store.known.keys.map(\.rawValue)))
  }

  @Test func onlyWhatIsTheSameInEveryRunIsKnown() async throws {
    let folder = try ProjectFolder(Self.project)
    _ = try await Self.outcome(folder, [], ["REGION": "north"])
    let again = try await Self.outcome(folder, [], ["REGION": "north"])
    // The others read the environment or the run.
    let models: Set = ["model.shop.totals", "model.shop.totals_by_day", "model.shop.customers"]
    #expect(again.known.filter { $0.hasPrefix("model.") } == models)
    let tests = ["test.shop.unique_orders_id.", "test.shop.not_null_orders_id."]
    #expect(tests.allSatisfy { test in again.known.contains { $0.hasPrefix(test) } })
    // A flag that one of them looks at is another.
    let storing = ["REGION": "north", "DBT_STORE_FAILURES": "true"]
    let stored = try await Self.outcome(folder, [], storing)
    #expect(stored.origin == .unchanged && stored.known.contains { $0.hasPrefix(tests[0]) })
    #expect(!stored.known.contains { $0.hasPrefix(tests[1]) } && stored.contents != again.contents)
    #expect(try await Self.outcome(folder, ["--no-partial-parse"], storing).contents == stored.contents)
    #expect(try await Self.outcome(folder, [], storing).known == again.known)
    try folder.write("select id from {{ source('raw', 'customers') }}", to: "models/customers.sql")
    let edited = try await Self.outcome(folder, [], ["REGION": "north"])
    #expect(edited.origin == .updated(1))
    #expect(
      edited.known.filter { $0.hasPrefix("model.") } == models.subtracting(["model.shop.customers"]))
    #expect(!edited.known.contains("snapshot.shop.history"))
    // The file of a known node that somebody changed is written again; a damaged cache is none.
    try folder.write("oops", to: "target/compiled/shop/models/totals.sql")
    #expect(try await Self.outcome(folder, [], ["REGION": "north"]).contents == edited.contents)
    let file = URL(filePath: folder.path + "/target/whc-compiled.bin")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    let damaged = try await Self.outcome(folder, [], ["REGION": "north"])
    #expect(damaged.known.isEmpty && damaged.contents == edited.contents)
  }

  private static func parse(
    _ folder: ProjectFolder, _ arguments: [String], _ variables: [String: String]
  ) async throws -> Workspace {
    let options = try GlobalOptions.parse(["-q", "--log-level-file", "none"] + arguments)
    var flags = Flags(options, environment: variables, folder: folder.path)
    // As commands with tests take it.
    flags.storeFailures = variables["DBT_STORE_FAILURES"] != nil
    return try await Workspace.open(flags, console: Console(flags))
  }

  @Test func theCodingKnowsAllMembers() { #expect(CacheShape.unknown == []) }

  private static let project = """
    == dbt_project.yml
    name: shop
    profile: shop
    models:
      shop:
        +materialized: view
    vars: {role: reader, start: 2024-01-01}
    == profiles.yml
    shop:
      target: dev
      outputs:
        dev: {type: postgres, host: h, user: u, password: p, dbname: d, port: 5432, schema: main, threads: 2}
        prod: {type: postgres, host: h, user: u, password: p, dbname: d, port: 5432, schema: prod, threads: 2}
    == macros/cents.sql
    {% macro cents(column) %}round({{ column }} / 100, 2){% endmacro %}
    == models/docs.md
    {% docs orders %}Orders are here{% enddocs %}
    == models/sources.yml
    sources:
      - name: raw
        tables:
          - name: orders
          - name: customers
            columns: [{name: id, data_tests: [unique]}]
    == models/groups.yml
    groups: [{name: sales, owner: {name: Ada}}]
    == models/orders.sql
    {{ config(tags=['hot']) }}
    select id, amount, '{{ env_var("REGION") }}' as region from {{ source('raw', 'orders') }}
    where day >= '{{ var("start") }}'
    == models/orders.yml
    models:
      - name: orders
        description: All orders
        config: {meta: {owner: Ada}}
        columns:
          - name: id
            data_tests: [unique, not_null]
          - name: status
            data_tests:
              - accepted_values: {arguments: {values: [a, b]}}
              - relationships: {arguments: {to: ref('customers'), field: id}}
          - name: amount
            data_tests: [unique]
      - name: totals_by_day
        description: Days
    == models/totals.sql
    select sum(amount) as amount from {{ ref('orders') }}
    == models/totals.yml
    models:
      - name: totals
        columns: [{name: amount, data_tests: [not_null]}]
    == models/totals_by_day.sql
    {% if flags.FAIL_FAST %}{{ config(tags=['full']) }}{% endif %}
    select {{ cents('amount') }} as amount from {{ ref('orders') }}
    == models/plain.sql
    select 1 as id, '{{ env_var("UNSET", "-") }}' as word
    == models/of_the_run.sql
    select '{{ invocation_id }}' as run, '{{ run_started_at }}' as at, {{ [1, 2, 3] | random }} as n
    == models/customers.sql
    select * from {{ source('raw', 'customers') }}
    == models/customers.yml
    models:
      - name: customers
        columns: [{name: id, description: Who buys}]
    == tests/generic/positive.sql
    {% test positive(model, column_name) %}select * from {{ model }} where {{ column_name }} <= 0{% endtest %}
    == tests/no_orphans.sql
    select * from {{ ref('orders') }} where id is null
    == seeds/regions.csv
    id,name
    1,north
    == snapshots/history.sql
    {% snapshot history %}
    {{ config(strategy='check', check_cols='all', unique_key='id') }}
    select * from {{ ref('customers') }}
    {% endsnapshot %}

    """

  private static let testedProject = """
    == dbt_project.yml
    name: shop
    profile: shop
    == profiles.yml
    shop:
      target: dev
      outputs:
        dev: {type: postgres, host: h, user: u, password: p, dbname: d, port: 5432, schema: main, threads: 2}
    == seeds/raw_orders.csv
    id,amount
    1,5
    == models/orders.sql
    select id, amount from {{ ref('raw_orders') }}
    == models/orders.yml
    models:
      - name: orders
        description: Orders
        columns: [{name: id, data_tests: [unique]}]
    unit_tests:
      - name: reads_the_seed
        model: orders
        given: [{input: ref('raw_orders')}]
        expect: {rows: [{id: 1, amount: 5}]}
      - name: adds
        description: Adds up
        model: totals
        overrides: {vars: {x: 1}}
        given:
          - input: ref('orders')
            rows: [{id: 1, amount: 3}]
        expect:
          format: sql
          rows: select 3 as amount
    == models/totals.sql
    select sum(amount) as amount from {{ ref('orders') }}
    == models/totals.yml
    models: [{name: totals, description: Sums}]
    == models/metricflow_time_spine.sql
    select current_date as date_day
    == models/semantic.yml
    semantic_models:
      - name: orders
        model: ref('orders')
        entities: [{name: order, type: primary, expr: id}]
        measures: [{name: amount, agg: sum}]

    """
}
