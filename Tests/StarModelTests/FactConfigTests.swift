import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct FactConfigTests {
  static let config: OrderedDictionary<String, PlainValue> = [
    "materialized": "fact", "grain": ["order_id", "line_no"], "event_time": "ordered_at",
    "dimensions": [
      ["to": "dim_customer", "key": "customer_id", "missing": "infer"],
      ["to": "ref('dim_date')", "role": "order", "key": "ordered_at"],
      [
        "to": "ref(\"shop\", \"dim_date\")", "role": "ship", "key": "shipped_at", "missing": "not_applicable",
      ],
    ],
    "degenerate": "order_id",
    "measures": ["quantity", ["name": "stock", "additivity": "semi", "over": "order_date", "unit": "pcs"]],
  ]

  @Test func wholeDeclaration() throws {
    let decoded = Fact.decode(Declarations.node("fct_order", Self.config))
    #expect(told(decoded.diagnostics) == [])
    let fact = try #require(decoded.value)
    #expect(fact.grain == ["order_id", "line_no"] && fact.kind == .transaction)
    #expect(fact.edges.map(\.to.name) == ["dim_customer", "dim_date", "dim_date"])
    #expect(fact.edges.map { $0.foreignKey("date_key") } == ["date_key", "order_date_key", "ship_date_key"])
    #expect(fact.edges.map(\.missing) == [.infer, .unknown, .notApplicable])
    #expect(fact.asOf(fact.edges[0]) == "ordered_at")
    #expect(fact.lookback == "3 days" && fact.rekey == .auto && fact.readsFrom == "ordered_at")
    #expect(
      fact.measures == [
        .init(name: "quantity"), .init(name: "stock", additivity: .semi, over: ["order_date"], unit: "pcs"),
      ])
  }

  @Test func edgesOfTheGraph() {
    let calls = Fact.dimensionReferences(Declarations.node("fct_order", Self.config))
    #expect(calls.map(\.name) == ["dim_customer", "dim_date", "dim_date"])
    #expect(calls.map(\.package) == [nil, nil, "shop"])
    #expect(Fact.dimensionReferences(Declarations.node("t", ["materialized": "table"])).isEmpty)
  }

  @Test(arguments: [
    ("1 hour", "1 hour"), ("36 hours", "36 hours"), ("2 weeks", "2 weeks"),
  ])
  func lookback(_ text: String, _ expected: String) {
    var config = Self.config
    config["lookback"] = .string(text)
    #expect(Fact.decode(Declarations.node("fct_order", config)).value?.lookback == expected)
  }

  @Test(
    arguments: [
      (["rekey": "autos"], "bad-config-value:1: rekey of f is 'autos', and must be one of auto, report, off"),
      (
        ["lookback": "soon"],
        "bad-config-value:1: lookback of f is 'soon', and must be a number and a unit, such as '3 days'"
      ),
      (
        ["dimensions": ["dim_a", ["to": "dim_b", "keys": "x"]]],
        "unknown-config-key:1: 'keys' in dimensions of f, to dim_b is not a key; did you mean 'key'?"
      ),
      (
        ["measures": [["name": "m", "additivity": "semi"]]],
        "missing-config-key:1: measure m of f is semi-additive and has no 'over'"
      ),
    ] as [(OrderedDictionary<String, PlainValue>, String)])
  func mistakes(_ config: OrderedDictionary<String, PlainValue>, _ expected: String) {
    var whole = config
    whole["materialized"] = "fact"
    whole["grain"] = "id"
    #expect(told(Fact.decode(Declarations.node("f", whole)).diagnostics) == [expected])
  }

  @Test func grainIsRequired() {
    let decoded = Fact.decode(Declarations.node("f", ["materialized": "fact"]))
    #expect(decoded.diagnostics.map(\.code) == ["fact-without-grain"])
  }
}
