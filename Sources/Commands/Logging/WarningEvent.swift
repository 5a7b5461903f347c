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

  /// The event of something that dbt gives up; nil for any other warning.
  static func deprecation(_ code: DiagnosticCode) -> WarningEvent? { deprecations[code.rawValue] }

  /// Whether the last words of a command count the event.
  static func isSummarised(_ name: String) -> Bool { name != spaces.name }

  /// dbt's code of a deprecation.
  static func code(named name: String) -> String {
    deprecations.values.first { $0.name == name }?.code ?? ""
  }

  /// The codes of diagnostics that a word of `--warn-error-options` means: an event of dbt, the group
  /// `Deprecations`, or a code itself.
  static func codes(named word: String) -> [String] {
    if word == allDeprecations { return deprecations.keys.sorted() }
    let codes = known.filter { $0.value.name == word }.map(\.key)
    return codes.isEmpty ? [word] : codes.sorted()
  }

  /// The name of all deprecations together.
  static let allDeprecations = "Deprecations"

  /// Whether dbt knows an event of this name; codes of diagnostics begin with a small letter.
  static func isKnown(_ word: String) -> Bool {
    word == allDeprecations || EventNames.known.contains(word) || word.first?.isLowercase ?? false
  }

  private static let spaces = WarningEvent("SpacesInResourceNameDeprecation", "D014")

  private static let deprecations: [String: WarningEvent] = [
    "package-redirect": .init("PackageRedirectDeprecation", "D001"),
    "install-packages-path": .init("PackageInstallPathDeprecation", "D002"),
    "project-config-source-paths": .init("ConfigSourcePathDeprecation", "D003"),
    "project-config-data-paths": .init("ConfigDataPathDeprecation", "D004"),
    "environment-variable-renamed": .init("EnvironmentVariableRenamed", "D009"),
    "exposure-name": .init("ExposureNameDeprecation", "D007"),
    "project-config-log-path": .init("ConfigLogPathDeprecation", "D010"),
    "project-config-target-path": .init("ConfigTargetPathDeprecation", "D011"),
    "project-flags-moved": .init("ProjectFlagsMovedDeprecation", "D013"),
    "space-in-name": spaces,
    "resource-names-with-spaces": .init("ResourceNamesWithSpacesDeprecation", "D015"),
    "package-materialization-override": .init("PackageMaterializationOverrideDeprecation", "D016"),
    "source-freshness-project-hooks": .init("SourceFreshnessProjectHooksNotRun", "D017"),
    "mf-timespine-without-yaml-configuration": .init(
      "MFTimespineWithoutYamlConfigurationDeprecation", "D018"),
    "mf-cumulative-type-params": .init("MFCumulativeTypeParamsDeprecation", "D019"),
    "microbatch-macro-outside-of-batches": .init("MicrobatchMacroOutsideOfBatchesDeprecation", "D020"),
    "deprecated": .init("GenericJSONSchemaValidationDeprecation", "D022"),
    "unexpected-jinja-block": .init("UnexpectedJinjaBlockDeprecation", "D023"),
    "duplicate-key": .init("DuplicateYAMLKeysDeprecation", "D024"),
    "custom-output-path-in-source-freshness": .init("CustomOutputPathInSourceFreshnessDeprecation", "D029"),
    "property-moved-to-config": .init("PropertyMovedToConfigDeprecation", "D030"),
    "weo-include-exclude": .init("WEOIncludeExcludeDeprecation", "D031"),
    "model-param-usage": .init("ModelParamUsageDeprecation", "D032"),
    "modules-itertools-usage": .init("ModulesItertoolsUsageDeprecation", "D034"),
    "environment-variable-namespace": .init("EnvironmentVariableNamespaceDeprecation", "D036"),
    "arguments-property-in-generic-test": .init("ArgumentsPropertyInGenericTestDeprecation", "D038"),
    "missing-arguments-property-in-generic-test": .init(
      "MissingArgumentsPropertyInGenericTestDeprecation", "D039"),
    "duplicate-name-distinct-node-types": .init("DuplicateNameDistinctNodeTypesDeprecation", "D040"),
  ]

  private static let known: [String: WarningEvent] = deprecations.merging([
    "nothing-selected": .init("NoNodesForSelectionCriteria", "M030"),
    "nothing-to-do": .init("NothingToDo", "Q035"),
    "package-reads-root": .init("PackageNodeDependsOnRootProjectNode", "I077"),
    "unused-config": .init("UnusedResourceConfigPath", "I051"),
    "bad-semantics": .init("SemanticValidationFailure", "I070"),
    "macro-arguments": .init("InvalidMacroAnnotation", "I076"),
    "no-node-for-properties": .init("NoNodeForYamlKey", "I058"),
    "wrong-section": .init("WrongResourceSchemaFile", "I057"),
    "unknown-ref": .init("NodeNotFoundOrDisabled", "I060"),
    "unknown-source": .init("NodeNotFoundOrDisabled", "I060"),
    "unknown-key": .init("CustomKeyInObjectDeprecation", "D027"),
    "deprecated-model": .init("DeprecatedModel", "I065"),
    "upcoming-deprecation": .init("UpcomingReferenceDeprecation", "I066"),
    "deprecated-ref": .init("DeprecatedReference", "I067"),
    "no-loaded-at": .init("FreshnessConfigProblem", "I073"),
    "seed-grew": .init("SeedIncreased", "I052"),
    "large-seed": .init("SeedExceedsLimitSamePath", "I053"),
    "large-seed-moved": .init("SeedExceedsLimitAndPathChanged", "I054"),
    "breaking-contract": .init("UnversionedBreakingChange", "I071"),
    "unsupported-constraint": .init("UnsupportedConstraintMaterialization", "I068"),
    "unscaled-number": .init("JinjaLogWarning", "I061"),
    "state-is-target": .init("WarnStateTargetEqual", "I072"),
    "snapshot-timestamp": .init("SnapshotTimestampWarning", "Q043"),
    "template-warning": .init("JinjaLogWarning", "I061"),
    "test-warned": .init("LogTestResult", "Q007"),
  ]) { $1 }
}

extension LogEvent {
  /// A problem as log readers see it; `rendered` is what a person reads of it.
  init(_ diagnostic: Diagnostic, rendered: String) {
    var data: OrderedDictionary<String, PlainValue> = [
      "msg": .string(diagnostic.summary), "code": .string(diagnostic.code.rawValue),
    ]
    for (key, value) in diagnostic.facts.sorted(by: { $0.key < $1.key }) { data[key] = .string(value) }
    if diagnostic.severity == .error {
      data["exc"] = .string(diagnostic.summary)
      self.init("MainEncounteredError", "Z002", .error, rendered, data: data)
    } else {
      let event = WarningEvent(for: diagnostic.code)
      self.init(event.name, event.code, .warn, rendered, data: data)
    }
  }
}
