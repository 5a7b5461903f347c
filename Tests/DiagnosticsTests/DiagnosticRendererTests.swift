import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite struct DiagnosticRendererTests {
  private static let files: [String: String] = [
    "models/marts/fct_orders.sql": """
    {{ config(materialized='table') }}

    -- orders with their customers
    -- one row an order

    select o.order_id, c.customer_key
    from {{ ref('stg_order') }} o
    join {{ ref('dim_customer') }} c using (customer_id)
    where o.status <> 'cancelled'
    """,
    "models/tabs.sql": "\tselect\ta,\t{{ ref('b') }}\n",
    "models/wide.sql": "select '日本語', {{ ref('b') }} -- naïve\n",
    "models/long.sql":
      "select " + (1...60).map { "column_\($0)" }.joined(separator: ", ") + ", {{ ref('missing') }}, "
      + (61...90).map { "column_\($0)" }.joined(separator: ", ") + "\n",
    "models/other.sql": "select 1\nfrom {{ ref('fct_orders') }}\n",
    "macros/m.sql": "{% macro inner() %}\n{{ nope }}\n{% endmacro %}\n",
  ]

  private static let cases: [(name: String, diagnostic: Diagnostic)] = [
    (
      "one-place",
      Diagnostic(
        "unknown-ref", "model 'stg_order' is not in this project; did you mean 'stg_orders'?",
        at: SourceSpan(file: "models/marts/fct_orders.sql", line: 7, column: 13, length: 11),
        label: "no model, seed or snapshot has this name",
        help: "'whc ls --select \"stg_*\"' lists the 6 models that begin with stg_")
    ),
    (
      "several-places",
      Diagnostic(
        "cycle", "models read each other in a circle: fct_orders → other → fct_orders",
        at: SourceSpan(file: "models/marts/fct_orders.sql", line: 7, column: 13, length: 11),
        label: "'fct_orders' reads 'other'",
        secondary: [
          .init(
            span: SourceSpan(file: "models/other.sql", line: 2, column: 9, length: 17),
            text: "'other' reads 'fct_orders'"),
          .init(
            span: SourceSpan(file: "models/marts/fct_orders.sql", line: 1, column: 4, length: 6),
            text: "set here"),
        ])
    ),
    (
      "several-lines",
      Diagnostic(
        "bad-sql", severity: .warning, "this goes over lines",
        at: SourceSpan(
          file: "models/marts/fct_orders.sql", start: SourcePosition(line: 6, column: 8),
          end: SourcePosition(line: 9, column: 6)), label: "all of this")
    ),
    (
      "tabs",
      Diagnostic(
        "unknown-ref", "after tabs", at: SourceSpan(file: "models/tabs.sql", line: 1, column: 16, length: 3),
        label: "here")
    ),
    (
      "wide-text",
      Diagnostic(
        "unknown-ref", "after wide characters",
        at: SourceSpan(file: "models/wide.sql", line: 1, column: 24, length: 8), label: "here")
    ),
    (
      "long-line",
      Diagnostic(
        "unknown-ref", "far to the right",
        at: SourceSpan(file: "models/long.sql", line: 1, column: 668, length: 9), label: "here")
    ),
    (
      "stack-and-sql",
      Diagnostic(
        "database-error", "column \"nope\" does not exist",
        at: SourceSpan(file: "macros/m.sql", line: 2, column: 4, length: 4), label: "the server stopped here",
        stack: [
          .init(name: "macro inner", span: SourceSpan(file: "macros/m.sql", line: 2, column: 1)),
          .init(name: "model fct_orders", span: nil),
        ],
        notes: ["SQLSTATE 42703", "a note\nof two lines"], help: "select a column that is there",
        statement: "select nope\nfrom t\tas x\n")
    ),
    (
      "no-file",
      Diagnostic(
        "no-project", "there is no dbt_project.yml in /somewhere",
        help: "change into a project's folder")
    ),
    (
      "unreadable-file",
      Diagnostic(
        "unknown-ref", "the file is gone", at: SourceSpan(file: "models/gone.sql", line: 3, column: 1),
        label: "it was here")
    ),
    (
      "behind-the-end",
      Diagnostic(
        "bad-jinja", "the block is not closed", at: SourceSpan(file: "models/other.sql", line: 2, column: 90),
        label: "ends here")
    ),
  ]

  @Test(arguments: [false, true]) func frames(colors: Bool) {
    let renderer = DiagnosticRenderer(colors: colors, codeWidth: 100) {
      Self.files[$0].map { SourceText($0) }
    }
    let text = Self.cases.map { "# \($0.name)\n" + renderer.render($0.diagnostic) }.joined(separator: "\n")
    let shown = colors ? text.replacingOccurrences(of: "\u{1B}", with: "␛") : text
    let name = colors ? "frames-coloured.txt" : "frames.txt"
    #expect(Golden.mismatch(shown, file: goldens.appendingPathComponent(name)) == nil)
  }

  @Test func json() {
    let text = Self.cases.map { $0.diagnostic.json + "\n" }.joined()
    #expect(Golden.mismatch(text, file: goldens.appendingPathComponent("diagnostics.jsonl")) == nil)
    for line in text.split(separator: "\n") {
      #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any])
    }
  }

  @Test func sentencesAreBrokenBetweenWordsWhereTheTerminalIsNarrow() {
    var renderer = DiagnosticRenderer(colors: false) { _ in nil }
    renderer.textWidth = 40
    let diagnostic = Diagnostic(
      "name-too-long",
      "the name 'a_table_with_a_very_long_name_indeed_yes' of 日本語 is too long for the server",
      notes: [
        "a note that has to go over two lines as well", "one |  two\nlaid out,  as it is, whatever its width",
      ],
      help: "shorten it")
    #expect(
      renderer.render(diagnostic) == """
        error[name-too-long]: the name
          'a_table_with_a_very_long_name_indeed_yes'
          of 日本語 is too long for the server
          note: a note that has to go over two
                lines as well
          note: one |  two
                laid out,  as it is, whatever its width
          help: shorten it

        """)
  }

  @Test func carriageReturnsAndEscapesDoNotReachTheTerminal() {
    let span = SourceSpan(file: "a.sql", line: 1, column: 1, length: 6)
    let renderer = DiagnosticRenderer(colors: false) { _ in SourceText("select\u{1B}[31m 1\r\nfrom t\r\n") }
    let text = renderer.render(Diagnostic("x", "y", at: span))
    #expect(!text.contains("\u{1B}"))
    #expect(!text.contains("\r"))
  }

  private let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Goldens")
}
