import Foundation
import LibpqWarehouse
import TestSupport

/// A server that a test may do violence to.
final class OwnServer: Sendable {
  let settings: PostgresSettings
  private let server: EmbeddedServer

  init() async throws {
    server = EmbeddedServer(project: PrivateCluster.temporaryFolder(), options: PrivateCluster.options)
    var settings = try await server.start(database: "shop")
    // It recovers from what is done to it as fast as the machine lets it.
    settings.retries = 100
    self.settings = settings
    // A server that loses a process starts anew, without the commits that it had not written yet.
    try await settings.ask("alter database shop set synchronous_commit = on")
  }

  /// kill -9 to the server; its other processes end by themselves.
  func killNow() async {
    guard case .running(let running) = await server.status(), let pid = running.pid else { return }
    kill(pid, SIGKILL)
  }

  func startAgain() async throws { _ = try await server.start(database: "shop") }
}
