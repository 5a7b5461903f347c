import Diagnostics
import Testing

@testable import Commands

/// `--warn-error` and `--warn-error-options`, with dbt's words and our own.
@Suite struct WarningPolicyTests {
  private static let found = [
    "nothing-selected", "no-node-for-properties", "deprecated-key", "template-warning",
  ]

  /// The severities that the warnings in `found` get: w, e, or - for one that is not told.
  private static func weigh(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let flags = Flags(try GlobalOptions.parse(arguments), environment: environment, folder: "/nowhere")
    let policy = try WarningPolicy(flags)
    return found.map { code in
      switch policy.weigh([Diagnostic(DiagnosticCode(rawValue: code), severity: .warning, "")]).first?
        .severity
      {
      case .error?: "e"
      case .warning?: "w"
      default: "-"
      }
    }.joined()
  }

  @Test(arguments: [
    ([], "wwww"), (["--warn-error"], "eeee"), (["--warn-error-options", "{error: all}"], "eeee"),
    (["--warn-error-options", "{include: '*', exclude: [NoNodesForSelectionCriteria]}"], "weee"),
    (["--warn-error-options", "{error: [NoNodeForYamlKey]}"], "weww"),
    (["--warn-error-options", "{error: all, warn: [Deprecations], silence: [JinjaLogWarning]}"], "eew-"),
    (["--warn-error-options", "{silence: [nothing-selected]}"], "-www"),
  ])
  func weighs(arguments: [String], expected: String) throws {
    #expect(try Self.weigh(arguments) == expected)
  }

  @Test func readsTheEnvironment() throws {
    #expect(try Self.weigh([], environment: ["DBT_WARN_ERROR": "true"]) == "eeee")
    #expect(
      try Self.weigh([], environment: ["DBT_ENGINE_WARN_ERROR_OPTIONS": "{error: [NoNodeForYamlKey]}"])
        == "weww")
  }

  @Test func wrongFlagsAreTold() throws {
    func problems(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String] {
      Flags(try GlobalOptions.parse(arguments), environment: environment, folder: "/nowhere").problems
        .map(\.summary)
    }
    #expect(try problems(["--warn-error", "--warn-error-options", "{error: all}"]).count == 1)
    #expect(
      try problems([], ["DBT_FAIL_FAST": "perhaps"]) == [
        "the environment variable DBT_FAIL_FAST is 'perhaps', which is not a boolean"
      ])
    #expect(
      try problems(["--indirect-selection", "eagre"]) == [
        "'eagre' is no value of --indirect-selection; did you mean 'eager'?"
      ])
    #expect(try problems([], ["DBT_LOG_FORMAT": "xml"]).count == 1)
    #expect(try problems([], ["DBT_LOG_FORMAT": "JSON", "DBT_DEFER": "1"]).isEmpty)
  }
}
