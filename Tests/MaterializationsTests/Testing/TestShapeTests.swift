import Testing

@testable import Materializations

struct TestShapeTests {
  static let orders = "\"shop\".\"marts\".\"orders\""

  @Test func notNull() throws {
    let shape = try #require(TestShape(BuiltInTests.notNull("order_id", in: Self.orders)))
    #expect(shape.question == .notNull)
    #expect(shape.column == "order_id")
    #expect(shape.relation == Self.orders)
    #expect(shape.condition == nil)
  }

  @Test func uniqueUnderACondition() throws {
    let sql = BuiltInTests.unique(
      "\"Order Id\"", in: Self.orders, where: "status = 'not  here' and\n  amount > 0")
    let shape = try #require(TestShape(sql))
    #expect(shape.question == .unique)
    #expect(shape.column == "\"Order Id\"")
    #expect(shape.relation == Self.orders)
    #expect(shape.condition == "status = 'not  here' and amount > 0")
  }

  @Test func acceptedValues() throws {
    let sql = BuiltInTests.acceptedValues("status", "'a, b','(c)',\n    'it''s'", in: Self.orders)
    let shape = try #require(TestShape(sql))
    #expect(shape.question == .acceptedValues("'a, b', '(c)', 'it''s'"))
    #expect(shape.column == "status")
    #expect(shape.relation == Self.orders)
  }

  @Test func relationships() throws {
    let sql = BuiltInTests.relationships(
      "lower(customer)", to: "\"shop\".\"marts\".\"customers\"", "\"Id\"", in: Self.orders, where: "true")
    let shape = try #require(TestShape(sql))
    #expect(
      shape.question == .relationships(parent: "\"shop\".\"marts\".\"customers\"", field: "\"Id\""))
    #expect(shape.column == "lower(customer)")
    #expect(shape.condition == "true")
  }

  /// Tests of the project itself, an overridden built-in test, a test on a query: not ours to answer.
  @Test(arguments: [
    "select * from orders where amount < 0",
    "select order_id from orders where amount is null",
    "select order_id from orders where order_id is null limit 5",
    "select order_id from orders where order_id is null -- all of them",
    "select order_id from orders, lines where order_id is null",
    "with a as (select 1) select order_id from a where order_id is null",
    "select order_id as unique_field, count(*) as n_records from orders where order_id is not null "
      + "group by order_id having count(*) > 2",
    "with child as (select a as from_field from t where a is not null), parent as (select b as to_field from p) "
      + "select from_field from child left join parent on child.from_field = parent.to_field",
    "",
  ])
  func others(_ sql: String) {
    #expect(TestShape(sql) == nil)
  }
}
