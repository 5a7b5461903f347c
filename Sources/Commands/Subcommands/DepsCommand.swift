import ArgumentParser
import Artifacts
import Diagnostics
import ProjectModel

/// `whc deps`: puts the project's packages into `dbt_packages/`.
struct DepsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deps", abstract: "Link local packages into dbt_packages; what is there already stays")

  @Flag(help: "Write package-lock.yml and install nothing") var lock = false
  @Flag(help: .hidden) var upgrade = false
  @Option(help: .hidden) var source: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("deps", global) { console in
      console.begin()
      let stage = try ProjectStage(console.flags)
      let (project, diagnostics) = try stage.definition()
      console.report(diagnostics.filter { $0.severity == .error })
      let installation = try PackageInstallation(project, render: stage.renderSecrets)
      guard !installation.isEmpty else {
        console.tell(
          LogEvent("DepsNoPackagesFound", "M013", .info, "Warning: No packages were found in packages.yml"))
        return
      }
      // All or nothing: a project with half of its packages is no better off.
      guard installation.missing.isEmpty else { throw DiagnosticsError(installation.missing) }
      if let text = installation.lock {
        let path = project.rootPath + "/package-lock.yml"
        if try ArtifactFile.write(text, to: path) {
          console.tell(
            LogEvent(
              "DepsLockUpdating", "M031", .info, "Updating lock file in file path: \(path)",
              data: ["lock_filepath": .string(path)]))
        }
      }
      if lock { return }
      for name in installation.kept { console.tell(.note("Already there: \(name)")) }
      for link in installation.links {
        console.tell(
          LogEvent(
            "DepsStartPackageInstall", "M014", .info, "Installing \(link.written)",
            data: ["package_name": .string(link.written)]))
        try installation.install(link)
        console.tell(
          LogEvent(
            "DepsInstallInfo", "M015", .info, "Installed from <local @ \(link.written)>",
            data: ["version_name": .string("<local @ \(link.written)>")]))
      }
    }
  }
}
