import Compiler
import Diagnostics
import Foundation
import LibpqWarehouse
import ProjectLoading
import Proposals
import Warehouse

/// `whc init --from-source`: looks at tables of the target's database and writes a staging layer and a star for them,
/// into the project that is there or into a new one.
struct SourceStar {
  let console: Console
  /// Of a new project; nil for the one that is there.
  let name: String?
  let seconds: Double
  let isDry: Bool

  private var flags: Flags { console.flags }

  /// - Parameter folder: what `--project-dir` says.
  /// - Throws: `bad-flag`, `no-such-table`, `file-exists`, what is wrong with the profile; ``WarehouseError``.
  func write(from sources: [String], in folder: String?) async throws {
    let patterns = try sources.map(Self.pattern)
    guard seconds > 0 else {
      throw DiagnosticsError(
        Diagnostic("bad-flag", "--time-limit is \(Int(seconds)), not a number of seconds above zero"))
    }
    let (place, isNew) = try place(in: folder)
    let target = try target(place, isNew: isNew)
    let models = try modelFolder(isNew: isNew)
    let profiles = try await look(patterns, target, in: place)
    let known = modelFiles(of: place, in: models)
    let proposal = ProposalFiles(profiles, hasCalendar: known["dim_date.sql"] != nil)
    var files = isNew ? projectFiles(place, target) : []
    files += proposal.files.map { (models + "/" + $0.path, $0.text) }
    if isDry {
      for file in files { console.print("==> \(file.path)\n\(file.text)") }
      return
    }
    let there = files.compactMap { file in
      FileSystem.isFile(place.folder + "/" + file.path)
        ? file.path : known[(file.path as NSString).lastPathComponent]
    }
    guard there.isEmpty else {
      throw DiagnosticsError(
        Diagnostic(
          "file-exists", "\(there[0]) is there already; nothing has been written",
          notes: there.dropFirst().map { "so is \($0)" },
          help: "'--dry-run' prints what would be written"))
    }
    try place.write(files)
    for line in proposal.summary { console.print(line) }
    for file in files { console.print("  wrote \(file.path)") }
    let enter = isNew && place.folder != here(folder) ? "  cd \(place.name)\n" : ""
    console.print("Read what stands there, correct it, then:\n\(enter)  whc build")
  }

  private static func pattern(_ text: String) throws(DiagnosticsError) -> SourcePattern {
    guard let pattern = SourcePattern(text) else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "'\(text)' of --from-source names no table",
          help: "write schema.table, or schema.* for all tables of a schema"))
    }
    return pattern
  }

  // MARK: Where

  private func here(_ folder: String?) -> String {
    FileSystem.absolute(folder ?? FileManager.default.currentDirectoryPath)
  }

  private func place(in folder: String?) throws(DiagnosticsError) -> (NewProjectPlace, isNew: Bool) {
    if name == nil, let project = flags.project {
      return (NewProjectPlace(existing: flags.projectDirectory, name: project.name ?? "project"), false)
    }
    return (try NewProjectPlace(name, in: here(folder)), true)
  }

  private func target(_ place: NewProjectPlace, isNew: Bool) throws(DiagnosticsError) -> Target {
    let target: Target
    if isNew {
      let file = try ProfileFile.read(
        folders: ProfileFile.searchOrder(
          flag: flags.profilesDirectory, projectFolder: place.folder, environment: flags.environment),
        projectFolder: place.folder)
      let renderer = YAMLRenderer(.secrets, cliVars: [:], environment: flags.environment)
      (target, _) = try file.target(
        profile: flags.profile ?? place.name, namedAt: nil, target: flags.target, threads: flags.threads
      ) { (text, span) throws(DiagnosticsError) in try renderer.render(text, at: span) }
    } else {
      (target, _) = try ProjectStage(flags).target()
    }
    guard target.kind == .postgres else {
      throw DiagnosticsError(
        Diagnostic(
          "unsupported-target",
          "'--from-source' looks at tables in PostgreSQL; the target is \(target.kind.rawValue)",
          help: "name another target with --target"))
    }
    return target
  }

  private func modelFolder(isNew: Bool) throws(DiagnosticsError) -> String {
    guard !isNew else { return "models" }
    return try ProjectStage(flags).definition().definition.modelPaths.first ?? "models"
  }

  // MARK: Looking

  private func look(
    _ patterns: [SourcePattern], _ target: Target, in place: NewProjectPlace
  ) async throws -> [TableProfile] {
    let door = WarehouseDoor(target: target, projectFolder: place.folder, console: console)
    let connection = try await door.open().connect(as: "init")
    let interrupt = Interrupt { connection.cancel() }
    defer { interrupt.release() }
    let outcome: Result<[TableProfile], any Error>
    do {
      outcome = .success(
        try await connection.perform { [seconds] session in
          try SourceProfiler(session, limits: .init(seconds: seconds), now: Clock.now).profile(patterns)
        })
    } catch {
      outcome = .failure(error)
    }
    await connection.close()
    return try outcome.get()
  }

  // MARK: Files

  /// The project's SQL files by their names, which are those of models: two of one name are none.
  private func modelFiles(of place: NewProjectPlace, in folder: String) -> [String: String] {
    let found =
      FileManager.default.enumerator(atPath: place.folder + "/" + folder)?.allObjects as? [String] ?? []
    return Dictionary(
      found.filter { $0.hasSuffix(".sql") }.map { (($0 as NSString).lastPathComponent, folder + "/" + $0) },
      uniquingKeysWith: { first, _ in first })
  }

  private func projectFiles(_ place: NewProjectPlace, _ target: Target) -> [(path: String, text: String)] {
    [
      (
        "dbt_project.yml",
        """
        name: \(place.name)
        version: "1.0.0"
        config-version: 2
        profile: \(target.profileName)

        models:
          \(place.name):
            staging:
              +schema: staging

        """
      ),
      (".gitignore", "target/\nlogs/\ndbt_packages/\n.whc/\n"),
    ]
  }
}
