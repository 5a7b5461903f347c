/// Which files of a package are looked at, and as what.
enum FileListing {
  /// The files of all kinds, unread.
  static func files(of project: ProjectDefinition) -> [ProjectFile] {
    let rules = (try? FileSystem.read(project.rootPath + "/.dbtignore")).map {
      IgnoreRules(String(decoding: $0, as: UTF8.self))
    }
    var walked: [String: [String]] = [:]
    func names(_ folder: String) -> [String] {
      if let known = walked[folder] { return known }
      let path = folder.hasPrefix("/") ? folder : project.rootPath + "/" + folder
      let found = FileSystem.walk(path).filter {
        isCandidate($0) && rules?.ignores(folder + "/" + $0) != true
      }
      walked[folder] = found
      return found
    }
    var result: [ProjectFile] = []
    for (kind, folders, endings) in kinds(of: project) {
      for ending in endings {
        for folder in folders {
          for name in names(folder) where hasEnding(name, ending) {
            if kind == .singularTest, name.hasPrefix("generic/") || name.hasPrefix("fixtures/") { continue }
            result.append(ProjectFile(kind: kind, searchedPath: folder, relativePath: name))
          }
        }
      }
    }
    return result
  }

  private static func kinds(of project: ProjectDefinition) -> [(FileKind, [String], [String])] {
    [
      (.macro, project.macroPaths, [".sql"]),
      (.model, project.modelPaths, [".sql", ".py"]),
      (.snapshot, project.snapshotPaths, [".sql"]),
      (.analysis, project.analysisPaths, [".sql"]),
      (.function, project.functionPaths, [".sql", ".py"]),
      (.singularTest, project.testPaths, [".sql"]),
      (.genericTest, project.testPaths.map { $0 + "/generic" }, [".sql"]),
      (.seed, project.seedPaths, [".csv"]),
      (.documentation, project.docsPaths ?? project.allSourcePaths, [".md"]),
      (.schema, project.allSourcePaths, [".yml", ".yaml"]),
      (.fixture, project.testPaths.map { $0 + "/fixtures" }, [".csv", ".sql"]),
    ]
  }

  /// Hidden files and those of editors are left out.
  private static func isCandidate(_ path: String) -> Bool {
    let bytes = path.utf8
    let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes.index(after: $0) } ?? bytes.startIndex
    guard start < bytes.endIndex else { return false }
    let first = bytes[start]
    return first != UInt8(ascii: ".") && first != UInt8(ascii: "#") && first != UInt8(ascii: "~")
  }

  private static func hasEnding(_ path: String, _ ending: String) -> Bool {
    let tail = path.utf8.suffix(ending.utf8.count)
    return tail.elementsEqual(ending.utf8) || String(Substring(tail)).lowercased() == ending
  }
}
