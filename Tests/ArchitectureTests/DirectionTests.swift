import Foundation
import Testing

/// The directions between modules, as `docs/ARCHITECTURE.md` states them: a module imports only what stands in its row.
@Suite struct DirectionTests {
  static let allowed: [String: Set<String>] = [
    "Diagnostics": [],
    "ProjectModel": ["Diagnostics"],
    "Jinja": [],
    "ProjectLoading": ["ProjectModel", "Diagnostics"],
    "Warehouse": ["ProjectModel", "Diagnostics"],
    "StarModel": ["ProjectModel", "Diagnostics"],
    "Proposals": ["Warehouse", "Diagnostics"],
    "CPgQuery": [],
    "SQLAnalysis": ["CPgQuery"],
    "Compiler": [
      "Jinja", "SQLAnalysis", "StarModel", "ProjectLoading", "Warehouse", "ProjectModel", "Diagnostics",
    ],
    "ProjectAnalysis": ["SQLAnalysis", "StarModel", "ProjectModel", "Diagnostics"],
    "Materializations": ["SQLAnalysis", "StarModel", "Warehouse", "ProjectModel", "Diagnostics"],
    "Runner": ["Materializations", "Compiler", "StarModel", "Warehouse", "ProjectModel", "Diagnostics"],
    "LibpqWarehouse": ["Warehouse", "ProjectModel", "Diagnostics"],
    "AWS": ["ProjectLoading", "ProjectModel"],
    "LanguageServer": [
      "ProjectAnalysis", "SQLAnalysis", "Compiler", "ProjectLoading", "ProjectModel", "Diagnostics",
    ],
    "Artifacts": ["ProjectAnalysis", "SQLAnalysis", "StarModel", "ProjectModel", "Diagnostics"],
    "DocsSite": ["Artifacts", "ProjectAnalysis", "StarModel", "ProjectModel", "Diagnostics"],
    "Commands": [
      "LanguageServer", "DocsSite", "Artifacts", "Runner", "LibpqWarehouse", "Warehouse", "AWS",
      "Materializations",
      "ProjectAnalysis", "SQLAnalysis", "Proposals", "StarModel", "Compiler",
      "Jinja", "ProjectLoading", "ProjectModel", "Diagnostics",
    ],
    "whc": ["Commands"],
  ]

  /// Libraries that only some modules may know.
  static let libraries: [String: Set<String>] = [
    "ArgumentParser": ["Commands"],
    "CYaml": ["ProjectLoading"],
  ]

  static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources")

  @Test func everyModuleHasARow() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
      .filter { !$0.hasPrefix(".") }
    #expect(Set(folders) == Set(Self.allowed.keys))
  }

  @Test(arguments: Array(allowed.keys)) func importsOnlyDownward(module: String) throws {
    let allowed = try #require(Self.allowed[module])
    for (file, imported) in try imports(of: module) {
      if Self.allowed[imported] != nil {
        #expect(allowed.contains(imported), "\(module)/\(file) imports \(imported)")
      }
      if let users = Self.libraries[imported] {
        #expect(users.contains(module), "\(module)/\(file) imports \(imported)")
      }
    }
  }

  /// Effects stay at the rim: the pure middle neither prints nor opens files.
  @Test(arguments: [
    "ProjectModel", "StarModel", "Proposals", "Materializations", "Runner", "Warehouse", "Jinja", "AWS",
  ])
  func staysPure(module: String) throws {
    for (file, text) in try files(of: module) {
      for word in ["FileManager", "print(", "fopen(", "String(contentsOf"] {
        let uses = text.split(separator: "\n").filter { line in
          line.contains(word) && !line.contains("//") && !line.contains("func ") && !line.contains("\"")
            && !line.contains(".\(word)")
        }
        #expect(uses.isEmpty, "\(module)/\(file) uses \(word)")
      }
    }
  }

  private func imports(of module: String) throws -> [(file: String, module: String)] {
    try files(of: module).flatMap { file, text in
      text.split(separator: "\n").compactMap { line -> (String, String)? in
        var words = line.split(separator: " ").map(String.init)
        words.removeAll {
          ["public", "package", "internal", "private", "@_exported", "@preconcurrency"].contains($0)
        }
        guard words.count >= 2, words[0] == "import" else { return nil }
        return (file, words[1])
      }
    }
  }

  private func files(of module: String) throws -> [(file: String, text: String)] {
    let folder = Self.sources.appending(path: module)
    let paths = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    return try paths.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
      ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
    }
  }
}
