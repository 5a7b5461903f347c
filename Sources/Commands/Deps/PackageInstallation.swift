import Artifacts
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel

/// One run of `deps`: decides on versions where package-lock.yml does not, fetches what is not there, and puts the
/// new set of packages in place of the old one.
struct PackageInstallation {
  private let project: ProjectDefinition
  private let stage: ProjectStage
  private let console: Console
  private let upgrades: Bool
  private let installed: InstalledPackages
  private let scratch: String
  private let fetcher: PackageFetcher

  /// - Parameter upgrades: whether versions are looked for again although package-lock.yml names them.
  init(_ project: ProjectDefinition, _ stage: ProjectStage, _ console: Console, upgrades: Bool) {
    self.project = project
    self.stage = stage
    self.console = console
    self.upgrades = upgrades
    let install = project.packagesInstallPath
    installed = InstalledPackages(
      folder: install.hasPrefix("/") ? install : FileSystem.absolute(project.rootPath + "/" + install))
    scratch = NSTemporaryDirectory() + "/whc-packages-\(UUID().uuidString)"
    fetcher = PackageFetcher(
      projectFolder: project.rootPath, scratch: scratch, environment: console.flags.environment,
      checksVersion: console.flags.versionCheck, render: stage.renderSecrets)
  }

  /// - Parameter installs: false writes package-lock.yml only.
  /// - Throws: what is wrong with the packages; what was installed is then as it was.
  func run(installs: Bool) throws(DiagnosticsError) {
    do {
      try FileManager.default.createDirectory(
        atPath: scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw DiagnosticsError(Diagnostic("io-error", "cannot make \(scratch): \(error.localizedDescription)"))
    }
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let (scratch, installed) = (self.scratch, self.installed)
    let interrupt = Interrupt {
      try? FileManager.default.removeItem(atPath: scratch)
      installed.abandon()
      Foundation.exit(2)
    }
    let plan: [Step]?
    do throws(DiagnosticsError) {
      plan = try prepare(installs: installs)
    } catch {
      interrupt.release()
      installed.abandon()
      throw error
    }
    interrupt.release()
    var findings = Findings(try WarningPolicy(console.flags))
    findings.add(fetcher.warnings)
    try findings.end()
    console.report(findings.warnings)
    guard let plan else { return }
    try installed.finish(keeping: plan.filter { $0.isKept }.map(\.package))
    tell(plan)
  }

  private struct Step {
    var package: PinnedPackage
    var isKept: Bool
  }

  /// Everything up to the point where the old set is replaced.
  ///
  /// - Returns: nil when the old set stays.
  private func prepare(installs: Bool) throws(DiagnosticsError) -> [Step]? {
    let (list, found) = try PackageList.read(folder: project.rootPath, render: stage.renderSecrets)
    let errors = found.filter { $0.severity == .error }
    guard errors.isEmpty else { throw DiagnosticsError(errors) }
    let (packages, isNew) = try packages(for: list)
    guard installs else {
      if isNew { try writeLock(packages, for: list) }
      return nil
    }
    guard !packages.isEmpty else {
      console.tell(Self.nothingFound)
      try installed.begin()
      return []
    }
    if packages.allSatisfy({ $0.isLocal || $0.latest == nil }), installed.isComplete(packages) {
      if isNew { try writeLock(packages, for: list) }
      tell(packages.map { Step(package: $0, isKept: true) })
      return nil
    }
    try installed.begin()
    var steps: [Step] = []
    for package in packages {
      let isKept = !package.isLocal && installed.holds(package)
      try installed.add(package, from: isKept ? nil : try fetcher.files(of: package))
      steps.append(Step(package: package, isKept: isKept))
    }
    if isNew { try writeLock(packages, for: list) }
    return steps
  }

  // MARK: Versions

  /// The packages to install, from package-lock.yml or, where that does not fit, newly decided upon.
  private func packages(
    for list: PackageList
  ) throws(DiagnosticsError) -> (packages: [PinnedPackage], isNew: Bool) {
    let hash = PackageLock.hash(of: list.packages)
    let lock = try PackageList.read(
      folder: project.rootPath, files: [PackageLock.file], render: stage.renderSecrets
    ).list
    if !upgrades, lock.file != nil, lock.hash == hash {
      return (try locked(lock.packages), false)
    }
    guard !list.packages.isEmpty else {
      console.tell(Self.nothingFound)
      return (lock.file == nil ? [] : try locked(lock.packages), false)
    }
    var resolver = PackageResolver(fetcher, ownName: project.name)
    return (try resolver.resolve(list.packages), true)
  }

  private func writeLock(_ packages: [PinnedPackage], for list: PackageList) throws(DiagnosticsError) {
    let path = project.rootPath + "/" + PackageLock.file
    try ArtifactFile.write(PackageLock.text(packages, for: list.packages), to: path)
    console.tell(
      LogEvent(
        "DepsLockUpdating", "M031", .info, "Updating lock file in file path: \(path)",
        data: ["lock_filepath": .string(path)]))
  }

  /// What package-lock.yml names; the network is asked only for what is not there.
  private func locked(_ specs: [PackageSpec]) throws(DiagnosticsError) -> [PinnedPackage] {
    var packages: [PinnedPackage] = []
    for spec in specs {
      if let package = installed.existing(spec) {
        packages.append(package)
      } else {
        packages.append(try fetcher.package([spec]).pinned)
      }
    }
    return packages
  }

  // MARK: Progress

  private static let nothingFound = LogEvent(
    "DepsNoPackagesFound", "M013", .info, "Warning: No packages were found in packages.yml")

  private func tell(_ steps: [Step]) {
    var outdated: [String] = []
    for step in steps {
      let package = step.package
      console.tell(
        LogEvent(
          "DepsStartPackageInstall", "M014", .info, "Installing \(package.shownName)",
          data: ["package_name": .string(package.shownName)]))
      console.tell(
        LogEvent(
          "DepsInstallInfo", "M015", .info, "Installed from \(package.shownVersion)",
          data: ["version_name": .string(package.shownVersion)]))
      if let latest = package.latest {
        if latest == package.version {
          console.tell(LogEvent("DepsUpToDate", "M017", .info, "Up to date!"))
        } else {
          outdated.append(package.shownName)
          console.tell(
            LogEvent(
              "DepsUpdateAvailable", "M016", .info, "Updated version available: \(latest)",
              data: ["version_latest": .string(latest)]))
        }
      }
      if let subdirectory = package.subdirectory {
        console.tell(
          LogEvent(
            "DepsListSubdirectory", "M018", .info, "and subdirectory \(subdirectory)",
            data: ["subdirectory": .string(subdirectory)]))
      }
    }
    guard !outdated.isEmpty else { return }
    console.tell(.gap)
    let names = PlainValue.list(outdated.map { .string($0) })
    console.tell(
      LogEvent(
        "DepsNotifyUpdatesAvailable", "M019", .info,
        "Updates available for packages: \(names.pythonText) \(String(repeating: " ", count: 16))\n"
          + "Update your versions in packages.yml, then run dbt deps",
        data: ["packages": names]))
  }
}
