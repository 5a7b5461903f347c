import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct PeriodicSnapshotConfigTests {
  static let config: OrderedDictionary<String, PlainValue> = [
    "materialized": "fact", "fact_type": "periodic_snapshot", "grain": "product_id", "period": "month",
    "event_time": "counted_at", "date_dimension": ["to": "dim_date", "role": "month_end"],
    "measures": [["name": "on_hand", "additivity": "semi"]],
    "dimensions": [["to": "dim_product", "key": "product_id"]],
  ]

  @Test func defaults() throws {
    let decoded = Fact.decode(Declarations.node("fct_stock", Self.config))
    #expect(told(decoded.diagnostics) == [])
    let fact = try #require(decoded.value)
    let snapshot = try #require(fact.periodic)
    #expect(
      snapshot
        == PeriodicSnapshot(period: .month, dates: .init(name: "dim_date"), role: "month_end"))
    #expect(snapshot.end == .today(count: 0, unit: "day") && snapshot.start == nil)
    #expect(fact.grain == ["product_id", "period_start"])
    #expect(fact.edges.map(\.to.name) == ["dim_date", "dim_product"])
    #expect(fact.edges[0].foreignKey("date_key") == "month_end_date_key")
    #expect(fact.asOf(fact.edges[1]) == "period_end" && fact.readsFrom == nil)
    #expect(fact.measures.map(\.over) == [["month_end"]])
    #expect(
      Fact.dimensionReferences(Declarations.node("f", Self.config)).map(\.name) == [
        "dim_product", "dim_date",
      ])
  }

  @Test func gapsThatAreNotFilledForEver() throws {
    var config = Self.config
    config["gaps"] = ["fill": "carry", "for": "90 days"]
    config["close_after"] = 2
    config["start"] = "today - 2 years"
    let snapshot = try #require(Fact.decode(Declarations.node("f", config)).value?.periodic)
    #expect(snapshot.gaps == .carry && snapshot.fillFor == "90 days" && snapshot.closeAfter == "2 days")
    #expect(snapshot.start == .today(count: -2, unit: "year"))
  }

  @Test(
    arguments: [
      (
        ["period": .null],
        "missing-config-key:1: f has no period: a periodic snapshot has one row a day, week, month, quarter or year"
      ),
      (
        ["period": "fortnight"],
        "bad-config-value:4: period of f is 'fortnight', and must be one of day, week, month, quarter, year"
      ),
      (
        ["event_time": .null],
        "missing-config-key:1: f has no event_time: its column says which period a row is of"
      ),
      (
        ["date_dimension": .null],
        "missing-config-key:1: f has no date_dimension: a periodic snapshot is keyed to the last day of its period"
      ),
      (
        ["gaps": "zero", "measures": .null],
        "missing-config-key:1: f has no measures: 'gaps: zero' needs to know what to set to 0"
      ),
      (
        ["gaps": ["fill": "carry", "for": "long"]],
        "bad-config-value:9: gaps of f is 'long', and must be a number and a unit, such as '3 days'"
      ),
      (
        ["grain": ["product_id", "counted_at"]],
        "bad-config-value:3: grain of f names its event_time counted_at, of whose periods each has a row of its own anyway"
      ),
      (
        ["lookback": "3 days"],
        "bad-config-value:9: lookback of f is not read with fact_type: periodic_snapshot, which looks at open periods"
      ),
    ] as [(OrderedDictionary<String, PlainValue>, String)])
  func mistakes(_ config: OrderedDictionary<String, PlainValue>, _ expected: String) {
    var whole = Self.config
    whole.merge(config) { _, new in new }
    #expect(told(Fact.decode(Declarations.node("f", whole)).diagnostics) == [expected])
  }
}
