import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct AccumulatingSnapshotConfigTests {
  static let config: OrderedDictionary<String, PlainValue> = [
    "materialized": "fact", "fact_type": "accumulating_snapshot", "grain": "order_id",
    "date_dimension": "ref('dim_date')",
    "milestones": [
      "ordered_at", "shipped_on", ["name": "paid", "at": "cash_in", "not_reached": "to_be_determined"],
    ],
  ]

  @Test func defaults() throws {
    let decoded = Fact.decode(Declarations.node("fct_order", Self.config))
    #expect(told(decoded.diagnostics) == [])
    let fact = try #require(decoded.value)
    let snapshot = try #require(fact.accumulating)
    #expect(snapshot.milestones.map(\.name) == ["ordered", "shipped", "paid"])
    #expect(snapshot.milestones.map(\.at) == ["ordered_at", "shipped_on", "cash_in"])
    #expect(snapshot.lags.map(\.name) == ["ordered_to_shipped_days", "ordered_to_paid_days"])
    #expect(snapshot.order == .warn && snapshot.nullMilestone == .clear)
    #expect(
      fact.edges.map { $0.foreignKey("date_key") } == [
        "ordered_date_key", "shipped_date_key", "paid_date_key",
      ])
    #expect(fact.edges.map(\.memberOfNull) == ["not_applicable", "not_applicable", "to_be_determined"])
    #expect(fact.asOf(.init(to: .init(name: "dim_customer"))) == "ordered_at")
    #expect(fact.readsFrom == nil)
    #expect(
      Fact.dimensionReferences(Declarations.node("fct_order", Self.config)).map(\.name) == ["dim_date"])
  }

  @Test func lagsOfTheUsersChoice() throws {
    var config = Self.config
    config["lags"] = [
      ["from": "ordered", "to": "shipped_on", "unit": "hours"],
      ["from": "shipped", "to": "paid", "name": "patience"],
    ]
    let snapshot = try #require(Fact.decode(Declarations.node("f", config)).value?.accumulating)
    #expect(snapshot.lags.map(\.name) == ["ordered_to_shipped_hours", "patience"])
    config["lags"] = false
    #expect(Fact.decode(Declarations.node("f", config)).value?.accumulating?.lags == [])
  }

  @Test(
    arguments: [
      (
        ["milestones": .null],
        "missing-config-key:1: f has no milestones: an accumulating snapshot follows rows from one milestone to the next"
      ),
      (
        ["milestones": ["paid_at", "paid_on"]], "bad-config-value:5: f has two milestones called paid"
      ),
      (
        ["date_dimension": .null, "milestones": ["paid_at"]],
        "missing-config-key:5: milestone paid of f has no date dimension to take its key from"
      ),
      (
        ["lags": [["from": "ordered", "to": "shiped"]]],
        "unknown-milestone:6: 'shiped' in the lags of f is not one of its milestones; did you mean 'shipped'?"
      ),
      (
        ["milestone_order": "strict"],
        "bad-config-value:6: milestone_order of f is 'strict', and must be one of warn, error, ignore"
      ),
      (
        ["fact_type": "transaction"],
        "bad-config-value:5: milestones of f is read only with fact_type: accumulating_snapshot"
      ),
    ] as [(OrderedDictionary<String, PlainValue>, String)])
  func mistakes(_ config: OrderedDictionary<String, PlainValue>, _ expected: String) {
    var whole = Self.config
    whole.merge(config) { _, new in new }
    #expect(told(Fact.decode(Declarations.node("f", whole)).diagnostics) == [expected])
  }

  @Test func rulesBetweenDeclarations() {
    var declarations = Declarations()
    declarations.add("dim_date", ["materialized": "date_dimension", "start": "2024-01-01"])
    declarations.add("dim_x", ["materialized": "dimension", "natural_key": "x", "scd_type": 1])
    declarations.add("f", Self.config)
    var other = Self.config
    other["milestones"] = ["ordered_at", ["at": "shipped_on", "to": "dim_x"]]
    other["lags"] = [["from": "ordered", "to": "shipped", "name": "order_id"]]
    declarations.add("g", other)
    #expect(
      told(Star(declarations.manifest).diagnostics) == [
        "missing-member:5: f needs the member 'to_be_determined' of dim_date, which has none",
        "clashing-column:6: 'order_id' of g is a lag and a column of the grain",
        "not-a-dimension:5: milestone shipped of g takes its key from dim_x, which is no date dimension",
      ])
  }
}
