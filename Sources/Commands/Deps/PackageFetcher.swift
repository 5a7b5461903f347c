import Diagnostics
import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel

/// Gets packages from where they are: the hub, git, archives, folders. Each is fetched once, into a folder of its own
/// below the scratch folder.
final class PackageFetcher {
  struct Known {
    var pinned: PinnedPackage
    /// What the package itself needs.
    var packages: [PackageSpec]
  }

  private struct Repository: Hashable {
    var url: String
    var revision: String?
  }

  private let projectFolder: String
  private let scratch: String
  private let hub: HubRegistry
  private let checksVersion: Bool
  private let render: RenderText
  private var repositories: [Repository: GitCheckout.Fetched] = [:]
  private var archives: [String: String] = [:]
  private var ownWarnings: [Diagnostic] = []

  /// - Parameters:
  ///   - checksVersion: whether versions for another dbt are left out.
  ///   - render: renders packages.yml of packages.
  init(
    projectFolder: String, scratch: String, environment: [String: String], checksVersion: Bool,
    render: @escaping RenderText
  ) {
    self.projectFolder = projectFolder
    self.scratch = scratch
    self.checksVersion = checksVersion
    self.render = render
    hub = HubRegistry(environment: environment, scratch: scratch)
  }

  /// What was noticed along the way, each once.
  var warnings: [Diagnostic] { hub.warnings + ownWarnings }

  /// The package that fits everybody who asks for it.
  ///
  /// - Parameter specs: at least one, all of one package.
  func package(_ specs: [PackageSpec]) throws(DiagnosticsError) -> Known {
    guard let spec = specs.last else { throw DiagnosticsError([]) }
    do throws(DiagnosticsError) {
      return try found(spec, specs)
    } catch {
      throw DiagnosticsError(
        error.diagnostics.map { diagnostic in
          var diagnostic = diagnostic
          if diagnostic.span == nil { diagnostic.span = spec.span }
          return diagnostic
        })
    }
  }

  private func found(_ spec: PackageSpec, _ specs: [PackageSpec]) throws(DiagnosticsError) -> Known {
    switch spec.origin {
    case .local(let path): return try local(path, spec)
    case .hub(let package, _, _): return try fromHub(package, specs)
    case .git(let url, _, let subdirectory): return try repository(url, subdirectory, specs)
    case .tarball(let url, let name): return try archive(url, name, spec)
    case .privateRepository(let path, _, _, _):
      throw DiagnosticsError(
        Diagnostic(
          "private-package",
          "the private package '\(path)' cannot be found: only dbt's platform knows where it is",
          at: spec.span, help: "name the repository with 'git:' instead"))
    }
  }

  // MARK: Local

  private func local(_ path: String, _ spec: PackageSpec) throws(DiagnosticsError) -> Known {
    // dbt takes the path from the root project, also for packages of packages.
    let folder = FileSystem.absolute(path.hasPrefix("/") ? path : projectFolder + "/" + path)
    let (name, packages) = try contents(of: folder, shown: path, spec)
    return Known(
      pinned: PinnedPackage(
        origin: .local(folder: folder), projectName: name, shownName: path, shownVersion: "<local @ \(path)>",
        entry: ["local": .string(path), "name": .string(name)], span: spec.span),
      packages: packages)
  }

  /// The name of the project in a folder, and what it needs.
  private func contents(
    of folder: String, shown: String, _ spec: PackageSpec
  ) throws(DiagnosticsError) -> (name: String, packages: [PackageSpec]) {
    let prefix = shown.hasSuffix("/") ? shown : shown + "/"
    do throws(DiagnosticsError) {
      let raw = try RawProject.read(folder: folder, prefix: prefix)
      let (list, found) = try PackageList.read(folder: folder, prefix: prefix, render: render)
      let errors = found.filter { $0.severity == .error }
      guard errors.isEmpty else { throw DiagnosticsError(errors) }
      return (raw.name ?? (folder as NSString).lastPathComponent, list.packages)
    } catch {
      throw DiagnosticsError(
        Diagnostic(
          "bad-package", "\(shown) is no package: \(error.diagnostics.first?.summary ?? "it cannot be read")",
          at: spec.span, label: "a project is expected here",
          help: "a package is a folder with a dbt_project.yml in it"))
    }
  }

  // MARK: Hub

  private func fromHub(_ package: String, _ specs: [PackageSpec]) throws(DiagnosticsError) -> Known {
    let span = specs.last?.span
    let all = try hub.versions(of: package, at: span)
    var bounds: [SemanticVersion] = []
    var takesPrereleases = false
    for spec in specs {
      guard case .hub(_, let texts, let prereleases) = spec.origin else { continue }
      takesPrereleases = takesPrereleases || prereleases
      for text in texts {
        guard let bound = SemanticVersion(text) else {
          throw DiagnosticsError(
            Diagnostic(
              "bad-value", "'\(text)' is no version of \(package)", at: spec.span,
              label: "three numbers are expected, like \">=1.0.0\""))
        }
        bounds.append(bound)
      }
    }
    guard let range = VersionRange(bounds) else { throw conflict(package, bounds, specs) }
    let compatible = all.filter { !checksVersion || isCompatible($0) }
    takesPrereleases = takesPrereleases || bounds.contains { $0.prerelease != nil }
    let installable = compatible.filter { takesPrereleases || $0.version.prerelease == nil }
      .sorted { $0.version.compare($1.version) < 0 }
    guard let found = installable.last(where: { range.contains($0.version) }) else {
      throw missing(package, range, installable, hidden: all.count - compatible.count, span)
    }
    let entry: OrderedDictionary<String, PlainValue> = [
      "name": .string(found.name), "package": .string(package), "version": .string(found.text),
    ]
    return Known(
      pinned: PinnedPackage(
        origin: .hub(tarball: found.tarball), projectName: found.name, shownName: package,
        shownVersion: "version \(found.text)", latest: installable.last?.text, version: found.text,
        entry: entry, span: span),
      packages: found.packages)
  }

  private func isCompatible(_ version: HubRegistry.Version) -> Bool {
    guard let own = SemanticVersion(ProjectDefinition.dbtVersion), !version.requiredDbt.isEmpty else {
      return true
    }
    let bounds = version.requiredDbt.flatMap { $0.split(separator: ",") }.compactMap {
      SemanticVersion(String($0).trimmingCharacters(in: .whitespaces))
    }
    return VersionRange(bounds)?.contains(own) ?? false
  }

  private func conflict(
    _ package: String, _ bounds: [SemanticVersion], _ specs: [PackageSpec]
  ) -> DiagnosticsError {
    var diagnostic = Diagnostic(
      "version-conflict",
      "no version of \(package) can be " + bounds.map(\.text).joined(separator: " and "),
      at: specs.last?.span,
      label: "this excludes the others", help: "widen one of the ranges")
    diagnostic.secondary = specs.dropLast().map { .init(span: $0.span, text: "asked for here") }
    return DiagnosticsError(diagnostic)
  }

  private func missing(
    _ package: String, _ range: VersionRange, _ installable: [HubRegistry.Version], hidden: Int,
    _ span: SourceSpan?
  ) -> DiagnosticsError {
    let shown = installable.suffix(12).map(\.text).joined(separator: ", ")
    var notes = ["there are: \(installable.count > 12 ? "…, " : "")\(shown.isEmpty ? "none" : shown)"]
    if hidden > 0 {
      notes.append("\(hidden) more are for another dbt than \(ProjectDefinition.dbtVersion)")
    }
    return DiagnosticsError(
      Diagnostic(
        "no-such-version", "the hub has no version of \(package) that is \(range.text)", at: span,
        notes: notes,
        help: hidden > 0 ? "widen the range, or pass --no-version-check" : "widen the range"))
  }

  // MARK: Git

  private func repository(
    _ url: String, _ subdirectory: String?, _ specs: [PackageSpec]
  ) throws(DiagnosticsError) -> Known {
    var revisions: OrderedSet<String> = []
    var warns = true
    for spec in specs {
      guard case .git(_, let revision?, _) = spec.origin else {
        warns = warns && spec.warnsUnpinned != false
        continue
      }
      revisions.append(revision)
      warns = warns && spec.warnsUnpinned != false
    }
    let spec = specs[0]
    guard revisions.count < 2 else {
      var diagnostic = Diagnostic(
        "version-conflict",
        "\(url) is asked for at several revisions: \(revisions.joined(separator: ", "))",
        at: specs.last?.span,
        label: "another revision", help: "all who use a repository must name one revision of it")
      diagnostic.secondary = specs.dropLast().map { .init(span: $0.span, text: "asked for here") }
      throw DiagnosticsError(diagnostic)
    }
    let revision = revisions.first
    let fetched = try checkout(Repository(url: url, revision: revision))
    if warns { warnIfUnpinned(url, revision, spec.span) }
    let folder = try Self.folder(subdirectory, in: fetched.folder, url, spec.span)
    let shown = subdirectory.map { "\(url)/\($0)" } ?? url
    let (name, packages) = try contents(of: folder, shown: shown, spec)
    // Secrets stay what they are in packages.yml: the name of a variable.
    let address = spec.unrendered.mapping?["git"]?.string ?? url
    var entry: OrderedDictionary<String, PlainValue> = [
      "git": .string(address), "name": .string(name), "revision": .string(fetched.commit),
    ]
    if let subdirectory { entry["subdirectory"] = .string(subdirectory) }
    return Known(
      pinned: PinnedPackage(
        origin: .git(url: url, commit: fetched.commit, subdirectory: subdirectory), projectName: name,
        shownName: shown, shownVersion: "revision \(fetched.commit)", entry: entry, span: spec.span),
      packages: packages)
  }

  private func checkout(_ repository: Repository) throws(DiagnosticsError) -> GitCheckout.Fetched {
    if let known = repositories[repository] { return known }
    let folder = scratch + "/git-\(repositories.count)"
    let fetched = try GitCheckout(url: repository.url, revision: repository.revision).fetch(
      into: folder, in: scratch)
    repositories[repository] = fetched
    // The lock names the commit, which is the same again.
    repositories[Repository(url: repository.url, revision: fetched.commit)] = fetched
    return fetched
  }

  private static func folder(
    _ subdirectory: String?, in checkout: String, _ url: String, _ span: SourceSpan?
  ) throws(DiagnosticsError) -> String {
    guard let subdirectory else { return checkout }
    let folder = FileSystem.absolute(checkout + "/" + subdirectory)
    guard folder.hasPrefix(FileSystem.absolute(checkout) + "/"), FileSystem.isFolder(folder) else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-package", "\(url) has no folder '\(subdirectory)'", at: span, label: "'subdirectory' names it")
      )
    }
    return folder
  }

  private func warnIfUnpinned(_ url: String, _ revision: String?, _ span: SourceSpan) {
    let moving: String
    switch revision {
    case nil, "HEAD"?: moving = "not pinned: what its default branch holds is taken"
    case "main"?, "master"?: moving = "pinned to the branch '\(revision ?? "")' only"
    default: return
    }
    guard !ownWarnings.contains(where: { $0.span == span }) else { return }
    ownWarnings.append(
      Diagnostic(
        "unpinned-package", severity: .warning, "the git package \(url) is \(moving)", at: span,
        notes: ["another run of 'deps --upgrade' may bring other code"],
        help: "name a tag or a commit with 'revision:', or set 'warn-unpinned: false'"))
  }

  // MARK: Archives

  private func archive(_ url: String, _ name: String, _ spec: PackageSpec) throws(DiagnosticsError) -> Known {
    let folder = try unpacked(url)
    let (_, packages) = try contents(of: folder, shown: url, spec)
    let address = spec.unrendered.mapping?["tarball"]?.string ?? url
    return Known(
      pinned: PinnedPackage(
        origin: .tarball(url: url), projectName: name, shownName: name, shownVersion: "tarball (url: \(url))",
        entry: ["name": .string(name), "tarball": .string(address)], span: spec.span),
      packages: packages)
  }

  private func unpacked(_ url: String) throws(DiagnosticsError) -> String {
    if let known = archives[url] { return known }
    let place = scratch + "/archive-\(archives.count)"
    do {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    } catch {
      throw DiagnosticsError(Diagnostic("io-error", "cannot make \(place): \(error.localizedDescription)"))
    }
    try Download.file(url, to: place + ".tar", in: scratch)
    let folder = try Archive(path: place + ".tar", origin: url).unpack(into: place)
    archives[url] = folder
    return folder
  }

  // MARK: Files

  /// A folder with the package's files, which may be moved away.
  func files(of package: PinnedPackage) throws(DiagnosticsError) -> String {
    switch package.origin {
    case .local(let folder): return folder
    case .hub(let url), .tarball(let url): return try unpacked(url)
    case .git(let url, let commit, let subdirectory):
      let fetched = try checkout(Repository(url: url, revision: commit))
      return try Self.folder(subdirectory, in: fetched.folder, url, package.span)
    }
  }
}
