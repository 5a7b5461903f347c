import Diagnostics
import ProjectModel

/// A manifest with the ways to find a node by what `ref()` and `source()` say.
final class ManifestIndex: Sendable {
  let manifest: Manifest
  let sharedGraph = SharedGraph()
  /// Where references to some of its nodes lead instead.
  let deferral: Deferral
  /// Whether a package's own nodes come before those of the root project with the same name.
  private let prefersOwn: Bool
  /// By name (`orders`, `orders.v2`) and package.
  private let referable: [String: [String: NodeID]]
  private let sources: [String: [String: NodeID]]
  private let functions: [String: [String: NodeID]]

  init(_ manifest: Manifest, deferral: Deferral = Deferral(), prefersOwn: Bool = false) {
    self.manifest = manifest
    self.prefersOwn = prefersOwn
    self.deferral = deferral
    var referable: [String: [String: NodeID]] = [:]
    for node in manifest.nodes.values {
      guard [.model, .seed, .snapshot].contains(node.resourceType) else { continue }
      guard let version = node.version, !version.isNull else {
        referable[node.name, default: [:]][node.packageName] = node.id
        continue
      }
      referable["\(node.name).v\(Self.text(version))", default: [:]][node.packageName] = node.id
      if Self.text(version) == node.latestVersion.map(Self.text) {
        referable[node.name, default: [:]][node.packageName] = node.id
      }
    }
    self.referable = referable
    var functions: [String: [String: NodeID]] = [:]
    for node in manifest.nodes.values where node.resourceType == .function {
      functions[node.name, default: [:]][node.packageName] = node.id
    }
    self.functions = functions
    var sources: [String: [String: NodeID]] = [:]
    for source in manifest.sources.values {
      sources["\(source.sourceName).\(source.name)", default: [:]][source.packageName] = source.id
    }
    self.sources = sources
  }

  /// What a name without a package means: the root project's, then the package's own, then anybody's.
  private func id(among found: [String: NodeID], from package: String) -> NodeID? {
    let root = manifest.projectName
    let (first, second) = prefersOwn ? (package, root) : (root, package)
    return found[first] ?? found[second] ?? found.min { $0.key < $1.key }?.value
  }

  /// The node that a `ref()` in a package means.
  func node(for reference: RefCall, from package: String) -> Node? {
    let name = reference.version.map { "\(reference.name).v\($0)" } ?? reference.name
    guard let found = referable[name] else { return nil }
    if let wanted = reference.package { return found[wanted].flatMap { manifest.nodes[$0] } }
    return id(among: found, from: package).flatMap { manifest.nodes[$0] }
  }

  func source(for call: SourceCall, from package: String) -> SourceDefinition? {
    guard let found = sources["\(call.source).\(call.table)"] else { return nil }
    return id(among: found, from: package).flatMap { manifest.sources[$0] }
  }

  /// The function that `function('name')` or `function('package', 'name')` means.
  func function(_ words: [String], from package: String) -> Node? {
    guard let name = words.last, let found = functions[name] else { return nil }
    if words.count > 1 { return found[words[0]].flatMap { manifest.nodes[$0] } }
    return id(among: found, from: package).flatMap { manifest.nodes[$0] }
  }

  func unknownRef(_ reference: RefCall, from package: String) -> HostFailure {
    let place = reference.package.map { " in package '\($0)'" } ?? ""
    if manifest.disabled.values.contains(where: { $0.contains { $0.name == reference.name } }) {
      return HostFailure(
        "unknown-ref", "model '\(reference.name)'\(place) is disabled",
        label: "its config has enabled: false",
        help: "enable it, or do not refer to it")
    }
    return HostFailure(
      "unknown-ref",
      "model '\(reference.name)' is not in this project"
        + NearMiss.suffix(for: reference.name, among: referable.keys.sorted()),
      label: "no model, seed or snapshot has this name\(place)")
  }

  func unknownSource(_ call: SourceCall, from package: String) -> HostFailure {
    let name = "\(call.source).\(call.table)"
    return HostFailure(
      "unknown-source",
      "source '\(name)' is not declared" + NearMiss.suffix(for: name, among: sources.keys.sorted()),
      label: "no properties file declares this table")
  }

  private static func text(_ version: PlainValue) -> String {
    switch version {
    case .string(let text): text
    case .int(let number): String(number)
    case .double(let number): "\(number)"
    default: ""
    }
  }
}
