import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

/// Declarations of bridges and junk dimensions.
@Suite struct BridgeConfigTests {
  static let group: OrderedDictionary<String, PlainValue> = [
    "materialized": "bridge", "group_key": "account", "to": "dim_customer", "key": "customer_id",
    "weight": "share",
  ]

  @Test func aGroup() throws {
    let decoded = Bridge.decode(Declarations.node("b", Self.group))
    #expect(told(decoded.diagnostics) == [])
    let bridge = try #require(decoded.value)
    #expect(bridge.fact.grain == ["account", "customer_id"] && bridge.edges.map(\.asOf) == [nil])
    #expect(Fact.dimensionReferences(Declarations.node("b", Self.group)).map(\.name) == ["dim_customer"])
    let timed = Bridge.decode(
      Declarations.node("b", Self.group.merging(["valid_from": "a", "valid_to": "b"]) { $1 })
    ).value
    #expect(timed?.fact.grain == ["account", "customer_id", "a"] && timed?.edges.map(\.asOf) == ["a"])
  }

  @Test func aHierarchy() throws {
    let config: OrderedDictionary<String, PlainValue> = [
      "materialized": "bridge", "bridge_type": "hierarchy", "to": "ref('dim_employee')", "key": "id",
      "parent": "boss",
    ]
    let bridge = try #require(Bridge.decode(Declarations.node("b", config)).value)
    #expect(bridge.fact.grain == ["parent_id", "child_id"])
    #expect(
      bridge.edges.map { $0.foreignKey("employee_key") } == ["parent_employee_key", "child_employee_key"])
  }

  @Test(
    arguments: [
      (
        ["weigth": "x"],
        "unknown-config-key:6: 'weigth' in the config of b is not a key; did you mean 'weight'?"
      ),
      (
        ["parent": "p"], "bad-config-value:6: parent of b is read only with bridge_type: hierarchy"
      ),
      (
        ["bridge_type": "tree"],
        "bad-config-value:6: bridge_type of b is 'tree', and must be one of group, hierarchy"
      ),
      (
        ["valid_from": "a"],
        "missing-config-key:6: b says from when its rows hold and not up to when"
      ),
      (
        ["group_key": ["customer_id", "a"]],
        "clashing-column:2: 'customer_id' of b tells groups apart and is the key of a member"
      ),
      (
        ["group_key": .null],
        "missing-config-key:1: b has no group_key: a bridge needs the column that tells its groups apart"
      ),
      (["to": .null], "missing-config-key:1: b has no to: a bridge leads to a dimension"),
      (
        ["key": .null],
        "missing-config-key:1: b has no key: a bridge needs the column with the natural key of its members"
      ),
    ] as [(OrderedDictionary<String, PlainValue>, String)])
  func mistakes(_ change: OrderedDictionary<String, PlainValue>, _ expected: String) {
    let config = Self.group.merging(change) { $1 }
    #expect(told(Bridge.decode(Declarations.node("b", config)).diagnostics) == [expected])
  }

  @Test func bridgesUseTheirDimensions() {
    var declarations = StarTests.shop([:])
    declarations.add("bridge_account", Self.group.merging(["weight": .null]) { $1 })
    let star = Star(declarations.manifest)
    #expect(told(star.diagnostics) == [])
    #expect(
      ModellingRules(star, declarations.manifest).check().map(\.summary) == [
        "no fact looks up dim_place", "no fact looks up dim_date",
        "bridge_account has no weights, so sums through it count a group once for each member",
      ])
    declarations.add("bridge_account", Self.group.merging(["to": "dim_custome"]) { $1 })
    #expect(Star(declarations.manifest).diagnostics.map(\.code) == ["unknown-dimension"])
  }

  @Test func junk() {
    var declarations = StarTests.shop([
      "dimensions": [["to": "dim_flags"], ["to": "dim_flags", "role": "first", "key": "a"]]
    ])
    declarations.add("dim_flags", ["materialized": "junk_dimension", "flags": ["is_gift", "channel"]])
    let star = Star(declarations.manifest)
    #expect(
      told(star.diagnostics) == [
        "key-count-mismatch:3: fct_order looks up dim_flags by a, but its natural key is is_gift, channel"
      ])
    let wrong = { (config: OrderedDictionary<String, PlainValue>) in
      told(JunkDimension.decode(Declarations.node("dim_flags", config)).diagnostics)
    }
    #expect(
      wrong(["materialized": "junk_dimension"]) == [
        "missing-config-key:1: dim_flags has no flags: a junk dimension is made of the columns that it lists"
      ])
    #expect(
      wrong(["materialized": "junk_dimension", "flags": ["flags_key"], "members": ["other": 5], "flag": "x"])
        == [
          "unknown-config-key:4: 'flag' in the config of dim_flags is not a key; did you mean 'flags'?",
          "clashing-column:2: 'flags_key' of dim_flags is a flag and its surrogate key",
          "bad-config-value:3: member other of dim_flags has key 5, which a combination could get",
        ])
  }
}
