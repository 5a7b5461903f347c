import Compiler
import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// The first stage of every command: the project's definition as written, and what `--vars` says. Nothing else has
/// been read yet.
struct ProjectStage: Sendable {
  let flags: Flags
  let raw: RawProject
  /// `--vars`
  let vars: OrderedDictionary<String, PlainValue>
  /// What the project's templates ask of the environment and the flags.
  let reads = ParseReads()

  /// - Throws: `no-project`, `broken-yaml`, or `bad-flag` for `--vars` that are no mapping.
  init(_ flags: Flags) throws(DiagnosticsError) {
    self.flags = flags
    raw =
      if let project = flags.project { project } else { try RawProject.read(folder: flags.projectDirectory) }
    vars = try YAMLArgument.mapping(flags.vars, of: "--vars")
  }

  /// The target that the run uses, by the search order of profiles and the flags.
  ///
  /// - Throws: `missing-profile`, `missing-target`, `missing-env-var`, `bad-value`.
  func target() throws(DiagnosticsError) -> (target: Target, warnings: [Diagnostic]) {
    let (name, span) = try profileName()
    let file = try profileFile()
    return try file.target(
      profile: name, namedAt: span, target: flags.target, threads: flags.threads, render: renderSecrets)
  }

  /// The profiles.yml that is used.
  func profileFile() throws(DiagnosticsError) -> ProfileFile {
    try ProfileFile.read(
      folders: ProfileFile.searchOrder(
        flag: flags.profilesDirectory, projectFolder: raw.folder, environment: flags.environment),
      projectFolder: raw.folder)
  }

  /// What reads the project's files and packages.
  func loader(for target: Target) -> ProjectLoader {
    ProjectLoader(render: render(for: target.context), renderPackages: renderSecrets)
  }

  /// dbt_project.yml alone, its templates rendered.
  ///
  /// - Parameter target: what `target` shows to them; commands that need no profile give none.
  func definition(
    target: OrderedDictionary<String, PlainValue> = [:]
  ) throws(DiagnosticsError) -> (definition: ProjectDefinition, diagnostics: [Diagnostic]) {
    let (definition, diagnostics) = try ProjectDefinition.read(raw, render: render(for: target))
    return (definition, checked(diagnostics))
  }

  /// With `--no-version-check` a project for another dbt is used as it is.
  func checked(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    flags.versionCheck ? diagnostics : diagnostics.filter { $0.code != "version-mismatch" }
  }

  /// Renders the texts of profiles.yml and packages.yml, in which secrets may stand.
  var renderSecrets: RenderText {
    let renderer = YAMLRenderer(.secrets, cliVars: vars, environment: flags.environment)
    return { (text, span) throws(DiagnosticsError) in try renderer.render(text, at: span) }
  }

  /// Renders the texts of dbt_project.yml and selectors.yml.
  func render(for target: OrderedDictionary<String, PlainValue>) -> RenderText {
    let renderer = YAMLRenderer(
      .project, cliVars: vars, environment: flags.environment, reads: reads, target: target)
    return { (text, span) throws(DiagnosticsError) in try renderer.render(text, at: span) }
  }

  private func profileName() throws(DiagnosticsError) -> (String, SourceSpan?) {
    if let name = flags.profile { return (name, nil) }
    guard let (text, span) = raw.profile else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-profile", "the project names no profile",
          at: SourceSpan(file: "dbt_project.yml", line: 1, column: 1),
          label: "a line 'profile: <name>' is expected in this file",
          help: "add it, or name a profile with --profile"))
    }
    return (try render(for: [:])(text, span).pythonText, span)
  }
}

/// A flag that takes a YAML mapping: `--vars`, `--args`.
enum YAMLArgument {
  /// - Throws: `bad-flag` when the text is not YAML or no mapping.
  static func mapping(
    _ text: String?, of flag: String
  ) throws(DiagnosticsError) -> OrderedDictionary<String, PlainValue> {
    guard let text, text.contains(where: { !$0.isWhitespace }) else { return [:] }
    let value: PlainValue
    do {
      value = try YAMLParser.parse(Array(text.utf8), file: flag).document.root?.plain ?? .null
    } catch {
      let reason = (error as? DiagnosticsError)?.diagnostics.first?.summary ?? "\(error)"
      throw DiagnosticsError(Self.bad(flag, text, "is not YAML: \(reason)"))
    }
    if value.isNull { return [:] }
    guard let mapping = value.mapping else {
      throw DiagnosticsError(Self.bad(flag, text, "is \(value.kindName), not a mapping"))
    }
    return mapping
  }

  private static func bad(_ flag: String, _ text: String, _ problem: String) -> Diagnostic {
    Diagnostic(
      "bad-flag", "the value of \(flag) \(problem)", notes: ["it is: \(text)"],
      help: "write it as a YAML mapping: \(flag) '{name: value}'")
  }
}
