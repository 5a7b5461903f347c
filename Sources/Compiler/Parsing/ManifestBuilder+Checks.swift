import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

extension ManifestBuilder {
  /// Names that the server would cut, and relations that two nodes would make.
  mutating func checkNames() {
    let limit = settings.adapterType == "redshift" ? 127 : 63
    var owners: [RelationName: NodeID] = [:]
    owners.reserveCapacity(manifest.nodes.count)
    var unversioned: [String: NodeID] = [:]
    for node in manifest.nodes.values where node.isRelational {
      guard let relation = node.relation else { continue }
      checkLength(node, relation, limit)
      if let other = owners.updateValue(node.id, forKey: relation) { reportAmbiguous(node, other, relation) }
      if node.version == nil { unversioned[node.packageName + "." + node.name] = node.id }
    }
    for node in manifest.nodes.values where node.version != nil {
      guard let other = unversioned[node.packageName + "." + node.name] else { continue }
      diagnostics.append(
        Diagnostic(
          "duplicate-name", "'\(node.name)' has versions, and a model of this name has none",
          at: node.patchSpan,
          label: "version \(node.version?.pythonText ?? "")",
          secondary: manifest.nodes[other].map { [.init(span: place(of: $0), text: "the other model")] } ?? []
        ))
    }
  }

  /// Both are warnings: a node with too long a name fails when its turn comes, and the others can do without it; a
  /// schema's name is cut by the server wherever it stands, so that a first run works, as with dbt.
  private mutating func checkLength(_ node: Node, _ relation: RelationName, _ limit: Int) {
    for (part, name) in [("name", relation.identifier), ("schema", relation.schema ?? "")]
    where name.utf8.count > limit && node.resourceType != .test {
      let key = part == "name" ? "alias" : "schema"
      diagnostics.append(
        Diagnostic(
          "name-too-long", severity: .warning,
          "the \(part) '\(name)' of \(node.resourceType.rawValue) '\(node.name)' has \(name.utf8.count) bytes; "
            + "the warehouse takes \(limit)",
          at: node.config.origins[key] ?? place(of: node), label: "\(name.utf8.count - limit) bytes too many",
          help: part == "name" ? "give it a shorter 'alias', or rename the file" : "choose a shorter schema"))
    }
  }

  private mutating func reportAmbiguous(_ node: Node, _ otherID: NodeID, _ relation: RelationName) {
    guard let other = manifest.nodes[otherID] else { return }
    let name = [relation.database, relation.schema, relation.identifier].compactMap { $0 }
      .map { "\"\($0)\"" }.joined(separator: ".")
    diagnostics.append(
      Diagnostic(
        "duplicate-relation",
        "\(node.resourceType.rawValue) '\(node.name)' and \(other.resourceType.rawValue) '\(other.name)' "
          + "would both be \(name)",
        at: node.config.origins["alias"] ?? place(of: node), label: "one of the two",
        secondary: [.init(span: other.config.origins["alias"] ?? place(of: other), text: "the other one")],
        help: "give one of them another 'alias' or 'schema'"))
  }

  func place(of node: Node) -> SourceSpan {
    SourceSpan(file: prefix(of: node) + node.originalFilePath, line: node.firstLine, column: 1)
  }

  /// Configs in dbt_project.yml that no resource lies under are mostly slips in a folder's name.
  mutating func reportUnusedConfigs() {
    for (key, level) in configs.unusedPaths() {
      // Anything disabled lies under the empty path.
      if level.path.isEmpty, !(manifest.disabled.isEmpty && manifest.disabledSources.isEmpty) { continue }
      let type = key == "data_tests" ? "tests" : key
      diagnostics.append(
        Diagnostic(
          "unused-config", severity: .warning,
          "'\(([key] + level.path).joined(separator: "."))' in dbt_project.yml applies to nothing",
          at: level.span,
          label: "no \(type) lie here"))
    }
  }
}
