import ArgumentParser
import Artifacts
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel

/// `whc deps`: puts the project's packages into `dbt_packages/`.
struct DepsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deps",
    abstract: "Install the project's packages into dbt_packages, at the versions of package-lock.yml")

  @Flag(help: "Write package-lock.yml and install nothing") var lock = false
  @Flag(help: "Look for newer versions, whatever package-lock.yml says") var upgrade = false

  @Option(name: .customLong("add-package"), help: "Add a package to packages.yml: name@version")
  var addPackage: String?

  @Option(help: "Where an added package comes from: hub, git or local") var source = "hub"
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("deps", global) { console in
      console.begin()
      let stage = try ProjectStage(console.flags)
      let (project, diagnostics) = try stage.definition()
      var findings = Findings(try WarningPolicy(console.flags))
      findings.add(console.flags.deprecations + diagnostics)
      try findings.end()
      console.report(findings.warnings)
      if let addPackage { try add(addPackage, to: project, stage, console) }
      try PackageInstallation(project, stage, console, upgrades: upgrade).run(installs: !lock)
    }
  }

  private func add(
    _ text: String, to project: ProjectDefinition, _ stage: ProjectStage, _ console: Console
  ) throws(DiagnosticsError) {
    guard let source = PackageAddition.Source(rawValue: source) else {
      let known = PackageAddition.Source.allCases.map(\.rawValue)
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "'\(source)' is no value of --source", meant: NearMiss(source, among: known),
          help: "it takes " + known.joined(separator: ", ")))
    }
    let addition = try PackageAddition(text, source: source)
    let list = try PackageList.read(folder: project.rootPath, render: stage.renderSecrets).list
    let outcome = try addition.write(to: list.file ?? "packages.yml", in: project.rootPath)
    if outcome.isNew { console.tell(.note("Created packages.yml")) }
    for entry in outcome.removed {
      let shown = entry.filter { $0.value.string != nil || $0.value.int != nil }
      console.tell(
        LogEvent(
          "DepsFoundDuplicatePackage", "M033", .info,
          "Found duplicate package in packages.yml, removing: \(PlainValue.mapping(shown).pythonText)",
          data: ["removed_package": .mapping(shown)]))
    }
    console.tell(
      LogEvent(
        "DepsAddPackage", "M032", .info,
        "Added new package \(addition.name)@\(addition.version ?? "") to \(outcome.path)",
        data: [
          "package_name": .string(addition.name), "version": .string(addition.version ?? ""),
          "packages_filepath": .string(outcome.path),
        ]))
  }
}
