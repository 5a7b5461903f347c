import Foundation
import Jinja
import Testing

/// What the host sees of a render: source map, macros as values, returns, limits, native values.
@Suite struct InterpreterTests {
  private func parse(_ text: String, _ name: String = "model") throws -> Template {
    try Template(parsing: text, name: name, syntax: Environment.dbt.syntax)
  }

  @Test func mapsOutputBackThroughMacros() throws {
    let library = try parse("{% macro column(name) %}cast({{ name }} as int){% endmacro %}", "macros.sql")
    let interpreter = Interpreter(environment: .dbt)
    interpreter.globals["column"] = interpreter.macro(library.macros[0], of: library)
    let model = try parse("select\n  {{ column('id') }}\nfrom t")
    let rendered = try interpreter.render(model)
    #expect(rendered.text == "select\n  cast(id as int)\nfrom t")
    let inMacro = rendered.sourceMap.origin(of: 9)
    #expect(inMacro?.template == "macros.sql")
    #expect(inMacro?.column == 25)
    #expect(rendered.sourceMap.call(of: 9)?.line == 2)
    #expect(rendered.sourceMap.call(of: 9)?.template == "model")
    #expect(rendered.sourceMap.origin(of: rendered.output.count - 1)?.line == 3)
    #expect(rendered.sourceMap.origin(of: rendered.output.count - 1)?.column == 6)
  }

  @Test func returnsValuesFromMacros() throws {
    let library = try parse("{% macro twice(x) %}text{{ return([x, x]) }}never{% endmacro %}", "macros.sql")
    let interpreter = Interpreter(environment: .dbt)
    interpreter.globals["return"] = .function("return") { arguments, context in
      throw context.returning(arguments.positional.first ?? .none)
    }
    let macro = interpreter.macro(library.macros[0], of: library)
    #expect(try interpreter.call(macro, Arguments([.int(4)])).representation() == "[4, 4]")
  }

  @Test func namesPlaceAndStackOfAnError() throws {
    let library = try parse("{% macro fail() %}\n  {{ 1 / 0 }}\n{% endmacro %}", "macros.sql")
    let interpreter = Interpreter(environment: .dbt)
    interpreter.globals["fail"] = interpreter.macro(library.macros[0], of: library)
    let model = try parse("\n\n{{ fail() }}")
    let error = try #require(throws: TemplateError.self) { try interpreter.render(model) }
    #expect(error.kind == .zeroDivision)
    #expect(error.location?.template == "macros.sql")
    #expect(error.location?.line == 2)
    #expect(error.stack.map(\.macro) == ["fail"])
    #expect(error.stack.first?.call.line == 3)
  }

  @Test func carriesErrorsOfTheHost() throws {
    struct Refused: Error {}
    let interpreter = Interpreter(environment: .dbt)
    interpreter.globals["ref"] = .function("ref") { _, _ in throw Refused() }
    let model = try parse("select\n{{ ref('x') }}")
    let error = try #require(throws: TemplateError.self) { try interpreter.render(model) }
    #expect(error.underlying is Refused)
    #expect(error.line == 2)
  }

  @Test func endlessRecursionIsAnError() throws {
    let library = try parse("{% macro again() %}{{ again() }}{% endmacro %}", "macros.sql")
    let interpreter = Interpreter(environment: .dbt)
    interpreter.globals["again"] = interpreter.macro(library.macros[0], of: library)
    let model = try parse("{{ again() }}")
    let error = try #require(throws: TemplateError.self) { try interpreter.render(model) }
    #expect(error.kind == .recursion)
  }

  @Test func deepNestingIsAnError() {
    let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
    let chain = Array(repeating: "1", count: 5000).joined(separator: " + ")
    for text in ["{{ \(deep) }}", "{{ \(chain) }}", String(repeating: "{% if 1 %}", count: 5000)] {
      #expect(throws: TemplateError.self) { try Template(parsing: text, name: "deep") }
    }
  }

  @Test(arguments: [
    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "{% macro m(n) %}{% if n %}{% call m(n) %}x{% endcall %}{% endif %}{% endmacro %}{{ m(1) }}",
    "{% for x in [[1]] recursive %}{{ loop([x]) }}{% endfor %}",
    "{% set ns = namespace(l=[]) %}{% for i in range(9000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set l = [] %}{% do l.append({'l': l}) %}{{ l | tojson }}",
    "{{ " + String(repeating: "(", count: 3000) + "1" + String(repeating: ")", count: 3000) + " }}",
  ])
  func aSmallStackIsEnoughForACleanError(_ text: String) async {
    let answer = await withCheckedContinuation { continuation in
      let thread = Thread {
        let request = "{\"template\": \"\(text)\"}"
        continuation.resume(
          returning: String(decoding: Workbench().render(line: Array(request.utf8)), as: UTF8.self))
      }
      thread.stackSize = 512 * 1024
      thread.start()
    }
    #expect(answer.hasPrefix("{\"error\": "))
  }

  @Test(arguments: [
    ("{{ x }}", "[1]"), ("{{ x }} ", "'[1] '"), ("{{ '5' | as_number }}", "5"),
    ("{{ n | as_number }}", "5"),
    ("{{ n | as_text }}", "'5'"), ("{{ l | as_native }}", "[1, 'a']"), ("{{ t | as_bool }}", "True"),
    ("", "''"), ("{{ 1 }}", "'1'"), ("{{ true | as_bool }}", "True"), ("{{ [1] | as_native }}", "[1]"),
    ("{{ ['5' | as_number] }}", "['5']"), ("{{ ('5' | as_number) | upper }}", "'5'"),
    ("{% if x -%} {{ true | as_bool }} {%- else -%} {{ false | as_bool }} {%- endif -%}\n", "True"),
    ("{{ 'a' in ['a', 'b'] | as_bool }}", "'True'"), ("{{ not ('False' | as_bool) }}", "'False'"),
  ])
  func nativeRenderingKeepsTypes(_ text: String, _ expected: String) throws {
    let interpreter = Interpreter(environment: .dbtNative)
    let template = try Template(parsing: text, name: "yaml", syntax: Environment.dbtNative.syntax)
    let context: [String: Value] = [
      "x": .list([.int(1)]), "n": .string("5"), "l": .string("[1, 'a']"), "t": .string("True"),
    ]
    #expect(try interpreter.renderNative(template, context: context).representation() == expected)
  }

  @Test func unknownNamesStayUnknownWhileDbtParses() throws {
    let interpreter = Interpreter(environment: .dbtParsing)
    let model = try parse("a{{ x.y('z')[0].w }}b")
    #expect(try interpreter.render(model).text == "ab")
  }

  @Test func extensionTagsDefineMacros() throws {
    let text = """
      {% materialization thing, adapter='postgres' %}x{% endmaterialization %}
      {% materialization other, default %}x{% endmaterialization %}
      {% test positive(model, column_name) %}x{% endtest %}
      {% docs about %}x{% enddocs %}
      """
    #expect(
      try parse(text).macros.map(\.name) == [
        "materialization_thing_postgres", "materialization_other_default", "test_positive", "docs_about",
      ])
  }

  @Test func scannerFindsTopLevelBlocks() throws {
    let text = """
      {# {% macro no() %} #}{% raw %}{% macro no() %}{% endraw %}
      {% macro one(a='%}') %}{{ "{% endmacro %}" }}{% endmacro %}
      {%- test two(model) -%}select{%- endtest -%}
      """
    let blocks = try TemplateScanner.blocks(in: Array(text.utf8))
    #expect(blocks.map(\.name) == ["one", "two"])
    let bytes = Array(text.utf8)
    #expect(
      String(decoding: bytes[blocks[1].range], as: UTF8.self)
        == "{%- test two(model) -%}select{%- endtest -%}")
    #expect(String(decoding: bytes[blocks[1].content], as: UTF8.self) == "select")
  }

  @Test func inheritsAndIncludes() throws {
    let base = try parse("<{% block body %}base{% endblock %}>", "base")
    let child = try parse("{% extends 'base' %}lost{% block body %}[{{ super() }}]{% endblock %}", "child")
    let part = try parse("part {{ x }}", "part")
    let library = try parse("{% macro hi(n) %}hi {{ n }}{% endmacro %}{% set v = 3 %}", "library")
    var environment = Environment.dbt
    environment.loader = DictionaryLoader([base, child, part, library])
    let interpreter = Interpreter(environment: environment)
    #expect(try interpreter.render(child).text == "<[base]>")
    let model = try parse(
      "{% set x = 1 %}{% include 'part' %}|{% import 'library' as m %}{{ m.hi('a') }}{{ m.v }}"
        + "|{% from 'library' import hi as h %}{{ h('b') }}")
    #expect(try interpreter.render(model).text == "part 1|hi a3|hi b")
  }
}
