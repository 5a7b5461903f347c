import Diagnostics
import OrderedCollections
import ProjectModel
import Testing

@testable import Compiler

/// What counts as a change of an enforced contract, and which of them breaks its readers: dbt's rules.
@Suite struct ContractChangeTests {
  private static func node(
    _ columns: [(String, String)], constraints: [String: [PlainValue]] = [:], table: [PlainValue] = [],
    enforced: Bool = true, materialized: String = "table"
  ) -> Node {
    var node = Fixture.node(
      "m", "select 1", materialized: materialized,
      config: ["contract": ["enforced": .bool(enforced), "alias_types": true]])
    for (name, type) in columns {
      var column = ColumnProperties(name: name)
      column.dataType = type
      column.constraints = constraints[name] ?? []
      node.columns[name] = column
    }
    node.constraints = table
    return node
  }

  private static let notNull: PlainValue = ["type": "not_null"]
  private static let old = node(
    [("id", "integer"), ("name", "varchar(10)")], constraints: ["id": [notNull]],
    table: [["type": "primary_key", "columns": ["id"]]])

  private static func word(_ new: Node, from old: Node = old) -> String {
    switch ContractChange(from: old, to: new) {
    case .none: "none"
    case .changed: "changed"
    case .breaking(let reasons): reasons.joined(separator: "; ")
    }
  }

  @Test func theSameInAnotherOrderIsNoChange() {
    var new = Self.old
    new.columns = OrderedDictionary(
      uniqueKeysWithValues: Self.old.columns.reversed().map { ($0.key, $0.value) })
    #expect(Self.word(new) == "none")
  }

  @Test func aNewColumnBreaksNobody() {
    var new = Self.old
    new.columns["more"] = ColumnProperties(name: "more")
    #expect(Self.word(new) == "changed")
  }

  @Test func anotherLengthBreaksNobody() {
    var new = Self.old
    new.columns["name"]?.dataType = "varchar(20)"
    #expect(Self.word(new) == "changed")
  }

  @Test func aContractThatBegins() {
    #expect(Self.word(Self.old, from: Self.node([("id", "integer")], enforced: false)) == "changed")
  }

  @Test func whatBreaks() {
    var new = Self.old
    new.columns["name"]?.dataType = "integer"
    #expect(Self.word(new) == "column 'name' was varchar(10) and is integer")
    new = Self.old
    new.columns["name"] = nil
    #expect(Self.word(new) == "column 'name' was removed")
    new = Self.old
    new.columns["id"]?.constraints = []
    #expect(Self.word(new) == "the constraint 'not_null' on column 'id' was removed")
    new = Self.old
    new.constraints = []
    #expect(Self.word(new) == "the constraint 'primary_key' of the table was removed")
    new = Self.old
    new.config["materialized"] = "view"
    #expect(Self.word(new) == "it was materialized as table and is as view, which keeps no constraints")
    new = Self.old
    new.config["contract"] = ["enforced": false]
    #expect(Self.word(new) == "the contract is no longer enforced")
  }

  @Test func selectionWarnsOrEnds() throws {
    var versioned = Self.old
    versioned.version = 2
    for (node, isError) in [(Self.old, false), (versioned, true)] {
      var broken = node
      broken.columns["name"] = nil
      let selector = NodeSelector(
        Fixture.manifest([broken]), state: PreviousState(manifest: Fixture.manifest([node])))
      let spec = try SelectionSpec(select: ["state:modified"])
      if isError {
        let failure = Fixture.failure { () throws(DiagnosticsError) in
          _ = try selector.select(spec, types: [.model])
        }
        #expect(failure?.code == "breaking-contract")
      } else {
        let selection = try selector.select(spec, types: [.model])
        #expect(selection.ids == [node.id])
        #expect(selection.diagnostics.map(\.code) == ["breaking-contract"])
      }
    }
  }
}
