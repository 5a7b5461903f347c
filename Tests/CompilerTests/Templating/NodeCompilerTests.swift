import Diagnostics
import ProjectModel
import Testing
import Warehouse

@testable import Compiler

@Suite struct NodeCompilerTests {
  @Test func referencesBecomeRelations() throws {
    let orders = Fixture.node("orders", "select 1")
    let compiled = try Fixture.compile(
      "select * from {{ ref('orders') }} join {{ source('raw', 'orders') }}", others: [orders])
    #expect(compiled.sql == #"select * from "lake"."dev"."orders" join "lake"."raw"."orders_v1""#)
  }

  @Test func ephemeralParentsBecomeExpressionsBeforeTheQuerysOwn() throws {
    let base = Fixture.node("base", "select 1 as id", materialized: "ephemeral")
    var middle = Fixture.node("middle", "select * from {{ ref('base') }}", materialized: "ephemeral")
    middle.dependsOn = [base.id]
    let compiled = try Fixture.compile(
      "\n-- note\nwith own as (select 2)\nselect * from own, {{ ref('middle') }}", others: [base, middle])
    #expect(compiled.injected.map(\.id) == [base.id, middle.id])
    #expect(
      compiled.sql.hasPrefix(
        "\n-- note\nwith  __dbt__cte__base as (\nselect 1 as id\n),  __dbt__cte__middle as ("))
    #expect(compiled.sql.hasSuffix("\n), own as (select 2)\nselect * from own, __dbt__cte__middle"))
  }

  @Test func aQueryWithoutExpressionsGetsAWith() throws {
    let base = Fixture.node("base", "select 1 as id", materialized: "ephemeral")
    let compiled = try Fixture.compile("select * from {{ ref('base') }}", others: [base])
    #expect(compiled.sql == "with __dbt__cte__base as (\nselect 1 as id\n) select * from __dbt__cte__base")
  }

  /// Packages ask whether a macro that they were given is among some that they know.
  @Test func aMacroGotTwiceIsTheSame() throws {
    let compiled = try Fixture.compile(
      "{% set known = [one, other] %}{{ one in known }} {{ one == other }} {{ {one: 'found'}[one] }}",
      macros: ["macros/two.sql": "{% macro one() %}1{% endmacro %}{% macro other() %}2{% endmacro %}"])
    #expect(compiled.sql == "True False found")
  }

  @Test func theSourceMapLeadsToTheUsersLine() throws {
    let compiled = try Fixture.compile(
      "select\n  {{ cents('price') }},\n  wrong\nfrom t",
      macros: ["macros/cents.sql": "\n{% macro cents(x) %}({{ x }} / 100){% endmacro %}"])
    let sql = compiled.sql
    let wrong = try #require(sql.utf8.firstRange(of: Array("wrong".utf8))).lowerBound
    #expect(
      compiled.sourceMap.position(of: sql.utf8.distance(from: sql.startIndex, to: wrong), in: sql)?.start
        == SourcePosition(line: 3, column: 3))
    let division = try #require(sql.utf8.firstRange(of: Array("/ 100".utf8))).lowerBound
    let inMacro = compiled.sourceMap.position(
      of: sql.utf8.distance(from: sql.startIndex, to: division), in: sql)
    #expect(inMacro?.file == "macros/cents.sql")
    #expect(inMacro?.start.line == 2)
  }

  @Test func isIncrementalLooksIntoTheCache() throws {
    let sql = "select 1{% if is_incremental() %} where fresh{% endif %}"
    #expect(try Fixture.compile(sql, materialized: "incremental").sql == "select 1")
    let runtime = Fixture.emptyRuntime()
    runtime.cache.add(
      RelationState(name: RelationName(database: "lake", schema: "dev", identifier: "m"), kind: .table))
    #expect(
      try Fixture.compile(sql, materialized: "incremental", runtime: runtime).sql == "select 1 where fresh")
    let refreshed = try Fixture.compile(sql, materialized: "incremental", runtime: runtime) {
      $0.flags["FULL_REFRESH"] = true
    }
    #expect(refreshed.sql == "select 1")
  }

  @Test func variablesComeFromTheNearest() throws {
    let sql = "{{ var('region') }} {{ var('nested') }} {{ var('unit', 'none') }} {{ var('depth', 0) }}"
    #expect(try Fixture.compile(sql).sql == "north north-1 none 0")
    #expect(try Fixture.compile(sql, package: "tools").sql == "north north-1 kg 2")
    #expect(try Fixture.compile(sql) { $0.cliVars = ["region": "south"] }.sql == "south south-1 none 0")
  }

  @Test func aPackagesMacroIsOverriddenByDispatch() throws {
    let macros = [
      "tools/macros/unit.sql": """
      {% macro unit() %}{{ return(adapter.dispatch('unit', 'tools')()) }}{% endmacro %}
      {% macro default__unit() %}package{% endmacro %}
      """,
      "macros/unit.sql": "{% macro postgres__unit() %}project{% endmacro %}",
    ]
    #expect(try Fixture.compile("{{ tools.unit() }}", macros: macros).sql == "project")
    let ordered = try Fixture.compile("{{ tools.unit() }}", macros: macros) {
      $0.dispatch = [.init(macroNamespace: "tools", searchOrder: ["tools"])]
    }
    #expect(ordered.sql == "package")
  }

  @Test func withoutASessionAQueryIsADiagnosticAtItsLine() throws {
    let diagnostic = Fixture.failure { () throws(DiagnosticsError) in
      _ = try Fixture.compile("select 1\n{% set rows = run_query('select 1') %}")
    }
    #expect(diagnostic?.code == "needs-database")
    #expect(diagnostic?.span?.start.line == 2)
    #expect(diagnostic?.stack.map(\.name) == ["statement", "run_query"])
  }

  @Test func aMistypedMacroNamesItsNeighbour() {
    let diagnostic = Fixture.failure { () throws(DiagnosticsError) in
      _ = try Fixture.compile("select {{ is_incremantal() }}")
    }
    #expect(diagnostic?.code == "undefined-name")
    #expect(diagnostic?.summary == "'is_incremantal' is undefined; did you mean 'is_incremental'?")
    #expect(diagnostic?.span?.start == SourcePosition(line: 1, column: 11))
  }

  @Test func anUnknownModelNamesItsNeighbour() {
    let diagnostic = Fixture.failure { () throws(DiagnosticsError) in
      _ = try Fixture.compile("select *\nfrom {{ ref('order') }}", others: [Fixture.node("orders", "")])
    }
    #expect(diagnostic?.code == "unknown-ref")
    #expect(diagnostic?.summary == "model 'order' is not in this project; did you mean 'orders'?")
    #expect(diagnostic?.span == SourceSpan(file: "models/m.sql", line: 2, column: 13, length: 7))
  }

  @Test func whatAMacroRaisesPointsIntoTheMacro() {
    let diagnostic = Fixture.failure { () throws(DiagnosticsError) in
      _ = try Fixture.compile(
        "select {{ check(-1) }}",
        macros: [
          "macros/check.sql": """
          {% macro check(n) %}
            {% if n < 0 %}{{ exceptions.raise_compiler_error("n must not be negative: " ~ n) }}{% endif %}
          {% endmacro %}
          """
        ])
    }
    #expect(diagnostic?.summary == "n must not be negative: -1")
    #expect(diagnostic?.span?.file == "macros/check.sql")
    #expect(diagnostic?.span?.start.line == 2)
    #expect(diagnostic?.stack.first?.span?.file == "models/m.sql")
  }

  @Test func relationsOverriddenByTheRuntimeStandInForNodes() throws {
    let orders = Fixture.node("orders", "")
    let runtime = Fixture.emptyRuntime()
    runtime.overrides[orders.id] = RelationName(database: "lake", schema: "dev", identifier: "orders__aside")
    let compiled = try Fixture.compile("{{ ref('orders') }}", others: [orders], runtime: runtime)
    #expect(compiled.sql == #""lake"."dev"."orders__aside""#)
  }
}
