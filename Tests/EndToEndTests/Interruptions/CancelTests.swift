import Foundation
import TestSupport
import Testing

/// Ctrl-C, `kill` and a closed terminal: the run ends in good order.
@Suite(.againstHanging) struct CancelTests {
  @Test(arguments: [
    ("dimension-tested", SIGINT), ("table-swapped", SIGTERM), ("seed-stored", SIGHUP), ("fact-rows", SIGINT),
  ])
  func cancelledBuildEndsInGoodOrder(point: String, signal: Int32) async throws {
    let expected = try await HeldProject.expected.value
    let project = try await HeldProject()
    #expect(try await project.build().exitCode == 0)
    try project.state(2)

    let (running, grip) = try await project.buildHeld(at: point)
    running.signal(signal)
    let outcome = await running.outcome()
    // The grip is still closed: what waited was cancelled on the server.
    #expect(outcome.exitCode == 2, "\(outcome)")
    try await project.waitUntilGone()
    #expect(outcome.output.contains("Cancelling what is running"), "\(outcome)")
    let relation = HeldProject.points.first { $0.name == point }?.relation ?? ""
    #expect(outcome.output.contains("error[cancelled]: \(relation) was cancelled"), "\(outcome)")
    let status = try project.statuses()
    #expect(status[relation] == "error")
    try await project.expectOldOrNew(expected)
    let now = try await project.contents()
    #expect(now["shop.\(relation)"] == expected.first["shop.\(relation)"])
    await grip.release()

    let clean = try await project.build()
    #expect(clean.exitCode == 0, "\(clean)")
    try await project.expect(expected.second)
  }

  /// Where the server does not answer the first Ctrl-C, a second one ends the program at once.
  @Test func secondSignalEndsAtOnce() async throws {
    let expected = try await HeldProject.expected.value
    let project = try await HeldProject()
    let (running, grip) = try await project.buildHeld(at: "dimension-rows")
    let backends = try await grip.waitingProcesses()
    for backend in backends { kill(backend, SIGSTOP) }
    // One that stayed stopped would hold up the whole server.
    defer { for backend in backends { kill(backend, SIGCONT) } }
    running.signal(SIGINT)
    #expect(try await running.waits(for: "Cancelling what is running"))
    #expect(!running.isOver)
    running.signal(SIGINT)
    #expect(await running.outcome().exitCode == -SIGINT)
    for backend in backends { kill(backend, SIGCONT) }
    await grip.release()
    try await project.waitUntilGone()

    let clean = try await project.build()
    #expect(clean.exitCode == 0, "\(clean)")
    try await project.expect(expected.first)
  }
}

/// The server ends a connection in the middle of a build.
@Suite(.againstHanging) struct LostConnectionTests {
  /// Nothing of the transaction is kept, so the node is built again on a new connection.
  @Test(arguments: HeldProject.points.map(\.name)) func lostTransactionIsDoneAgain(point: String) async throws
  {
    let expected = try await HeldProject.expected.value
    let project = try await HeldProject()
    #expect(try await project.build().exitCode == 0)
    try project.state(2)
    let (running, grip) = try await project.buildHeld(at: point)
    try await grip.terminateWaiting()
    await grip.release()
    let outcome = await running.outcome()
    #expect(outcome.exitCode == 0, "\(outcome)")
    try await project.expect(expected.second)
  }

  /// What a hook did outside of a transaction stays done, so the node is not built again.
  @Test func whatStaysDoneIsNotDoneAgain() async throws {
    let project = try await HeldProject()
    try await project.settings.ask("create table public.hook_log (n int)")
    try project.folder.write(
      """
      {{ config(materialized='table',
           pre_hook={'sql': 'insert into public.hook_log values (1)', 'transaction': false}) }}
      select 1 as id where whc_hold('once')
      """, to: "models/once.sql")
    let grip = try await Grip("once", project.settings)
    let running = try project.run.start("run", "--select", "once")
    while try await grip.waiting == 0, !running.isOver { try await Task.sleep(for: .milliseconds(20)) }
    try await grip.terminateWaiting()
    await grip.release()
    let outcome = await running.outcome()
    #expect(outcome.exitCode == 1, "\(outcome)")
    #expect(outcome.output.contains("error[connection-lost]"), "\(outcome)")
    try await project.settings.ask("do $$ begin assert (select count(*) from public.hook_log) = 1; end $$")
  }
}

extension HeldProject {
  /// What run_results.json says became of each node, by name.
  func statuses() throws -> [String: String] {
    struct Results: Decodable {
      struct Result: Decodable {
        var unique_id: String
        var status: String
      }
      var results: [Result]
    }
    let data = try Data(contentsOf: folder.url.appending(path: "target/run_results.json"))
    let results = try JSONDecoder().decode(Results.self, from: data).results
    return Dictionary(
      results.map { (String($0.unique_id.split(separator: ".").last ?? ""), $0.status) },
      uniquingKeysWith: { first, _ in first })
  }
}
