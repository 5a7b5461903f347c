import Diagnostics
import TestSupport
import Testing

/// What a user sees of mistakes that the parse stage finds.
@Suite struct ParsingMistakesTests {
  private static let cases: [(name: String, codes: [String], files: String)] = [
    (
      "unknown-ref", ["unknown-ref"],
      """
      == models/stg_orders.sql
      select 1
      == models/stg_items.sql
      select 1
      == models/fct_orders.sql

      select o.order_id
      from {{ ref('stg_order') }} o
      """
    ),
    (
      "spaces-and-spines", ["bad-value", "bad-value", "bad-value", "bad-name"],
      """
      == models/days.sql
      select 1
      == models/s.yml
      models:
        - name: days
          deprecation_date: soon
          columns:
            - name: day
              data_tests: [{not_null: {name: day is there}}]
          time_spine:
            standard_granularity_column: day
            custom_granularities: [{name: week}]
      """
    ),
    (
      "macro-arguments", ["macro-arguments", "macro-arguments", "macro-arguments"],
      """
      == dbt_project.yml
      name: shop
      flags: {validate_macro_args: true}
      == macros/m.sql
      {% macro cents(amount, places=2) %}{{ amount }}{% endmacro %}
      == macros/m.yml
      macros:
        - name: cents
          arguments:
            - {name: amounts, type: "dict[str, list[any]]"}
            - {name: places, type: number}
            - {name: more, type: "optional[ int ]"}
      """
    ),
    (
      "unknown-version", ["unknown-ref"],
      """
      == models/dim_v1.sql
      select 1
      == models/a.sql
      select * from {{ ref('dim', v=3) }}
      == models/s.yml
      models: [{name: dim, versions: [{v: 1}]}]
      """
    ),
    (
      "unknown-source", ["unknown-source", "unknown-source"],
      """
      == models/a.sql
      select * from {{ source('raw', 'order') }} join {{ source('rwa', 'orders') }} using (id)
      == models/s.yml
      sources: [{name: raw, tables: [{name: orders}, {name: customers}]}]
      """
    ),
    (
      "disabled-ref", ["disabled-ref"],
      """
      == models/a.sql
      {{ config(enabled=false) }} select 1
      == models/b.sql
      select * from {{ ref('a') }}
      """
    ),
    (
      "cycle", ["cycle"],
      """
      == models/a.sql
      select * from {{ ref('c') }}
      == models/b.sql
      select * from {{ ref('a') }}
      == models/c.sql
      select 1
      union all
      select * from {{ ref('b') }}
      """
    ),
    ("reads-itself", ["cycle"], "== models/a.sql\nselect * from {{ ref('a') }}\n"),
    (
      "duplicate-name", ["duplicate-name"],
      "== models/x/a.sql\nselect 1\n== models/y/a.sql\nselect 2\n"
    ),
    (
      "duplicate-macro", ["duplicate-name"],
      "== macros/a.sql\n{% macro m() %}{% endmacro %}\n== macros/b.sql\n\n{% macro m() %}{% endmacro %}\n"
    ),
    (
      "duplicate-properties", ["duplicate-name"],
      "== models/a.sql\nselect 1\n== models/x.yml\nmodels: [{name: a}]\n== models/y.yml\nmodels:\n  - name: a\n"
    ),
    (
      "duplicate-relation", ["duplicate-relation"],
      "== models/a.sql\nselect 1\n== models/b.sql\n{{ config(\n  alias='a') }} select 2\n"
    ),
    (
      "bad-config-values", ["bad-value", "bad-value"],
      """
      == models/a.sql
      {{ config(materialized='tabel', enabled='yes') }} select 1
      == models/b.sql
      select 1
      == models/s.yml
      models:
        - name: b
          config:
            on_schema_change: append_new_column
      """
    ),
    (
      "name-too-long", ["name-too-long"],
      "== models/\(String(repeating: "a_long_name_", count: 6)).sql\nselect 1\n"
    ),
    (
      "unknown-keys", ["unknown-key", "unknown-key", "unknown-key", "unknown-key", "unknown-key"],
      """
      == models/a.sql
      select 1
      == models/s.yml
      version: 2
      modles: []
      models:
        - name: a
          descripton: x
          tags: [x]
          config: {materialised: table}
          columns:
            - {name: id, test: [unique]}
      """
    ),
    (
      "properties-of-nothing", ["no-node-for-properties", "wrong-section"],
      """
      == models/orders.sql
      select 1
      == seeds/s.csv
      a
      1
      == models/s.yml
      models:
        - name: order
        - name: s
      """
    ),
    (
      "bad-tests", ["unknown-test", "bad-value", "bad-value", "bad-value"],
      """
      == models/a.sql
      select 1
      == models/s.yml
      models:
        - name: a
          columns:
            - name: id
              data_tests:
                - uniqe
                - not_null:
                  config: {severity: warn}
                - accepted_values: [a, b]
                - 3
      """
    ),
    (
      "unused-config", ["unused-config"],
      """
      == dbt_project.yml
      name: shop
      models:
        shop:
          stagging: {+materialized: table}
      == models/staging/a.sql
      select 1
      """
    ),
    (
      "bad-jinja", ["*"],
      "== models/a.sql\nselect 1\nfrom {{ ref('x' }}\n"
    ),
    (
      "unclosed-snapshot", ["bad-jinja"],
      "== snapshots/a.sql\n\n{% snapshot a %}\nselect 1\n"
    ),
    (
      "private-model", ["forbidden-ref"],
      """
      == models/a.sql
      select 1
      == models/b.sql
      select * from {{ ref('a') }}
      == models/s.yml
      groups: [{name: finance, owner: {name: x}}]
      models: [{name: a, config: {group: finance, access: private}}]
      """
    ),
    (
      "unclear-unit-tests", ["bad-unit-test", "bad-unit-test", "bad-value"],
      """
      == models/a_v1.sql
      select 1 as id
      == models/a_v2.sql
      select 1 as id
      == tests/fixtures/one/rows.csv
      id
      1
      == tests/fixtures/two/rows.csv
      id
      2
      == models/s.yml
      sources: [{name: raw, config: {enabled: sometimes}, tables: [{name: orders}]}]
      models: [{name: a, versions: [{v: 1}, {v: 2}]}]
      unit_tests:
        - name: both_ways
          model: a
          versions: {include: [1], exclude: [2]}
          given: []
          expect: {rows: [{id: 1}]}
        - name: two_fixtures
          model: a
          given: []
          expect: {format: csv, fixture: rows}
      """
    ),
    (
      "missing-environment", ["*"],
      """
      == models/a.sql
      select '{{ env_var("NOT_THERE") }}'
      """
    ),
    (
      "not-a-list", ["bad-value", "bad-value"],
      "== models/s.yml\nmodels: {name: a}\nseeds:\n  - description: x\n"
    ),
  ]

  /// What dbt refuses before a run, by the codes of what is said.
  private static let refusals: [(codes: [String], files: String)] = [
    (
      ["forbidden-ref", "forbidden-ref", "forbidden-ref"],
      """
      == models/a.sql
      select 1
      == models/loner.sql
      select 1
      == models/b.sql
      select * from {{ ref('loner') }}
      == tests/a_holds.sql
      select * from {{ ref('a') }} where false
      == models/s.yml
      groups: [{name: finance, owner: {name: x}}]
      models:
        - {name: a, config: {group: finance, access: private}}
        - {name: loner, config: {access: private}}
      exposures:
        - {name: page, type: dashboard, owner: {name: x, email: x@y.z}, depends_on: [ref('a')]}
      """
    ),
    (
      ["bad-value"],
      """
      == models/a.sql
      {{ config(materialized='ephemeral', access='public') }} select 1
      """
    ),
    (
      ["bad-contract", "bad-contract", "bad-value", "bad-value", "bad-value", "unsupported-constraint"],
      """
      == models/no_columns.sql
      {{ config(materialized='table') }} select 1
      == models/two_keys.sql
      {{ config(materialized='table') }} select 1
      == models/adrift.sql
      {{ config(materialized='incremental') }} select 1
      == models/to_nowhere.sql
      select 1
      == models/seen.sql
      select 1 as id
      == models/odd.sql
      select 1
      == models/s.yml
      models:
        - {name: no_columns, config: {contract: {enforced: true}}}
        - name: two_keys
          constraints: [{type: primary_key, columns: [a, b]}]
          columns:
            - {name: a, constraints: [{type: primary_key}]}
            - {name: b, constraints: [{type: primary_key}]}
        - name: adrift
          config: {contract: {enforced: true}}
          columns: [{name: a, data_type: int}]
        - name: to_nowhere
          constraints: [{type: foreign_key, columns: [a], to: seen, to_columns: [id]}]
        - name: seen
          config: {contract: {enforced: true}}
          columns: [{name: id, data_type: int, constraints: [{type: not_null}]}]
        - name: odd
          columns: [{name: a, constraints: [{type: nonull}]}]
      """
    ),
    (
      ["bad-value"],
      """
      == dbt_project.yml
      name: shop
      models:
        shop:
          staging: {+docs: {node_color: '#aabbcg'}}
          marts: {+docs: {node_color: Teal}}
      == models/staging/a.sql
      select 1
      == models/marts/b.sql
      select 1
      """
    ),
    (
      ["duplicate-name"],
      """
      == models/x/a.sql
      {{ config(enabled=false) }} select 1
      == models/y/a.sql
      {{ config(enabled=false) }} select 2
      == models/s.yml
      models: [{name: a, config: {enabled: true}}]
      """
    ),
  ]

  @Test(arguments: refusals.indices) func isRefused(index: Int) async throws {
    let (codes, files) = Self.refusals[index]
    let project = try await ParsedProject(files)
    #expect(project.diagnostics.map(\.code.rawValue).sorted() == codes)
  }

  @Test(arguments: cases.indices) func message(index: Int) async throws {
    let (name, codes, files) = Self.cases[index]
    let project = try await ParsedProject(files)
    if codes != ["*"] { #expect(project.diagnostics.map(\.code.rawValue).sorted() == codes.sorted()) }
    #expect(!project.diagnostics.isEmpty)
    #expect(Golden.mismatch(project.messages, file: ParsingGolden.file("mistake-\(name).txt")) == nil)
  }
}
