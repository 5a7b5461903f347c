/// A project with its packages, every file read and every YAML file parsed.
public struct LoadedProject: Sendable {
  /// The root project first, then the installed packages by folder name.
  public var packages: [LoadedPackage]
  /// `packages.yml` of the root project.
  public var dependencies: PackageList
  /// `selectors.yml`, rendered.
  public var selectors: YAMLDocument?

  public var root: LoadedPackage { packages[0] }

  /// The same with other texts in place of what some files hold; files that are not on disk are left out.
  ///
  /// - Parameter texts: by absolute paths
  public func with(_ texts: [String: [UInt8]]) -> LoadedProject {
    var project = self
    for package in project.packages.indices {
      let root = packages[package].definition.rootPath
      for file in packages[package].files.indices {
        let path = packages[package].files[file].path(in: root)
        if let text = texts[path] { project.packages[package].files[file].take(text) }
      }
    }
    return project
  }

  /// The same without the files, which only the parse stage needs.
  public var withoutFiles: LoadedProject {
    var project = self
    for index in project.packages.indices { project.packages[index].files = [] }
    return project
  }
}

/// A project or an installed package.
public struct LoadedPackage: Sendable {
  public var definition: ProjectDefinition
  /// A hash of dbt_project.yml as written.
  public var digest: UInt64
  /// What messages put before a file's path: empty for the root project, `dbt_packages/dbt_utils/` for a package.
  public var prefix: String
  /// By kind in the order of ``FileKind``, each kind in the order in which the folders are walked.
  public var files: [ProjectFile]

  public var name: String { definition.name }

  /// A file's path as spans name it.
  public func displayPath(_ file: ProjectFile) -> String { prefix + file.originalFilePath }
}
