import Diagnostics
import ProjectModel
import Testing

@testable import Compiler

@Suite struct YAMLRendererTests {
  let renderer = YAMLRenderer(
    .properties(package: "shop"), cliVars: ["limit": 5],
    environment: ["PORT": "5432", "FLAG": "True", "DBT_ENV_SECRET_KEY": "s"],
    target: ["name": "dev"], vars: ["days": [1, 2], "limit": 1])

  static let cases: [(String, PlainValue)] = [
    ("plain", "plain"), ("1", "1"), ("{{ env_var('PORT') }}", "5432"),
    ("{{ env_var('PORT') | as_number }}", 5432),
    ("{{ env_var('PORT') | int }}", 5432), ("{{ var('days') }}", [1, 2]), ("{{ var('limit') }}", 5),
    ("{{ target.name == 'dev' }}", true), ("{{ env_var('FLAG') | as_bool }}", true),
    ("{{ target.name in ['dev', 'ci'] | as_bool }}", true), ("{{ target.name in ['ci'] | as_bool }}", false),
    ("{{ 'True' | as_bool }}", true), ("x{{ 1 }}", "x1"),
    ("{{ env_var('MISSING', 'there') }}", "there"), ("{{ var('none', 3) }}", 3),
  ]

  @Test(arguments: cases)
  func stringsBecomeValues(text: String, value: PlainValue) throws {
    #expect(try renderer.render(text) == value)
  }

  @Test(arguments: [
    ("{{ env_var('MISSING') }}", "missing-env-var"),
    ("{{ env_var('DBT_ENV_SECRET_KEY') }}", "secret-env-var"),
    ("{{ var('none') }}", "unknown-var"), ("{{ 1 + }}", "bad-jinja"),
    ("{{ env_var('FLAG') | as_number }}", "template-error"), ("{{ 'true' | as_bool }}", "template-error"),
  ])
  func whatCannotBeRenderedHasItsCode(text: String, code: String) {
    let span = SourceSpan(file: "models/schema.yml", line: 3, column: 5)
    let diagnostic = Fixture.failure { () throws(DiagnosticsError) in _ = try renderer.render(text, at: span)
    }
    #expect(diagnostic?.code.rawValue == code)
    #expect(diagnostic?.span == span)
  }

  @Test func secretsStayWhereTheyMay() throws {
    let secrets = YAMLRenderer(.secrets, environment: ["DBT_ENV_SECRET_KEY": "s"])
    #expect(try secrets.render("{{ env_var('DBT_ENV_SECRET_KEY') }}") == "s")
  }

  @Test func descriptionsTakeDocs() throws {
    let text = try renderer.renderDescription("see {{ doc('tools', 'unit') }}") { package, name in
      "\(package ?? "-").\(name)"
    }
    #expect(text == "see tools.unit")
  }
}
