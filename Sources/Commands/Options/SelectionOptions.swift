import ArgumentParser
import Compiler
import Diagnostics

/// dbt's node selection flags. Each takes several words, and may stand more than once.
struct SelectionOptions: ParsableArguments, Sendable {
  @Option(
    name: [
      .customShort("s"), .long, .customLong("models"), .customLong("model"), .customShort("m"),
    ],
    parsing: .upToNextOption, help: "Nodes to include: names, tag:…, path:…, +parents, children+")
  var select: [String] = []

  @Option(parsing: .upToNextOption, help: "Nodes to leave out")
  var exclude: [String] = []

  @Option(help: "A selector of selectors.yml")
  var selector: String?

  @Option(
    name: [.customLong("resource-type"), .customLong("resource-types")], parsing: .upToNextOption,
    help: "Kinds of nodes to include")
  var resourceTypes: [String] = []

  @Option(
    name: [.customLong("exclude-resource-type"), .customLong("exclude-resource-types")],
    parsing: .upToNextOption, help: "Kinds of nodes to leave out")
  var excludedResourceTypes: [String] = []

  @Option(
    name: .customLong("indirect-selection"),
    help: "eager, cautious, buildable or empty: which tests come along")
  var indirectSelection: String?

  @Option(help: "Folder with the artifacts of an earlier run, for state: and result:")
  var state: String?

  /// The same as the selection stage takes it.
  ///
  /// - Throws: `bad-flag` when a word is none that a flag takes.
  func request(_ environment: [String: String]) throws(DiagnosticsError) -> SelectionRequest {
    let variables = FlagVariables(environment)
    var request = SelectionRequest()
    request.select = select
    request.exclude = exclude
    request.selector = selector
    if let word = indirectSelection ?? variables.text("INDIRECT_SELECTION") {
      guard let mode = IndirectSelection(rawValue: word) else {
        let known = ["eager", "cautious", "buildable", "empty"]
        throw DiagnosticsError(
          Diagnostic(
            "bad-flag",
            "'\(word)' is no value of --indirect-selection" + NearMiss.suffix(for: word, among: known),
            help: "it takes " + known.joined(separator: ", ")))
      }
      request.indirect = mode
    }
    request.resourceTypes = Self.words(resourceTypes, else: variables.text("RESOURCE_TYPES"))
    request.excludedResourceTypes = Self.words(
      excludedResourceTypes, else: variables.text("EXCLUDE_RESOURCE_TYPES"))
    return request
  }

  private static func words(_ given: [String], else variable: String?) -> [String] {
    let given = given.isEmpty ? [variable].compactMap { $0 } : given
    return given.flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
  }
}

/// What `run`, `build` and their kin share.
struct ExecutionOptions: ParsableArguments {
  @Flag(
    name: [.customLong("full-refresh"), .customShort("f")], help: "Build incremental models and seeds anew")
  var fullRefresh = false

  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Build every relation without rows")
  var empty: Bool?

  @Flag(name: .customLong("store-failures"), help: "Keep the rows that failed a test")
  var storeFailures = false

  @Flag(name: .customLong("no-full-refresh"), help: .hidden) var noFullRefresh = false
  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var show = false
  @Flag(
    name: .customLong("export-saved-queries"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden
  )
  var exportSavedQueries = false
  @Flag(
    name: .customLong("include-saved-query"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var includeSavedQuery = false

  /// Puts what is given here over what the environment says.
  func apply(_ flags: inout Flags) {
    if fullRefresh { flags.fullRefresh = true }
    if let empty { flags.empty = empty }
    if storeFailures { flags.storeFailures = true }
  }
}
