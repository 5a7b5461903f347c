import Diagnostics
import Testing

@Suite struct NearMissTests {
  @Test(arguments: [
    ("stg_order", ["stg_items", "stg_orders", "order"], "stg_orders"),
    ("Orders", ["order", "orders"], "orders"),
    ("materialised", ["materialized", "alias"], "materialized"),
    ("modle-paths", ["model-paths", "seed-paths"], "model-paths"),
    ("tpye", ["type", "name"], "type"),
    ("xyz", ["orders", "customers"], nil),
    ("a", ["b"], "b"),
    ("orders", ["orders"], nil),
    ("customer_orders", ["customers", "orders"], nil),
  ])
  func nearest(name: String, candidates: [String], expected: String?) {
    #expect(NearMiss.best(for: name, among: candidates) == expected)
  }

  @Test func suffix() {
    #expect(NearMiss.suffix(for: "stg_order", among: ["stg_orders"]) == "; did you mean 'stg_orders'?")
    #expect(NearMiss.suffix(for: "zzz", among: ["stg_orders"]) == "")
  }

  @Test func isKeptBesideTheMessage() throws {
    let column = Diagnostic(
      "x", "'placed_at' is no column of 'o'", meant: NearMiss("placed_at", among: ["placed_on"]))
    #expect(column.summary == "'placed_at' is no column of 'o'; did you mean 'placed_on'?")
    #expect(column.meant == NearMiss(wrong: "placed_at", right: "placed_on"))
    #expect(Diagnostic("x", "'a' is wrong", meant: NearMiss("a", among: ["b_of_c"])).meant == nil)
  }
}
