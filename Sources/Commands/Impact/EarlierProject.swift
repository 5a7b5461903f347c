import Compiler
import Diagnostics
import Foundation
import ProjectAnalysis
import ProjectModel

/// The project as it was at a git revision, put into a folder of its own for as long as it is looked at.
final class EarlierProject {
  private let folder: String
  private let options: GlobalOptions
  private let flags: Flags

  /// - Throws: `unknown-revision`; `missing-program` without git or tar.
  init(revision: String, of workspace: Workspace, _ global: GlobalOptions) throws(DiagnosticsError) {
    folder = NSTemporaryDirectory() + "/whc-\(UUID().uuidString)"
    let now = workspace.flags.projectDirectory
    var options = global
    options.projectDirectory = folder + "/project"
    options.targetPath = folder + "/target"
    options.logPath = folder + "/logs"
    options.profilesDirectory = workspace.flags.profilesDirectory ?? options.profilesDirectory
    // What was odd about it then is no matter now.
    options.quiet = true
    options.warnError = false
    options.warnErrorOptions = nil
    options.state = nil
    options.defers = false
    self.options = options
    flags = workspace.flags
    do {
      try FileManager.default.createDirectory(
        atPath: folder + "/project", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw DiagnosticsError(
        Diagnostic("io-error", "\(folder) cannot be made: \(error.localizedDescription)"))
    }
    let archive = folder + "/project.tar"
    let git = ExternalProgram(name: "git", purpose: "comparing with a revision")
    let written = try git.run(
      ["archive", "--format=tar", "-o", archive, "--end-of-options", revision], in: now)
    guard written.isSuccess else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-revision", "git does not give the project as it was at '\(revision)'",
          notes: written.errors.split(separator: "\n").prefix(3).map { "git: \($0)" }))
    }
    let tar = ExternalProgram(name: "tar", purpose: "comparing with a revision")
    let read = try tar.run(["-xf", archive, "-C", folder + "/project"], in: folder)
    guard read.isSuccess else {
      throw DiagnosticsError(
        Diagnostic("io-error", "the archive of '\(revision)' cannot be read: \(read.errors)"))
    }
    // Packages and an embedded server are not in the repository.
    for name in [workspace.root.packagesInstallPath, ".whc"] where !name.hasPrefix("/") {
      let (here, there) = (now + "/" + name, folder + "/project/" + name)
      guard FileManager.default.fileExists(atPath: here), !FileManager.default.fileExists(atPath: there)
      else {
        continue
      }
      try? FileManager.default.createSymbolicLink(atPath: there, withDestinationPath: here)
    }
    // Profiles beside the project may not be in the repository, either.
    let own = folder + "/project/profiles.yml"
    if options.profilesDirectory == nil, !FileManager.default.fileExists(atPath: own),
      FileManager.default.fileExists(atPath: now + "/profiles.yml")
    {
      try? FileManager.default.copyItem(atPath: now + "/profiles.yml", toPath: own)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// - Throws: what is wrong with the project as it was.
  func analysis() async throws -> ProjectAnalysis {
    var earlier = Flags(options)
    earlier.command = "impact"
    earlier.answersData = true
    let workspace = Command.kept(try await Workspace.open(earlier, console: Console(earlier)))
    return try await workspace.analysis().analysis
  }
}
