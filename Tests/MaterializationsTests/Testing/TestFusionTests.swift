import Foundation
import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import Materializations

struct TestFusionTests {
  static let orders = "\"shop\".\"marts\".\"orders\""
  static let customers = "\"shop\".\"marts\".\"customers\""
  static let mixed = [
    BuiltInTests.test("a", BuiltInTests.notNull("order_id", in: orders)),
    BuiltInTests.test("b", BuiltInTests.unique("order_id", in: orders)),
    BuiltInTests.test("c", BuiltInTests.acceptedValues("status", "'new','paid'", in: orders)),
    BuiltInTests.test("d", BuiltInTests.relationships("customer_id", to: customers, "id", in: orders)),
    BuiltInTests.test("e", BuiltInTests.relationships("payer_id", to: customers, "id", in: orders)),
    BuiltInTests.test("f", BuiltInTests.unique("order_id", in: orders, where: "status = 'paid'")),
    BuiltInTests.test("g", BuiltInTests.notNull("order_id", in: orders)),
    BuiltInTests.test("own", "select * from \(orders) where amount < 0"),
    BuiltInTests.test("limited", BuiltInTests.notNull("amount", in: orders), ["limit": 5]),
    BuiltInTests.test("sums", BuiltInTests.unique("amount", in: orders), ["fail_calc": "sum(n_records)"]),
    BuiltInTests.test("kept", BuiltInTests.unique("amount", in: orders), ["store_failures": true]),
    BuiltInTests.test("between", BuiltInTests.notNull("amount", in: orders), ["warn_if": "between 1 and 2"]),
    BuiltInTests.test("lonely", BuiltInTests.notNull("id", in: customers)),
  ]

  @Test(arguments: [("postgres", Dialect.postgres), ("redshift", Dialect.redshift)])
  func queries(_ name: String, _ dialect: Dialect) {
    let result = TestFusion(dialect: dialect).fuse(Self.mixed)
    #expect(
      result.alone.map(\.rawValue)
        == ["own", "limited", "sums", "kept", "between", "lonely"].map { "test.shop.\($0)" })
    #expect(result.proved.isEmpty)
    let text = result.queries.map { query in
      "-- \(query.tests.map { $0.rawValue }.joined(separator: ", "))\n\(query.sql);\n"
    }.joined(separator: "\n")
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/fusion/\(name).sql")
    let mismatch = Golden.mismatch(text, file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test func aSharedConditionStandsInWhere() {
    let tests = [
      BuiltInTests.test("a", BuiltInTests.notNull("order_id", in: Self.orders, where: "status = 'paid'")),
      BuiltInTests.test("b", BuiltInTests.unique("order_id", in: Self.orders, where: "status = 'paid'")),
    ]
    let queries = TestFusion(dialect: .postgres).fuse(tests).queries
    #expect(
      queries.map(\.sql) == [
        """
        set local jit = off;
        select
          count(*) filter (where order_id is null),
          count(order_id),
          count(distinct order_id)
        from (select * from "shop"."marts"."orders" where status = 'paid') dbt_subquery
        """
      ])
  }

  @Test func outcomes() throws {
    let tests = [
      BuiltInTests.test("nulls", BuiltInTests.notNull("a", in: "t"), ["warn_if": "> 2", "error_if": "> 5"]),
      BuiltInTests.test("same", BuiltInTests.unique("a", in: "t")),
      BuiltInTests.test("values", BuiltInTests.acceptedValues("b", "1", in: "t")),
    ]
    let query = try #require(TestFusion(dialect: .postgres).fuse(tests).queries.first)
    let good = TestAnswer(failures: 0, shouldWarn: false, shouldError: false)
    #expect(query.outcomes(row: ["0", "7", "7", "0"]) == [.answer(good), .answer(good), .answer(good)])
    #expect(
      query.outcomes(row: ["4", "7", "6", "2"]) == [
        .answer(TestAnswer(failures: 4, shouldWarn: true, shouldError: false)), .askExactly, .askExactly,
      ])
    #expect(query.outcomes(row: [nil, "7"]) == [.askExactly, .askExactly, .askExactly])
  }

  @Test func whatIsProvedIsNotAsked() {
    let tests = [
      BuiltInTests.test("a", BuiltInTests.unique("Order_Key", in: Self.orders)),
      BuiltInTests.test("b", BuiltInTests.notNull("\"order_key\"", in: Self.orders, where: "is_current")),
      BuiltInTests.test("c", BuiltInTests.unique("\"Order_Key\"", in: Self.orders)),
      BuiltInTests.test("d", BuiltInTests.unique("order_key", in: Self.customers)),
    ]
    let result = TestFusion(dialect: .postgres).fuse(
      tests, facts: [Self.orders: [.unique("order_key"), .notNull("order_key")]])
    #expect(result.proved.map(\.test.rawValue) == ["test.shop.a", "test.shop.b"])
    #expect(
      result.proved.allSatisfy { $0.answer == TestAnswer(failures: 0, shouldWarn: false, shouldError: false) }
    )
    #expect(result.alone.map(\.rawValue) == ["test.shop.c", "test.shop.d"])
  }

  @Test func sortsAreSplitByMemoryAndConnections() {
    let tests =
      (0..<20).map { BuiltInTests.test("u\($0)", BuiltInTests.unique("c\($0)", in: "t")) }
      + [BuiltInTests.test("n", BuiltInTests.notNull("c", in: "t"))]
    func counts(_ change: (inout TestFusion.Limits) -> Void) -> [Int] {
      var limits = TestFusion.Limits()
      change(&limits)
      return TestFusion(dialect: .postgres, limits: limits).fuse(tests).queries.map(\.tests.count)
    }
    #expect(counts { $0.connections = 1 } == [10, 11])
    #expect(counts { $0.connections = 4 } == [5, 5, 5, 6])
    #expect(
      counts {
        $0.connections = 1
        $0.workMemory = 256 << 20
      } == [Int](repeating: 2, count: 9) + [3])
  }
}
