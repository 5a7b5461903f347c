import ArgumentParser
import Diagnostics
import Foundation
import LibpqWarehouse
import ProjectLoading
import ProjectModel
import Runner
import Warehouse

/// `whc debug`: which project, profile and server are used, and whether the server lets us in.
struct DebugCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "debug", abstract: "Show the settings in use and test the connection")

  @Flag(name: .customLong("config-dir"), help: "Say where profiles.yml is looked for, and no more")
  var configDirectory = false

  @Flag(help: "Test the connection only")
  var connection = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("debug", global) { console in
      console.begin()
      if configDirectory { return showFolders(console) }
      let report = DebugReport(console)
      if !connection { report.surroundings() }
      guard let target = try report.configuration() else { throw report.end() }
      await report.test(target)
      if let code = report.verdict { throw code }
    }
  }

  private func showFolders(_ console: Console) {
    let folders = ProfileFile.searchOrder(
      flag: console.flags.profilesDirectory, projectFolder: console.flags.projectDirectory,
      environment: console.flags.environment)
    console.print(
      "profiles.yml is looked for in this order:\n" + folders.map { "  \($0)" }.joined(separator: "\n"))
  }
}

/// One run of the checks; what fails is told where it stands and counted.
private final class DebugReport {
  private let console: Console
  private var problems: [Diagnostic] = []

  init(_ console: Console) { self.console = console }

  func surroundings() {
    line("dbt version: \(Version.dbt)")
    line("whc version: \(Version.whc)")
    line("os info: \(ProcessInfo.processInfo.operatingSystemVersionString)")
    let folders = ProfileFile.searchOrder(
      flag: console.flags.profilesDirectory, projectFolder: console.flags.projectDirectory,
      environment: console.flags.environment)
    if let folder = folders.first(where: { FileSystem.isFile($0 + "/profiles.yml") }) {
      line("Using profiles dir at \(folder)")
      line("Using profiles.yml file at \(folder)/profiles.yml")
    } else {
      line("No profiles.yml in \(folders.joined(separator: ", "))")
    }
    line("Using dbt_project.yml file at \(console.flags.projectDirectory)/dbt_project.yml")
  }

  /// The target, when the project and its profile can be read.
  ///
  /// - Throws: warnings that the flags make errors of; they end the command at once, as in dbt.
  func configuration() throws(DiagnosticsError) -> Target? {
    let policy = try WarningPolicy(console.flags)
    let stage: ProjectStage
    do throws(DiagnosticsError) { stage = try ProjectStage(console.flags) } catch {
      line("Configuration:")
      fail("  dbt_project.yml file", error.diagnostics)
      return nil
    }
    var findings = Findings(policy)
    let read: Target
    do throws(DiagnosticsError) {
      let (target, warnings) = try stage.target()
      line("adapter type: \(target.kind.rawValue)")
      line("adapter version: \(Version.adapter)")
      line("Configuration:")
      pass("  profiles.yml file", "OK found and valid")
      findings.add(warnings)
      do throws(DiagnosticsError) {
        let (_, found) = try stage.definition(target: target.context)
        guard !found.contains(where: { $0.severity == .error }) else { throw DiagnosticsError(found) }
        pass("  dbt_project.yml file", "OK found and valid")
        findings.add(found)
      } catch {
        fail("  dbt_project.yml file", error.diagnostics)
      }
      console.report(findings.warnings)
      read = target
    } catch {
      line("Configuration:")
      fail("  profiles.yml file", error.diagnostics)
      return nil
    }
    try findings.end()
    return read
  }

  func test(_ target: Target) async {
    line("Connection:")
    for (key, value) in shown(target) { line("  \(key): \(value.pythonText)") }
    console.tell(.adapter(target.kind.rawValue))
    do {
      let door = WarehouseDoor(
        target: target, projectFolder: console.flags.projectDirectory, console: console)
      let connection = try await door.open().connect(as: "debug")
      let (version, isolation) = try await connection.perform { session in
        (try session.run("select pg_catalog.version()").scalar, Self.isolation(session, target))
      }
      await connection.close()
      pass("  Connection test:", "OK connection ok")
      if let version { line("  server: \(version)") }
      if let isolation { line("  isolation: \(isolation)") }
    } catch let error as WarehouseError {
      fail("  Connection test:", [DatabaseDiagnostic.unattached(error, statement: nil)])
    } catch let error as DiagnosticsError {
      fail("  Connection test:", error.diagnostics)
    } catch {
      fail("  Connection test:", [Diagnostic("cannot-connect", "\(error)")])
    }
  }

  /// How Redshift keeps the database's transactions apart; nil where nobody says.
  private static func isolation(_ session: any Session, _ target: Target) -> String? {
    guard target.kind == .redshift else { return nil }
    let name = session.dialect.literal(target.database.lowercased())
    let found = try? session.run(
      "select trim(isolation_level) from stv_db_isolation_level where trim(db_name) = \(name)")
    return found?.scalar
  }

  /// nil when everything is well; else what ends the command, 1 as dbt has it.
  var verdict: ExitCode? {
    line("")
    guard problems.isEmpty else { return end() }
    line(console.style.good("All checks passed!"))
    return nil
  }

  func end() -> ExitCode {
    line("\(problems.count) check\(problems.count == 1 ? "" : "s") failed")
    console.report(problems)
    return ExitCode(1)
  }

  /// dbt's connection keys in its order; a password is none of them.
  private func shown(_ target: Target) -> [(String, PlainValue)] {
    if target.isEmbedded {
      return [
        ("embedded", true), ("folder", .string(console.flags.projectDirectory + "/.whc/postgres")),
        ("database", .string(target.database)), ("schema", .string(target.schema)),
        ("role", target.role.map { .string($0) } ?? .null),
        ("search_path", target.searchPath.map { .string($0) } ?? .null),
      ]
    }
    let keys = target.kind == .redshift ? Self.redshiftKeys : Self.postgresKeys
    let context = target.context
    return keys.map { ($0, context[$0] ?? .null) }
  }

  private static let postgresKeys = [
    "host", "port", "user", "database", "schema", "connect_timeout", "role", "search_path",
    "keepalives_idle", "sslmode", "sslcert", "sslkey", "sslrootcert", "application_name", "autocommit",
    "retries",
  ]

  private static let redshiftKeys = [
    "host", "user", "port", "database", "method", "cluster_id", "iam_profile", "schema", "sslmode", "region",
    "autocreate", "db_groups", "ra3_node", "datasharing", "connect_timeout", "role", "retries", "retry_all",
    "autocommit", "access_key_id", "is_serverless", "serverless_work_group", "serverless_acct_id",
    "tcp_keepalive", "tcp_keepalive_idle", "tcp_keepalive_interval", "tcp_keepalive_count", "query_group",
    "allow_concurrent_drops", "drop_without_cascade",
  ]

  private func line(_ text: String) {
    console.tell(LogEvent("DebugCmdOut", "Z047", .info, text, data: ["msg": .string(text)]))
  }

  private func pass(_ what: String, _ word: String) { line("\(what) [\(console.style.good(word))]") }

  private func fail(_ what: String, _ diagnostics: [Diagnostic]) {
    line("\(what) [\(console.style.bad("ERROR"))]")
    problems += diagnostics
  }
}
