public import Diagnostics
public import ProjectAnalysis
import ProjectLoading
public import ProjectModel
import SQLAnalysis

/// A project as it was understood last: what an editor's questions are answered from.
///
/// Texts may have gone on since; what is asked at a place is read from the text, what it means from here.
public struct ProjectView: Sendable {
  /// Absolute.
  public let folder: String
  public let manifest: Manifest
  /// What is wrong, each at its place.
  public let diagnostics: [Diagnostic]
  /// nil where errors kept the SQL from being read.
  public let analysis: ProjectAnalysis?
  public let compiled: [NodeID: CompiledNode]
  /// The folders of the packages by their names, the project's own among them; absolute.
  public let packages: [String: String]

  private let nodesByName: [String: [NodeID]]
  private let nodesByFile: [String: [NodeID]]

  /// - Parameter packages: folders by names, absolute.
  public init(
    folder: String, manifest: Manifest, diagnostics: [Diagnostic], analysis: ProjectAnalysis?,
    compiled: [NodeID: CompiledNode], packages: [String: String]
  ) {
    self.folder = folder
    self.manifest = manifest
    self.diagnostics = diagnostics
    self.analysis = analysis
    self.compiled = compiled
    self.packages = packages
    var names: [String: [NodeID]] = [:]
    var files: [String: [NodeID]] = [:]
    for node in manifest.nodes.values {
      if Self.referable.contains(node.resourceType) { names[node.name, default: []].append(node.id) }
      if node.test == nil { files[node.rootPath + "/" + node.originalFilePath, default: []].append(node.id) }
    }
    nodesByName = names
    nodesByFile = files
  }

  /// Before anything could be read.
  public init(folder: String, diagnostics: [Diagnostic]) {
    self.init(
      folder: folder, manifest: Manifest(projectName: "", adapterType: "postgres"), diagnostics: diagnostics,
      analysis: nil, compiled: [:], packages: [:])
  }

  /// The same project with what is wrong now: the rest is the last that could be read.
  public func saying(_ diagnostics: [Diagnostic]) -> ProjectView {
    ProjectView(
      folder: folder, manifest: manifest, diagnostics: diagnostics, analysis: analysis, compiled: compiled,
      packages: packages)
  }

  private static let referable: Set<ResourceType> = [.model, .seed, .snapshot]

  // MARK: Files

  /// The absolute path of a file that a span names.
  func path(of file: String) -> String {
    guard !file.hasPrefix("/") else { return file }
    for candidate in [folder] + packages.values.sorted() where FileSystem.isFile(candidate + "/" + file) {
      return candidate + "/" + file
    }
    return folder + "/" + file
  }

  /// The nodes that a file makes: one, or the snapshots of a file.
  func nodes(in path: String) -> [Node] { (nodesByFile[path] ?? []).compactMap { manifest.nodes[$0] } }

  /// The package that a file belongs to.
  func package(of path: String) -> String {
    let found = packages.filter { path.hasPrefix($0.value + "/") }.max {
      $0.value.utf8.count < $1.value.utf8.count
    }
    return found?.key ?? manifest.projectName
  }

  // MARK: Names

  /// What `ref` can name, in order of the names; each once.
  var referableNames: [Node] {
    nodesByName.keys.sorted().compactMap { nodesByName[$0]?.first.flatMap { manifest.nodes[$0] } }
  }

  /// What a `ref` means: a node of the package that is named, of the file's own, or of any other; of a model's
  /// versions the latest unless one is named.
  func node(named name: String, package: String? = nil, version: String? = nil, from origin: String) -> Node?
  {
    let candidates = (nodesByName[name] ?? []).compactMap { manifest.nodes[$0] }.filter {
      package == nil || $0.packageName == package
    }
    let wanted = candidates.filter { node in
      guard let own = node.version else { return version == nil }
      return version.map { own.pythonText == $0 } ?? (node.latestVersion == own)
    }
    return wanted.first { $0.packageName == origin } ?? wanted.first {
      $0.packageName == manifest.projectName
    }
      ?? wanted.first ?? candidates.first
  }

  func source(_ source: String, _ table: String) -> SourceDefinition? {
    manifest.sources.values.first { $0.sourceName == source && $0.name == table }
  }

  /// What a call of a macro means: `star`, or `dbt_utils.star`.
  func macro(_ path: [String], from origin: String) -> MacroDefinition? {
    guard let name = path.last else { return nil }
    let named = manifest.macros.values.filter { $0.name == name }
    if path.count > 1 {
      let package = path[path.count - 2]
      return named.first { $0.packageName == package || package == "dbt" && $0.packageName.hasPrefix("dbt") }
    }
    return named.first { $0.packageName == origin } ?? named.first { $0.packageName == manifest.projectName }
      ?? named.first { $0.packageName == "dbt_" + manifest.adapterType }
      ?? named.first { $0.packageName == "dbt" }
  }

  // MARK: Columns

  /// A column as the SQL and the properties know it.
  struct Column: Sendable, Equatable {
    var name: String
    var type: String?
    var description: String = ""
  }

  /// The columns of a node or source: first those that its SQL gives, then those that only properties name.
  func columns(of id: NodeID) -> [Column] {
    let declared = manifest.nodes[id]?.columns ?? manifest.sources[id]?.columns ?? [:]
    var result: [Column] = []
    for column in analysis?.tables[id]?.shape.columns ?? [] {
      result.append(Column(name: column.name, type: column.type?.description))
    }
    for properties in declared.values {
      if let known = result.firstIndex(where: { $0.name == properties.name.lowercased() }) {
        result[known].description = properties.description
        result[known].type = result[known].type ?? properties.dataType
      } else {
        result.append(
          Column(name: properties.name, type: properties.dataType, description: properties.description))
      }
    }
    return result
  }

  /// What the SQL of a node says, as it was compiled last.
  func query(of node: Node) -> QueryAnalysis? {
    compiled[node.id].flatMap { analysis?.query($0) }
  }
}
