import Foundation
import TestSupport
import Testing

/// A build that is killed without warning, at every kind of place, and a clean build after it.
///
/// What the killed build had not committed must look as before, what it had must be whole, and the next build must
/// lead to the very rows, keys included, that an undisturbed one leads to.
@Suite(.againstHanging) struct KillTests {
  @Test(arguments: HeldProject.points.map(\.name)) func killedBuildLeavesNothing(point: String) async throws {
    let expected = try await HeldProject.expected.value
    let project = try await HeldProject()
    #expect(try await project.build().exitCode == 0)
    try project.state(2)

    let (running, grip) = try await project.buildHeld(at: point)
    running.killNow()
    #expect(await running.outcome().exitCode == -SIGKILL)
    // The server notices by itself that nobody is there, and ends what waits and its locks.
    try await project.waitUntilGone()
    try await project.expectOldOrNew(expected)
    await grip.release()

    let clean = try await project.build()
    #expect(clean.exitCode == 0, "\(clean)")
    try await project.expect(expected.second)
  }

  /// The server's side lives on for a moment; the next build waits for it or comes before it, and is right.
  @Test(arguments: ["table-rows", "dimension-rows", "fact-tested"])
  func killedFirstBuildIsFollowedAtOnce(point: String) async throws {
    let expected = try await HeldProject.expected.value
    let project = try await HeldProject()
    let (running, grip) = try await project.buildHeld(at: point)
    running.killNow()
    await grip.release()
    let clean = try await project.build()
    #expect(clean.exitCode == 0, "\(clean)")
    try await project.waitUntilGone()
    try await project.expect(expected.first)
  }

  /// The server's process for one connection dies, and with it, for a moment, the whole server.
  @Test(arguments: ["seed-stored", "table-swapped", "dimension-tested", "fact-rows"])
  func killedBackendIsFollowedByACleanBuild(point: String) async throws {
    let expected = try await HeldProject.expected.value
    let server = try await OwnServer()
    let project = try await HeldProject(on: server.settings)
    #expect(try await project.build().exitCode == 0)
    try project.state(2)

    let (running, grip) = try await project.buildHeld(at: point)
    for process in try await grip.waitingProcesses() { kill(process, SIGKILL) }
    await grip.release()
    // Work that may be repeated is, once the server is back; either way it ends by itself.
    let outcome = await running.outcome()
    #expect([0, 1].contains(outcome.exitCode), "\(outcome)")
    try await project.expectOldOrNew(expected)

    let clean = try await project.build()
    #expect(clean.exitCode == 0, "\(clean)")
    try await project.expect(expected.second)
  }

  /// The embedded server itself is killed; the next build starts it again.
  @Test func killedServerIsStartedAgain() async throws {
    let expected = try await HeldProject.expected.value
    let server = try await OwnServer()
    let project = try await HeldProject(on: server.settings)
    #expect(try await project.build().exitCode == 0)
    try project.state(2)
    let (running, grip) = try await project.buildHeld(at: "dimension-tested")
    await server.killNow()
    await grip.release()
    let outcome = await running.outcome()
    #expect(outcome.exitCode == 1, "\(outcome)")
    #expect(outcome.errors.contains("error[") || outcome.output.contains("error["), "\(outcome)")

    try await server.startAgain()
    try await project.expectOldOrNew(expected)
    let clean = try await project.build()
    #expect(clean.exitCode == 0, "\(clean)")
    try await project.expect(expected.second)
  }
}

extension HeldProject {
  /// The same relations with the same rows, and none besides.
  func expect(_ expected: [String: String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let found = try await contents()
    for name in Set(found.keys).union(expected.keys).sorted() where found[name] != expected[name] {
      Issue.record(
        "\(name) is \(found[name] ?? "not there"), expected \(expected[name] ?? "nothing")",
        sourceLocation: sourceLocation)
    }
  }

  /// Every relation is as it was, or as a whole build leaves it.
  func expectOldOrNew(
    _ expected: Expected, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let found = try await contents()
    for name in Set(found.keys).union(expected.first.keys).sorted()
    where found[name] != expected.first[name] && found[name] != expected.second[name] {
      Issue.record(
        """
        \(name) is \(found[name] ?? "not there"), neither \(expected.first[name] ?? "nothing") \
        nor \(expected.second[name] ?? "nothing")
        """, sourceLocation: sourceLocation)
    }
  }
}
