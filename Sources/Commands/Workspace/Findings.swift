import Compiler
import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// What the stages have found so far, warnings already weighed.
struct Findings {
  private let policy: WarningPolicy
  private(set) var all: [Diagnostic] = []

  init(_ policy: WarningPolicy) {
    self.policy = policy
    all = policy.warnings
  }

  var warnings: [Diagnostic] { all.filter { $0.severity != .error } }

  mutating func add(_ diagnostics: [Diagnostic]) { all += policy.weigh(diagnostics) }

  /// - Throws: everything, when an error is among it.
  func end() throws(DiagnosticsError) {
    if all.contains(where: { $0.severity == .error }) { throw DiagnosticsError(all) }
  }

  /// What was found before a stage ended, and what ended it; each once.
  func ended(by error: DiagnosticsError) -> DiagnosticsError {
    let known = Set(all)
    return DiagnosticsError(all + policy.weigh(error.diagnostics).filter { !known.contains($0) })
  }
}

/// Which warnings are errors and which are not told: `--warn-error`, `--warn-error-options`.
struct WarningPolicy: Sendable {
  private var allAreErrors = false
  private var errors: Set<String> = []
  private var kept: Set<String> = []
  private var silenced: Set<String> = []
  /// What is odd about the options themselves.
  private(set) var warnings: [Diagnostic] = []

  /// - Throws: `bad-flag` when the options are no mapping of lists.
  init(_ flags: Flags) throws(DiagnosticsError) {
    allAreErrors = flags.warnError
    let options: OrderedDictionary<String, PlainValue> =
      switch flags.warnErrorOptions {
      case .string(let text)?: try YAMLArgument.mapping(text, of: "--warn-error-options")
      case .mapping(let mapping)?: mapping
      default: [:]
      }
    for (word, other) in [("error", "include"), ("warn", "exclude")]
    where Self.saysSomething(options[word]) && Self.saysSomething(options[other]) {
      throw Self.wrong("only '\(other)' or '\(word)' can be given in warn_error_options, not both")
    }
    for (key, value) in options {
      let names = value.strings ?? []
      switch key {
      case "error", "include":
        if value.string != nil, !Self.everything.contains(names.first ?? "") {
          throw Self.wrong("'\(key)' of warn_error_options is all, *, or a list of names")
        }
        if names.contains(where: Self.everything.contains) { allAreErrors = true }
        errors.formUnion(try Self.codes(names))
      case "warn", "exclude": kept.formUnion(try Self.codes(names))
      case "silence": silenced.formUnion(try Self.codes(names))
      default:
        warnings.append(
          Diagnostic(
            "unknown-key", severity: .warning,
            "warn_error_options has no key '\(key)'",
            meant: NearMiss(key, among: ["error", "warn", "silence"]),
            help: "its keys are error, warn and silence"))
      }
    }
    let group = WarningEvent.allDeprecations
    let named = ["error", "include", "silence"].flatMap { options[$0]?.strings ?? [] }
    if !kept.isEmpty, !allAreErrors, !named.contains(group) {
      throw Self.wrong(
        "'warn' of warn_error_options makes exceptions, and there is nothing to make them of",
        help: "it goes with error: all, or with \(group) in 'error' or 'silence'")
    }
  }

  private static let everything = ["all", "*"]

  private static func saysSomething(_ value: PlainValue?) -> Bool { !(value?.strings ?? []).isEmpty }

  private static func wrong(_ summary: String, help: String? = nil) -> DiagnosticsError {
    DiagnosticsError(Diagnostic("bad-flag", summary, help: help))
  }

  func weigh(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    diagnostics.compactMap { diagnostic in
      guard diagnostic.severity == .warning else { return diagnostic }
      let code = diagnostic.code.rawValue
      if silenced.contains(code) { return nil }
      guard (allAreErrors || errors.contains(code)) && !kept.contains(code) else { return diagnostic }
      var error = diagnostic
      error.severity = .error
      return error
    }
  }

  /// Whether an option speaks of these warnings by name.
  func names(_ code: DiagnosticCode) -> Bool { errors.contains(code.rawValue) }

  /// The same as ``weigh(_:)`` where only an option that names a warning makes it an error; nil when it is silenced.
  func weighNamed(_ diagnostic: Diagnostic) -> Diagnostic? {
    let code = diagnostic.code.rawValue
    guard diagnostic.severity == .warning else { return diagnostic }
    if silenced.contains(code) { return nil }
    var result = diagnostic
    if errors.contains(code), !kept.contains(code) { result.severity = .error }
    return result
  }

  /// What templates may say with `exceptions.warn`.
  var ofTemplates: TemplateSettings.Warnings {
    switch weigh([Diagnostic("template-warning", severity: .warning, "")]).first?.severity {
    case nil: .silent
    case .error?: .errors
    default: .told
    }
  }

  /// Whether a test that only warns fails.
  var makesTestsFail: Bool {
    (allAreErrors || errors.contains(Self.testResult)) && !kept.contains(Self.testResult)
  }

  private static let testResult = "test-warned"

  /// - Throws: `bad-flag` for a name of no event.
  private static func codes(_ names: [String]) throws(DiagnosticsError) -> [String] {
    for name in names where !everything.contains(name) && !WarningEvent.isKnown(name) {
      throw wrong(
        "\(name) is not a valid dbt error name" + NearMiss.suffix(for: name, among: EventNames.all),
        help: "warn_error_options takes names of dbt's events and codes of whc's diagnostics")
    }
    return names.flatMap(WarningEvent.codes)
  }
}
