import ArgumentParser

/// `whc completions`: a script that teaches the shell whc's words.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print a completion script: source <(whc completions bash)")

  @Argument(help: "bash, zsh or fish") var shell: Shell

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Terminal.standardOutput.write(CommandLineTool.completionScript(for: kind) + "\n")
  }
}
