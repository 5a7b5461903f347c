import ArgumentParser
import Diagnostics
import ProjectAnalysis
import ProjectModel

/// `whc impact`: what the changes of a project do to columns and to those who read them.
struct ImpactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "impact",
    abstract: "Show which columns a change adds, removes, renames and retypes, and whom that reaches",
    discussion: """
      whc impact --since main
      whc impact --state prod-artifacts --format markdown
      Compared with the project of a git revision, or with the manifest of an earlier run that compiled it. With \
      --fail-on-breaking the exit code is 1 when something that reads the project breaks.
      """)

  @Option(help: "A git revision of this project: a branch, a tag, a commit")
  var since: String?

  @Option(help: "text, json or markdown")
  var format = ImpactListing.Format.text

  @Flag(name: .customLong("fail-on-breaking"), help: "End with the exit code 1 when something breaks")
  var failsOnBreaking = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("impact", global, configure: { $0.answersData = true }) { workspace, console in
      let before: ProjectAnalysis
      switch (since, workspace.flags.state) {
      case (let revision?, nil):
        before = try await EarlierProject(revision: revision, of: workspace, global).analysis()
      case (nil, let folder?): before = try await workspace.analysis(ofState: folder)
      default:
        throw DiagnosticsError(
          Diagnostic(
            "bad-flag", "whc impact compares with --since or with --state: give one of them",
            help: "whc impact --since HEAD shows what is not committed yet"))
      }
      let now = try await workspace.analysis().analysis
      let impact = Impact(from: before, to: now)
      console.print(ImpactListing(impact, workspace.manifest).text(as: format))
      if failsOnBreaking, impact.isBreaking { throw ExitCode(1) }
    }
  }
}
