import ProjectModel
import Testing

@testable import Compiler

/// Which relation a reference leads to when production has the same nodes.
@Suite struct DeferralTests {
  private static let names = ["here", "gone", "made", "inline"]

  private static func production() -> Manifest {
    Fixture.manifest(
      names.map { name in
        var node = Fixture.node(name, "select 1", materialized: name == "inline" ? "ephemeral" : "table")
        node.relation = RelationName(database: "lake", schema: "prod", identifier: name + "_v1")
        return node
      })
  }

  private static func read(selected: [String], favorsState: Bool) throws -> [String] {
    let others = (names + ["fresh"]).map {
      Fixture.node($0, "select 1", materialized: $0 == "inline" ? "ephemeral" : "table")
    }
    let sql = others.map { "{{ ref('\($0.name)') }}" }.joined(separator: "\n")
    let node = Fixture.node("m", sql, dependsOn: others.map(\.name))
    let manifest = Fixture.manifest(others + [node])
    var deferral = Deferral(manifest, to: production())
    let here: Set<NodeID> = [NodeID("model.shop.here"), NodeID("model.shop.made")]
    deferral.decide(
      selected: Set(selected.map { NodeID("model.shop." + $0) }), favorsState: favorsState,
      isHere: here.contains)
    let compiler = NodeCompiler(engine: Fixture.engine(), manifest: manifest).deferring(deferral)
    let compiled = try compiler.compile(node, runtime: Fixture.emptyRuntime())
    return compiled.sql.split(separator: "\n").compactMap { line in
      line.firstRange(of: "\"lake").map { String(line[$0.lowerBound...]) }
    }
  }

  @Test func whatIsNotHereIsReadThere() throws {
    #expect(
      try Self.read(selected: ["made", "m"], favorsState: false) == [
        #""lake"."dev"."here""#, #""lake"."prod"."gone_v1""#, #""lake"."dev"."made""#,
        #""lake"."dev"."fresh""#,
      ])
  }

  @Test func favorStateTakesThereWhatIsNotSelected() throws {
    #expect(
      try Self.read(selected: ["made", "m"], favorsState: true) == [
        #""lake"."prod"."here_v1""#, #""lake"."prod"."gone_v1""#, #""lake"."dev"."made""#,
        #""lake"."dev"."fresh""#,
      ])
  }

  @Test func aNodeKnowsItsCounterpart() throws {
    let here = Fixture.node("here", "{{ defer_relation }}")
    let manifest = Fixture.manifest([here])
    let compiler = NodeCompiler(engine: Fixture.engine(), manifest: manifest)
    func text(_ deferral: Deferral) throws -> String {
      try compiler.deferring(deferral).compile(here, runtime: Fixture.emptyRuntime()).sql
    }
    #expect(try text(Deferral(manifest, to: Self.production())) == #""lake"."prod"."here_v1""#)
    #expect(try text(Deferral()) == "None")
  }
}
