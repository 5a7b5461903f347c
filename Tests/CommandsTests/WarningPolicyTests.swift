import Diagnostics
import ProjectModel
import Testing

@testable import Commands

/// `--warn-error` and `--warn-error-options`, with dbt's words and our own.
@Suite struct WarningPolicyTests {
  private static let found = [
    "nothing-selected", "no-node-for-properties", "duplicate-key", "template-warning",
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

  @Test(arguments: ["{include: all, error: [JinjaLogWarning]}", "{exclude: [A], warn: [B]}"])
  func oldAndNewWordsExcludeEachOther(options: String) {
    #expect(throws: DiagnosticsError.self) { try Self.weigh(["--warn-error-options", options]) }
  }

  @Test func emptyOptionsAreNone() throws {
    #expect(try Self.weigh(["--warn-error-options", "{error: null, include: [], warn: null}"]) == "wwww")
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

  @Test(arguments: [
    ("{error: [Nonsense]}", "Nonsense is not a valid dbt error name"),
    (
      "{error: [NoNodeForYamlKe]}",
      "NoNodeForYamlKe is not a valid dbt error name; did you mean 'NoNodeForYamlKey'?"
    ),
    ("{error: nope}", "'error' of warn_error_options is all, *, or a list of names"),
    ("{include: all, error: all}", "only 'include' or 'error' can be given in warn_error_options, not both"),
    (
      "{warn: [NoNodeForYamlKey]}",
      "'warn' of warn_error_options makes exceptions, and there is nothing to make them of"
    ),
  ])
  func wrongOptionsAreTold(options: String, expected: String) throws {
    let flags = Flags(
      try GlobalOptions.parse(["--warn-error-options", options]), environment: [:], folder: "/nowhere")
    let error = try #require(throws: DiagnosticsError.self) { _ = try WarningPolicy(flags) }
    #expect(error.diagnostics.map(\.summary) == [expected])
  }

  @Test func anUnknownKeyOfTheOptionsIsAWarning() throws {
    let flags = Flags(
      try GlobalOptions.parse(["--warn-error-options", "{eror: all}"]), environment: [:], folder: "/nowhere")
    #expect(
      try WarningPolicy(flags).warnings.map(\.summary) == [
        "warn_error_options has no key 'eror'; did you mean 'error'?"
      ])
  }
}

/// What `--show-all-deprecations` and the last words of a command are about.
@Suite struct DeprecationLedgerTests {
  private static func found(_ codes: [DiagnosticCode]) -> [Diagnostic] {
    codes.map { Diagnostic($0, severity: .warning, "", facts: ["file": "a.yml"]) }
  }

  @Test func tellsTheFirstOfAKindAndCountsAll() throws {
    let flags = Flags(try GlobalOptions.parse([]), environment: [:], folder: "/nowhere")
    let ledger = DeprecationLedger()
    let codes: [DiagnosticCode] = [
      "duplicate-key", "exposure-name", "duplicate-key", "unused-config", "unused-config",
    ]
    #expect(
      ledger.filter(Self.found(codes), flags: flags).map(\.code) == [
        "duplicate-key", "exposure-name", "unused-config", "unused-config",
      ])
    let summary = try #require(ledger.summary(hint: true))
    #expect(summary.name == "DeprecationsSummary")
    #expect(
      summary.data["summaries"] == [
        [
          "event_name": "DuplicateYAMLKeysDeprecation", "event_code": "D024", "occurrences": 2,
        ],
        ["event_name": "ExposureNameDeprecation", "event_code": "D007", "occurrences": 1],
      ])
  }

  @Test func tellsAllWhenAsked() throws {
    let flags = Flags(
      try GlobalOptions.parse(["--show-all-deprecations"]), environment: [:], folder: "/nowhere")
    let ledger = DeprecationLedger()
    #expect(ledger.filter(Self.found(["duplicate-key", "duplicate-key"]), flags: flags).count == 2)
  }

  @Test func errorsAndOtherWarningsAreNotCounted() throws {
    let flags = Flags(try GlobalOptions.parse([]), environment: [:], folder: "/nowhere")
    let ledger = DeprecationLedger()
    _ = ledger.filter([Diagnostic("duplicate-key", "")] + Self.found(["unused-config"]), flags: flags)
    #expect(ledger.summary(hint: true) == nil)
  }

  @Test func factsAreDataOfTheEvent() {
    let event = LogEvent(Self.found(["exposure-name"])[0], rendered: "")
    #expect(event.data["file"] == "a.yml")
    #expect(event.code == "D007")
  }

  @Test func theEnvironmentAndTheFlagsAreLookedAt() {
    func codes(
      _ environment: [String: String], _ arguments: [String] = [], _ options: PlainValue? = nil
    ) -> [String] {
      FlagDeprecations.found(
        environment: environment, arguments: ["whc"] + arguments, warnErrorOptions: options
      ).map(\.code.rawValue)
    }
    #expect(codes(["DBT_ENGINE_TARGET": "dev", "DBT_MINE": "1"]) == [])
    #expect(codes(["DBT_ENGINE_MINE": "1"]) == ["environment-variable-namespace"])
    #expect(codes(["DBT_NO_PRINT": "1"]) == ["environment-variable-renamed"])
    #expect(codes([:], ["ls", "-m", "a"]) == ["model-param-usage"])
    #expect(codes([:], ["ls", "--models=a"]) == ["model-param-usage"])
    #expect(codes([:], ["ls", "--select", "models"]) == [])
    #expect(codes([:], [], ["include": "all"]) == ["weo-include-exclude"])
    #expect(codes([:], [], .string("{error: all}")) == [])
  }
}
