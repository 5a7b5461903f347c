import ArgumentParser

/// `whc docs`
struct DocsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs", abstract: "Write the documentation as one page, or serve it",
    subcommands: [DocsGenerateCommand.self, DocsServeCommand.self],
    defaultSubcommand: DocsGenerateCommand.self)
}
