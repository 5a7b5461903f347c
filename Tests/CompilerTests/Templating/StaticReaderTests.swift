import ProjectModel
import Testing

@testable import Compiler

/// What a template says of itself must be the same whether it is read or rendered.
@Suite struct StaticReaderTests {
  static let templates = [
    "select * from {{ ref('a') }} join {{ ref('tools', 'b') }} using (id)",
    "{{ config(materialized='table', tags=['x', 'y'], meta={'owner': 'me'}, post_hook='grant {{ 1 }}') }} select 1",
    "{{ config({'materialized': 'incremental', 'unique_key': ['a', 'b']}) }}{{ config(tags='z') }} select 1",
    "select {{ var('region') }}, {{ var('none', 3) }} from {{ source('raw', 'orders') }}",
    "select '{{ env_var('HOME_TOWN') }}' from {{ ref('a', v=2) }} where '{{ env_var('MISSING', 'x') }}' = 'y'",
    "{% set x = ref('a') %}select * from {{ x }}",
    "select * from {{ this }} {% if is_incremental() %} where x > (select max(x) from {{ this }}) {% endif %}",
    "select {{ target.name }} -- {{ ref('a') }}",
  ]

  @Test(arguments: templates)
  func readingIsRendering(template: String) throws {
    let read = try parse(template)
    // An overridden builtin that changes nothing sends the same template through the renderer.
    let rendered = try parse(template + "{{ '' if false else '' }}")
    #expect(read.isStatic)
    #expect(!rendered.isStatic)
    #expect(read.refs.map(\.name) == rendered.refs.map(\.name))
    #expect(read.refs.map(\.package) == rendered.refs.map(\.package))
    #expect(read.refs.map(\.version) == rendered.refs.map(\.version))
    #expect(read.refs.map(\.span) == rendered.refs.map(\.span))
    #expect(read.sources == rendered.sources)
    #expect(read.config == rendered.config)
    #expect(read.macros == rendered.macros)
    #expect(read.introspects == rendered.introspects)
  }

  @Test(arguments: [
    "{{ ref(name) }}", "{% for x in [1] %}{{ ref('a') }}{% endfor %}", "{{ my_macro() }}",
    "{{ ref('a') ~ 'x' }}",
  ])
  func whatIsNotLiteralIsRendered(template: String) throws {
    let engine = Fixture.engine(macros: ["macros/m.sql": "{% macro my_macro() %}{% endmacro %}"])
    var source = TemplateSource(
      text: template, file: "models/m.sql", resourceType: .model, packageName: "shop", name: "m")
    source.text = template.replacing("{{ ref(name) }}", with: "{% set name = 'a' %}{{ ref(name) }}")
    #expect(try !engine.parse(source).isStatic)
  }

  @Test func anOverriddenNameIsNotTakenForTheContextsOwn() throws {
    let engine = Fixture.engine(macros: [
      "macros/ref.sql": "{% macro ref(name) %}{{ return(builtins.ref('prefixed_' ~ name)) }}{% endmacro %}"
    ])
    let parsed = try engine.parse(
      TemplateSource(
        text: "select * from {{ ref('a') }}", file: "models/m.sql", resourceType: .model, packageName: "shop",
        name: "m"))
    #expect(parsed.refs.map(\.name) == ["prefixed_a"])
    #expect(parsed.macros.map(\.rawValue) == ["macro.shop.ref"])
  }

  private func parse(_ text: String) throws -> ParsedTemplate {
    try Fixture.engine { $0.environment = ["HOME_TOWN": "Ulm"] }.parse(
      TemplateSource(text: text, file: "models/m.sql", resourceType: .model, packageName: "shop", name: "m"))
  }
}
