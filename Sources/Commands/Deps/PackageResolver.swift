import Diagnostics
import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel

/// Finds out which packages a project needs, its packages' own ones among them, and at which version each.
struct PackageResolver {
  private let fetcher: PackageFetcher
  private let ownName: String
  private var wanted: OrderedDictionary<String, [PackageSpec]> = [:]
  /// Other names under which the same repository is known: with and without `.git`.
  private var aliases: [String: String] = [:]

  init(_ fetcher: PackageFetcher, ownName: String) {
    self.fetcher = fetcher
    self.ownName = ownName
  }

  /// - Returns: the packages in the order in which they were first named; packages of packages come after.
  /// - Throws: `version-conflict`, `mixed-sources`, `duplicate-name`, and what fetching throws.
  mutating func resolve(_ specs: [PackageSpec]) throws(DiagnosticsError) -> [PinnedPackage] {
    var pending = specs
    while !pending.isEmpty {
      var next: [PackageSpec] = []
      var touched: OrderedSet<String> = []
      for spec in pending {
        if try add(spec) { touched.append(key(of: spec)) }
      }
      for key in touched { next += try fetcher.package(wanted[key] ?? []).packages }
      pending = next
    }
    var resolved: [PinnedPackage] = []
    for (_, specs) in wanted { resolved.append(try fetcher.package(specs).pinned) }
    try checkNames(resolved)
    return resolved
  }

  /// - Returns: false when the same was asked for already.
  private mutating func add(_ spec: PackageSpec) throws(DiagnosticsError) -> Bool {
    let key = key(of: spec)
    for name in Self.names(of: spec) { aliases[name] = key }
    let known = wanted[key] ?? []
    if let other = known.first, Self.kind(other) != Self.kind(spec) {
      throw DiagnosticsError(
        Diagnostic(
          "mixed-sources", "'\(key)' is asked for as \(Self.kind(other)) and as \(Self.kind(spec))",
          at: spec.span, label: "the second way",
          secondary: [.init(span: other.span, text: "the first one")]))
    }
    if known.contains(where: { $0.origin == spec.origin && $0.name == spec.name }) { return false }
    wanted[key, default: []].append(spec)
    return true
  }

  private func key(of spec: PackageSpec) -> String {
    let names = Self.names(of: spec)
    return names.lazy.compactMap { aliases[$0] }.first ?? names[0]
  }

  private static func names(of spec: PackageSpec) -> [String] {
    switch spec.origin {
    case .local(let path): return [path]
    case .hub(let package, _, _): return [package]
    case .tarball(let url, _): return [url]
    case .privateRepository(let path, _, _, _): return [path]
    case .git(let url, _, let subdirectory):
      let other = url.hasSuffix(".git") ? String(url.dropLast(4)) : url + ".git"
      return [url, other].map { address in subdirectory.map { "\(address)/\($0)" } ?? address }
    }
  }

  static func kind(_ spec: PackageSpec) -> String {
    switch spec.origin {
    case .local: "a local package"
    case .hub: "a package of the hub"
    case .git: "a git repository"
    case .tarball: "a tarball"
    case .privateRepository: "a private repository"
    }
  }

  private func checkNames(_ packages: [PinnedPackage]) throws(DiagnosticsError) {
    var seen: [String: PinnedPackage] = [:]
    for package in packages {
      if let other = seen[package.projectName] {
        throw DiagnosticsError(
          Diagnostic(
            "duplicate-name",
            "two packages have the name '\(package.projectName)': \(other.shownName) and \(package.shownName)",
            at: package.span, label: "the second one",
            secondary: other.span.map { [Diagnostic.Label(span: $0, text: "the first one")] } ?? []))
      }
      guard package.projectName != ownName else {
        throw DiagnosticsError(
          Diagnostic(
            "duplicate-name", "the package has the project's own name, '\(ownName)'", at: package.span))
      }
      seen[package.projectName] = package
    }
  }
}
