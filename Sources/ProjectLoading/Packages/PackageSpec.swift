public import Diagnostics
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
  public var span: SourceSpan
}

/// What a project says it depends on.
public struct PackageList: Sendable {
  /// `packages.yml` or `dependencies.yml`, nil when the project has neither.
  public var file: String?
  public var packages: [PackageSpec] = []
  /// `projects:` of dependencies.yml, other projects of a mesh.
  public var projects: [String] = []

  /// Reads the two files of a project.
  ///
  /// - Throws: when one is not YAML, or both name packages.
  public static func read(
    folder: String, prefix: String = "", render: RenderText
  ) throws(DiagnosticsError) -> (list: PackageList, diagnostics: [Diagnostic]) {
    var result = PackageList()
    var diagnostics: [Diagnostic] = []
    for name in ["packages.yml", "dependencies.yml"] {
      guard let bytes = try bytes(folder + "/" + name, file: prefix + name) else { continue }
      let file = prefix + name
      let document = try YAMLParser.read(bytes, file: file).document
      guard var root = document.root, root.mapping != nil else { continue }
      // dbt renders packages.yml and leaves dependencies.yml as it is.
      if name == "packages.yml" { root = try root.rendered(in: file, with: render) }
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
        result.packages = entries.compactMap { spec($0, &reader) }
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

  private static func spec(_ node: YAMLNode, _ reader: inout ValueReader) -> PackageSpec? {
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
    return PackageSpec(origin: origin, name: text("name"), span: reader.span(node))
  }
}
