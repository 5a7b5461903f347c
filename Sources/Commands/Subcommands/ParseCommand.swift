import ArgumentParser
import Diagnostics

/// `whc parse`: reads the project and writes its manifest.
struct ParseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Read the project, say what is wrong in it, and write target/manifest.json")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("parse", global) { workspace, _ in
      try workspace.writeManifest(compiled: [:])
    }
  }
}
