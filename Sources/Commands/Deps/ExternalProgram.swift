import Diagnostics
import Foundation

/// Another program that does a part of the work: git, curl, tar.
struct ExternalProgram {
  var name: String
  /// What it is needed for, as a message says it.
  var purpose: String

  static let git = ExternalProgram(name: "git", purpose: "packages from git repositories")
  static let curl = ExternalProgram(name: "curl", purpose: "packages from the hub and from archives")
  static let tar = ExternalProgram(name: "tar", purpose: "packages from the hub and from archives")

  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
    var isSuccess: Bool { code == 0 }
  }

  /// Runs the program to its end.
  ///
  /// - Throws: `missing-program` when there is no such program, `cancelled` when Ctrl-C ended it.
  func run(_ arguments: [String], in folder: String) throws(DiagnosticsError) -> Outcome {
    guard let path = Self.find(name) else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-program", "\(name) is needed for \(purpose), and it is not on PATH",
          help: "install \(name) with your system's package manager"))
    }
    // Files, not pipes: nobody reads while the program writes.
    let scratch = NSTemporaryDirectory() + "/whc-\(UUID().uuidString)"
    let (out, err) = (scratch + ".out", scratch + ".err")
    defer {
      unlink(out)
      unlink(err)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["LC_ALL"] = "C"
    // Set in a hook of git's, where they name the repository that it runs in.
    for name in Self.repositoryVariables { environment[name] = nil }
    // A password can be asked for only where somebody can answer.
    if isatty(STDIN_FILENO) == 0 { environment["GIT_TERMINAL_PROMPT"] = "0" }
    process.environment = environment
    do {
      for path in [out, err] {
        _ = FileManager.default.createFile(
          atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
      }
      process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
      try process.run()
    } catch {
      throw DiagnosticsError(
        Diagnostic("io-error", "\(name) cannot be started: \(error.localizedDescription)"))
    }
    process.waitUntilExit()
    if process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGINT {
      throw DiagnosticsError(Diagnostic("cancelled", "\(name) was stopped; nothing was changed"))
    }
    return Outcome(code: process.terminationStatus, output: Self.text(out), errors: Self.text(err))
  }

  /// What tells git to work on another repository than that of its folder.
  private static let repositoryVariables = [
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX",
    "GIT_NAMESPACE",
  ]

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  private static func find(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
