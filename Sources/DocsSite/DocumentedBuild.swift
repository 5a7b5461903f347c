public import Artifacts
public import ProjectModel

/// A project as a target folder holds it: what was declared, what stood in the database, what became of the run.
public struct DocumentedBuild: Sendable {
  /// What a reader calls it, a folder's name for instance.
  public var name: String
  public var manifest: Manifest
  /// SQL of the nodes that were compiled.
  public var compiled: [NodeID: String] = [:]
  public var catalog: [NodeID: CatalogArtifact.Table] = [:]
  public var results: [NodeID: NodeResult] = [:]
  public var lastRun: DocsInput.LastRun?

  public init(name: String, manifest: Manifest) {
    self.name = name
    self.manifest = manifest
  }
}

extension DocsInput {
  /// The state that the page is about.
  var build: DocumentedBuild {
    var build = DocumentedBuild(name: "", manifest: manifest)
    build.compiled = compiled
    build.catalog = catalog
    build.results = results
    build.lastRun = lastRun
    return build
  }
}
