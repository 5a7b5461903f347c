import Diagnostics
import OrderedCollections
import ProjectModel

/// What dbt calls a warning: the name and code of its event, which log readers and `--warn-error-options` know.
struct WarningEvent: Sendable {
  var name: String
  var code: String

  /// - Returns: dbt's plain template warning where dbt has no event of its own.
  init(for diagnostic: DiagnosticCode) {
    self = Self.known[diagnostic.rawValue] ?? WarningEvent("JinjaLogWarning", "I061")
  }

  private init(_ name: String, _ code: String) {
    self.name = name
    self.code = code
  }

  /// The codes of diagnostics that a word of `--warn-error-options` means: an event of dbt, the group
  /// `Deprecations`, or a code itself.
  static func codes(named word: String) -> [String] {
    if word == allDeprecations { return deprecations }
    let codes = known.filter { $0.value.name == word }.map(\.key)
    return codes.isEmpty ? [word] : codes.sorted()
  }

  /// The name of all deprecations together.
  static let allDeprecations = "Deprecations"

  /// Whether dbt knows an event of this name; codes of diagnostics begin with a small letter.
  static func isKnown(_ word: String) -> Bool {
    word == allDeprecations || EventNames.known.contains(word) || word.first?.isLowercase ?? false
  }

  private static let deprecations = ["deprecated", "deprecated-key", "duplicate-key"]

  private static let known: [String: WarningEvent] = [
    "nothing-selected": .init("NoNodesForSelectionCriteria", "M030"),
    "nothing-to-do": .init("NothingToDo", "Q035"),
    "package-reads-root": .init("PackageNodeDependsOnRootProjectNode", "I077"),
    "unused-config": .init("UnusedResourceConfigPath", "I051"),
    "macro-arguments": .init("InvalidMacroAnnotation", "I076"),
    "no-node-for-properties": .init("NoNodeForYamlKey", "I058"),
    "wrong-section": .init("WrongResourceSchemaFile", "I057"),
    "unknown-ref": .init("NodeNotFoundOrDisabled", "I060"),
    "unknown-source": .init("NodeNotFoundOrDisabled", "I060"),
    "unknown-key": .init("CustomKeyInObjectDeprecation", "D027"),
    "deprecated": .init("GenericJSONSchemaValidationDeprecation", "D022"),
    "deprecated-key": .init("PropertyMovedToConfigDeprecation", "D030"),
    "duplicate-key": .init("DuplicateYAMLKeysDeprecation", "D024"),
    "breaking-contract": .init("UnversionedBreakingChange", "I071"),
    "deprecated-model": .init("DeprecatedModel", "I065"),
    "upcoming-deprecation": .init("UpcomingReferenceDeprecation", "I066"),
    "deprecated-ref": .init("DeprecatedReference", "I067"),
    "unsupported-constraint": .init("UnsupportedConstraintMaterialization", "I068"),
    "unscaled-number": .init("JinjaLogWarning", "I061"),
    "state-is-target": .init("WarnStateTargetEqual", "I072"),
    "template-warning": .init("JinjaLogWarning", "I061"),
    "test-warned": .init("LogTestResult", "Q007"),
  ]
}

extension LogEvent {
  /// A problem as log readers see it; `rendered` is what a person reads of it.
  init(_ diagnostic: Diagnostic, rendered: String) {
    var data: OrderedDictionary<String, PlainValue> = [
      "msg": .string(diagnostic.summary), "code": .string(diagnostic.code.rawValue),
    ]
    if diagnostic.severity == .error {
      data["exc"] = .string(diagnostic.summary)
      self.init("MainEncounteredError", "Z002", .error, rendered, data: data)
    } else {
      let event = WarningEvent(for: diagnostic.code)
      self.init(event.name, event.code, .warn, rendered, data: data)
    }
  }
}
