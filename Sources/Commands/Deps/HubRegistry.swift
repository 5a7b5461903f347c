import Artifacts
import Diagnostics
import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel

/// The hub's registry of packages: which there are, in which versions, and where each can be fetched.
///
/// Each question is asked once.
final class HubRegistry {
  struct Version {
    var text: String
    var version: SemanticVersion
    /// The project's own name.
    var name: String
    var tarball: String
    var packages: [PackageSpec]
    var requiredDbt: [String]
  }

  private let base: String
  private let scratch: String
  private var index: Set<String>?
  private var known: [String: [Version]] = [:]
  /// What was told of packages that have moved.
  private(set) var warnings: [Diagnostic] = []

  /// - Parameter scratch: a folder for what is fetched.
  init(environment: [String: String], scratch: String) {
    let stated = environment["DBT_PACKAGE_HUB_URL"] ?? ""
    base = stated.isEmpty ? "https://hub.getdbt.com/" : stated
    self.scratch = scratch
  }

  /// The versions of a package, as the registry lists them.
  ///
  /// - Throws: `unknown-package` when the hub has none of this name, `cannot-fetch`, `bad-registry`.
  func versions(of package: String, at span: SourceSpan?) throws(DiagnosticsError) -> [Version] {
    if let versions = known[package] { return versions }
    let names = try packages()
    guard names.contains(package) else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-package",
          "the hub has no package '\(package)'", meant: NearMiss(package, among: names.sorted()),
          at: span, label: "not in the package index"))
    }
    let root = try json(package)
    guard let entries = root.mapping?["versions"]?.mapping, root.mapping?["name"] != nil else {
      throw bad("api/v1/\(package).json", "it names no 'versions'")
    }
    if root.mapping?["redirectnamespace"] != nil || root.mapping?["redirectname"] != nil {
      let space = root.mapping?["redirectnamespace"]?.string ?? root.mapping?["namespace"]?.string ?? ""
      let name = root.mapping?["redirectname"]?.string ?? root.mapping?["name"]?.string ?? ""
      warnings.append(
        Diagnostic(
          "package-redirect", severity: .warning,
          "The `\(package)` package is deprecated in favor of `\(space)/\(name)`", at: span,
          help: "change it in packages.yml", facts: ["old_name": package, "new_name": space + "/" + name]))
    }
    let versions = entries.compactMap { text, entry in version(text, entry, span) }
    known[package] = versions
    return versions
  }

  private func packages() throws(DiagnosticsError) -> Set<String> {
    if let index { return index }
    guard let names = try json("index").strings else {
      throw bad("api/v1/index.json", "it is no list of names")
    }
    let found = Set(names)
    index = found
    return found
  }

  private func version(_ text: String, _ entry: PlainValue, _ span: SourceSpan?) -> Version? {
    guard let fields = entry.mapping, let version = SemanticVersion(text), let name = fields["name"]?.string,
      let tarball = fields["downloads"]?.mapping?["tarball"]?.string
    else { return nil }
    return Version(
      text: text, version: version, name: name, tarball: tarball,
      packages: (fields["packages"]?.list ?? []).compactMap { Self.spec($0, span) },
      requiredDbt: fields["require_dbt_version"]?.strings ?? [])
  }

  /// A dependency as the registry lists it.
  private static func spec(_ entry: PlainValue, _ span: SourceSpan?) -> PackageSpec? {
    guard let fields = entry.mapping, let span else { return nil }
    let origin: PackageSpec.Origin
    if let package = fields["package"]?.string {
      origin = .hub(
        package: package, versions: fields["version"]?.strings ?? [],
        installsPrerelease: fields["install_prerelease"]?.bool ?? false)
    } else if let url = fields["git"]?.string {
      origin = .git(
        url: url, revision: fields["revision"]?.string, subdirectory: fields["subdirectory"]?.string)
    } else {
      return nil
    }
    return PackageSpec(origin: origin, span: span, rendered: entry, unrendered: entry)
  }

  private func json(_ name: String) throws(DiagnosticsError) -> PlainValue {
    let url = "\(base)api/v1/\(name).json"
    let answer = try Download.get(url, in: scratch)
    guard answer.status == 200 else { throw bad("api/v1/\(name).json", "the hub answers \(answer.status)") }
    return try JSONReader.read(Array(answer.body), file: url)
  }

  private func bad(_ path: String, _ reason: String) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "bad-registry", "\(base)\(path) cannot be used: \(reason)",
        help: "is DBT_PACKAGE_HUB_URL right, with its slash at the end?"))
  }
}
