import OrderedCollections
import ProjectModel
import Testing

@testable import Compiler

@Suite struct TestNameTests {
  private struct Case {
    var type: String
    var namespace: String?
    var target: String
    var arguments: OrderedDictionary<String, PlainValue>
    var name: String
    var hash: String
  }

  /// Names and ids that dbt gave.
  private static let cases = [
    Case(
      type: "not_null", target: "order_items", arguments: ["column_name": "order_item_id"],
      name: "not_null_order_items_order_item_id", hash: "c6fda366bd"),
    Case(
      type: "relationships", target: "order_items",
      arguments: ["to": "ref('orders')", "field": "order_id", "column_name": "order_id"],
      name: "relationships_order_items_order_id__order_id__ref_orders_", hash: "a799023ee8"),
    Case(
      type: "accepted_values", target: "customers",
      arguments: ["values": ["new", "returning"], "column_name": "customer_type"],
      name: "accepted_values_customers_customer_type__new__returning", hash: "d12f0947c8"),
    Case(
      type: "expression_is_true", namespace: "dbt_utils", target: "customers",
      arguments: ["expression": "lifetime_spend_pretax + lifetime_tax_paid = lifetime_spend"],
      name: "dbt_utils_expression_is_true_customers_lifetime_spend_pretax_lifetime_tax_paid_lifetime_spend",
      hash: "ad37c989b6"),
  ]

  @Test(arguments: cases.indices) func namesAndHashes(index: Int) {
    let test = Self.cases[index]
    var arguments = test.arguments
    arguments["model"] = .string("{{ get_where_subquery(ref('\(test.target)')) }}")
    let type = (test.namespace.map { $0 + "_" } ?? "") + test.type
    let name = TestName(type: type, target: test.target, arguments: arguments)
    #expect(name.full == test.name)
    #expect(
      TestName.idHash(name: name.full, type: test.type, namespace: test.namespace, arguments: arguments)
        == test.hash)
  }

  @Test func longNamesAreCut() {
    let name = TestName(
      type: "accepted_values", target: "orders",
      arguments: ["values": ["aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbb"]])
    #expect(name.full.hasPrefix("accepted_values_orders_aaaaaaaaaaaaaaaaaaaaaaaa__bbbb"))
    #expect(name.short.count == 63 || name.short.count < 63)
    #expect(name.short.hasPrefix("accepted_values_orders_") && name.short != name.full)
  }
}
