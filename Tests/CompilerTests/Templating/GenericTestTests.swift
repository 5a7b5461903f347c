import OrderedCollections
import ProjectModel
import Testing

@testable import Compiler

@Suite struct GenericTestTests {
  typealias Arguments = OrderedDictionary<String, PlainValue>

  static let builtIn: [(String, Arguments)] = [
    ("unique", [:]), ("not_null", [:]), ("accepted_values", ["values": ["a", "b"]]),
    ("relationships", ["to": "ref('customers')", "field": "id"]),
  ]

  @Test(arguments: builtIn)
  func theFourAreReadAsTheyAreRendered(name: String, more: Arguments) throws {
    var source = TemplateSource(
      text: "{{ test_\(name)(**_dbt_generic_test_kwargs) }}", file: "models/schema.yml", resourceType: .test,
      packageName: "shop", name: "t")
    var arguments: Arguments = [
      "model": "{{ get_where_subquery(ref('orders', version='2')) }}", "column_name": "id",
    ]
    for (key, value) in more { arguments[key] = value }
    source.testArguments = arguments
    let read = try Fixture.engine().parse(source)
    // A comment sends the same test through the renderer.
    source.text += "{# #}"
    let rendered = try Fixture.engine().parse(source)
    #expect(read.isStatic)
    #expect(!rendered.isStatic)
    #expect(read.refs == rendered.refs)
    #expect(Set(read.macros) == Set(rendered.macros))
    #expect(read.macros.first == rendered.macros.first)
    #expect(!rendered.introspects)
  }

  @Test func aTestCompilesToDbtsText() throws {
    let sql = try compile("accepted_values", ["values": ["a", "b"], "column_name": "state"])
    #expect(
      sql == """

            
            

        with all_values as (

            select
                state as value_field,
                count(*) as n_records

            from "lake"."dev"."orders"
            group by state

        )

        select *
        from all_values
        where value_field not in (
            'a','b'
        )



        """)
  }

  @Test func aConditionBecomesASubquery() throws {
    let sql = try compile("not_null", ["column_name": "id"], config: ["where": "id > 0"])
    #expect(sql.contains(#"from (select * from "lake"."dev"."orders" where id > 0) dbt_subquery"#))
  }

  @Test func theQueryAroundATestIsTheMacros() throws {
    var test = Fixture.node(
      "t", "", config: ["fail_calc": "sum(n)", "warn_if": ">1", "error_if": ">2", "limit": 3])
    test.resourceType = .test
    let native = NodeCompiler(engine: Fixture.engine(), manifest: Fixture.manifest([test]))
    let overridden = NodeCompiler(
      engine: Fixture.engine(macros: [
        "macros/t.sql": """
        {% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
        {{ default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
        {%- endmacro %}
        """
      ]), manifest: Fixture.manifest([test]))
    func words(_ sql: String) -> [Substring] { sql.split { $0.isWhitespace } }
    let runtime = Fixture.emptyRuntime()
    #expect(
      words(try native.testQuery(test, mainSQL: "select 1 as n", runtime: runtime))
        == words(try overridden.testQuery(test, mainSQL: "select 1 as n", runtime: runtime)))
  }

  private func compile(
    _ name: String, _ arguments: Arguments,
    config: Arguments = [:]
  ) throws -> String {
    let orders = Fixture.node("orders", "")
    var test = Fixture.node(
      "t", "{{ test_\(name)(**_dbt_generic_test_kwargs) }}", dependsOn: ["orders"], config: config)
    test.resourceType = .test
    var all: Arguments = ["model": "{{ get_where_subquery(ref('orders')) }}"]
    for (key, value) in arguments { all[key] = value }
    test.test = TestMetadata(
      name: name, namespace: nil, arguments: all, columnName: nil, attachedNode: orders.id)
    let compiler = NodeCompiler(engine: Fixture.engine(), manifest: Fixture.manifest([orders, test]))
    return try compiler.compile(test, runtime: Fixture.emptyRuntime()).sql
  }
}
