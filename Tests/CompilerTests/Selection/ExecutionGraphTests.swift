import Compiler
import ProjectModel
import Testing

@Suite struct ExecutionGraphTests {
  /// Models and tests from `child: parent parent` lines; a name with `test` in it is a test.
  private func manifest(_ text: String) -> Manifest {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", omittingEmptySubsequences: false)
      let name = String(parts[0])
      let type: ResourceType = name.contains("test") ? .test : .model
      var node = Node(
        id: id(name), resourceType: type, name: name, packageName: "shop", path: "\(name).sql",
        originalFilePath: "models/\(name).sql", rootPath: "/shop", fqn: ["shop", name], rawCode: "select 1",
        checksum: "", alias: name, config: NodeConfig())
      node.dependsOn = parts[1].split(separator: " ").map { id(String($0)) }
      manifest.nodes[node.id] = node
    }
    return manifest
  }

  private func id(_ name: String) -> NodeID {
    NodeID(name.contains("test") ? .test : .model, package: "shop", name: name)
  }

  private func graph(
    _ text: String, select: [String]? = nil, gates: Bool = false
  ) throws -> (graph: ExecutionGraph, edges: Set<String>) {
    let selector = NodeSelector(manifest(text))
    let selection = try selector.select(
      SelectionSpec(select: select, indirect: .empty), types: [.model, .test])
    let graph = ExecutionGraph(selection, of: selector, gatesOnTests: gates)
    func name(_ member: Int) -> String {
      graph.ids[member].rawValue.split(separator: ".").last.map(String.init) ?? ""
    }
    let edges = (0..<graph.count).flatMap { parent in
      graph.children(of: parent).map { "\(name(parent))>\(name($0))" }
    }
    return (graph, Set(edges))
  }

  @Test func keepsTheOrderThroughNodesThatAreLeftOut() throws {
    let (_, edges) = try graph("a:\nb:a\nc:b\nd:c a\n", select: ["a", "d"])
    #expect(edges == ["a>d"])
  }

  @Test func layersStandAfterWhatTheyWaitFor() throws {
    let (graph, _) = try graph("z:\na:z\nb:a\nc:z\nd:\nm:b d\n")
    #expect(graph.layered == ["d", "z", "a", "c", "b", "m"].map(id))
  }

  @Test func testsHoldUpTheChildrenOfWhatTheyTest() throws {
    let (_, edges) = try graph("a:\ntest_a:a\nb:a\nc:b\n", gates: true)
    #expect(edges == ["a>test_a", "a>b", "b>c", "test_a>b"])
  }

  @Test func aTestOfTwoNodesHoldsUpOnlyWhatFollowsBoth() throws {
    let (_, edges) = try graph("a:\nb:\ntest_ab:a b\nc:a\nd:a b\ne:d\nf:c d\n", gates: true)
    #expect(edges.filter { $0.hasPrefix("test_ab>") } == ["test_ab>d"])
  }

  @Test func aTestOfANodeAndItsParentMakesNoCycle() throws {
    let (graph, edges) = try graph("a:\nb:a\ntest_ab:a b\nc:b\n", gates: true)
    #expect(edges.filter { $0.hasPrefix("test_ab>") } == ["test_ab>c"])
    #expect(graph.criticalPath().max() == 4)
  }

  @Test func theLongestWayToTheEndComesFirst() throws {
    let (graph, _) = try graph("a:\nb:\nc:b\nd:c\n")
    let path = graph.criticalPath()
    #expect(path[try #require(graph.index(of: id("b")))] == 3)
    #expect(path[try #require(graph.index(of: id("a")))] == 1)
    let costly = graph.criticalPath { graph.ids[$0] == id("a") ? 10 : 1 }
    #expect(costly[try #require(graph.index(of: id("a")))] == 10)
  }

  @Test func aCycleIsGivenAsItsMembers() {
    let graph = DependencyGraph(manifest("a:\nb:a d\nc:b\nd:c\n"))
    #expect(graph.topologicalOrder == nil)
    #expect(graph.cycle?.map(\.rawValue) == ["model.shop.b", "model.shop.c", "model.shop.d"])
  }

  @Test func depthLimitsHowFarAWalkGoes() {
    let graph = DependencyGraph(manifest("a:\nb:a\nc:b\nd:c\n"))
    #expect(graph.descendants(of: MemberSet(capacity: 4, [0]), depth: 2).members == [1, 2])
    #expect(graph.ancestors(of: MemberSet(capacity: 4, [3])).members == [0, 1, 2])
    #expect(graph.descendants(of: MemberSet(capacity: 4, [0]), depth: 0).isEmpty)
  }
}
