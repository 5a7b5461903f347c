import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

@Suite struct ModellingRulesTests {
  /// What the rules say beyond the dimension that no fact of the shop uses.
  private func found(_ declarations: Declarations) -> [String] {
    let star = Star(declarations.manifest)
    #expect(told(star.diagnostics) == [])
    return ModellingRules(star, declarations.manifest).check()
      .filter { !$0.summary.hasSuffix("looks up dim_place") }.map {
        "\($0.severity) \($0.code): \($0.summary)"
      }
  }

  private static let used: OrderedDictionary<String, PlainValue> = [
    "event_time": "at", "dimensions": ["dim_customer", ["to": "dim_date", "role": "order", "key": "at"]],
  ]

  private func shop(_ fact: OrderedDictionary<String, PlainValue> = [:]) -> Declarations {
    StarTests.shop(Self.used.merging(fact) { _, new in new })
  }

  @Test func aSoundStarIsLeftAlone() {
    #expect(
      found(
        shop([
          "measures": [
            ["name": "amount", "unit": "EUR"], ["name": "stock", "additivity": "semi", "over": "order_date"],
          ]
        ])) == [])
  }

  @Test func nobodyUsesADimension() {
    var declarations = StarTests.shop([:])
    let unused = { (declarations: Declarations) in
      ModellingRules(Star(declarations.manifest), declarations.manifest).check().map(\.summary)
    }
    #expect(
      unused(declarations) == [
        "no fact looks up dim_customer", "no fact looks up dim_place", "no fact looks up dim_date",
      ])
    // One that another dimension is made from is used.
    var outer = declarations.add("dim_store", ["materialized": "dimension", "natural_key": "store"])
    outer.dependsOn = [NodeID(.model, package: "shop", name: "stg_orders")]
    declarations.manifest.nodes[outer.id] = outer
    declarations.manifest.nodes[outer.dependsOn[0]]?.dependsOn = [
      NodeID(.model, package: "shop", name: "dim_place")
    ]
    #expect(!unused(declarations).contains("no fact looks up dim_place"))
    // Without facts there is nothing to say, and packages are not the user's.
    declarations.manifest.nodes[NodeID(.model, package: "shop", name: "fct_order")] = nil
    #expect(unused(declarations) == [])
  }

  @Test func measuresThatContradict() {
    var declarations = shop([
      "measures": [
        ["name": "amount", "unit": "EUR"], ["name": "stock", "additivity": "semi", "over": "order_dat"],
      ]
    ])
    var visit = Self.used
    visit["materialized"] = "fact"
    visit["fact_type"] = "factless"
    visit["grain"] = "visit_id"
    visit["measures"] = [["name": "amount", "unit": "USD"]]
    declarations.add("fct_visit", visit)
    #expect(
      found(declarations) == [
        "warning unknown-over: stock of fct_order is not summed over 'order_dat', which is no dimension and no role "
          + "of it; did you mean 'order_date'?",
        "warning factless-with-measures: fct_visit is factless and has the measure amount",
        "warning conformed-measure-differs: amount is USD in fct_visit and EUR in fct_order",
      ])
  }

  @Test func typesThatAreDeclared() {
    var declarations = shop(["measures": ["status"]])
    func type(_ model: String, _ column: String, _ type: String) {
      declarations.manifest.nodes[NodeID(.model, package: "shop", name: model)]?.columns[column] =
        ColumnProperties(name: column, dataType: type)
    }
    type("fct_order", "status", "varchar(10)")
    type("fct_order", "customer_id", "bigint")
    type("dim_customer", "customer_id", "text")
    type("dim_customer", "segment", "text")
    declarations.add("dim_buyer", ["materialized": "dimension", "natural_key": "customer_id"])
    type("dim_buyer", "segment", "int")
    type("dim_place", "segment", "int")
    #expect(
      found(declarations).filter { !$0.hasSuffix("dim_buyer") } == [
        "warning text-measure: status of fct_order is a measure and of type varchar(10)",
        "warning conformed-attribute-differs: segment is int in dim_buyer and text in dim_customer",
        "warning key-type-differs: customer_id of fct_order is bigint, and customer_id of dim_customer is text",
      ])
  }

  @Test func settings() {
    let weigh = { (settings: PlainValue) in
      let node = Declarations.node("m", ["materialized": "table", "star_rules": settings])
      let read = StarRuleSettings(node)
      return told(read.diagnostics) + read.choices.map { "\($0.key.rawValue) \($0.value.weight.rawValue)" }
    }
    #expect(
      weigh(["chasm-trap": "error", "unused-dimension": false]) == [
        "chasm-trap error", "unused-dimension off",
      ])
    #expect(weigh(["chasm-trap": ["reason": "one row each"]]) == ["chasm-trap off"])
    #expect(
      weigh(["chasm-trp": "off", "text-measure": "loud"]) == [
        "unknown-config-key:2: 'chasm-trp' in star_rules of m is not a key; did you mean 'chasm-trap'?",
        "bad-config-value:2: star_rules.text-measure of m is 'loud', and must be one of error, warn, off",
      ])
    #expect(
      weigh(["chasm-trap": ["severety": "off", "reason": 3]]) == [
        "unknown-config-key:2: 'severety' in star_rules.chasm-trap of m is not a key; did you mean 'severity'?",
        "bad-config-value:2: star_rules.chasm-trap.reason of m is 3, and must be a text", "chasm-trap off",
      ])
    #expect(
      weigh("off") == [
        "bad-config-value:2: star_rules of m is 'off', and must be a mapping of rules to error, warn or off"
      ])
  }

  @Test func historyWrittenByAnotherRule() {
    var old = shop()
    old.add(
      "dim_customer", ["materialized": "dimension", "natural_key": "customer_id"],
      columns: ["email": ["scd_type": 1], "city": ["scd_type": 2]])
    var new = shop()
    new.add(
      "dim_customer",
      [
        "materialized": "dimension", "natural_key": "customer_no", "scd_type": 1,
        "surrogate_key": ["method": "hash"],
      ],
      columns: ["email": ["scd_type": 0], "city": ["scd_type": 1]])
    #expect(
      HistoryRules.check(Star(new.manifest), new.manifest, previous: old.manifest).map(\.summary) == [
        "scd_type of dim_customer was 2 and is now 1", "scd_type of email of dim_customer was 1 and is now 0",
        "natural_key of dim_customer was customer_id and is now customer_no",
        "surrogate_key.method of dim_customer was integer and is now hash",
      ])
    #expect(HistoryRules.check(Star(old.manifest), old.manifest, previous: old.manifest) == [])
  }
}
