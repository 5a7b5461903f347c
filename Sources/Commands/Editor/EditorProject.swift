import Artifacts
import Diagnostics
import LanguageServer
import ProjectLoading
import ProjectModel
import Synchronization

/// Reads projects for the language server: as every command does, with the editor's texts in place of files, and
/// without a database, a log or artifacts.
final class EditorProject: ProjectReader {
  private let options: GlobalOptions
  /// By folder: the last parse without errors, which the next one begins with, and what came of it.
  private let known = Mutex<[String: (cache: ParseCache?, view: ProjectView)]>([:])

  /// - Parameter options: of the command line; the folder is that of each project.
  init(_ options: GlobalOptions) { self.options = options }

  private func flags(of folder: String) -> Flags {
    var options = options
    options.projectDirectory = folder
    var flags = Flags(options)
    flags.command = "lsp"
    flags.logLevel = .none
    flags.logLevelFile = .none
    flags.quiet = true
    flags.print = false
    flags.writeJSON = false
    flags.introspect = false
    return flags
  }

  func folder(of path: String) -> String? {
    guard let inner = RawProject.findFolder(from: path) else { return nil }
    // A package belongs to the project that it is installed in, and so does a project inside of it.
    var outer = inner
    while outer != "/", let next = RawProject.findFolder(from: outer + "/..") {
      outer = next
      if path.hasPrefix(packages(of: outer) + "/") { return outer }
    }
    return inner
  }

  /// Where a project's packages are installed; a definition that cannot be read moves them nowhere.
  private func packages(of folder: String) -> String {
    let definition = try? ProjectStage(flags(of: folder)).definition().definition
    let install = definition?.packagesInstallPath ?? "dbt_packages"
    return install.hasPrefix("/") ? install : FileSystem.absolute(folder + "/" + install)
  }

  func read(_ folder: String, texts: [String: [UInt8]]) async -> ProjectView {
    let earlier = known.withLock { $0[folder] }
    var last = earlier?.view ?? ProjectView(folder: folder, diagnostics: [])
    do {
      let flags = flags(of: folder)
      var opening = try await Opening.read(flags, console: Console(flags))
      opening.project = opening.project.with(texts)
      let (parsed, cache) = await ParsedProject.make(
        opening.project, settings: opening.settings, loader: opening.loader, after: earlier?.cache)
      let read = ProjectView(
        folder: folder, manifest: parsed.manifest, diagnostics: [], analysis: nil, compiled: [:],
        packages: Dictionary(
          opening.project.packages.map { ($0.name, $0.definition.rootPath) },
          uniquingKeysWith: { first, _ in first }))
      if earlier == nil { last = read }
      let (workspace, warnings) = try Workspace.make(opening, parsed)
      // What is being typed is no state of the project that a run could go on from.
      let (analysis, _, compiled) = try await workspace.analysis(known: [:], isKept: false)
      let view = ProjectView(
        folder: folder, manifest: parsed.manifest, diagnostics: warnings + analysis.diagnostics,
        analysis: analysis, compiled: compiled, packages: read.packages)
      known.withLock { $0[folder] = (cache ?? earlier?.cache, view) }
      return view
    } catch let error as DiagnosticsError {
      return last.saying(error.diagnostics)
    } catch {
      return last.saying([Diagnostic("unreadable-project", "the project cannot be read: \(error)")])
    }
  }
}
