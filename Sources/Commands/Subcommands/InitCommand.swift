import ArgumentParser
import Diagnostics
import Foundation
import ProjectLoading

/// `whc init NAME`: a new project that builds as it is.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a new project with a small star in it")

  @Argument(
    help: "Name of the project and of its folder (default: the empty folder you are in, else my_star)")
  var name: String?
  @Flag(name: [.customLong("skip-profile-setup"), .customShort("s")], help: .hidden) var skipProfileSetup =
    false
  @Option(
    name: .customLong("from-source"), parsing: .upToNextOption,
    help: "Propose a staging layer and a star for tables of the target's database: schema.table or schema.*")
  var fromSource: [String] = []
  @Flag(name: .customLong("dry-run"), help: "With --from-source: print the files and write none")
  var dryRun = false
  @Option(name: .customLong("time-limit"), help: "With --from-source: seconds for looking at the tables")
  var timeLimit = 60
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    if !fromSource.isEmpty {
      return try await Command.plain("init", global, configure: { $0.answersData = dryRun }) { console in
        try await SourceStar(console: console, name: name, seconds: Double(timeLimit), isDry: dryRun)
          .write(from: fromSource, in: global.projectDirectory)
      }
    }
    try await Command.plain("init", global) { console in
      let here = FileSystem.absolute(global.projectDirectory ?? FileManager.default.currentDirectoryPath)
      let place = try NewProjectPlace(name, in: here)
      try place.write(StarterProject.files(named: place.name))
      let enter = place.folder == here ? "" : "  cd \(place.name)\n"
      console.print("\(place.name) is there. Now:\n\(enter)  whc build")
    }
  }
}

/// Where a new project goes, and its name.
struct NewProjectPlace {
  let name: String
  /// Absolute.
  let folder: String

  /// - Throws: `bad-project-name`, or `project-exists` when the folder holds files.
  init(_ name: String?, in here: String) throws(DiagnosticsError) {
    if let name {
      self.name = name
      folder = here + "/" + name
    } else if Self.isEmpty(here) {
      self.name = Self.word(of: (here as NSString).lastPathComponent)
      folder = here
    } else {
      self.name = "my_star"
      folder = here + "/my_star"
    }
    guard self.name == Self.word(of: self.name) else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-project-name", "'\(self.name)' cannot be the name of a project",
          help: "use small letters, digits and underscores, a letter first: \(Self.word(of: self.name))"))
    }
    guard Self.isEmpty(folder) else {
      throw DiagnosticsError(
        Diagnostic("project-exists", "there is already something in \(folder)", help: "choose another name"))
    }
  }

  /// Writes files below the folder.
  func write(_ files: [(path: String, text: String)]) throws(DiagnosticsError) {
    do {
      for (path, text) in files {
        let file = URL(filePath: folder).appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .withoutOverwriting)
      }
    } catch {
      throw DiagnosticsError(
        Diagnostic("io-error", "cannot write the project to \(folder): \(error.localizedDescription)"))
    }
  }

  /// A folder that is there, with the project in it.
  init(existing folder: String, name: String) {
    self.name = name
    self.folder = folder
  }

  /// Files that begin with a dot do not count: a fresh repository is as good as an empty folder.
  private static func isEmpty(_ folder: String) -> Bool {
    guard FileSystem.isFolder(folder) else { return !FileSystem.isFile(folder) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? ["?"]
    return names.allSatisfy { $0.hasPrefix(".") }
  }

  private static func word(of text: String) -> String {
    var bytes = text.lowercased().utf8.map { byte -> UInt8 in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        ? byte : UInt8(ascii: "_")
    }
    if bytes.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? true {
      bytes = Array("star_".utf8) + bytes
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
