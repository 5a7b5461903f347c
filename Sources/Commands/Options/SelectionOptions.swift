import ArgumentParser
import Compiler
import Diagnostics

/// dbt's node selection flags. Each takes several words, and may stand more than once.
struct SelectionOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customShort("s"), .long], parsing: .upToNextOption,
    help: "Nodes to include: names, tag:…, path:…, +parents, children+")
  var select: [String] = []

  @Option(
    name: [.customShort("m"), .customLong("models"), .customLong("model")], parsing: .upToNextOption,
    help: .hidden)
  var models: [String] = []

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

  /// The same as the selection stage takes it.
  ///
  /// - Throws: `bad-flag` when a word is none that a flag takes.
  func request(_ flags: Flags) throws(DiagnosticsError) -> SelectionRequest {
    let variables = FlagVariables(flags.environment)
    var request = SelectionRequest()
    request.select = select + models
    request.exclude = exclude
    request.selector = selector
    request.indirect = flags.indirectSelection
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

  @Option(name: .customLong("event-time-start"), help: "First moment of the batches that are run")
  var eventTimeStart: String?
  @Option(
    name: .customLong("event-time-end"), help: "Moment before which the batches that are run end")
  var eventTimeEnd: String?
  @Option(help: "Read only rows of this window: '3 days', or {start: …, end: …}")
  var sample: String?

  /// Puts what is given here over what the environment says.
  func apply(_ flags: inout Flags) {
    if fullRefresh { flags.fullRefresh = true }
    if let empty { flags.empty = empty }
    if storeFailures { flags.storeFailures = true }
    if let eventTimeStart { flags.eventTimeStart = eventTimeStart }
    if let eventTimeEnd { flags.eventTimeEnd = eventTimeEnd }
    if let sample { flags.sample = sample }
  }
}
