import ArgumentParser
import Diagnostics
import Foundation
import LibpqWarehouse
import ProjectLoading

/// `whc server`: the project's private PostgreSQL.
struct ServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Start, stop and look at the project's private PostgreSQL (embedded: true)",
    subcommands: [Start.self, Stop.self, Status.self, Psql.self], defaultSubcommand: Status.self)

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start it; a new one is made when there is none")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
      try await Command.plain("server", global) { console in
        let settings = try await server(console).start(database: database(console))
        console.print("running, reached through \(settings.host ?? "")")
      }
    }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop it; what is running is rolled back")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
      try await Command.plain("server", global) { console in
        console.print(try await server(console).stop() ? "stopped" : "it was not running")
      }
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whether it runs, and where; exit code 3 when not")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
      try await Command.plain("server", global) { console in
        switch await server(console).status() {
        case .absent:
          console.print("none: 'whc server start', or a run on an embedded target, makes one")
          throw ExitCode(3)
        case .stopped(let folder):
          console.print("stopped: \(folder)")
          throw ExitCode(3)
        case .running(let running):
          console.print(
            """
            running: PostgreSQL \(running.version)\(running.pid.map { ", process \($0)" } ?? "")
              folder: \(running.folder)
              socket: \(running.socketFolder), port \(running.port)
            """)
        }
      }
    }
  }

  struct Psql: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Open psql on it; words after '--' go to psql: whc server psql -- -c 'select 1'")
    @Argument(parsing: .postTerminator, help: "Words for psql") var words: [String] = []
    @OptionGroup var global: GlobalOptions

    func run() async throws {
      try await Command.plain("server", global) { console in
        let server = server(console)
        let database = database(console)
        _ = try await server.start(database: database)
        let command = try server.psql(database: database) + words
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // From here on the process is psql.
        execv(command[0], &arguments)
        throw DiagnosticsError(
          Diagnostic("cannot-run", "\(command[0]) cannot be run: \(String(cString: strerror(errno)))"))
      }
    }
  }

  fileprivate static func server(_ console: Console) -> EmbeddedServer {
    EmbeddedServer(project: console.flags.projectDirectory)
  }

  /// The database that the profile names; the usual one where there is no profile.
  fileprivate static func database(_ console: Console) -> String {
    let target = try? ProjectStage(console.flags).target().target
    return target.flatMap { $0.isEmbedded ? $0.database : nil } ?? "whc"
  }
}

private func server(_ console: Console) -> EmbeddedServer { ServerCommand.server(console) }
private func database(_ console: Console) -> String { ServerCommand.database(console) }
