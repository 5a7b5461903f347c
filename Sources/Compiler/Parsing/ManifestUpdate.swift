public import Diagnostics
import OrderedCollections
public import ProjectLoading
public import ProjectModel

/// Brings a manifest up to date when the contents of a few files changed since it was made.
///
/// Only these files, the properties of their nodes and the nodes of their properties are read again. What changes
/// the meaning of other files as well – a name, a relation, access, anything to warn of – is left to a whole parse.
public struct ManifestUpdate: Sendable {
  /// Where a file stands in a project.
  public struct Position: Sendable, Hashable {
    public var package: Int
    public var file: Int

    public init(package: Int, file: Int) {
      self.package = package
      self.file = file
    }
  }

  private let manifest: Manifest
  private let warnings: [Diagnostic]
  private let engine: TemplateEngine
  /// The project as it is now, its files read and not understood.
  private let project: LoadedProject

  /// - Parameters:
  ///   - warnings: what was found when the manifest was made.
  ///   - engine: with the macros of the manifest.
  public init(
    _ manifest: Manifest, warnings: [Diagnostic], engine: TemplateEngine, project: LoadedProject
  ) {
    self.manifest = manifest
    self.warnings = warnings
    self.engine = engine
    self.project = project
  }

  /// The manifest with what the changed files say now; nil when a whole parse must say it.
  public func applying(_ changed: [Position], with loader: ProjectLoader) async -> Manifest? {
    // Unit tests hold their model's text.
    guard manifest.unitTests.isEmpty, changed.allSatisfy({ Self.kinds.contains(file($0).kind) }) else {
      return nil
    }
    let places = Set(changed.map { project.packages[$0.package].displayPath(file($0)) })
    guard !warnings.contains(where: { $0.names(places) }) else { return nil }

    var parts = Parts()
    for position in changed { parts.add(position, file(position)) }
    let properties = parts.changedProperties
    guard let wanted = await widen(&parts, loader) else { return nil }
    let (understood, wrong) = await loader.understand(wanted)
    guard wrong.isEmpty, properties.allSatisfy({ isPlain($0, in: understood) }) else { return nil }
    let read = await ManifestBuilder(project: understood, settings: engine.settings)
      .readAgain(with: manifest, engine: engine)
    guard !read.diagnostics.contains(where: { $0.severity == .error || $0.names(places) }) else { return nil }
    return merge(read.manifest, properties: Set(properties.map(key)))
  }

  /// Kinds of files that make or describe nodes of their own and nothing that others are made from.
  private static let kinds: Set<FileKind> = [.model, .analysis, .singularTest, .seed, .schema]
  private static let sections: Set<String> = ["version", "models", "seeds", "analyses"]

  private func file(_ position: Position) -> ProjectFile {
    project.packages[position.package].files[position.file]
  }

  // MARK: What is read again

  /// A file as nodes name it.
  fileprivate struct FileKey: Hashable {
    var package: String
    var path: String
  }

  private struct Parts {
    var nodes: Set<Position> = []
    var properties: Set<Position> = []
    var changedProperties: [Position] = []

    mutating func add(_ position: Position, _ file: ProjectFile) {
      if file.kind == .schema {
        properties.insert(position)
        changedProperties.append(position)
      } else {
        nodes.insert(position)
      }
    }
  }

  private func key(_ position: Position) -> FileKey {
    FileKey(
      package: project.packages[position.package].name, path: file(position).originalFilePath)
  }

  /// The project with nothing but the changed files, the nodes that changed properties spoke of or speak of now, and
  /// the properties of all these nodes.
  private func widen(_ parts: inout Parts, _ loader: ProjectLoader) async -> LoadedProject? {
    var positions: [FileKey: Position] = [:]
    var nodeFiles: [String: [Position]] = [:]
    for (package, owner) in project.packages.enumerated() {
      for (index, file) in owner.files.enumerated() where file.kind != .documentation {
        let position = Position(package: package, file: index)
        positions[FileKey(package: owner.name, path: file.originalFilePath)] = position
        if file.kind != .schema, Self.kinds.contains(file.kind), !parts.changedProperties.isEmpty {
          nodeFiles[file.name, default: []].append(position)
        }
      }
    }
    let changed = Set(parts.changedProperties.map { key($0).id })
    if !changed.isEmpty {
      for node in manifest.nodes.values where node.test == nil && changed.contains(node.patchPath ?? "") {
        let key = FileKey(package: node.packageName, path: node.originalFilePath)
        guard let position = positions[key] else { return nil }
        parts.nodes.insert(position)
      }
      let (understood, wrong) = await loader.understand(only(Set(parts.changedProperties)))
      guard wrong.isEmpty else { return nil }
      for file in understood.packages.flatMap(\.files) {
        for section in ["models", "seeds", "analyses"] {
          for entry in file.document?.root?[section]?.sequence ?? [] {
            guard let name = entry["name"]?.string else { return nil }
            parts.nodes.formUnion(nodeFiles[name] ?? [])
          }
        }
      }
    }
    let wanted = Set(parts.nodes.map(key))
    let byID = Dictionary(positions.map { ($0.key.id, $0.value) }, uniquingKeysWith: { first, _ in first })
    for node in manifest.nodes.values
    where node.test == nil && wanted.contains(FileKey(package: node.packageName, path: node.originalFilePath))
    {
      guard let patch = node.patchPath else { continue }
      guard let position = byID[patch] else { return nil }
      parts.properties.insert(position)
    }
    return only(parts.nodes.union(parts.properties))
  }

  private func only(_ positions: Set<Position>) -> LoadedProject {
    var result = project
    for package in project.packages.indices {
      result.packages[package].files = positions.filter { $0.package == package }.map(\.file).sorted()
        .map { project.packages[package].files[$0] }
    }
    return result
  }

  /// Whether a properties file speaks of nodes alone, and of none with versions.
  private func isPlain(_ position: Position, in understood: LoadedProject) -> Bool {
    let path = file(position).originalFilePath
    let found = understood.packages[position.package].files.first { $0.originalFilePath == path }
    guard let entries = found?.document?.root?.mapping else { return false }
    return entries.allSatisfy { entry in
      Self.sections.contains(entry.key)
        && (entry.value.sequence ?? []).allSatisfy { $0["versions"] == nil }
    }
  }

  // MARK: What comes of it

  /// - Parameter properties: the changed properties files, whose tests are made anew.
  private func merge(_ read: Manifest, properties: Set<FileKey>) -> Manifest? {
    guard read.disabled.isEmpty,
      !manifest.disabled.values.joined().contains(where: {
        isFrom($0, properties) || read.nodes[$0.id] != nil
      })
    else { return nil }
    var result = manifest
    var changesEdges = false
    let resolver = ReferenceResolver(manifest)
    for node in read.nodes.values where node.test == nil {
      guard let old = manifest.nodes[node.id], Self.looksTheSame(old, node),
        let parents = parents(of: node, before: old.dependsOn, resolver)
      else { return nil }
      var node = node
      node.dependsOn = parents
      node.primaryKey = properties.isEmpty ? old.primaryKey : []
      changesEdges = changesEdges || parents != old.dependsOn
      result.nodes[node.id] = node
    }
    // Every node of a file that was read again must have come out of it.
    let files = Set(read.nodes.values.lazy.filter { $0.test == nil }.map(Self.origin))
    let expected = manifest.nodes.values.count { $0.test == nil && files.contains(Self.origin($0)) }
    guard expected == read.nodes.values.count(where: { $0.test == nil }) else { return nil }

    if !properties.isEmpty {
      guard let nodes = replacingTests(in: result.nodes, by: read, properties, resolver) else { return nil }
      result.nodes = nodes
      PrimaryKeys.infer(into: &result.nodes)
    }
    if changesEdges || !properties.isEmpty {
      // Semantic models, unit tests and their like are shaped after the nodes that they name.
      guard manifest.opaque.values.allSatisfy(\.isEmpty), manifest.unitTests.isEmpty,
        Cycles.find(in: result.nodes).isEmpty
      else {
        return nil
      }
    }
    return result
  }

  private static func origin(_ node: Node) -> FileKey {
    FileKey(package: node.packageName, path: node.originalFilePath)
  }

  private func isFrom(_ node: Node, _ files: Set<FileKey>) -> Bool { files.contains(Self.origin(node)) }

  /// Whether nothing that other nodes look at has changed.
  private static func looksTheSame(_ old: Node, _ new: Node) -> Bool {
    old.name == new.name && old.resourceType == new.resourceType && old.fqn == new.fqn
      && old.version == new.version && old.latestVersion == new.latestVersion
      && old.relation == new.relation && old.relation?.quoting == new.relation?.quoting
      && old.access == new.access && old.group == new.group && old.isRelational == new.isRelational
      && isPlain(old) && isPlain(new)
  }

  /// Whether later steps of a whole parse have nothing to say to the node or, because of it, to others: tests of a
  /// dimension leave its member rows out; contracts, keys, batches and functions are looked through in the end.
  private static func isPlain(_ node: Node) -> Bool {
    !["dimension", "date_dimension"].contains(node.config.materialized) && !node.isMicrobatch
      && node.constraints.isEmpty && node.columns.values.allSatisfy(\.constraints.isEmpty)
      && node.functions.isEmpty && node.contractChecksum == nil && node.deprecationDate == nil
      && node.config["contract"]?.mapping?["enforced"]?.bool != true && node.language == "sql"
  }

  /// nil when one of them is not there or may not be read.
  private func parents(of node: Node, before: [NodeID], _ resolver: ReferenceResolver) -> [NodeID]? {
    if node.resourceType == .seed { return [] }
    var result: [NodeID] = []
    let found =
      node.sources.map { resolver.resolve($0, from: node.packageName) }
      + node.refs.map { resolver.resolve($0, from: node.packageName) }
    for resolution in found {
      guard case .found(let id) = resolution else { return nil }
      if result.contains(id) { continue }
      result.append(id)
      if let parent = manifest.nodes[id], !before.contains(id),
        parent.access == "private" || parent.packageName != node.packageName
      {
        return nil
      }
    }
    return result
  }

  /// The nodes with the tests of changed properties in the place of those that were there before.
  private func replacingTests(
    in nodes: OrderedDictionary<NodeID, Node>, by read: Manifest, _ properties: Set<FileKey>,
    _ resolver: ReferenceResolver
  ) -> OrderedDictionary<NodeID, Node>? {
    var tests: [FileKey: [Node]] = [:]
    for test in read.nodes.values where test.test != nil && isFrom(test, properties) {
      guard let parents = parents(of: test, before: [], resolver), !test.isRelational else { return nil }
      var test = test
      test.dependsOn = parents
      tests[Self.origin(test), default: []].append(test)
    }
    let stays = nodes.values.filter { $0.test == nil || !isFrom($0, properties) }
    var result = OrderedDictionary<NodeID, Node>(minimumCapacity: nodes.count)
    for node in nodes.values {
      if node.test == nil || !isFrom(node, properties) {
        result[node.id] = node
      } else {
        for test in tests.removeValue(forKey: Self.origin(node)) ?? [] { result[test.id] = test }
      }
    }
    let made = read.nodes.values.count { $0.test != nil && isFrom($0, properties) }
    // Tests where there were none have no place yet; one that exists elsewhere would be a duplicate.
    guard tests.isEmpty, result.count == stays.count + made else { return nil }
    let levels = project.packages.contains { $0.definition.configs["data_tests"] != nil }
    // Whether a config of tests is used may have changed with them.
    if levels, Array(result.keys) != Array(nodes.keys) { return nil }
    return result
  }
}

extension ManifestUpdate.FileKey {
  /// As `patchPath` has it.
  fileprivate var id: String { package + "://" + path }
}

extension ManifestBuilder {
  /// What the project's files make of themselves beside the macros and docs blocks of a known manifest: nodes and
  /// tests with their configs and names, no edges between them.
  consuming func readAgain(
    with known: Manifest, engine: TemplateEngine
  ) async -> (manifest: Manifest, diagnostics: [Diagnostic]) {
    manifest.macros = known.macros
    manifest.docs = known.docs
    await readNodeFiles(engine)
    readProperties(engine)
    settleNodes(engine)
    return (manifest, diagnostics)
  }
}

extension ReferenceResolver {
  /// What a whole manifest's nodes and sources can be called.
  fileprivate init(_ manifest: Manifest) {
    self.init(rootPackage: manifest.projectName)
    for node in manifest.nodes.values { add(node, isEnabled: true) }
    for node in manifest.disabled.values.joined() { add(node, isEnabled: false) }
    for source in manifest.sources.values { add(source, isEnabled: true) }
    for source in manifest.disabledSources.values.joined() { add(source, isEnabled: false) }
  }
}

extension Diagnostic {
  /// Whether it points into one of these files.
  fileprivate func names(_ files: Set<String>) -> Bool {
    ([span] + secondary.map(\.span)).contains { $0.map { files.contains($0.file) } ?? false }
  }
}
