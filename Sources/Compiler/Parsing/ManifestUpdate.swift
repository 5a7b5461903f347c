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

  let manifest: Manifest
  private let warnings: [Diagnostic]
  private let engine: TemplateEngine
  /// The project as it is now, its files read and not understood.
  let project: LoadedProject

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
    guard changed.allSatisfy({ Self.kinds.contains(file($0).kind) }) else { return nil }
    // Unit tests may take their rows from a seed.
    if !manifest.unitTests.isEmpty, changed.contains(where: { file($0).kind == .seed }) { return nil }
    let places = Set(changed.map { project.packages[$0.package].displayPath(file($0)) })
    guard !warnings.contains(where: { $0.names(places) }) else { return nil }

    var parts = Parts()
    for position in changed { parts.add(position, file(position)) }
    let properties = parts.changedProperties
    guard let wanted = await widen(&parts, loader) else { return nil }
    let (understood, wrong) = await loader.understand(wanted)
    guard wrong.isEmpty, properties.allSatisfy({ isPlain($0, in: understood) }) else { return nil }
    var builder = await ManifestBuilder(project: understood, settings: engine.settings)
      .readingAgain(with: manifest, engine: engine)
    let updated = merge(&builder, properties: Set(properties.map(key)))
    let isSilent = !builder.diagnostics.contains { $0.severity == .error || $0.names(places) }
    return isSilent ? updated : nil
  }

  /// Kinds of files that make or describe nodes of their own and nothing that others are made from.
  private static let kinds: Set<FileKind> = [.model, .analysis, .singularTest, .seed, .snapshot, .schema]
  private static let sections: Set<String> = [
    "version", "models", "seeds", "analyses", "sources", "unit_tests",
  ]

  private func file(_ position: Position) -> ProjectFile {
    project.packages[position.package].files[position.file]
  }

  // MARK: What is read again

  /// A file as nodes name it.
  struct FileKey: Hashable {
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
      for node in manifest.nodes.values where !node.isGenericTest && changed.contains(node.patchPath ?? "") {
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
    where !node.isGenericTest
      && wanted.contains(FileKey(package: node.packageName, path: node.originalFilePath))
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

  /// Whether a properties file speaks of nodes, sources and unit tests alone, of no node with versions, and of no
  /// source that another package's properties may speak of as well.
  private func isPlain(_ position: Position, in understood: LoadedProject) -> Bool {
    let path = file(position).originalFilePath
    let found = understood.packages[position.package].files.first { $0.originalFilePath == path }
    guard let entries = found?.document?.root?.mapping else { return false }
    return entries.allSatisfy { entry in
      Self.sections.contains(entry.key)
        && (entry.value.sequence ?? []).allSatisfy { item in
          item["versions"] == nil
            && (entry.key != "sources" || position.package == 0 && item["overrides"] == nil)
        }
    }
  }
}

extension ManifestUpdate.FileKey {
  /// As `patchPath` has it.
  fileprivate var id: String { package + "://" + path }
}

extension ManifestBuilder {
  /// What the project's files make of themselves beside the macros and docs blocks of a known manifest: nodes and
  /// tests with their configs and names, no edges between them; sources; unit tests as they are written.
  consuming func readingAgain(with known: Manifest, engine: TemplateEngine) async -> ManifestBuilder {
    manifest.macros = known.macros
    manifest.docs = known.docs
    await readNodeFiles(engine)
    readProperties(engine)
    settleNodes(engine)
    settleSources()
    reportItertools()
    return self
  }
}

extension Diagnostic {
  /// Whether it points into one of these files.
  fileprivate func names(_ files: Set<String>) -> Bool {
    ([span] + secondary.map(\.span)).contains { $0.map { files.contains($0.file) } ?? false }
  }
}
