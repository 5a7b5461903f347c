public import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a project from its folder.
///
/// ```swift
/// let raw = try RawProject.read(folder: folder)
/// let (project, diagnostics) = try await ProjectLoader(render: render).load(raw)
/// ```
public struct ProjectLoader: Sendable {
  /// Renders the texts of dbt_project.yml and selectors.yml.
  public var render: RenderText
  /// Renders the texts of packages.yml, in which secrets may stand.
  public var renderPackages: RenderText
  /// Tasks that read files at the same time.
  public var parallelism: Int

  public init(render: @escaping RenderText, renderPackages: RenderText? = nil, parallelism: Int? = nil) {
    self.render = render
    self.renderPackages = renderPackages ?? render
    self.parallelism = parallelism ?? Self.defaultParallelism
  }

  /// Processors of this machine.
  public static var defaultParallelism: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Reads a project and understands all its files.
  ///
  /// - Returns: the project, and what is wrong with its files; an error among the diagnostics does not end the stage.
  /// - Throws: when dbt_project.yml cannot be used, or packages that it needs are not installed.
  public func load(_ raw: RawProject) async throws(DiagnosticsError) -> (
    project: LoadedProject, diagnostics: [Diagnostic]
  ) {
    let (read, wrong) = try await read(raw)
    let (project, found) = await understand(read)
    return (project, wrong + found)
  }

  /// Reads the bytes of all files: enough to see whether anything changed.
  ///
  /// - Throws: as ``load(_:)``.
  public func read(_ raw: RawProject) async throws(DiagnosticsError) -> (
    project: LoadedProject, diagnostics: [Diagnostic]
  ) {
    var (definition, diagnostics) = try ProjectDefinition.read(raw, render: render)
    let (dependencies, found) = try PackageList.read(folder: raw.folder, render: renderPackages)
    diagnostics += found

    var packages = [LoadedPackage(definition: definition, digest: raw.digest, prefix: "", files: [])]
    let install = absolute(definition.packagesInstallPath, in: raw.folder)
    let folders = (FileSystem.list(install, followsLinks: true)?.folders ?? []).filter {
      !$0.hasPrefix("__") && FileSystem.isFile(install + "/" + $0 + "/dbt_project.yml")
    }
    if dependencies.packages.count > folders.count {
      throw DiagnosticsError(
        diagnostics + [missingPackages(dependencies, installed: folders.count, definition)])
    }
    for folder in folders {
      let prefix = definition.packagesInstallPath + "/" + folder + "/"
      let raw = try RawProject.read(folder: install + "/" + folder, prefix: prefix)
      let (package, found) = try ProjectDefinition.read(raw, render: render)
      diagnostics += found
      if let other = packages.first(where: { $0.name == package.name }) {
        throw DiagnosticsError(diagnostics + [duplicatePackage(package, other.definition)])
      }
      packages.append(LoadedPackage(definition: package, digest: raw.digest, prefix: prefix, files: []))
    }

    for index in packages.indices {
      let package = packages[index]
      let (files, found) = await inParallel(FileListing.files(of: package.definition)) {
        file throws(DiagnosticsError) in
        try file.read(root: package.definition.rootPath, displayPath: package.displayPath(file))
        return []
      }
      packages[index].files = files
      diagnostics += found
    }
    definition = packages[0].definition
    let selectors = try selectors(raw.folder)
    return (LoadedProject(packages: packages, dependencies: dependencies, selectors: selectors), diagnostics)
  }

  /// Makes texts and trees of the bytes that ``read(_:)`` has read.
  ///
  /// - Returns: the project without the files that cannot be understood, and what is wrong with them.
  public func understand(_ read: LoadedProject) async -> (project: LoadedProject, diagnostics: [Diagnostic]) {
    var project = read
    var diagnostics: [Diagnostic] = []
    for index in project.packages.indices {
      let package = project.packages[index]
      let (files, found) = await inParallel(package.files) { file throws(DiagnosticsError) in
        try file.understand(displayPath: package.displayPath(file))
      }
      project.packages[index].files = files
      diagnostics += found
    }
    return (project, diagnostics)
  }

  // MARK: Files

  /// What `body` makes of each file, in order; those that it throws on are left out.
  private func inParallel(
    _ files: [ProjectFile],
    _ body: @escaping @Sendable (inout ProjectFile) throws(DiagnosticsError) -> [Diagnostic]
  ) async -> ([ProjectFile], [Diagnostic]) {
    @Sendable func part(_ range: Range<Int>) -> ([ProjectFile], [Diagnostic]) {
      var done: [ProjectFile] = []
      done.reserveCapacity(range.count)
      var diagnostics: [Diagnostic] = []
      for var file in files[range] {
        do throws(DiagnosticsError) {
          diagnostics += try body(&file)
          done.append(file)
        } catch {
          diagnostics += error.diagnostics
        }
      }
      return (done, diagnostics)
    }
    let chunk = max(1, (files.count + parallelism - 1) / parallelism)
    if files.count < 64 || parallelism == 1 { return part(files.indices) }
    return await withTaskGroup(of: (Int, [ProjectFile], [Diagnostic]).self) { group in
      for start in stride(from: 0, to: files.count, by: chunk) {
        group.addTask {
          let (files, diagnostics) = part(start..<min(start + chunk, files.count))
          return (start, files, diagnostics)
        }
      }
      var parts: [(Int, [ProjectFile], [Diagnostic])] = []
      for await part in group { parts.append(part) }
      parts.sort { $0.0 < $1.0 }
      return (parts.flatMap(\.1), parts.flatMap(\.2))
    }
  }

  private func selectors(_ folder: String) throws(DiagnosticsError) -> YAMLDocument? {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(folder + "/selectors.yml") } catch {
      if error.isMissing { return nil }
      throw DiagnosticsError(RawProject.unreadable("selectors.yml", error.reason))
    }
    var document = try YAMLParser.read(bytes, file: "selectors.yml").document
    document.root = try document.root?.rendered(in: "selectors.yml", with: render)
    return document
  }

  private func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : FileSystem.absolute(folder + "/" + path)
  }

  // MARK: Messages

  private func missingPackages(_ list: PackageList, installed: Int, _ project: ProjectDefinition)
    -> Diagnostic
  {
    let file = list.file ?? "packages.yml"
    return Diagnostic(
      "missing-packages",
      "\(file) names \(list.packages.count) packages, \(project.packagesInstallPath) holds \(installed)",
      at: list.packages.last?.span, label: "packages must be installed before they are used",
      help: "run 'whc deps'")
  }

  private func duplicatePackage(_ package: ProjectDefinition, _ other: ProjectDefinition) -> Diagnostic {
    Diagnostic(
      "duplicate-name", "two packages have the name '\(package.name)'",
      at: SourceSpan(file: package.file, line: 1, column: 1), label: "one is here",
      secondary: [.init(span: SourceSpan(file: other.file, line: 1, column: 1), text: "the other is here")])
  }
}
