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

  @Test func replacement() throws {
    let column = Diagnostic(
      "x", "'placed_at' is no column of 'o'" + NearMiss.suffix(for: "placed_at", among: ["placed_on"]))
    #expect(try #require(column.suggestion) == ("placed_at", "placed_on"))
    let value = Diagnostic(
      "x", "'access' of model 'm' must be 'private' or 'public', not 'publik'; did you mean 'public'?")
    #expect(try #require(value.suggestion) == ("publik", "public"))
    #expect(Diagnostic("x", "'a' is wrong").suggestion == nil)
  }
}
