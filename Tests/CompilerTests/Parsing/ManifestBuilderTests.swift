import Diagnostics
import OrderedCollections
import ProjectModel
import TestSupport
import Testing

@Suite struct ManifestBuilderTests {
  @Test func aProjectWithAllKinds() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      models:
        +tags: all
        shop:
          +materialized: table
          staging: {+schema: staging, +tags: [stage], materialized: view}
          marts: {+enabled: "{{ env_var('SCHEMA') == 'from_environment' }}"}
      seeds: {shop: {+quote_columns: false}}
      snapshots: {+target_schema: history}
      data_tests: {+severity: warn}
      on-run-start: "select 1"
      == models/staging/stg_orders.sql
      {{ config(tags='own', post_hook='analyze {{ this }}') }}
      select * from {{ source('raw', 'orders') }}
      == models/staging/schema.yml
      version: 2
      sources:
        - name: raw
          database: lake
          schema: "{{ env_var('SCHEMA') }}"
          tags: [src]
          loaded_at_field: at
          freshness: {warn_after: {count: 1, period: day}}
          tables:
            - name: orders
              identifier: orders_v1
              columns: [{name: id, data_tests: [unique]}]
            - {name: old, freshness: null, config: {enabled: true}}
      models:
        - name: stg_orders
          description: "{{ doc('orders') }}"
          config: {tags: patch, alias: orders_clean}
          columns:
            - name: id
              description: the key
              tags: [pk]
              data_tests:
                - unique
                - not_null: {config: {where: "id > 0", severity: error}}
            - name: customer_id
              data_tests:
                - relationships: {arguments: {to: ref('customers'), field: id}}
            - name: status
              data_tests:
                - accepted_values:
                    name: status_is_known
                    arguments: {values: [new, paid, 3, true, null]}
      == models/staging/docs.md
      {% docs orders %}
      Orders as *they* came
      {% enddocs %}
      == models/marts/fct_orders.sql
      select * from {{ ref('stg_orders') }} join {{ ref('dim', v=1) }} using (id) join {{ ref('dim') }} using (id)
      == models/marts/dim_v1.sql
      select 1 as id
      == models/marts/dim.sql
      select 2 as id, 3 as b
      == models/marts/dim.yml
      models:
        - name: dim
          latest_version: 2
          columns: [{name: id, data_tests: [not_null]}, {name: b}]
          versions:
            - v: 1
              columns: [{include: all, exclude: [b]}]
            - {v: 2, config: {materialized: incremental}}
      == models/off.sql
      {{ config(enabled=false) }} select 1
      == seeds/customers.csv
      id
      1
      == snapshots/snap.sql

      {% snapshot orders_snapshot %}
      {{ config(unique_key='id', strategy='check', check_cols='all') }}
      select * from {{ ref('stg_orders') }}
      {% endsnapshot %}
      == snapshots/yaml.yml
      snapshots:
        - name: customers_snapshot
          relation: ref('customers')
          config: {strategy: timestamp, updated_at: at, unique_key: [id]}
      == analyses/look.sql
      select count(*) from {{ ref('fct_orders') }}
      == tests/no_orphans.sql
      {{ config(store_failures=true) }}
      select * from {{ ref('fct_orders') }} where id is null
      == models/others.yml
      exposures:
        - {name: board, type: dashboard, owner: {name: Ann}, depends_on: [ref('fct_orders'), "source('raw', 'old')"]}
      groups: [{name: finance, owner: {name: Bo}}]
      semantic_models:
        - name: sales
          model: ref('fct_orders')
          primary_entity: sale
          dimensions: [{name: sold_at, type: time, type_params: {time_granularity: day}}]
          measures: [{name: amount, agg: sum, agg_time_dimension: sold_at}]
      metrics: [{name: revenue, label: Revenue, type: simple, type_params: {measure: amount}}]
      == models/metricflow_time_spine.sql
      select current_date as date_day, '{{ metric('revenue') }}' as told
      == models/metricflow_time_spine.yml
      models:
        - name: metricflow_time_spine
          time_spine: {standard_granularity_column: date_day}
          columns: [{name: date_day, granularity: day}]
      """)
    #expect(project.messages == "")
    #expect(Golden.mismatch(project.summary, file: ParsingGolden.file("all-kinds.txt")) == nil)
    let node = try #require(project.node("model.shop.stg_orders"))
    #expect(node.description == "Orders as *they* came")
    #expect(node.docBlocks == [NodeID("doc.shop.orders")])
    #expect(node.rawCode.hasPrefix("{{ config(tags='own'"))
    #expect(node.config.origins["alias"]?.file == "models/staging/schema.yml")
    #expect(project.node("snapshot.shop.orders_snapshot")?.firstLine == 2)
  }

  @Test func packages() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      models: {utils: {+schema: util, +materialized: table}}
      == packages.yml
      packages: [{local: ../utils}]
      == dbt_packages/utils/dbt_project.yml
      name: utils
      models: {utils: {+materialized: ephemeral, +tags: [u]}}
      == dbt_packages/utils/models/days.sql
      select 1
      == dbt_packages/utils/models/both.sql
      select 1
      == models/both.sql
      select * from {{ ref('days') }} join {{ ref('utils', 'both') }} using (x)
      == models/reader.sql
      select * from {{ ref('both') }}
      == models/over.yml
      models: [{name: days, description: from the root}]
      """)
    #expect(project.messages == "")
    let days = try #require(project.node("model.utils.days"))
    #expect(days.config.materialized == "table")
    #expect(days.tags == ["u"])
    #expect(days.description == "from the root")
    #expect(days.relation?.schema == "main_util")
    #expect(
      project.node("model.shop.both")?.dependsOn.map(\.rawValue) == ["model.utils.days", "model.utils.both"])
    #expect(project.node("model.shop.reader")?.dependsOn.map(\.rawValue) == ["model.shop.both"])
  }

  @Test(arguments: [(false, "model.shop.both"), (true, "model.utils.both")])
  func aPackageReadsTheRootsNodesBeforeItsOwn(isFlagOn: Bool, expected: String) async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      models: {utils: {+schema: util}}
      flags: {require_ref_searches_node_package_before_root: \(isFlagOn)}
      == packages.yml
      packages: [{local: ../utils}]
      == dbt_packages/utils/dbt_project.yml
      name: utils
      == dbt_packages/utils/models/both.sql
      select 1
      == dbt_packages/utils/models/reader.sql
      select * from {{ ref('both') }}
      == models/both.sql
      select 1
      """)
    #expect(project.node("model.utils.reader")?.dependsOn.map(\.rawValue) == [expected])
    #expect(project.diagnostics.map(\.code.rawValue) == (isFlagOn ? [] : ["package-reads-root"]))
  }

  @Test func aFunctionInPythonIsATemplate() async throws {
    let project = try await ParsedProject(
      """
      == functions/double_it.py
      {{ config(volatility='deterministic', entry_point='entry') }}
      def entry(value):
          return value * 2
      == functions/double_it.yml
      functions:
        - name: double_it
          arguments: [{name: value, data_type: float}]
          returns: {data_type: float}
      """)
    let function = try #require(project.node("function.shop.double_it"))
    #expect(function.language == "python" && function.config["volatility"] == "deterministic")
    #expect(function.config.materialized == "function")
  }

  /// dbt 1.11 notes what `models` says with a function, whose own configs stand under `functions`.
  @Test func aFunctionNotesTheConfigsOfModels() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      models: {shop: {+grants: {select: [reader]}}}
      functions: {shop: {+volatility: stable}}
      == functions/double_it.sql
      select value * 2
      == functions/double_it.yml
      functions:
        - name: double_it
          arguments: [{name: value, data_type: float}]
          returns: {data_type: float}
      """)
    let function = try #require(project.node("function.shop.double_it"))
    #expect(function.config["volatility"] == "stable")
    #expect(function.unrenderedConfig == ["grants": ["select": ["reader"]]])
  }

  /// So that another value of the variable is no change.
  @Test func configsAreNotedAsWrittenWhereTheProjectAsksForIt() async throws {
    func notes(_ flag: Bool) async throws -> ParsedProject {
      try await ParsedProject(
        """
        == dbt_project.yml
        name: shop
        flags: {state_modified_compare_more_unrendered_values: \(flag)}
        models: {shop: {+docs: {node_color: "{{ env_var('SCHEMA') }}"}}}
        == models/orders.sql
        {{ config(alias=env_var('SCHEMA')) }} select 1 as id
        == models/visits.sql
        {{ config(materialized='table') }} select 1 as id
        == models/orders.yml
        models:
          - name: orders
            config: {schema: "{{ env_var('SCHEMA') }}", tags: [a]}
            columns: [{name: id, data_tests: [not_null: {config: {limit: 1}}]}]
        """)
    }
    let color: PlainValue = ["node_color": "{{ env_var('SCHEMA') }}"]
    let with = try await notes(true)
    #expect(
      try #require(with.node("model.shop.orders")).unrenderedConfig == [
        "docs": color, "schema": "{{ env_var('SCHEMA') }}", "tags": ["a", "a"],
        "alias": .string(
          "Keyword(key='alias', value=Call(node=Name(name='env_var', ctx='load'), "
            + "args=[Const(value='SCHEMA')], kwargs=[], dyn_args=None, dyn_kwargs=None))"),
      ])
    #expect(with.node("model.shop.visits")?.unrenderedConfig["materialized"] == "table")
    let test = try #require(with.manifest.nodes.values.first { $0.resourceType == .test })
    #expect(test.unrenderedConfig == ["limit": 1])
    #expect(
      try #require(try await notes(false).node("model.shop.orders")).unrenderedConfig == [
        "docs": color, "schema": "from_environment", "tags": ["a"], "alias": "from_environment",
      ])
  }

  @Test func anExposureKeepsTheTagsOfAll() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      exposures: {tags: [all, b], meta: {a: 1, b: 1}, shop: {+tags: [near]}}
      == models/exposures.yml
      exposures:
        - name: report
          type: dashboard
          owner: {name: Ann}
          tags: [own]
          config: {tags: [b, config], meta: {b: 2}}
        - name: other
          type: dashboard
          owner: {name: Ann}
      """)
    let exposures = project.manifest.exposures.values
    #expect(exposures.map(\.tags) == [["all", "b", "config", "own"], ["all", "b", "near"]])
    #expect(exposures.map(\.meta) == [["a": 1, "b": 2], ["a": 1, "b": 1]])
  }

  /// As Jinja does with every template.
  @Test func textsOfPropertiesLoseTheNewlineAtTheirEnd() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      models:
        shop:
          +meta:
            owner: |
              sales
      == models/orders.sql
      select 1 as id
      == models/orders.yml
      models:
        - name: orders
          description: |
            All of them
          config:
            meta:
              note: |
                two
                lines
          columns:
            - name: id
              data_tests:
                - not_null:
                    config:
                      where: |
                        id > 0
      """)
    let orders = try #require(project.node("model.shop.orders"))
    #expect(orders.config["meta"] == ["owner": "sales", "note": "two\nlines"])
    #expect(orders.description == "All of them\n")
    let test = try #require(project.manifest.nodes.values.first { $0.resourceType == .test })
    #expect(test.config["where"] == "id > 0")
  }

  @Test func aVersionWhoseTestsAreNullHasThoseOfItsModel() async throws {
    let project = try await ParsedProject(
      """
      == models/a_v1.sql
      select 1 as id
      == models/a_v2.sql
      select 1 as id
      == tests/generic/odd.sql
      {% test odd(model) %} select * from {{ model }} where false {% endtest %}
      == models/s.yml
      models:
        - name: a
          data_tests: [odd]
          versions:
            - {v: 1, data_tests: null}
            - {v: 2, data_tests: []}
      """)
    let tests = project.manifest.nodes.values.filter { $0.resourceType == .test }
    #expect(tests.map(\.name) == ["odd_a_v1_"])
  }

  /// dbt notes what a hook names without a look at what is noted already, and again when properties configure the node.
  @Test func hooksAddToTheReferences() async throws {
    let project = try await ParsedProject(
      """
      == models/a.sql
      select 1 as id
      == models/b.sql
      select 2 as id
      == models/read.sql
      {{ config(post_hook="select 1 from {{ ref('b') }}") }}
      select * from {{ ref('a') }} join {{ ref('b') }} using (id)
      == models/rendered.sql
      {{ config(post_hook="select 1 from {{ ref('b') }}") }}
      {% if true %}select * from {{ ref('a') }}{% endif %}
      == models/patched.sql
      {{ config(post_hook="select 1 from {{ ref('b') }}") }}
      select * from {{ ref('a') }}
      == models/patched.yml
      models: [{name: patched, config: {tags: [x]}}]
      """)
    #expect(project.messages == "")
    func refs(_ name: String) -> [String]? { project.node("model.shop.\(name)")?.refs.map(\.name) }
    #expect(refs("read") == ["b", "a", "b"])
    #expect(refs("rendered") == ["a", "b"])
    #expect(refs("patched") == ["b", "a", "b"])
  }

  /// What an argument calls is noted while dbt reads a test only when the test's own macro reaches it, too.
  @Test func aTestDependsOnWhatItsOwnMacroReaches() async throws {
    let project = try await ParsedProject(
      """
      == macros/tests.sql
      {% macro inner(x) %}{{ x }} > 0{% endmacro %}
      {% macro outer(x) %}{{ inner(x) }}{% endmacro %}
      {% macro used(x) %}{{ inner(x) }}{% endmacro %}
      {% test holds(model, expression) %}select 1 from {{ model }} where {{ expression }} and {{ used('a') }}{% endtest %}
      {% test plain(model, expression) %}select 1 from {{ model }} where {{ expression }}{% endtest %}
      == models/m.sql
      select 1 as a
      == models/m.yml
      models:
        - name: m
          data_tests:
            - holds: {name: of_others, arguments: {expression: "{{ outer('a') }}"}}
            - holds: {name: of_its_own, arguments: {expression: "{{ inner('a') }} and {{ used('a') }}"}}
            - holds: {name: of_both, arguments: {expression: "{{ dbt.type_int() }} {{ outer(inner('a')) }}"}}
            - plain: {name: of_dbt, arguments: {expression: "{{ dbt.cast('a', 'int') }} = 1"}}
      """)
    #expect(project.messages == "")
    let tests = project.manifest.nodes.values.filter { $0.test != nil }
    let macros = tests.map { "\($0.name): " + $0.macroDependsOn.map(\.rawValue).joined(separator: " ") }
    let expected = [
      "of_both: macro.shop.test_holds macro.shop.inner macro.dbt.get_where_subquery",
      "of_dbt: macro.shop.test_plain macro.dbt.get_where_subquery",
      "of_its_own: macro.shop.test_holds macro.shop.inner macro.shop.used macro.dbt.get_where_subquery",
      "of_others: macro.shop.test_holds macro.dbt.get_where_subquery",
    ]
    #expect(macros.sorted() == expected)
  }

  @Test func unitTestsAreRenderedButForTheirDescriptions() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      vars: {team: alpha, active: true}
      unit_tests: {shop: {+tags: [top]}}
      == models/m.sql
      select 1 as id
      == models/m.yml
      unit_tests:
        - name: u
          model: m
          description: "{{ var('team') }}"
          given: [{input: ref('m'), rows: [{id: "{{ var('team') }}"}]}]
          expect: {format: csv, rows: "id\\n{{ var('team') }}"}
          overrides: {vars: {a: "{{ var('team') }}"}}
          config: {tags: "{{ 'skip' if var('active') else 'run' }}", meta: {team: "{{ var('team') }}"}}
        - name: turned_off
          model: m
          given: []
          expect: {rows: []}
          config: {enabled: "{{ not var('active') }}"}
      """)
    #expect(project.messages == "")
    #expect(project.manifest.unitTests.keys.map(\.rawValue) == ["unit_test.shop.m.u"])
    let entry = try #require(project.manifest.opaque[.unitTest]?[NodeID("unit_test.shop.m.u")]?.mapping)
    #expect(entry["description"] == "{{ var('team') }}")
    #expect(entry["config"]?.mapping?["tags"] == ["top", "skip"])
    #expect(entry["config"]?.mapping?["meta"] == ["team": "alpha"])
    #expect(entry["given"]?.list?.first?.mapping?["rows"] == [["id": "alpha"]])
    #expect(entry["expect"]?.mapping?["rows"] == [["id": "alpha"]])
    #expect(entry["overrides"]?.mapping?["vars"] == ["a": "alpha"])
  }

  @Test func namesThroughTheProjectsOwnMacros() async throws {
    let project = try await ParsedProject(
      """
      == macros/names.sql
      {% macro generate_schema_name(custom_schema_name, node) %}
        {{ custom_schema_name if custom_schema_name else 'own' }}_{{ node.resource_type }}
      {% endmacro %}
      {% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ node.name | upper }}{% endmacro %}
      == models/a.sql
      {{ config(schema='x') }} select 1
      == seeds/s.csv
      a
      1
      """)
    #expect(project.messages == "")
    #expect(
      project.node("model.shop.a")?.relation
        == RelationName(database: "db", schema: "x_model", identifier: "A"))
    #expect(
      project.node("seed.shop.s")?.relation
        == RelationName(database: "db", schema: "own_seed", identifier: "S"))
  }

  @Test func aFactReadsItsDimensions() async throws {
    let project = try await ParsedProject(
      """
      == models/dim_customer.sql
      select 1 as customer_id
      == models/fct_orders.sql
      select 1 as order_id, 2 as customer_id
      == models/s.yml
      models:
        - name: dim_customer
          config: {materialized: dimension, natural_key: customer_id}
        - name: fct_orders
          config:
            meta:
              whc: {grain: order_id, dimensions: [{to: dim_customer, key: customer_id}]}
            materialized: fact
      """)
    #expect(project.messages == "")
    let fact = try #require(project.node("model.shop.fct_orders"))
    #expect(fact.dependsOn == [NodeID("model.shop.dim_customer")])
    #expect(fact.config["grain"] == "order_id")
  }

  /// dbt leaves such a test among the nodes and turns it off.
  @Test func testsOfWhatIsOffAreOff() async throws {
    let project = try await ParsedProject(
      """
      == models/a.sql
      {{ config(enabled=false) }} select 1
      == models/s.yml
      models: [{name: a, columns: [{name: id, data_tests: [unique]}]}]
      """)
    #expect(project.messages == "")
    #expect(project.manifest.nodes.values.map(\.config.enabled) == [false])
    #expect(project.manifest.disabled.count == 1)
  }

  @Test func grantsAndHooksMerge() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      models:
        +grants: {select: [a]}
        +pre-hook: one
        +meta: {x: 1, y: 1}
        shop: {+meta: {y: 2}, +grants: {+select: b, insert: c}}
      == models/m.sql
      {{ config(pre_hook=['two', {'sql': 'three', 'transaction': false}], meta={'z': 3}) }} select 1
      """)
    let config = try #require(project.node("model.shop.m")?.config)
    #expect(config["grants"] == ["select": ["a", "b"], "insert": ["c"]])
    #expect(config["meta"] == ["x": 1, "y": 2, "z": 3])
    #expect(
      config["pre-hook"] == [
        ["sql": "one", "transaction": true, "index": nil], ["sql": "two", "transaction": true, "index": nil],
        ["sql": "three", "transaction": false, "index": nil],
      ])
  }

  /// A Python model cannot run, but its project can: it is a node with parents and a config.
  @Test func aPythonModelIsANode() async throws {
    let project = try await ParsedProject(
      """
      == models/base.sql
      select 1 as id
      == models/scores.py
      # dbt.ref("nothing") in a comment, "dbt.ref('nor this')" in a string
      def model(dbt, session):
          \"\"\"dbt.ref("nor that")\"\"\"
          dbt.config(
              materialized="incremental",  # why not
              tags=["a", "b"],
          )
          if dbt.config.get("limit", 5): pass
          return dbt.ref("base").join(dbt.ref('base'))
      == models/plain.py
      def model(dbt, session):
          return dbt.ref("scores")
      """)
    #expect(project.messages.isEmpty)
    let scores = try #require(project.node("model.shop.scores"))
    #expect(scores.language == "python")
    #expect(scores.refs.map(\.name) == ["base", "base"])
    #expect(scores.config.materialized == "incremental")
    #expect(scores.config.tags == ["a", "b"])
    #expect(scores.config["config_keys_used"] == .list([.string("limit")]))
    #expect(project.node("model.shop.plain")?.config.materialized == "table")
    #expect(project.node("model.shop.plain")?.dependsOn == [scores.id])
  }

  /// dbt notes every call that it renders; sources of a template that it only reads are noted once.
  @Test func repeatedReferencesStay() async throws {
    let project = try await ParsedProject(
      """
      == models/base.sql
      select 1 as id
      == models/sources.yml
      sources: [{name: raw, tables: [{name: t}]}]
      == models/read.sql
      {{ ref('base') }} {{ ref('base') }} {{ source('raw', 't') }} {{ source('raw', 't') }}
      == models/rendered.sql
      {% set x = 1 %}{{ ref('base') }} {{ ref('base') }} {{ source('raw', 't') }} {{ source('raw', 't') }}
      """)
    let read = try #require(project.node("model.shop.read"))
    let rendered = try #require(project.node("model.shop.rendered"))
    #expect([read.refs.count, read.sources.count] == [2, 1])
    #expect([rendered.refs.count, rendered.sources.count] == [2, 2])
  }

  /// `{%-` and `-%}` take the white space around a macro into its text, as the manifest shows it.
  @Test func aMacroOwnsTheSpaceItStrips() async throws {
    let project = try await ParsedProject(
      "== macros/m.sql\n-- one\n\n{%- macro a() -%} x {%- endmacro -%}\n\n{% macro b() %}y{% endmacro %}\n")
    #expect(
      project.manifest.macros[NodeID("macro.shop.a")]?.text
        == "\n\n{%- macro a() -%} x {%- endmacro -%}\n\n")
    #expect(project.manifest.macros[NodeID("macro.shop.b")]?.text == "{% macro b() %}y{% endmacro %}")
  }

  /// A project replaces a seed of a package: it turns that one off, and the package's properties are for its own.
  @Test func propertiesOfAReplacedNode() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      seeds: {lib: {exceptions: {+enabled: false}}}
      == seeds/exceptions.csv
      id
      1
      == dbt_packages/lib/dbt_project.yml
      name: lib
      == dbt_packages/lib/seeds/exceptions.csv
      id
      2
      == dbt_packages/lib/seeds/seeds.yml
      seeds: [{name: exceptions, config: {column_types: {id: varchar}}}]
      """)
    let seed = try #require(project.node("seed.shop.exceptions"))
    #expect(seed.config["column_types"]?.mapping?["id"] == "varchar")
  }

  /// What packages read in the manifest beside nodes: dbt's forms of dates, groups, hooks and metrics.
  @Test func lesserKeysOfTheManifest() async throws {
    let project = try await ParsedProject(
      """
      == dbt_project.yml
      name: shop
      flags: {validate_macro_args: true}
      on-run-end: ["select 1", "select 2"]
      models: {+materialized: table}
      == macros/m.sql
      {% macro cents(amount, places=2) %}{{ amount }}{% endmacro %}
      == models/days.sql
      select 1
      == models/s.yml
      groups: [{name: sales, owner: {name: Sales}}]
      semantic_models:
        - name: days
          model: ref('days')
          config: {meta: {team: x}}
          primary_entity: a_day
          defaults: {agg_time_dimension: begun}
          dimensions: [{name: begun, type: time, type_params: {time_granularity: day}}]
          measures: [{name: count, agg: sum, create_metric: true}, {name: hidden, agg: sum}]
      exposures:
        - {name: board, type: dashboard, owner: {name: A}, config: {tags: [x]}}
      models:
        - name: days
          deprecation_date: 2030-01-31 12:30:00-0230
          columns: [{name: day, granularity: day}]
          time_spine: {standard_granularity_column: day}
          description: >
            No newline after
            a file's end
      """)
    #expect(project.messages == "")
    let days = try #require(project.node("model.shop.days"))
    #expect(days.deprecationDate == "2030-01-31T12:30:00-02:30")
    #expect(days.timeSpine == ["standard_granularity_column": "day", "custom_granularities": []])
    #expect(days.description == "No newline after a file's end")
    #expect(project.node("operation.shop.shop-on-run-end-1")?.hookIndex == 2)
    #expect(
      project.manifest.macros[NodeID("macro.shop.cents")]?.arguments.map { $0.mapping?["name"] }
        == ["amount", "places"])
    #expect(project.manifest.groups[NodeID("group.shop.sales")]?.config["materialized"] == "table")
    #expect(project.manifest.exposures[NodeID("exposure.shop.board")]?.unrenderedConfig == ["tags": ["x"]])
    let metrics = try #require(project.manifest.opaque[.metric])
    #expect(metrics.keys.map(\.rawValue) == ["metric.shop.count"])
    let metric = metrics.values[0].mapping
    #expect(metric?["description"] == "Metric created from measure count")
    #expect(metric?["meta"] == ["team": "x"])
    #expect(metric?["depends_on"]?.mapping?["nodes"] == ["semantic_model.shop.days"])
  }
}
