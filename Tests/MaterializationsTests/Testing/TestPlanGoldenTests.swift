import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import Materializations

struct TestPlanGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var config: OrderedDictionary<String, PlainValue> = [:]
    var stores = false
    var existing: RelationState.Kind?
  }

  static let cases: [Case] = [
    Case(testDescription: "plain"),
    Case(
      testDescription: "conditions",
      config: ["fail_calc": "sum(n_records)", "warn_if": ">10", "error_if": "between 20 and 30", "limit": 50]),
    Case(testDescription: "stored-by-flag", stores: true),
    Case(testDescription: "stored-again", config: ["store_failures": true], existing: .table),
    Case(
      testDescription: "stored-as-view", config: ["store_failures_as": "view", "limit": 3], existing: .table),
    Case(
      testDescription: "not-stored-although-flag", config: ["store_failures_as": "ephemeral"], stores: true),
    Case(testDescription: "stored-as-nonsense", config: ["store_failures_as": "veiw"]),
  ]

  @Test(arguments: cases)
  func plan(_ item: Case) throws {
    var fixture = PlanFixture(
      item.config, type: .test, name: "positive_amounts", sql: "select *\nfrom orders\nwhere amount < 0")
    fixture.target.schema = "dbt_test__audit"
    fixture.input.node.relation = fixture.target
    var text: String
    do throws(DiagnosticsError) {
      let plan = try TestPlan(
        fixture.input.node, compiled: fixture.input.compiled,
        existing: item.existing.map { RelationState(name: fixture.target, kind: $0) },
        storesFailures: item.stores, dialect: .postgres)
      let groups = [plan.store, Plan.Group(.autocommit, [.statement(plan.query)])].compactMap(\.self)
      text = PlanText().text(of: Plan(node: fixture.input.node.id, groups: groups))
      text += "\n-- when it failed\n\(plan.sample);\n"
      if let offset = plan.query.userSQLOffset {
        #expect(plan.query.sql.utf8.dropFirst(offset).starts(with: fixture.input.compiled.sql.utf8))
      }
    } catch {
      text = error.diagnostics.map { "-- \($0.summary)\n--   \($0.help ?? "")\n" }.joined()
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/test/\(item.testDescription).sql")
    let mismatch = Golden.mismatch(text, file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }
}
