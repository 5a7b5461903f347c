import ArgumentParser
import Diagnostics
import Runner
import Warehouse

/// What all commands that work on a project do around their own work.
enum Command {
  /// Opens the workspace, does the work, and turns what it throws into messages and the exit code 2.
  static func run(
    _ name: String, _ global: GlobalOptions, configure: (inout Flags) -> Void = { _ in },
    _ body: (Workspace, Console) async throws -> Void
  ) async throws {
    try await plain(name, global, configure: configure) { console in
      try await body(kept(try await Workspace.open(console.flags, console: console)), console)
    }
  }

  /// A workspace that is there until the end.
  ///
  /// The process ends soon after its command and gives all memory back at once; taking a large manifest apart piece by
  /// piece would be for nothing.
  static func kept(_ workspace: Workspace) -> Workspace {
    _ = Unmanaged.passRetained(workspace)
    return workspace
  }

  /// The same for commands that need less than a whole workspace.
  static func plain(
    _ name: String, _ global: GlobalOptions, configure: (inout Flags) -> Void = { _ in },
    _ body: (Console) async throws -> Void
  ) async throws {
    var flags = Flags(global)
    flags.command = name
    configure(&flags)
    let console = Console(flags)
    do {
      if !flags.problems.isEmpty { throw DiagnosticsError(flags.problems) }
      try await body(console)
      console.complete(name, success: true)
    } catch {
      let ending: any Error =
        switch error {
        case let error as DiagnosticsError: console.exit(error.diagnostics)
        case let error as WarehouseError: console.exit(DatabaseDiagnostic.unattached(error, statement: nil))
        default: error
        }
      console.complete(name, success: false)
      throw ending
    }
  }
}
