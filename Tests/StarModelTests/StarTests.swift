import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct StarTests {
  static func shop(_ fact: OrderedDictionary<String, PlainValue>) -> Declarations {
    var declarations = Declarations()
    declarations.add("dim_customer", ["materialized": "dimension", "natural_key": "customer_id"])
    declarations.add(
      "dim_date", ["materialized": "date_dimension", "start": "2024-01-01", "end": "today + 1 year"])
    declarations.add(
      "dim_place", ["materialized": "dimension", "natural_key": ["country", "city"], "scd_type": 1])
    declarations.add("stg_orders", ["materialized": "view"])
    var whole: OrderedDictionary<String, PlainValue> = ["materialized": "fact", "grain": "order_id"]
    whole.merge(fact) { _, new in new }
    declarations.add("fct_order", whole)
    return declarations
  }

  @Test func soundStar() {
    let declarations = Self.shop([
      "event_time": "at",
      "dimensions": [
        "dim_customer", ["to": "dim_date", "role": "order", "key": "at"], ["to": "dim_date", "role": "ship"],
      ],
    ])
    let star = Star(declarations.manifest)
    #expect(told(star.diagnostics) == [])
    let matrix = star.busMatrix(declarations.manifest)
    #expect(matrix.columns.map(\.name) == ["dim_customer", "dim_place", "dim_date"])
    #expect(matrix.columns.map(\.uses) == [1, 0, 1])
    #expect(matrix.rows.map(\.cells) == [[["customer_key"], [], ["order_date_key", "ship_date_key"]]])
  }

  @Test(
    arguments: [
      (
        [["to": "dim_custome"]],
        "unknown-dimension:3: dimension 'dim_custome' of fct_order is not in this project; did you mean 'dim_customer'?"
      ),
      (
        [["to": "stg_orders"]],
        "not-a-dimension:3: fct_order looks up stg_orders, which is materialized as view"
      ),
      (
        [["to": "dim_customer"]],
        "missing-as-of:3: fct_order looks up dim_customer, which has versions, without saying at what time"
      ),
      (
        [["to": "dim_place", "key": "city"]],
        "key-count-mismatch:3: fct_order looks up dim_place by city, but its natural key is country, city"
      ),
      (
        [["to": "dim_date", "key": "a"], ["to": "dim_date", "key": "b"]],
        "duplicate-role:3: fct_order looks up dim_date twice without a role"
      ),
      (
        [["to": "dim_date", "missing": "infer"]],
        "bad-config-value:3: fct_order cannot infer members of the date dimension dim_date"
      ),
    ] as [([PlainValue], String)])
  func rules(_ edges: [PlainValue], _ expected: String) {
    #expect(told(Star(Self.shop(["dimensions": .list(edges)]).manifest).diagnostics) == [expected])
  }

  @Test func aKeyMeetsAColumn() {
    let star = Star(
      Self.shop(["grain": "date_key", "dimensions": [["to": "dim_date", "key": "at"]]]).manifest)
    #expect(star.diagnostics.map(\.code) == ["clashing-column"])
  }

  @Test func aMemberIsNeeded() {
    var declarations = Self.shop(["dimensions": [["to": "dim_bare", "key": "x", "as_of": "at"]]])
    declarations.add("dim_bare", ["materialized": "dimension", "natural_key": "x", "members": false])
    #expect(
      told(Star(declarations.manifest).diagnostics) == [
        "missing-member:3: fct_order needs the member 'unknown' of dim_bare, which has none"
      ])
  }

  @Test func inferenceReachesTheDimension() {
    let declarations = Self.shop([
      "event_time": "at", "dimensions": [["to": "ref('dim_customer')", "missing": "infer"]],
    ])
    let star = Star(declarations.manifest)
    #expect(star.infers(into: NodeID(.model, package: "shop", name: "dim_customer"), declarations.manifest))
    #expect(!star.infers(into: NodeID(.model, package: "shop", name: "dim_place"), declarations.manifest))
  }
}

struct DateDimensionConfigTests {
  @Test(arguments: [
    ("2024-02-29", DateDimension.Bound.date("2024-02-29")), ("today", .today(count: 0, unit: "day")),
    ("today + 18 months", .today(count: 18, unit: "month")),
    ("today - 2 weeks", .today(count: -2, unit: "week")),
  ])
  func bounds(_ text: String, _ expected: DateDimension.Bound) {
    let decoded = DateDimension.decode(
      Declarations.node(
        "d",
        [
          "materialized": "date_dimension", "start": .string(text), "end": "today + 90 years",
          "fiscal_year_start": "oct",
        ]))
    #expect(decoded.value?.start == expected)
    #expect(decoded.value?.fiscalYearStart == 10)
  }

  @Test(arguments: ["2024-02-30", "tomorrow", "today + 3 hours", "2024-1-1"])
  func badBounds(_ text: String) {
    let decoded = DateDimension.decode(
      Declarations.node("d", ["materialized": "date_dimension", "start": .string(text)]))
    #expect(decoded.diagnostics.map(\.code) == ["bad-config-value"])
  }
}
