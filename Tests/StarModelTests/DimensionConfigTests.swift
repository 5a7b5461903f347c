import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct DimensionConfigTests {
  @Test func defaultsOfASnapshotWithoutATime() throws {
    let decoded = Dimension.decode(
      Declarations.node("dim_customer", ["materialized": "dimension", "natural_key": "customer_id"]))
    let dimension = try #require(decoded.value)
    #expect(decoded.diagnostics.isEmpty)
    #expect(dimension.naturalKey == ["customer_id"])
    #expect(dimension.surrogateKey == SurrogateKey(name: "customer_key"))
    #expect(
      dimension.members == [
        DimensionMember(name: "unknown", key: -1), .init(name: "not_applicable", key: -2),
      ])
    #expect(dimension.members.map(\.label) == ["Unknown", "Not applicable"])
    #expect(dimension.scdType == .addVersion && dimension.isVersioned)
    #expect(dimension.input == .snapshot && dimension.deletes == .invalidate)
    #expect(dimension.lateArriving == .splice && dimension.firstVersionFrom == .always)
  }

  @Test func aTimeMakesTheFirstVersionBeginAtIt() throws {
    let dimension = try #require(
      Dimension.decode(
        Declarations.node(
          "dim_x", ["materialized": "dimension", "natural_key": ["a", "b"], "effective_at": "updated_at"])
      ).value)
    #expect(dimension.firstVersionFrom == .source)
    #expect(dimension.naturalKey == ["a", "b"])
  }

  @Test func columnsSayTheirOwnType() throws {
    let node = Declarations.node(
      "dim_x", ["materialized": "dimension", "natural_key": "id", "scd_type": 1],
      columns: ["city": ["scd_type": 6], "born": ["meta": ["whc": ["scd_type": 0]]], "name": [:]])
    let dimension = try #require(Dimension.decode(node).value)
    #expect(dimension.type(of: "city") == .hybrid)
    #expect(dimension.type(of: "born") == .retainOriginal)
    #expect(dimension.type(of: "name") == .overwrite)
    #expect(dimension.isVersioned)
  }

  @Test func type7HasADurableKey() throws {
    var config: OrderedDictionary<String, PlainValue> = ["materialized": "dimension", "natural_key": "id"]
    #expect(Dimension.decode(Declarations.node("dim_x", config)).value?.durableKey == nil)
    let byColumn = Declarations.node("dim_x", config, columns: ["city": ["scd_type": 7]])
    #expect(Dimension.decode(byColumn).value?.durableKey == "x_durable_key")
    config["scd_type"] = 7
    config["durable_key"] = "x_id_for_ever"
    let dimension = try #require(Dimension.decode(Declarations.node("dim_x", config)).value)
    #expect(dimension.durableKey == "x_id_for_ever" && dimension.isVersioned)
  }

  @Test func metaIsASynonymAndConfigWins() throws {
    let dimension = try #require(
      Dimension.decode(
        Declarations.node(
          "dim_x",
          [
            "materialized": "dimension", "deletes": "soft",
            "meta": [
              "whc": [
                "natural_key": "id", "deletes": "ignore", "surrogate_key": ["name": "k", "method": "hash"],
              ]
            ],
          ])
      ).value)
    #expect(dimension.naturalKey == ["id"] && dimension.deletes == .soft)
    #expect(dimension.surrogateKey == SurrogateKey(name: "k", method: .hash))
  }

  /// Key by key: what is written and what is said of it, at the key's own line.
  @Test(
    arguments: [
      (
        ["deletes": "invalidat"],
        "bad-config-value:3: deletes of dim_x is 'invalidat', and must be one of invalidate, new_record, soft, ignore"
      ),
      (
        ["natural_keys": "id"],
        "unknown-config-key:3: 'natural_keys' in the config of dim_x is not a key; did you mean 'natural_key'?"
      ),
      (["scd_type": 5], "bad-config-value:3: scd_type of dim_x is 5, and must be one of 0, 1, 2, 3, 6, 7"),
      (["durable_key": "d"], "bad-config-value:3: durable_key of dim_x is given only with scd_type: 7"),
      (
        ["scd_type": 7, "durable_key": "id"],
        "clashing-column:4: 'id' of dim_x is its durable key and its natural key"
      ),
      (
        ["bitemporal": ["recorded_form": "r"]],
        "unknown-config-key:3: 'recorded_form' in bitemporal of dim_x is not a key; did you mean 'recorded_from'?"
      ),
      (
        ["bitemporal": ["recorded_to": "valid_to"]],
        "clashing-column:3: 'valid_to' of dim_x is valid_to and recorded_to"
      ),
      (
        ["take_over": "source('crm')"],
        "bad-config-value:3: take_over of dim_x is 'source('crm')', and must be ref('…'), source('…', '…'), a table's name, or a mapping with one as 'from:'"
      ),
      (
        ["take_over": ["from": "a.b", "gapps": "keep"]],
        "unknown-config-key:3: 'gapps' in take_over of dim_x is not a key; did you mean 'gaps'?"
      ),
      (
        ["take_over": "ref('a')", "scd_type": 1],
        "bad-config-value:3: dim_x takes a history over and keeps no versions"
      ),
      (
        ["schema_changes": ["dropped_columns": "dorp"]],
        "bad-config-value:3: schema_changes.dropped_columns of dim_x is 'dorp', and must be one of keep, error, drop"
      ),
      (["collapse": true], "bad-config-value:3: collapse of dim_x is read only with input: changes"),
      (
        ["valid_to_current": "tomorrow"],
        "bad-config-value:3: valid_to_current of dim_x is 'tomorrow', and must be a date or a time"
      ),
      (["effective_at": 7], "bad-config-value:3: effective_at of dim_x is 7, and must be a name"),
      (
        ["members": ["unknown": "x"]],
        "bad-config-value:3: members.unknown of dim_x is 'x', and must be a whole number or {key:, label:}"
      ),
      (["members": ["a": -1, "b": -1]], "bad-config-value:3: members a and b of dim_x have one key, -1"),
      (["surrogate_key": "id"], "clashing-column:3: 'id' of dim_x is its surrogate key and its natural key"),
      (
        ["members": ["unknown": ["key": -1, "values": ["a": ["b"]]]]],
        "bad-config-value:3: members.unknown.values.a of dim_x is a list, and must be a single value"
      ),
      (
        [
          "input": "changes", "effective_at": "at",
          "operation": ["column": "op", "delete": ["d"], "ignore": "d"],
        ],
        "bad-config-value:5: the code 'd' of dim_x means two things"
      ),
      (
        ["input": "changes", "effective_at": "at", "operation": ["column": "op", "codes": "debezum"]],
        "bad-config-value:5: operation.codes of dim_x is 'debezum', and must be one of debezium, dms, fivetran"
      ),
      (
        [
          "input": "changes", "effective_at": "at",
          "operation": ["column": "op", "codes": "dms", "delete": "D"],
        ],
        "bad-config-value:5: operation of dim_x has 'codes' and 'delete'"
      ),
      (
        ["input": "changes", "effective_at": "at", "operation": ["column": "op", "deletes": ["d"]]],
        "unknown-config-key:5: 'deletes' in operation of dim_x is not a key; did you mean 'delete'?"
      ),
      (
        ["input": "changes", "effective_at": "at", "operation": ["column": "op", "at": "at"]],
        "bad-config-value:5: operation.at of dim_x is its effective_at or its natural key"
      ),
      (["operation": "op"], "bad-config-value:3: operation of dim_x is read only with input: changes"),
      (
        ["input": "changes"],
        "missing-config-key:1: dim_x has no effective_at: input: changes needs the time from which each row holds"
      ),
      (
        ["system_columns": ["valid_form": "a"]],
        "unknown-config-key:3: 'valid_form' in system_columns of dim_x is not a key; did you mean 'valid_from'?"
      ),
    ] as [(OrderedDictionary<String, PlainValue>, String)])
  func mistakes(_ config: OrderedDictionary<String, PlainValue>, _ expected: String) {
    var whole: OrderedDictionary<String, PlainValue> = ["materialized": "dimension", "natural_key": "id"]
    whole.merge(config) { _, new in new }
    let decoded = Dimension.decode(Declarations.node("dim_x", whole))
    #expect(told(decoded.diagnostics) == [expected])
    #expect(decoded.value == nil)
  }

  @Test func theNaturalKeyIsRequired() {
    let decoded = Dimension.decode(Declarations.node("dim_x", ["materialized": "dimension"]))
    #expect(
      told(decoded.diagnostics).first?.hasPrefix("missing-config-key:1: dim_x has no natural_key") == true)
  }

  @Test func deletionsAreIgnoredWhereChangesDoNotTellThem() throws {
    var config: OrderedDictionary<String, PlainValue> = [
      "materialized": "dimension", "natural_key": "id", "input": "changes", "effective_at": "at",
    ]
    #expect(try #require(Dimension.decode(Declarations.node("dim_x", config)).value).deletes == .ignore)
    config["operation"] = ["column": "op", "delete": ["X"]]
    let dimension = try #require(Dimension.decode(Declarations.node("dim_x", config)).value)
    #expect(dimension.deletes == .invalidate)
    #expect(dimension.operation == .init(column: "op", deleteCodes: ["X"]))
    config["operation"] = ["column": "_fivetran_deleted", "delete": true]
    let fivetran = try #require(Dimension.decode(Declarations.node("dim_x", config)).value)
    #expect(fivetran.operation?.deleteCodes == ["true"])
  }
}
