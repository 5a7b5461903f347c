public import Diagnostics
import OrderedCollections
public import ProjectModel

/// One entry of `packages:` in packages.yml or dependencies.yml.
public struct PackageSpec: Sendable {
  public enum Origin: Sendable, Hashable {
    case local(path: String)
    case hub(package: String, versions: [String], installsPrerelease: Bool)
    case git(url: String, revision: String?, subdirectory: String?)
    case tarball(url: String, name: String)
    case privateRepository(path: String, provider: String?, revision: String?, subdirectory: String?)
  }

  public var origin: Origin
  public var name: String?
  /// `warn-unpinned`: false keeps quiet about a repository whose revision may move.
  public var warnsUnpinned: Bool?
  public var span: SourceSpan
  /// The entry with its templates rendered, and as written.
  public var rendered: PlainValue
  public var unrendered: PlainValue

  public init(
    origin: Origin, name: String? = nil, warnsUnpinned: Bool? = nil, span: SourceSpan, rendered: PlainValue,
    unrendered: PlainValue
  ) {
    self.origin = origin
    self.name = name
    self.warnsUnpinned = warnsUnpinned
    self.span = span
    self.rendered = rendered
    self.unrendered = unrendered
  }

  /// The entry as the key of package-lock.yml is made from: dbt's keys with their defaults.
  public var contract: PlainValue {
    guard let given = rendered.mapping else { return rendered }
    func value(_ key: String) -> PlainValue { given[key] ?? .null }
    var keys: OrderedDictionary<String, PlainValue>
    switch origin {
    case .local: keys = ["local": value("local")]
    case .tarball: keys = ["tarball": value("tarball")]
    case .hub:
      keys = [
        "package": value("package"), "version": value("version"),
        "install_prerelease": given["install_prerelease"] ?? false,
      ]
    case .git:
      keys = [
        "git": value("git"), "revision": value("revision"), "subdirectory": value("subdirectory"),
        "warn-unpinned": value("warn-unpinned"),
      ]
    case .privateRepository:
      keys = [
        "private": value("private"), "provider": value("provider"), "revision": value("revision"),
        "subdirectory": value("subdirectory"), "warn-unpinned": value("warn-unpinned"),
      ]
    }
    if let name { keys["name"] = .string(name) }
    keys["unrendered"] = unrendered
    return .mapping(keys)
  }
}

/// What a project says it depends on.
public struct PackageList: Sendable {
  /// `packages.yml` or `dependencies.yml`, nil when the project has neither.
  public var file: String?
  public var packages: [PackageSpec] = []
  /// `projects:` of dependencies.yml, other projects of a mesh.
  public var projects: [String] = []
  /// `sha1_hash` of package-lock.yml.
  public var hash: String?

  /// Reads the two files of a project.
  ///
  /// - Throws: when one is not YAML, or both name packages.
  ///
  /// - Parameter files: which of them; `package-lock.yml` is read the same way.
  public static func read(
    folder: String, prefix: String = "", files: [String] = ["packages.yml", "dependencies.yml"],
    render: RenderText
  ) throws(DiagnosticsError) -> (list: PackageList, diagnostics: [Diagnostic]) {
    var result = PackageList()
    var diagnostics: [Diagnostic] = []
    for name in files {
      guard let bytes = try bytes(folder + "/" + name, file: prefix + name) else { continue }
      let file = prefix + name
      let document = try YAMLParser.read(bytes, file: file).document
      guard var root = document.root, root.mapping != nil else { continue }
      let written = root
      // dbt renders packages.yml and leaves dependencies.yml as it is.
      if name != "dependencies.yml" { root = try root.rendered(in: file, with: render) }
      var reader = ValueReader(file: file)
      result.projects += (root["projects"]?.sequence ?? []).compactMap { $0["name"]?.string }
      if let entries = reader.sequence(root, "packages") {
        if let other = result.file {
          throw DiagnosticsError(
            Diagnostic(
              "bad-value", "both \(other) and \(file) name packages; one of them must",
              at: root["packages"]?.place.span(in: file), label: "the second list"))
        }
        result.file = file
        let unrendered = written["packages"]?.sequence ?? []
        result.packages = entries.enumerated().compactMap { index, entry in
          spec(entry, unrendered.indices.contains(index) ? unrendered[index] : entry, &reader)
        }
        result.hash = root["sha1_hash"]?.string
      }
      diagnostics += reader.diagnostics
    }
    return (result, diagnostics)
  }

  private static func bytes(_ path: String, file: String) throws(DiagnosticsError) -> [UInt8]? {
    do { return try FileSystem.read(path) } catch {
      if error.isMissing { return nil }
      throw DiagnosticsError(RawProject.unreadable(file, error.reason))
    }
  }

  private static let keys: [String: [String]] = [
    "local": ["local", "name"], "tarball": ["tarball", "name"],
    "package": ["package", "version", "install_prerelease", "name"],
    "git": ["git", "revision", "warn-unpinned", "subdirectory", "name"],
    "private": ["private", "provider", "revision", "warn-unpinned", "subdirectory", "name"],
  ]

  private static func spec(
    _ node: YAMLNode, _ written: YAMLNode, _ reader: inout ValueReader
  ) -> PackageSpec? {
    for kind in ["local", "package", "git", "tarball", "private"] where node[kind] != nil {
      if node[kind]?.scalar?.pythonText.isEmpty ?? true {
        reader.report(
          "bad-value", "'\(kind)' of a package needs a value", at: node[kind]?.place, label: "nothing is here"
        )
        return nil
      }
      reader.checkKeys(node, known: keys[kind] ?? [], in: "a package with '\(kind)'")
      break
    }
    func text(_ key: String) -> String? { node[key]?.scalar.flatMap { $0.isNull ? nil : $0.pythonText } }
    let origin: PackageSpec.Origin
    if let path = text("local") {
      origin = .local(path: path)
    } else if let package = text("package") {
      let versions =
        node["version"]?.sequence?.compactMap { $0.scalar?.pythonText } ?? text("version").map { [$0] }
      origin = .hub(
        package: package, versions: versions ?? [],
        installsPrerelease: node["install_prerelease"]?.scalar?.bool ?? false)
    } else if let url = text("git") {
      origin = .git(url: url, revision: text("revision"), subdirectory: text("subdirectory"))
    } else if let url = text("tarball") {
      origin = .tarball(url: url, name: text("name") ?? "")
    } else if let path = text("private") {
      origin = .privateRepository(
        path: path, provider: text("provider"), revision: text("revision"), subdirectory: text("subdirectory")
      )
    } else {
      reader.report(
        "bad-value", "a package needs one of 'package', 'git', 'local', 'tarball', 'private'", at: node.place,
        label: "none of them is here")
      return nil
    }
    switch origin {
    case .hub(let package, let versions, _):
      if versions.isEmpty {
        reader.report(
          "bad-value", "\(package) needs a 'version': packages of the hub are taken by it", at: node.place,
          label: "no 'version:' here", help: "like version: [\">=1.0.0\", \"<2.0.0\"]")
        return nil
      }
      if !package.contains("/") {
        reader.report(
          "bad-value", "'\(package)' has no namespace; packages of the hub have one, like dbt-labs/dbt_utils",
          at: node["package"]?.place)
        return nil
      }
    case .tarball(_, let name) where name.isEmpty:
      reader.report("bad-value", "a tarball needs a 'name': the package's own", at: node.place)
      return nil
    default: break
    }
    return PackageSpec(
      origin: origin, name: text("name"), warnsUnpinned: node["warn-unpinned"]?.scalar?.bool,
      span: reader.span(node), rendered: node.plain, unrendered: written.plain)
  }
}
