import ArgumentParser
import Compiler
import Diagnostics
import Foundation
import Materializations
import ProjectLoading
import ProjectModel
import Runner
import StarModel
import Warehouse

/// `whc eject FOLDER`: the project with its star as plain models, snapshots and tests.
struct EjectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eject",
    abstract: "Write the project to a folder, its star as plain models that any dbt builds")

  @Argument(help: "A folder that is not there yet, or empty")
  var folder: String

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("eject", global) { workspace, console in
      let copy = ProjectCopy(
        from: workspace.path("."), to: FileSystem.absolute(folder), without: workspace.layout.folder)
      try copy.check()
      let manifest = workspace.manifest
      let star = Star(manifest)
      let models = Ejection.models(of: manifest)
      let chosen = try workspace.select(defaults: [.model], all: [.model])
      let planning = Planning(workspace, ExecutionGraph(workspace.executable(chosen), of: workspace.selector))
      let files = try await workspace.withSession { session, runtime in
        // Of a model that is not built the columns are not known, and those after it may not be described.
        let built = models.filter { $0.relation.flatMap { runtime.cache.relation($0) } != nil }
        let inputs =
          built.count == models.count
          ? try planning.inputs(of: models, on: session, cache: runtime.cache) : [:]
        return try Ejection(star, manifest, inputs: inputs, dialect: session.dialect).files()
      }
      try copy.write(files.map { ($0.path, $0.text) })
      console.print(
        "\(folder) has the project with \(models.count) models written out. Read the comments in them, then:")
      console.print("  cd \(folder)\n  dbt build")
    }
  }
}

/// The files of a project in another folder, some of them with another text.
struct ProjectCopy {
  private let source: String
  private let target: String
  /// Names that stay behind.
  private let left: Set<String>

  /// - Parameter artifacts: the folder of what runs leave.
  init(from source: String, to target: String, without artifacts: String) {
    self.source = FileSystem.absolute(source)
    self.target = target
    left = [artifacts, "target", "logs", ".whc", ".git"]
  }

  /// - Throws: `project-exists` when something is in the way.
  func check() throws(DiagnosticsError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
    guard !FileSystem.isFile(target), names.isEmpty, target != source else {
      throw DiagnosticsError(
        Diagnostic("project-exists", "there is already something in \(target)", help: "choose another folder")
      )
    }
  }

  /// - Throws: `io-error`.
  func write(_ changed: [(path: String, text: String)]) throws(DiagnosticsError) {
    let files = FileManager.default
    do {
      try files.createDirectory(atPath: target, withIntermediateDirectories: true)
      for name in try files.contentsOfDirectory(atPath: source).sorted() where !left.contains(name) {
        let path = source + "/" + name
        // The new folder may lie in the old one.
        guard path != target, !target.hasPrefix(path + "/") else { continue }
        try files.copyItem(atPath: path, toPath: target + "/" + name)
      }
      for (path, text) in changed {
        let file = URL(filePath: target).appending(path: path)
        try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    } catch {
      throw DiagnosticsError(
        Diagnostic("io-error", "cannot write the project to \(target): \(error.localizedDescription)"))
    }
  }
}
