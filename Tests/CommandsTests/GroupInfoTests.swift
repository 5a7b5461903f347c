import ProjectModel
import Testing

@testable import Commands

/// The group of a node as log readers see it.
@Suite struct GroupInfoTests {
  private static let manifest: Manifest = {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    var group = Group(
      id: NodeID(.group, package: "shop", name: "sales"), name: "sales", packageName: "shop", path: "g.yml")
    group.owner = Owner(["name": "Ada", "email": ["a@b.c", "d@e.f"], "chat": "#sales", "phone": nil])
    manifest.groups[group.id] = group
    for (type, name) in [(ResourceType.model, "orders"), (.model, "other"), (.test, "unique_orders_id")] {
      let id = NodeID(type, package: "shop", name: name)
      manifest.nodes[id] = Node(
        id: id, resourceType: type, name: name, packageName: "shop", path: "", originalFilePath: "",
        rootPath: "", fqn: [], rawCode: "", checksum: "", alias: name,
        config: NodeConfig(values: name == "orders" ? ["group": "sales"] : [:]))
    }
    manifest.nodes[NodeID("test.shop.unique_orders_id")]?.test = TestMetadata(
      name: "unique", namespace: nil, arguments: [:], columnName: "id",
      attachedNode: NodeID("model.shop.orders"))
    return manifest
  }()

  @Test(arguments: ["model.shop.orders", "test.shop.unique_orders_id"])
  func namesTheOwner(id: String) throws {
    let node = try #require(Self.manifest.nodes[NodeID(id)])
    #expect(
      Self.manifest.groupInfo(of: node) == [
        "name": "sales", "package_name": "shop",
        "owner": ["email": "['a@b.c', 'd@e.f']", "name": "Ada", "chat": "#sales"],
      ])
  }

  @Test func aNodeWithoutGroupHasNone() throws {
    let node = try #require(Self.manifest.nodes[NodeID("model.shop.other")])
    #expect(Self.manifest.groupInfo(of: node) == nil)
  }
}
