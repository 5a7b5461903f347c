public import Diagnostics
public import ProjectModel
import SQLAnalysis
public import StarModel

/// Rules about the queries that read a star: fan and chasm traps, sums that mean nothing, joins that multiply rows.
///
/// Models and analyses of the project itself are judged by the syntax tree of what they say before they are rendered, so
/// that nothing need be compiled for it. A declared fact or dimension is seen through common table expressions, subqueries,
/// and other models that pass its rows on. What cannot be read is left alone: these rules would rather miss a mistake than
/// see one that is none.
public struct QueryRules {
  let star: Star
  let manifest: Manifest
  private var outlines: [NodeID: QueryOutline] = [:]
  /// The declared facts and dimensions, and the models that pass on the rows of one.
  private var meanings: [NodeID: QueryReader.Meaning] = [:]

  public init(_ star: Star, _ manifest: Manifest) {
    self.star = star
    self.manifest = manifest
    guard !star.facts.isEmpty || !star.dimensions.isEmpty else { return }
    for (id, fact) in star.facts { meanings[id] = QueryReader.Meaning(subject: .fact(fact)) }
    for (id, dimension) in star.dimensions {
      meanings[id] = QueryReader.Meaning(subject: .dimension(dimension))
    }
    for id in Array(star.dateDimensions.keys) + star.timeDimensions.keys + star.junkDimensions.keys {
      meanings[id] = QueryReader.Meaning(subject: .dates(id))
    }
    var seen = Set(meanings.keys)
    for id in manifest.nodes.keys { follow(id, &seen) }
  }

  /// Materializations whose relation holds the rows of the SQL and no others.
  private static let plain: Set<String> = [
    "view", "table", "ephemeral", "staging", "materialized_view", "incremental",
  ]

  /// Reads the queries that a declared fact or dimension leads to, each after those that it reads.
  private mutating func follow(_ id: NodeID, _ seen: inout Set<NodeID>) {
    guard seen.insert(id).inserted, let node = manifest.nodes[id],
      node.resourceType == .model || node.resourceType == .analysis, node.language == "sql"
    else { return }
    for parent in node.dependsOn { follow(parent, &seen) }
    // A model whose parents mean nothing reads no star.
    guard node.dependsOn.contains(where: { meanings[$0] != nil }), let sql = QueryText.sql(of: node),
      let outline = try? QueryOutline(sql)
    else { return }
    outlines[id] = outline
    guard node.resourceType == .model, Self.plain.contains(node.config.materialized) else { return }
    meanings[id] = QueryReader(rules: self, node: node).meaning(outline, [:])
  }

  /// What is found, each weighed by the `star_rules` of the model it is in, in order of the manifest.
  public func check() -> [Diagnostic] {
    guard !outlines.isEmpty else { return [] }
    return manifest.nodes.values.flatMap { node -> [Diagnostic] in
      guard let outline = outlines[node.id], node.packageName == manifest.projectName else { return [] }
      var reader = QueryReader(rules: self, node: node)
      reader.read(outline, tables: [:])
      return reader.found
    }
  }

  /// What the rows of a relation stand for that a query of `node` refers to; nil for any other.
  func meaning(_ table: TableName, from node: Node) -> QueryReader.Meaning? {
    guard let call = QueryText.reference(table) else { return nil }
    return node.dependsOn.first { id in
      guard let other = manifest.nodes[id] else { return false }
      return other.name == call.name && (call.package == nil || other.packageName == call.package)
    }.flatMap { meanings[$0] }
  }
}
