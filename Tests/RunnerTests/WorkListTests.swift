import Compiler
import ProjectModel
import Testing

@testable import Runner

@Suite struct WorkListTests {
  private func test(_ kind: String, of model: String, _ number: Int, attached: NodeID? = nil) -> Node {
    let name = "\(kind)_\(number)"
    var node = Node(
      id: NodeID(.test, package: "shop", name: name), resourceType: .test, name: name, packageName: "shop",
      path: "\(name).sql", originalFilePath: "models/sources.yml", rootPath: "/shop", fqn: ["shop", name],
      rawCode: "", checksum: "", alias: name, config: NodeConfig())
    node.test = TestMetadata(
      name: kind, namespace: nil, arguments: ["model": .string(model)], columnName: "id",
      attachedNode: attached)
    return node
  }

  private func items(_ nodes: [Node]) throws -> [[NodeID]] {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    for node in nodes { manifest.nodes[node.id] = node }
    let selector = NodeSelector(manifest)
    let selection = try selector.select(SelectionSpec(select: nil), types: [.model, .test])
    return WorkList(ExecutionGraph(selection, of: selector), manifest: manifest, gates: { _ in false })
      .items.map(\.nodes)
  }

  /// Sources are no nodes, so their tests are attached to none; few scans answer them all the same.
  @Test func testsOfOneSourceGoTogether() throws {
    let orders = "{{ get_where_subquery(source('shop', 'orders')) }}"
    let lines = "{{ get_where_subquery(source('shop', 'lines')) }}"
    let tests = [
      test("unique", of: orders, 1), test("not_null", of: orders, 2), test("not_null", of: lines, 3),
      test("relationships", of: orders, 4), test("relationships", of: orders, 5),
    ]
    let groups = try items(tests).map { Set($0.map { String($0.rawValue.split(separator: ".")[2]) }) }
    #expect(groups.count == 3)
    #expect(groups.contains(["unique_1", "not_null_2"]))
    #expect(groups.contains(["not_null_3"]))
    #expect(groups.contains(["relationships_4", "relationships_5"]))
  }
}
