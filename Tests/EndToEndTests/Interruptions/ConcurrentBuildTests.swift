import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// Two builds of one project at the same time.
@Suite(.againstHanging) struct ConcurrentBuildTests {
  /// Neither knew of the other's tables when it began; the second waits for the first, then goes on from there.
  @Test(arguments: ["dimension-rows", "fact-rows", "incremental-rows"])
  func firstBuildsWaitForEachOther(point: String) async throws {
    let expected = try await HeldProject.expected.value
    let project = try await HeldProject()
    let (first, grip) = try await project.buildHeld(at: point)
    let second = try project.run.start("build", "--target-path", "target2")
    while try await !project.hasWaitingLock(), !second.isOver { try await Task.sleep(for: .milliseconds(20)) }
    await grip.release()
    for run in [first, second] {
      let outcome = await run.outcome()
      #expect(outcome.exitCode == 0, "\(outcome)")
    }
    try await project.expect(expected.first)
  }
}

extension HeldProject {
  /// Whether somebody waits for a lock, the points' own aside.
  func hasWaitingLock() async throws -> Bool {
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let isWaiting = try await connection.perform { session in
      try session.run(
        """
        select 1 from pg_locks where not granted and (locktype <> 'advisory' or classid <> 4711)
          and database = (select oid from pg_database where datname = current_database())
        """
      ).scalar != nil
    }
    await connection.close()
    return isWaiting
  }
}
