import OrderedCollections
import ProjectModel
import StarModel

extension ManifestBuilder {
  /// The tests of what the project's star declares, configured as other tests are and by the `star_tests` of their
  /// models.
  func starTests() -> [NodeDraft] {
    let star = Star(manifest)
    guard !star.isEmpty else { return [] }
    let queries = StarTestQueries(star: star, manifest: manifest)
    return manifest.nodes.values.flatMap { node -> [NodeDraft] in
      guard node.resourceType == .model, let package = packageIndex(node.packageName) else { return [] }
      let tests = queries.tests(of: node)
      guard !tests.isEmpty else { return [] }
      let settings = StarTestSettings(node)
      return tests.compactMap { test in
        guard let config = settings.config(of: test.check.kind) else { return nil }
        return draft(test, config: test.config.merging(config) { $1 }, of: node, package: package)
      }
    }
  }

  private func packageIndex(_ name: String) -> Int? { project.packages.firstIndex { $0.name == name } }

  private func draft(_ test: StarTest, config: Values, of node: Node, package: Int) -> NodeDraft {
    var arguments = test.arguments
    let version = node.version?.versionText
    let model = version.map { "ref('\(node.name)', version='\($0)')" } ?? "ref('\(node.name)')"
    arguments["model"] = .string("{{ get_where_subquery(\(model)) }}")
    let type = test.check.kind.rawValue
    let target = node.name + (version.map { "_v\($0)" } ?? "")
    let names = TestName(type: "\(StarCheck.namespace)_\(type)", target: target, arguments: arguments)
    let hash = TestName.idHash(
      name: names.full, type: type, namespace: StarCheck.namespace, arguments: arguments)
    var contents = NodeContents(
      id: NodeID("test.\(node.packageName).\(names.full).\(hash)"), resourceType: .test, name: names.full,
      packageName: node.packageName, path: names.short + ".sql", originalFilePath: node.originalFilePath,
      rootPath: node.rootPath, fqn: node.fqn.dropLast() + [names.full], alias: names.full,
      config: NodeConfig(), details: NodeDetails(rawCode: test.sql, checksum: ""))
    contents.details.checksumName = "none"
    contents.details.patchSpan = node.config.origins["materialized"] ?? node.patchSpan
    contents.details.firstLine = node.firstLine
    contents.group = node.group
    contents.details.test = TestMetadata(
      name: type, namespace: StarCheck.namespace, arguments: arguments, columnName: nil,
      attachedNode: node.id, fileKeyName: "models.\(node.name)")
    contents.details.refs = test.reads.compactMap { manifest.nodes[$0] }.map { other in
      RefCall(
        package: other.packageName == node.packageName ? nil : other.packageName, name: other.name,
        version: other.version?.versionText, span: contents.details.patchSpan)
    }
    var draft = NodeDraft(node: Node(contents), package: package, file: node.originalFilePath)
    draft.call = config
    if names.short != names.full, draft.call["alias"] == nil { draft.call["alias"] = .string(names.short) }
    return draft
  }
}
