import OrderedCollections
import ProjectModel

/// The graph that a reader sees: sources, seeds, models, snapshots, exposures and metrics, without tests.
struct Lineage: Sendable {
  struct Member: Sendable {
    var id: NodeID
    var name: String
    var kind: NodeKind
    var resourceType: ResourceType
    var parents: [Int]
  }

  var members: [Member]
  var index: [NodeID: Int]

  init(_ manifest: Manifest) {
    var found: [(Member, [NodeID])] = []
    for source in manifest.sources.values {
      let name = "\(source.sourceName).\(source.name)"
      found.append(
        (Member(id: source.id, name: name, kind: .source, resourceType: .source, parents: []), []))
    }
    for node in manifest.nodes.values {
      switch node.resourceType {
      case .model, .seed, .snapshot, .analysis:
        let version = node.version.map(Lineage.text) ?? ""
        let name = version.isEmpty ? node.name : "\(node.name).v\(version)"
        found.append(
          (
            Member(
              id: node.id, name: name, kind: NodeKind(node), resourceType: node.resourceType, parents: []),
            node.dependsOn
          ))
      default: continue
      }
    }
    for exposure in manifest.exposures.values {
      found.append(
        (
          Member(
            id: exposure.id, name: exposure.label ?? exposure.name, kind: .exposure, resourceType: .exposure,
            parents: []), exposure.dependsOn
        ))
    }
    for type in [.semanticModel, .metric, .savedQuery] as [ResourceType] {
      for (id, entry) in manifest.opaque[type] ?? [:] {
        guard let entry = entry.mapping else { continue }
        let parents = entry["depends_on"]?.mapping?["nodes"]?.strings ?? []
        found.append(
          (
            Member(
              id: id, name: entry["name"]?.string ?? id.rawValue, kind: .metric, resourceType: type,
              parents: []), parents.map { NodeID($0) }
          ))
      }
    }
    members = found.map(\.0)
    index = Dictionary(members.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    for (position, (_, parents)) in found.enumerated() {
      var seen: Set<Int> = [position]
      members[position].parents = parents.compactMap { index[$0] }.filter { seen.insert($0).inserted }
    }
  }

  var edges: [(from: Int, to: Int)] {
    members.indices.flatMap { child in members[child].parents.map { ($0, child) } }
  }

  private static func text(_ version: PlainValue) -> String {
    switch version {
    case .int(let value): String(value)
    case .double(let value): String(value)
    default: version.string ?? ""
    }
  }
}
