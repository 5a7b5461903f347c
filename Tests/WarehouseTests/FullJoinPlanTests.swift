import Testing
import Warehouse

@Suite struct FullJoinPlanTests {
  private func explanation(
    _ type: String = "Hash Join", _ join: String = "Full", isParallel: Bool = false, loops: Int = 1,
    rows: (kept: Int, removed: Int, outer: Int, inner: Int)? = (3, 7, 9, 8)
  ) -> String {
    func counts(_ rows: Int?) -> String {
      rows.map { #", "Actual Rows": \#($0), "Actual Loops": \#(loops)"# } ?? ""
    }
    return #"""
      [{"Plan": {"Node Type": "\#(type)", "Join Type": "\#(join)", "Parallel Aware": \#(isParallel)\#(counts(rows?.kept)),
        "Rows Removed by Filter": \#(rows?.removed ?? 0), "Plans": [
          {"Node Type": "Result", "Parent Relationship": "InitPlan", "Actual Rows": 1, "Actual Loops": 0},
          {"Node Type": "Seq Scan", "Parent Relationship": "Outer"\#(counts(rows?.outer))},
          {"Node Type": "Hash", "Parent Relationship": "Inner"\#(counts(rows?.inner)), "Plans": [
            {"Node Type": "Seq Scan", "Parent Relationship": "Outer"\#(counts(rows?.inner))}]}]}}]
      """#
  }

  @Test func whatWentInAndCameOutIsCounted() throws {
    let join = try #require(FullJoinPlan(explanation: explanation()))
    #expect(join.rowsIn == 17)
    #expect(join.rowsOut == 10)
    #expect(join.rowsKept == 3)
    // Seven pairs, two rows and one row alone.
    #expect(join.rowsAlone == 3)
  }

  @Test func aPlanThatWasNotRunHasNoCounts() throws {
    let join = try #require(FullJoinPlan(explanation: explanation(rows: nil)))
    #expect(join.rowsAlone == nil)
    #expect(join.rowsKept == nil)
  }

  /// A merge join reads rows again where keys repeat, and what several processes did is rounded.
  @Test func otherWaysOfJoiningAreNotCounted() {
    #expect(FullJoinPlan(explanation: explanation("Merge Join")) == nil)
    #expect(FullJoinPlan(explanation: explanation("Hash Join", "Left")) == nil)
    #expect(FullJoinPlan(explanation: explanation(isParallel: true)) == nil)
    #expect(FullJoinPlan(explanation: explanation(loops: 3)) == nil)
    #expect(FullJoinPlan(explanation: explanation("Gather", "Full")) == nil)
    #expect(FullJoinPlan(explanation: "") == nil)
    #expect(FullJoinPlan(explanation: "[]") == nil)
  }
}
