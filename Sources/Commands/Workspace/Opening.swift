import Artifacts
import Compiler
import Diagnostics
import ProjectLoading
import ProjectModel

/// A project whose files are read and whose settings are known, while its nodes are not: where every command that
/// works with a project begins.
struct Opening: Sendable {
  let flags: Flags
  let console: Console
  let target: Target
  let loader: ProjectLoader
  var project: LoadedProject
  let settings: TemplateSettings
  let eventTimes: EventTimeFlags
  /// What is wrong or odd so far.
  var found: Findings
  let earlier: EarlierParse

  /// - Throws: every error that was found, with the warnings before it.
  static func read(_ flags: Flags, console: Console) async throws(DiagnosticsError) -> Opening {
    console.begin()
    var found = Findings(try WarningPolicy(flags))
    do {
      found.add(flags.deprecations)
      let stage = try ProjectStage(flags)
      found.add(stage.raw.warnings)
      let (target, targetWarnings) = try stage.target()
      found.add(targetWarnings)
      console.tell(.adapter(target.kind.rawValue), onTerminal: !console.isLive)
      let loader = stage.loader(for: target)
      let (project, projectDiagnostics) = try await loader.read(stage.raw)
      found.add(stage.checked(projectDiagnostics))
      console.knows(packages: project.packages.dropFirst().map(\.definition.rootPath))
      var settings = TemplateSettings(stage: stage, project: project, target: target, console: console)
      let times = try EventTimeFlags(
        flags, now: EventTime(secondsSince1970: console.invocation.startedAt))
      settings.sample = times.sample
      return Opening(
        flags: flags, console: console, target: target, loader: loader, project: project, settings: settings,
        eventTimes: times, found: found, earlier: EarlierParse(project, flags: flags))
    } catch {
      throw found.ended(by: error)
    }
  }

  /// `selectors.yml`
  func selectors() throws(DiagnosticsError) -> SelectorDefinitions {
    guard let contents = project.selectors?.root?.plain else { return SelectorDefinitions() }
    return try SelectorDefinitions(contents, indirect: flags.indirectSelection)
  }

  /// A parse of an earlier run that holds for this one, and of which all there is to tell is known.
  struct Unchanged {
    /// ``ParseCache/identity``
    var identity: UInt64
    fileprivate var warnings: [Diagnostic]
    /// What the manifest has.
    fileprivate var line: String

    func tell(_ console: Console) {
      console.tell(.parsed(.unchanged))
      console.report(warnings)
      console.found(line)
    }
  }

  /// The earlier parse when all files and settings are as they were; its nodes are not read.
  ///
  /// - Returns: nil when the nodes must be looked at.
  /// - Throws: the warnings of the earlier parse, as far as they are errors now.
  func unchanged() throws(DiagnosticsError) -> Unchanged? {
    guard flags.state == nil, let head = earlier.head,
      ParsedProject.isUnchanged(project, settings: settings, since: head),
      let line = head.plainSummary, let identity = head.identity
    else { return nil }
    var found = found
    found.add(head.diagnostics)
    do {
      try found.end()
      _ = try selectors()
    } catch {
      throw found.ended(by: error)
    }
    return Unchanged(identity: identity, warnings: found.warnings, line: line)
  }

  /// Ends a command that needs no more than `manifest.json`, without looking at a single node: when nothing changed
  /// since it was written, only its metadata are new.
  ///
  /// - Returns: false when the nodes must be looked at; nothing has been told then.
  /// - Throws: the warnings of the earlier parse, as far as they are errors now.
  func endsUnchanged() throws(DiagnosticsError) -> Bool {
    guard flags.writeJSON, let known = try unchanged() else { return false }
    var artifact = ManifestArtifact(
      Manifest(projectName: settings.projectName, adapterType: settings.adapterType),
      metadata: console.metadata)
    artifact.quoting = settings.quoting
    let file = ManifestFile(in: ParsedProject.root(flags, project))
    guard file.renew(artifact, of: known.identity) else { return false }
    known.tell(console)
    console.tell(.wrote("WritableManifest", file.path), onTerminal: !console.isLive)
    return true
  }
}

extension Console {
  /// What artifacts say of this invocation.
  var metadata: ArtifactMetadata {
    var metadata = ArtifactMetadata(
      invocationID: invocation.id, generatedAt: Clock.now(), invocationStartedAt: invocation.startedAt)
    let prefix = "DBT_ENV_CUSTOM_ENV_"
    metadata.environment = flags.environment.filter { $0.key.hasPrefix(prefix) }
      .sorted { $0.key < $1.key }
      .map { (name: String($0.key.dropFirst(prefix.count)), value: $0.value) }
    return metadata
  }
}
