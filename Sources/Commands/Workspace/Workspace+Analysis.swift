import Compiler
import Materializations
import ProjectAnalysis
import ProjectModel
import Runner
import SQLAnalysis
import StarModel

extension Workspace {
  /// What the SQL of the project's models tells, without a server.
  ///
  /// Models that ask whether they run incrementally are read as they are when they are built for the first time.
  ///
  /// - Parameter known: SQL of nodes that are compiled already.
  /// - Returns: the analysis, the models whose templates ask the database, so that nothing is known of their SQL, and
  ///   the SQL of the others.
  func analysis(
    known: [NodeID: CompiledNode] = [:]
  ) async throws -> (analysis: ProjectAnalysis, unread: [Node], compiled: [NodeID: CompiledNode]) {
    let read: Set<ResourceType> = [.model, .snapshot, .analysis, .test]
    // A generic test is whc's or a package's text.
    let nodes = manifest.nodes.values.filter {
      read.contains($0.resourceType) && $0.test == nil && $0.language == "sql"
    }
    let compiler = try await compiler(for: nodes.map(\.id), builds: [])
    let nothing = RelationCache()
    nothing.fill(schemas, with: [])
    let early = Precompiled(
      nodes: nodes, compiler: compiler, earlier: known, cache: nothing, report: { _ in }, keep: { _, _ in })
    var compiled = early.compiled
    let runtime = TemplateRuntime(cache: nothing) { _ in }
    for node in nodes where node.isEphemeral {
      compiled[node.id] = try? compiler.compile(node, runtime: runtime)
    }
    let analysis = ProjectAnalysis(manifest, star: Star(manifest), compiled: compiled, seeds: seedColumns())
    return (analysis, nodes.filter { compiled[$0.id] == nil }, compiled)
  }

  /// The headers of the seeds, with the types that their tables get; a seed that cannot be read has none.
  private func seedColumns() -> [NodeID: [RelationShape.Column]] {
    let files = SeedFiles { _ in }
    var result: [NodeID: [RelationShape.Column]] = [:]
    for node in manifest.nodes.values where node.resourceType == .seed {
      guard let table = try? files.table(of: node) else { continue }
      let stated = node.config["column_types"]?.mapping ?? [:]
      let keepsCase = node.config["quote_columns"]?.bool == true
      result[node.id] = table.columns.map { column in
        let type = stated[column.name]?.string ?? SeedMaterialization.type(of: column.type, target.dialect)
        return RelationShape.Column(
          name: keepsCase ? column.name : column.name.lowercased(), type: SQLType(text: type))
      }
    }
    return result
  }
}
