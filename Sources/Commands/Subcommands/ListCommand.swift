import ArgumentParser
import Artifacts
import Compiler
import Diagnostics

/// `whc ls`: the nodes that a selection means.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the nodes of the project", aliases: ["list"])

  @OptionGroup var selection: SelectionOptions

  @Option(help: "selector, name, path or json")
  var output: String = "selector"

  @Option(
    name: .customLong("output-keys"), parsing: .upToNextOption,
    help: "Keys of the manifest's entries that json shows")
  var outputKeys: [String] = []

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("list", global) { workspace, console in
      guard let form = NodeListing.Output(rawValue: output) else {
        let known = NodeListing.Output.allCases.map(\.rawValue)
        throw DiagnosticsError(
          Diagnostic(
            "bad-flag", "'\(output)' is no form of --output" + NearMiss.suffix(for: output, among: known),
            help: "it takes " + known.joined(separator: ", ")))
      }
      let chosen = try workspace.select(selection, defaults: .listed, all: .listable, keepsEmpty: true)
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
}
