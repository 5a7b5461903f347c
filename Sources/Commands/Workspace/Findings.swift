import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// What the stages have found so far, warnings already weighed.
struct Findings {
  private let policy: WarningPolicy
  private(set) var all: [Diagnostic] = []

  init(_ policy: WarningPolicy) { self.policy = policy }

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

  /// - Throws: `bad-flag` when the options are no mapping of lists.
  init(_ flags: Flags) throws(DiagnosticsError) {
    allAreErrors = flags.warnError
    let options: OrderedDictionary<String, PlainValue> =
      switch flags.warnErrorOptions {
      case .string(let text)?: try YAMLArgument.mapping(text, of: "--warn-error-options")
      case .mapping(let mapping)?: mapping
      default: [:]
      }
    for (key, value) in options {
      let names = value.strings ?? []
      switch key {
      case "error", "include":
        if names.contains("all") || names.contains("*") { allAreErrors = true }
        errors.formUnion(Self.codes(names))
      case "warn", "exclude": kept.formUnion(Self.codes(names))
      case "silence": silenced.formUnion(Self.codes(names))
      default:
        throw DiagnosticsError(
          Diagnostic(
            "bad-flag",
            "--warn-error-options has no key '\(key)'"
              + NearMiss.suffix(for: key, among: ["error", "warn", "silence"]),
            help: "its keys are error, warn and silence"))
      }
    }
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

  /// Whether a test that only warns fails.
  var makesTestsFail: Bool {
    (allAreErrors || errors.contains(Self.testResult)) && !kept.contains(Self.testResult)
  }

  private static let testResult = "test-warned"

  private static func codes(_ names: [String]) -> [String] {
    names.flatMap(WarningEvent.codes)
  }
}
