public import ArgumentParser

/// The `whc` command; each subcommand is a file of its own.
public struct CommandLineTool: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "whc", abstract: "A warehouse compiler: templated SQL in, a tested star schema out")

  public init() {}
}
