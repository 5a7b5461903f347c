import ArgumentParser
import Diagnostics

/// `whc parse`: reads the project and writes its manifest.
struct ParseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Read the project, say what is wrong in it, and write target/manifest.json")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("parse", global) { console in
      let opening = try await Opening.read(console.flags, console: console)
      if try opening.endsUnchanged() { return }
      let workspace = Command.kept(try await Workspace.open(opening))
      try workspace.writeManifest(compiled: [:])
    }
  }
}
