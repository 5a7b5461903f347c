import Testing

@testable import Proposals

@Suite struct ColumnWordsTests {
  @Test(arguments: [
    ("SalesOrderID", "sales_order_id"), ("Order Date", "order_date"), ("customer_id", "customer_id"),
    ("HTTPStatus", "http_status"), ("2nd Line", "n_2nd_line"), ("Größe", "gr_e"), ("Address1", "address1"),
    ("__op", "__op"), ("é", "column"),
  ])
  func writesNamesInSmallLetters(name: String, expected: String) {
    #expect(ColumnWords.snake(name) == expected)
  }

  @Test(arguments: [
    ("raw_customers", "customer"), ("categories", "category"),
    ("orders_cdc", "order"), ("addresses", "address"),
    ("warehouses", "warehouse"), ("status", "status"), ("order_items", "order_item"), ("boxes", "box"),
    ("people", "person"),
    ("Sales_OrderHeader", "sales_order_header"), ("subscription_history", "subscription"),
    ("analysis", "analysis"), ("raw_", "raw"), ("branches", "branch"), ("houses", "house"),
  ])
  func namesWhatATableIsAbout(table: String, expected: String) {
    #expect(ColumnWords.subject(table) == expected)
  }

  @Test(arguments: [(1, "1"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-4200, "-4,200")])
  func groupsDigits(number: Int, expected: String) { #expect(Counts.text(number) == expected) }

  @Test(arguments: [(0.0, "0 %"), (1.0, "100 %"), (0.5, "50 %"), (0.001, "0.1 %"), (0.99999, "99.9 %")])
  func neverRoundsToAllOrNothing(share: Double, expected: String) {
    #expect(Counts.percent(share) == expected)
  }
}
