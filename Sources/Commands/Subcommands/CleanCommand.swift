import ArgumentParser
import Diagnostics
import Foundation
import ProjectLoading

/// `whc clean`: removes the folders under `clean-targets`.
struct CleanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove the folders that clean-targets of dbt_project.yml names")

  @Flag(
    name: .customLong("clean-project-files-only"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Refuse folders outside the project (default: yes)")
  var projectFilesOnly = true

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("clean", global) { console in
      console.begin()
      let (project, diagnostics) = try ProjectStage(console.flags).definition()
      var findings = Findings(try WarningPolicy(console.flags))
      findings.add(console.flags.deprecations + diagnostics)
      if project.cleanTargets.contains("dbt_modules"),
        !project.cleanTargets.contains(project.packagesInstallPath)
      {
        findings.add([
          Diagnostic(
            "install-packages-path", severity: .warning,
            "the packages' path has changed from `dbt_modules` to `dbt_packages`, and 'clean-targets' names the old one",
            help: "write dbt_packages there")
        ])
      }
      try findings.end()
      console.report(findings.warnings)
      let targets = CleanTargets(project)
      try targets.check(allowsOutside: !projectFilesOnly)
      for path in targets.paths {
        console.tell(
          LogEvent("CheckCleanPath", "Z012", .info, "Checking \(path)/*", data: ["path": .string(path)]))
        do {
          if FileSystem.isFolder(path) || FileSystem.isFile(path) {
            try FileManager.default.removeItem(atPath: path)
          }
        } catch {
          throw DiagnosticsError(
            Diagnostic("io-error", "\(path) cannot be removed: \(error.localizedDescription)"))
        }
        console.tell(
          LogEvent("ConfirmCleanPath", "Z013", .info, "Cleaned \(path)/*", data: ["path": .string(path)]))
      }
      console.tell(LogEvent("FinishedCleanPaths", "Z015", .info, "Finished cleaning all paths."))
    }
  }
}

/// What `clean` would remove, as absolute paths, each once.
struct CleanTargets {
  let paths: [String]
  private let project: ProjectDefinition

  init(_ project: ProjectDefinition) {
    self.project = project
    var paths: [String] = []
    for target in project.cleanTargets {
      let path = Self.absolute(target, project)
      if !paths.contains(path) { paths.append(path) }
    }
    self.paths = paths
  }

  /// - Throws: `protected-path` when a target is the project, holds or is a folder of sources, or lies outside.
  func check(allowsOutside: Bool) throws(DiagnosticsError) {
    let root = FileSystem.absolute(project.rootPath)
    let sources = (project.allSourcePaths + [".whc"]).map { Self.absolute($0, project) }
    for path in paths {
      if path == root || root.hasPrefix(path == "/" ? "/" : path + "/") {
        throw refusal(path, "the project itself lies in it")
      }
      if let source = sources.first(where: {
        $0 == path || $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/")
      }) {
        throw refusal(path, "\(source) holds the project's own files")
      }
      if !allowsOutside, !path.hasPrefix(root + "/") {
        throw refusal(path, "it lies outside the project; --no-clean-project-files-only allows that")
      }
    }
  }

  private static func absolute(_ path: String, _ project: ProjectDefinition) -> String {
    FileSystem.absolute(path.hasPrefix("/") ? path : project.rootPath + "/" + path)
  }

  private func refusal(_ path: String, _ reason: String) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "protected-path", "\(path) is not cleaned: \(reason)", notes: ["nothing was removed"],
        help: "take it out of 'clean-targets' in dbt_project.yml"))
  }
}
