import Diagnostics
import OrderedCollections
import ProjectModel

/// How many members each type has that the cache keeps.
///
/// A type that has grown since its coding was written would lose its new member on a warm run; rather than that,
/// nothing is cached until the coding says how the member is kept.
enum CacheShape {
  static let isKnown: Bool = unknown.isEmpty

  /// The types whose number of members is another one than their coding knows.
  static var unknown: [String] {
    let id = NodeID("")
    let relation = RelationName(database: nil, schema: nil, identifier: "")
    let samples: [(value: Any, members: Int)] = [
      (Manifest(projectName: "", adapterType: ""), 14),
      (
        NodeContents(
          id: id, resourceType: .model, name: "", packageName: "", path: "", originalFilePath: "",
          rootPath: "",
          fqn: [], alias: "", config: NodeConfig(), details: NodeDetails(rawCode: "", checksum: "")), 20
      ),
      (NodeDetails(rawCode: "", checksum: ""), 24),
      (NodeConfig(), 2), (relation, 4), (relation.quoting, 3), (RefCall(name: ""), 5),
      (SourceCall(source: "", table: ""), 3), (ColumnProperties(name: ""), 11),
      (
        TestMetadata(name: "", namespace: nil, arguments: [:], columnName: nil, attachedNode: nil), 6
      ),
      (
        SourceDefinition(
          id: id, packageName: "", sourceName: "", name: "", relation: relation, fqn: [], path: "",
          rootPath: ""), 25
      ),
      (Exposure(id: id, name: "", packageName: "", path: "", fqn: [], type: ""), 21),
      (MacroDefinition(id: id, name: "", packageName: "", path: "", originalFilePath: "", text: ""), 14),
      (DocBlock(id: id, name: "", packageName: "", path: "", originalFilePath: "", contents: ""), 6),
      (Group(id: id, name: "", packageName: "", path: ""), 8),
      (FunctionSignature(arguments: [], returnType: "", returnDescription: nil), 3),
      (FunctionSignature.Argument(name: "", dataType: "", description: nil, defaultValue: nil), 4),
      (UnitTest.Overrides(), 3), (UnitTest.Input(name: "", rows: .query("")), 2),
      (
        UnitTest(
          node: Node(
            id: id, resourceType: .unitTest, name: "", packageName: "", path: "", originalFilePath: "",
            rootPath: "", fqn: [], rawCode: "", checksum: "", alias: "", config: NodeConfig()),
          model: id, modelName: "", inputs: [], expected: .query(""), overrides: UnitTest.Overrides()), 6
      ),
      (CompiledNode(id: id, sql: "", sourceMap: SourceMap()), 7),
      (
        SourceMap.Segment(output: 0, file: 0, position: SourcePosition(line: 1, column: 1), isVerbatim: true),
        4
      ),
      (Diagnostic("", ""), 12), (NearMiss(wrong: "", right: ""), 2),
      (SourceSpan(file: "", line: 1, column: 1), 3),
    ]
    return samples.compactMap { sample in
      let mirror = Mirror(reflecting: sample.value)
      return mirror.children.count == sample.members
        ? nil : "\(mirror.subjectType) has \(mirror.children.count) members, not \(sample.members)"
    }
  }
}
