public import Diagnostics
public import ProjectModel

/// A `profiles.yml` and how a target is taken from it.
public struct ProfileFile: Sendable {
  /// The file as messages name it.
  public var file: String
  /// Its folder, absolute.
  public var folder: String
  private let root: YAMLNode

  /// Where profiles.yml is looked for, the first place that has it wins: the given folder, the folder of
  /// `DBT_PROFILES_DIR`, the project's `profiles/`, the project, `~/.dbt`.
  ///
  /// A folder that is given by flag or environment is the only one looked at.
  public static func searchOrder(flag: String?, projectFolder: String, environment: [String: String])
    -> [String]
  {
    if let flag { return [FileSystem.absolute(flag)] }
    if let folder = environment["DBT_PROFILES_DIR"], !folder.isEmpty { return [FileSystem.absolute(folder)] }
    var folders = [projectFolder + "/profiles", projectFolder]
    if let home = environment["HOME"] { folders.append(home + "/.dbt") }
    return folders
  }

  /// Reads the first profiles.yml of a list of folders.
  ///
  /// - Throws: `missing-profile` when no folder has one, `broken-yaml` when it cannot be read.
  public static func read(folders: [String], projectFolder: String) throws(DiagnosticsError) -> ProfileFile {
    guard let folder = folders.first(where: { FileSystem.isFile($0 + "/profiles.yml") }) else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-profile", "there is no profiles.yml",
          notes: ["looked in " + folders.joined(separator: ", ")],
          help: "put a profiles.yml beside dbt_project.yml, or name its folder with --profiles-dir"))
    }
    let path = folder + "/profiles.yml"
    let file = path.hasPrefix(projectFolder + "/") ? String(path.dropFirst(projectFolder.count + 1)) : path
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch {
      throw DiagnosticsError(RawProject.unreadable(file, error.reason))
    }
    let document = try YAMLParser.read(bytes, file: file).document
    guard let root = document.root, root.mapping != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-profile", "\(file) holds no profiles", at: SourceSpan(file: file, line: 1, column: 1),
          label: "a mapping of names to profiles is expected"))
    }
    return ProfileFile(file: file, folder: folder, root: root)
  }

  /// The target that a run uses.
  ///
  /// Only the output that is used is rendered, so that a variable missing for another one does not matter.
  ///
  /// - Parameters:
  ///   - profile: The profile's name and where the project names it.
  ///   - target: `--target`; else the profile's own `target:`, else `default`.
  ///   - render: Renders with `env_var` and `var`, secrets included.
  /// - Throws: `missing-profile`, `missing-target`, `bad-value`, or what rendering throws (`missing-env-var`).
  public func target(
    profile: String, namedAt span: SourceSpan?, target: String? = nil, threads: Int? = nil, render: RenderText
  ) throws(DiagnosticsError) -> (target: Target, warnings: [Diagnostic]) {
    guard let entry = root.mapping?.first(where: { $0.key == profile }) else {
      throw DiagnosticsError(unknownProfile(profile, span))
    }
    guard entry.value.mapping != nil, let outputs = entry.value["outputs"], outputs.mapping != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-value", "profile '\(profile)' has no 'outputs'", at: entry.keyPlace.span(in: file),
          label: "'outputs:' with at least one target is required"))
    }
    let name: String
    if let target { name = target } else { name = try ownTarget(entry.value, render) }
    guard let output = outputs.mapping?.first(where: { $0.key == name }) else {
      throw DiagnosticsError(unknownTarget(name, profile: profile, entry.value, outputs))
    }
    var found = try Self.target(
      try rendered(output.value, render), of: output, name: name, profile: profile, threads: threads,
      file: file)
    if let config = root.mapping?.first(where: { $0.key == "config" }), config.value.mapping?.isEmpty == false
    {
      found.warnings.append(
        Diagnostic(
          "project-flags-moved", severity: .warning,
          "User config should be moved from the 'config' key in \(file) to the 'flags' key in dbt_project.yml",
          at: config.keyPlace.span(in: file)))
    }
    return found
  }

  private func ownTarget(_ profile: YAMLNode, _ render: RenderText) throws(DiagnosticsError) -> String {
    guard let node = profile["target"] else { return "default" }
    return try node.rendered(in: file, with: render).scalar?.pythonText ?? "default"
  }

  /// A password that looks like a template and is none stays as it is.
  private func rendered(_ node: YAMLNode, _ render: RenderText) throws(DiagnosticsError) -> YAMLNode {
    guard case .mapping(var entries) = node.content else { return node }
    for index in entries.indices {
      let isPassword = entries[index].key == "password" || entries[index].key == "pass"
      do throws(DiagnosticsError) {
        entries[index].value = try entries[index].value.rendered(in: file, with: render)
      } catch {
        let isSyntax = error.diagnostics.allSatisfy {
          $0.code != "missing-env-var" && $0.code != "missing-var"
        }
        guard isPassword, isSyntax else { throw error }
      }
    }
    return YAMLNode(.mapping(entries), at: node.place)
  }

  // MARK: Messages

  private func unknownProfile(_ name: String, _ span: SourceSpan?) -> Diagnostic {
    let known = (root.mapping ?? []).map(\.key).filter { $0 != "config" }
    return Diagnostic(
      "missing-profile", "profile '\(name)' is not in \(file)", meant: NearMiss(name, among: known),
      at: span,
      label: "no profile has this name",
      help: known.isEmpty ? nil : "\(file) holds " + known.map { "'\($0)'" }.joined(separator: ", "))
  }

  private func unknownTarget(_ name: String, profile: String, _ node: YAMLNode, _ outputs: YAMLNode)
    -> Diagnostic
  {
    let known = (outputs.mapping ?? []).map(\.key)
    let place = node["target"]?.place ?? outputs.place
    return Diagnostic(
      "missing-target",
      "profile '\(profile)' has no target '\(name)'", meant: NearMiss(name, among: known),
      at: place.span(in: file), label: "no output has this name",
      help: "its targets are " + known.map { "'\($0)'" }.joined(separator: ", "))
  }
}
