import ArgumentParser
import Compiler
import Diagnostics

/// dbt's node selection flags. Each takes several words, and may stand more than once.
struct SelectionOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customShort("s", allowingJoined: true), .long], parsing: .upToNextOption,
    help: "Nodes to include: names, tag:…, path:…, +parents, children+")
  var select: [String] = []

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("models"), .customLong("model")],
    parsing: .upToNextOption, help: .hidden)
  var models: [String] = []

  @Option(parsing: .upToNextOption, help: "Nodes to leave out")
  var exclude: [String] = []

  @Option(help: "A selector of selectors.yml")
  var selector: String?

  /// Puts what is given here into the flags, for the selection and for the artifacts that show it.
  func apply(_ flags: inout Flags) {
    var request = flags.selection ?? SelectionRequest()
    request.select = select + models
    request.exclude = exclude
    request.selector = selector
    request.indirect = flags.indirectSelection
    flags.selection = request
  }
}

extension SelectionOptions {
  /// - Throws: a usage error when both SQL typed by hand and a selection are given.
  func check(inline: String?) throws {
    guard inline != nil else { return }
    let other: String? =
      if !select.isEmpty || !models.isEmpty { "select" } else if selector != nil { "selector" } else { nil }
    if let other { throw ValidationError("inline: not allowed with argument \(other)") }
  }
}

/// What `build`, `clone`, `ls` and `test` have besides.
struct ResourceTypeOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customLong("resource-type"), .customLong("resource-types")], parsing: .upToNextOption,
    help: "Kinds of nodes to include")
  var resourceTypes: [String] = []

  @Option(
    name: [.customLong("exclude-resource-type"), .customLong("exclude-resource-types")],
    parsing: .upToNextOption, help: "Kinds of nodes to leave out")
  var excludedResourceTypes: [String] = []

  /// Puts what is given here, else what the environment says, into the flags.
  func apply(_ flags: inout Flags) {
    let variables = FlagVariables(flags.environment)
    var request = flags.selection ?? SelectionRequest()
    request.resourceTypes = Self.words(resourceTypes, else: variables.text("RESOURCE_TYPES"))
    request.excludedResourceTypes = Self.words(
      excludedResourceTypes, else: variables.text("EXCLUDE_RESOURCE_TYPES"))
    flags.selection = request
  }

  private static func words(_ given: [String], else variable: String?) -> [String] {
    let given = given.isEmpty ? [variable].compactMap { $0 } : given
    return given.flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
  }
}
