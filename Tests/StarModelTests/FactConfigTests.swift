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
      (
        ["views": ["flat", "role"]],
        "bad-config-value:1: views of f is 'role', and must be one of flat, roles"
      ),
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

  @Test(
    arguments: [
      (
        [["measure": "shipping", "header": "order_id", "ovr": "amount"]],
        "unknown-config-key:1: 'ovr' in allocate of shipping in f is not a key; did you mean 'over'?"
      ),
      (
        [["measure": "shiping", "header": "order_id"]],
        "bad-config-value:1: allocate of f shares out 'shiping', which is none of its measures; did you mean 'shipping'?"
      ),
      (
        ["shipping"],
        "bad-config-value:1: an entry of allocate of f is 'shipping', and must be a mapping with 'measure:' and 'header:'"
      ),
      (
        [["measure": "shipping", "header": ["order_id", "line"]]],
        "bad-config-value:1: allocate of shipping in f: its header (order_id, line) is the grain, so it has one line"
      ),
      (
        [["measure": "shipping", "header": "order_id", "decimals": 20]],
        "bad-config-value:1: decimals of allocate (shipping) of f is 20, and must be a whole number from 0 to 12"
      ),
      (
        [["measure": "shipping", "header": "order_id", "over": "shipping"]],
        "bad-config-value:1: over of allocate (shipping) of f is 'shipping', and must be another column"
      ),
    ] as [([PlainValue], String)])
  func badAllocations(_ entries: [PlainValue], _ expected: String) {
    let config: OrderedDictionary<String, PlainValue> = [
      "allocate": .list(entries), "materialized": "fact", "grain": ["order_id", "line"],
      "measures": ["shipping", "amount"],
    ]
    #expect(told(Fact.decode(Declarations.node("f", config)).diagnostics) == [expected])
  }

  @Test func allocation() {
    let config: OrderedDictionary<String, PlainValue> = [
      "materialized": "fact", "grain": ["order_id", "line"], "measures": ["shipping", "amount"],
      "allocate": [["measure": "shipping", "over": "amount", "header": "order_id", "decimals": 3]],
      "dimensions": [["to": "dim_a", "max_unknown": "2.5%"], ["to": "dim_b", "max_unknown": 0]],
    ]
    let decoded = Fact.decode(Declarations.node("f", config))
    #expect(told(decoded.diagnostics) == [])
    #expect(
      decoded.value?.allocations == [
        Allocation(measure: "shipping", over: "amount", header: ["order_id"], decimals: 3)
      ])
    #expect(decoded.value?.edges.map(\.maxUnknown) == [0.025, 0])
    var wrong = config
    wrong["dimensions"] = [["to": "dim_a", "max_unknown": "2"]]
    #expect(
      told(Fact.decode(Declarations.node("f", wrong)).diagnostics) == [
        "bad-config-value:5: max_unknown (dimensions, to dim_a) of f is '2', and must be a share of the rows, "
          + "such as 5% or 0.05"
      ])
  }
}
