import Artifacts
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel

/// The folder of installed packages, and what lies in it. A new set takes the place of the old one at once, or not
/// at all.
struct InstalledPackages {
  /// Absolute: `dbt_packages`.
  let folder: String
  /// Where a new set is put together.
  private var stage: String { folder + ".new" }
  private var old: String { folder + ".old" }
  /// In each package's folder: its entry in package-lock.yml.
  private static let record = ".whc-package.json"

  /// - Parameter folder: a link is followed, so that it stays a link.
  init(folder: String) {
    self.folder = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
  }

  /// A way to a package that needs no network: it is there as the lock wants it, or in a folder of this machine.
  func existing(_ spec: PackageSpec) -> PinnedPackage? {
    guard let entry = spec.unrendered.mapping, let name = spec.name else { return nil }
    let shownVersion: String
    let shownName: String
    var version: String?
    let origin: PinnedPackage.Origin
    switch spec.origin {
    case .local, .privateRepository: return nil
    case .hub(let package, let versions, _):
      guard let text = versions.first, SemanticVersion(text)?.matcher == .exact else { return nil }
      (shownName, shownVersion, version) = (package, "version \(text)", text)
      origin = .hub(tarball: "")
    case .git(let url, let revision?, let subdirectory):
      shownName = subdirectory.map { "\(url)/\($0)" } ?? url
      shownVersion = "revision \(revision)"
      origin = .git(url: url, commit: revision, subdirectory: subdirectory)
    case .git(_, nil, _): return nil
    case .tarball(let url, _):
      (shownName, shownVersion) = (name, "tarball (url: \(url))")
      origin = .tarball(url: url)
    }
    let package = PinnedPackage(
      origin: origin, projectName: name, shownName: shownName, shownVersion: shownVersion, version: version,
      entry: entry, span: spec.span)
    return holds(package) ? package : nil
  }

  /// Whether a package's files are there, of the version that is meant.
  func holds(_ package: PinnedPackage) -> Bool {
    let place = folder + "/" + package.projectName
    guard Self.isPlainName(package.projectName), FileSystem.isFile(place + "/dbt_project.yml") else {
      return false
    }
    if let bytes = try? FileSystem.read(place + "/" + Self.record) {
      let recorded = try? JSONReader.read(bytes, file: Self.record)
      return recorded.map { $0 == .mapping(package.entry) } ?? false
    }
    // Put there by dbt or by hand.
    switch package.origin {
    case .hub:
      return (try? RawProject.read(folder: place))?.root["version"]?.scalar?.pythonText == package.version
    case .git(_, let commit, nil):
      guard FileSystem.isFolder(place + "/.git"),
        let outcome = try? ExternalProgram.git.run(["rev-parse", "HEAD"], in: place)
      else { return false }
      return outcome.output.hasPrefix(commit)
    default: return false
    }
  }

  /// Whether exactly these packages are there, links to local ones included.
  func isComplete(_ packages: [PinnedPackage]) -> Bool {
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    guard names == Set(packages.map(\.projectName)), FileSystem.isFolder(folder) else { return false }
    return packages.allSatisfy { package in
      guard case .local(let source) = package.origin else { return holds(package) }
      return (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + package.projectName))
        == source
    }
  }

  // MARK: A new set

  /// Begins a new set, empty; what a broken-off run left is thrown away.
  func begin() throws(DiagnosticsError) {
    try doing("be prepared") {
      let files = FileManager.default
      // A run that was killed between two renames.
      if !exists(folder), exists(old) { try files.moveItem(atPath: old, toPath: folder) }
      for leftover in [stage, old] where exists(leftover) { try files.removeItem(atPath: leftover) }
      try files.createDirectory(atPath: stage, withIntermediateDirectories: true)
    }
  }

  /// Puts a package into the new set.
  ///
  /// - Parameter source: the folder with its files, which is moved; nil keeps what is in the old set.
  func add(_ package: PinnedPackage, from source: String?) throws(DiagnosticsError) {
    guard Self.isPlainName(package.projectName) else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-package", "'\(package.projectName)' cannot be the name of a package's folder", at: package.span
        ))
    }
    let place = stage + "/" + package.projectName
    try doing("take \(package.shownName)") {
      let files = FileManager.default
      guard let source else { return }
      if package.isLocal {
        do {
          try files.createSymbolicLink(atPath: place, withDestinationPath: source)
        } catch {
          // A file system without links: a copy does as well.
          try files.copyItem(atPath: source, toPath: place)
        }
        return
      }
      try files.copyItem(atPath: source, toPath: place)
      if exists(place + "/.git") { try files.removeItem(atPath: place + "/.git") }
      try ArtifactFile.write(
        JSONText.compact(.mapping(package.entry)) + "\n", to: place + "/" + Self.record)
    }
  }

  /// Puts the new set in place of the old one.
  ///
  /// - Parameter kept: packages whose files are taken from the old set.
  func finish(keeping kept: [PinnedPackage]) throws(DiagnosticsError) {
    // From here on a Ctrl-C must wait: these are a few renames.
    let interrupt = Interrupt {}
    defer { interrupt.release() }
    try doing("be replaced") {
      let files = FileManager.default
      if exists(folder) { try files.moveItem(atPath: folder, toPath: old) }
      do {
        for package in kept {
          try files.moveItem(
            atPath: old + "/" + package.projectName, toPath: stage + "/" + package.projectName)
        }
        try files.moveItem(atPath: stage, toPath: folder)
      } catch {
        for package in kept where exists(stage + "/" + package.projectName) {
          try? files.moveItem(
            atPath: stage + "/" + package.projectName, toPath: old + "/" + package.projectName)
        }
        if exists(old) { try? files.moveItem(atPath: old, toPath: folder) }
        throw error
      }
      if exists(old) { try files.removeItem(atPath: old) }
    }
  }

  /// Throws the new set away.
  func abandon() { try? FileManager.default.removeItem(atPath: stage) }

  private func exists(_ path: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path)) != nil
  }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.contains("/") && !name.utf8.contains(0)
  }

  private func doing(_ what: String, _ body: () throws -> Void) throws(DiagnosticsError) {
    do {
      try body()
    } catch let error as DiagnosticsError {
      throw error
    } catch {
      throw DiagnosticsError(
        Diagnostic("io-error", "\(folder) cannot \(what): \(error.localizedDescription)"))
    }
  }
}
