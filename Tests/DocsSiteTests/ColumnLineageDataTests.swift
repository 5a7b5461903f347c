import Foundation
import Testing

@testable import DocsSite

/// What the page's data says of where columns come from.
@Suite struct ColumnLineageDataTests {
  @Test func columnsSayWhatTheyAreMadeOf() throws {
    let data = try Self.data([
      ("stg", "select id as order_id, amount from raw.orders where deleted is null"),
      ("sums", "select order_id, sum(amount)::numeric as total, 1 as one from public.stg group by 1"),
    ])
    let nodes = try #require(data["nodes"] as? [[String: Any]])
    #expect(nodes.map { $0["name"] as? String } == ["raw.orders", "stg", "sums"])
    #expect(nodes.map { $0["lineage"] as? Bool } == [nil, true, true])
    // What some model reads is listed where nobody lists it.
    #expect(Self.columns(nodes[0]) == ["amount", "deleted", "id"])
    #expect(Self.columns(nodes[1]) == ["order_id ← 0.id copy", "amount ← 0.amount copy"])
    #expect(
      Self.columns(nodes[2]) == [
        "order_id ← 1.order_id copy", "total numeric ← 1.amount aggregate", "one integer not null",
      ])
    #expect((nodes[1]["uses"] as? [[Any]])?.map { "\($0[0]).\($0[1])" } == ["0.deleted"])
    // What a column is made of is not said again.
    #expect(nodes[2]["uses"] == nil)
  }

  @Test func unknownStaysUnknown() throws {
    let data = try Self.data([("broken", "select from where")])
    let nodes = try #require(data["nodes"] as? [[String: Any]])
    #expect(nodes[1]["lineage"] == nil)
    #expect(nodes[1]["columns"] == nil)
  }

  private static func data(_ models: [(name: String, sql: String)]) throws -> [String: Any] {
    let bytes = SiteData.parts(LineageDocs.input(models)).data
    return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  private static func columns(_ node: [String: Any]) -> [String] {
    (node["columns"] as? [[String: Any]] ?? []).map { column in
      let from = (column["from"] as? [[Any]] ?? []).map { " ← \($0[0]).\($0[1]) \($0[2])" }
      let type = (column["type"] as? String).map { " " + $0 } ?? ""
      let notNull = column["notNull"] as? Bool == true ? " not null" : ""
      return "\(column["name"] ?? "")" + type + notNull + from.joined()
    }
  }
}
