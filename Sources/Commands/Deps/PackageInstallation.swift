import Artifacts
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel

/// What has to be done so that every package that a project names, or that such a package names, lies in its
/// `dbt_packages/`.
struct PackageInstallation {
  /// A package of this machine that is linked into the project.
  struct Link {
    var name: String
    /// As packages.yml has it.
    var written: String
    /// Absolute.
    var source: String
  }

  private(set) var links: [Link] = []
  /// Packages from elsewhere that are in `dbt_packages/` already.
  private(set) var kept: [String] = []
  /// Packages from elsewhere that are not.
  private(set) var missing: [Diagnostic] = []
  /// What the project's own list names.
  private let stated: [PackageSpec]
  private let root: String
  let folder: String

  /// - Throws: when a list of packages cannot be read, a local package is no project, or two have one name.
  init(_ project: ProjectDefinition, render: RenderText) throws(DiagnosticsError) {
    root = project.rootPath
    let install = project.packagesInstallPath
    folder = install.hasPrefix("/") ? install : project.rootPath + "/" + install
    stated = try PackageList.read(folder: project.rootPath, render: render).list.packages
    try resolve(stated, ownName: project.name, render)
  }

  var isEmpty: Bool { stated.isEmpty }

  private mutating func resolve(
    _ specs: [PackageSpec], ownName: String, _ render: RenderText
  ) throws(DiagnosticsError) {
    var open = specs[...]
    while let spec = open.popFirst() {
      guard case .local(let path) = spec.origin else {
        guard let name = installedName(of: spec) else {
          missing.append(absent(spec))
          continue
        }
        if kept.contains(name) { continue }
        kept.append(name)
        open += try PackageList.read(
          folder: folder + "/" + name, prefix: "dbt_packages/\(name)/", render: render
        ).list.packages
        continue
      }
      // dbt takes the path from the root project, also for packages of packages.
      let source = FileSystem.absolute(path.hasPrefix("/") ? path : root + "/" + path)
      let prefix = path.hasSuffix("/") ? path : path + "/"
      let raw: RawProject
      do throws(DiagnosticsError) { raw = try RawProject.read(folder: source, prefix: prefix) } catch {
        throw DiagnosticsError(unusable(spec, path, error.diagnostics))
      }
      let name = raw.name ?? (source as NSString).lastPathComponent
      if let other = links.first(where: { $0.name == name }) {
        guard other.source != source else { continue }
        throw DiagnosticsError(
          Diagnostic(
            "duplicate-name", "two packages have the name '\(name)': \(other.written) and \(path)",
            at: spec.span,
            label: "the second one"))
      }
      guard name != ownName else {
        throw DiagnosticsError(
          Diagnostic("duplicate-name", "the package has the project's own name, '\(name)'", at: spec.span))
      }
      links.append(Link(name: name, written: path, source: source))
      open += try PackageList.read(folder: source, prefix: prefix, render: render).list.packages
    }
  }

  // MARK: Packages from elsewhere

  /// The folder below `dbt_packages/` that holds such a package.
  private func installedName(of spec: PackageSpec) -> String? {
    candidates(spec).first { FileSystem.isFile("\(folder)/\($0)/dbt_project.yml") }
  }

  private func candidates(_ spec: PackageSpec) -> [String] {
    func last(_ path: String) -> String {
      var name = path.split(separator: "/").last.map(String.init) ?? path
      if name.hasSuffix(".git") { name.removeLast(4) }
      return name
    }
    func forms(_ name: String) -> [String] {
      let plain = name.replacing("-", with: "_")
      return [name, plain] + (plain.hasPrefix("dbt_") ? [String(plain.dropFirst(4))] : [])
    }
    let named = spec.name.map { [$0] } ?? []
    switch spec.origin {
    case .local: return named
    case .hub(let package, _, _): return named + forms(last(package))
    case .git(let url, _, let subdirectory):
      return named + forms(last(url)) + forms(last(subdirectory ?? url))
    case .tarball(_, let name): return named + forms(name)
    case .privateRepository(let path, _, _, let subdirectory):
      return named + forms(last(path)) + forms(last(subdirectory ?? path))
    }
  }

  private func absent(_ spec: PackageSpec) -> Diagnostic {
    let what: String =
      switch spec.origin {
      case .local(let path): "the package in \(path)"
      case .hub(let package, let versions, _): ([package] + versions).joined(separator: " ")
      case .git(let url, let revision, _): "the repository \(url)" + (revision.map { " at \($0)" } ?? "")
      case .tarball(let url, _): "the archive \(url)"
      case .privateRepository(let path, _, _, _): "the private repository \(path)"
      }
    return Diagnostic(
      "package-not-fetched", "\(what) is not in dbt_packages, and this version of whc fetches nothing",
      at: spec.span,
      label: "only local packages are installed",
      help: "let 'dbt deps' fetch it, or check it out to \(folder)/\(candidates(spec).last ?? "<name>")")
  }

  private func unusable(_ spec: PackageSpec, _ path: String, _ reasons: [Diagnostic]) -> Diagnostic {
    Diagnostic(
      "bad-package", "\(path) is no package: \(reasons.first?.summary ?? "it cannot be read")", at: spec.span,
      label: "a folder with a dbt_project.yml is expected, its path taken from the project's folder")
  }

  // MARK: Doing it

  /// Links a package, in place of what lies there.
  ///
  /// - Throws: `io-error`
  func install(_ link: Link) throws(DiagnosticsError) {
    let place = folder + "/" + link.name
    do {
      let files = FileManager.default
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      if (try? files.destinationOfSymbolicLink(atPath: place)) == link.source { return }
      if (try? files.attributesOfItem(atPath: place)) != nil { try files.removeItem(atPath: place) }
      do {
        try files.createSymbolicLink(atPath: place, withDestinationPath: link.source)
      } catch {
        // A file system without links: a copy does as well.
        try files.copyItem(atPath: link.source, toPath: place)
      }
    } catch {
      throw DiagnosticsError(
        Diagnostic("io-error", "\(link.written) cannot be put into \(place): \(error.localizedDescription)"))
    }
  }

  /// package-lock.yml; nil when packages from elsewhere are among them, whose versions whoever fetched them knows.
  var lock: String? {
    guard kept.isEmpty, !links.isEmpty else { return nil }
    let entries = links.map { "  - local: \(Self.scalar($0.written))\n    name: \($0.name)\n" }.joined()
    let texts = stated.compactMap { spec -> String? in
      guard case .local(let path) = spec.origin else { return nil }
      let entry: PlainValue = ["local": .string(path)]
      return JSONText.compact(["local": .string(path), "unrendered": entry])
    }
    return "packages:\n\(entries)sha1_hash: \(SHA1.hexadecimal(texts.sorted().joined(separator: "\n")))\n"
  }

  private static func scalar(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte)
    }
    return isPlain && text.utf8.first != UInt8(ascii: "-") ? text : JSONText.quoted(text)
  }
}
