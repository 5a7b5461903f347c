import ArgumentParser
import Artifacts
import Diagnostics
import Foundation
import ProjectLoading

/// `whc shim`: a `dbt` on the PATH that is whc, for callers that know no other name.
struct ShimCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shim", abstract: "Put a command 'dbt' on the PATH that runs whc, or take it away",
    subcommands: [Install.self, Remove.self])

  /// Where the file stands and what is in it.
  struct Options: ParsableArguments {
    @Option(
      help: "Folder of the command, which should be on the PATH before that of dbt (default: ~/.local/bin)")
    var folder: String?

    var file: String {
      let home = ProcessInfo.processInfo.environment["HOME"] ?? "/"
      return FileSystem.absolute(folder ?? home + "/.local/bin") + "/dbt"
    }

    /// Throws when what stands there is not ours: whc never removes or replaces anybody's dbt.
    func checkOwner() throws {
      guard let bytes = try ArtifactFile.read(file) else { return }
      guard String(decoding: bytes, as: UTF8.self).contains(ShimCommand.mark) else {
        throw ShimCommand.failure("\(file) is another program, and stays as it is", "choose another --folder")
      }
    }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "install", abstract: "Write the command 'dbt', which hands its arguments to whc")
    @OptionGroup var options: Options

    func run() throws {
      try options.checkOwner()
      let program = Bundle.main.executablePath ?? "whc"
      let quoted = "'" + program.replacing("'", with: "'\\''") + "'"
      try ArtifactFile.write("#!/bin/sh\n\(ShimCommand.mark)\nexec \(quoted) \"$@\"\n", to: options.file)
      guard chmod(options.file, 0o755) == 0 else {
        throw ShimCommand.failure(
          "\(options.file) cannot be made a command", "look at the folder's permissions")
      }
      Terminal.standardOutput.write("\(options.file) now runs \(program)\n")
      let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
      let folder = (options.file as NSString).deletingLastPathComponent
      if !folders.contains(folder) {
        Terminal.standardOutput.write("\(folder) is not on the PATH: add it before the folder of dbt\n")
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove the command that 'whc shim install' wrote")
    @OptionGroup var options: Options

    func run() throws {
      try options.checkOwner()
      let isThere = unlink(options.file) == 0
      Terminal.standardOutput.write(
        isThere ? "\(options.file) is removed\n" : "there is no \(options.file)\n")
    }
  }

  fileprivate static let mark = "# Written by 'whc shim install': runs whc under dbt's name."

  fileprivate static func failure(_ summary: String, _ help: String) -> ExitCode {
    let diagnostic = Diagnostic("shim", summary, help: help)
    Terminal.standardError.write(DiagnosticRenderer(colors: false) { _ in nil }.render(diagnostic))
    return ExitCode(2)
  }
}
