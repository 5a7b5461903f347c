import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import ProjectModel

/// `whc ls`: the nodes that a selection means.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the nodes of the project", aliases: ["list"])

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var types: ResourceTypeOptions

  @Option(help: "selector, name, path or json")
  var output: String = "selector"

  @Option(
    name: .customLong("output-keys"), parsing: .upToNextOption,
    help: "Keys of the manifest's entries that json shows")
  var outputKeys: [String] = []

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("list", global, configure: configure) { workspace, console in
      guard let form = NodeListing.Output(rawValue: output) else {
        let known = NodeListing.Output.allCases.map(\.rawValue)
        throw DiagnosticsError(
          Diagnostic(
            "bad-flag", "'\(output)' is no form of --output", meant: NearMiss(output, among: known),
            help: "it takes " + known.joined(separator: ", ")))
      }
      try checkModels()
      // Comparisons are with the project that was listed last, as with dbt.
      try workspace.writeManifest(compiled: [:])
      let defaults: Set<ResourceType> = selection.models.isEmpty ? .listed : [.model]
      let chosen = try workspace.select(defaults: defaults, all: .listable, keepsEmpty: true)
      console.report(chosen.diagnostics)
      guard !chosen.ids.isEmpty else {
        console.tell(LogEvent("NoNodesSelected", "Q038", .warn, "No nodes selected!"))
        return
      }
      let keys = outputKeys.flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
      let lines = NodeListing(workspace.manifestArtifact()).lines(chosen.ids, as: form, keys: keys)
      if console.flags.logFormat == .json {
        for line in lines { console.print(line) }
      } else {
        console.print(lines.joined(separator: "\n"))
      }
    }
  }

  private func configure(_ flags: inout Flags) {
    selection.apply(&flags)
    types.apply(&flags)
    flags.ownArguments = [
      "output": .string(output), "output_keys": .list(outputKeys.map { .string($0) }),
      "models": .list(selection.models.map { .string($0) }),
    ]
  }

  /// `--models` means models alone, so it goes with neither of the flags that say otherwise.
  private func checkModels() throws(DiagnosticsError) {
    guard !selection.models.isEmpty else { return }
    let other: String? =
      if !selection.select.isEmpty { "select" } else if !types.resourceTypes.isEmpty {
        "resource_type"
      } else { nil }
    guard let other else { return }
    throw DiagnosticsError(
      Diagnostic(
        "bad-flag", "\"models\" and \"\(other)\" are mutually exclusive arguments",
        help: "--models is an old word for --select --resource-type model"))
  }
}
