import Diagnostics
import OrderedCollections
import ProjectModel
import Testing

@testable import Materializations

struct TestVerdictTests {
  struct Case: Sendable {
    var config: OrderedDictionary<String, PlainValue>
    var answer: TestAnswer
    var status: TestVerdict.Status
    var failures: Int
    var message: String?
  }

  static func answer(_ failures: Int, warn: Bool, error: Bool) -> TestAnswer {
    TestAnswer(failures: failures, shouldWarn: warn, shouldError: error)
  }

  @Test(arguments: [
    Case(config: [:], answer: answer(0, warn: false, error: false), status: .pass, failures: 0),
    Case(
      config: [:], answer: answer(1, warn: true, error: true), status: .fail, failures: 1,
      message: "Got 1 result, configured to fail if != 0"),
    Case(
      config: ["severity": "warn"], answer: answer(2, warn: true, error: true), status: .warn, failures: 2,
      message: "Got 2 results, configured to warn if != 0"),
    Case(
      config: ["error_if": ">10", "warn_if": "> 3"], answer: answer(5, warn: true, error: false),
      status: .warn,
      failures: 5, message: "Got 5 results, configured to warn if > 3"),
    // Counted, but not enough for anything: dbt reports none.
    Case(
      config: ["error_if": ">10", "warn_if": ">3"], answer: answer(2, warn: false, error: false),
      status: .pass, failures: 0),
    // A warning test whose error condition alone holds passes.
    Case(
      config: ["severity": "WARN", "warn_if": ">3"], answer: answer(2, warn: false, error: true),
      status: .pass,
      failures: 0),
    Case(
      config: ["error_if": "= 0"], answer: answer(0, warn: false, error: true), status: .fail, failures: 0,
      message: "Got 0 results, configured to fail if = 0"),
  ])
  func verdict(_ item: Case) {
    let verdict = TestVerdict(item.answer, of: PlanFixture(item.config, type: .test).input.node)
    #expect(verdict.status == item.status)
    #expect(verdict.failures == item.failures)
    #expect(verdict.message == item.message)
  }

  @Test func warningsAsErrors() {
    let node = PlanFixture(["severity": "warn"], type: .test).input.node
    let verdict = TestVerdict(Self.answer(2, warn: true, error: true), of: node, warningsAreErrors: true)
    #expect(verdict.status == .fail)
    #expect(verdict.message == "Got 2 results, configured to fail if != 0")
  }

  @Test(arguments: [
    (["3", "t", "f"], answer(3, warn: true, error: false)),
    (["3.00", "true", "0"], answer(3, warn: true, error: false)),
  ])
  func row(_ row: [String], _ expected: TestAnswer) throws {
    #expect(try TestAnswer(row: row, node: PlanFixture(type: .test).input.node) == expected)
  }

  @Test(arguments: [
    (["1.5", "t", "t"], "'fail_calc' of test 'orders' gave 1.5, which is not a whole number of failures"),
    ([nil, "t", "t"], "'fail_calc' of test 'orders' gave NULL, which is not a whole number of failures"),
    (["1", nil, "t"], "'warn_if' or 'error_if' of test 'orders' gave no truth value"),
  ])
  func badRow(_ row: [String?], _ summary: String) {
    do throws(DiagnosticsError) {
      let answer = try TestAnswer(row: row, node: PlanFixture(type: .test).input.node)
      Issue.record("read as \(answer)")
    } catch {
      #expect(error.diagnostics.map(\.summary) == [summary])
    }
  }

  @Test(arguments: [
    ("!= 0", 0, false), ("<>0", 1, true), (" >  10 ", 10, false), (">=10", 10, true), ("=0", 0, true),
    ("< 3", 2, true),
    ("<=-1", 0, false),
  ])
  func threshold(_ text: String, _ failures: Int, _ holds: Bool) {
    #expect(TestThreshold(text)?.holds(failures) == holds)
  }

  @Test(arguments: ["between 1 and 5", "> (select 1)", "!= 0 and true", "> 1.5", "", "=== 1"])
  func noThreshold(_ text: String) {
    #expect(TestThreshold(text) == nil)
  }
}
