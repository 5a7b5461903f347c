import Artifacts
import Compiler
import Diagnostics
import Foundation
import Materializations
import ProjectLoading
import ProjectModel
import StarModel
import Synchronization

/// A project's manifest with the engine that renders its templates: made by this run, or by an earlier one from files
/// with the same contents.
struct ParsedProject: Sendable {
  /// How much of an earlier run's work was used.
  enum Origin: Sendable, Equatable {
    case unchanged
    /// All but what these many files say.
    case updated(Int)
    case whole
  }

  var manifest: Manifest
  var engine: TemplateEngine
  var diagnostics: [Diagnostic]
  /// When the nodes were parsed; seconds since 1970.
  var parsedAt: Double
  var origin = Origin.whole
  /// What the cache knows the parse by; nil when it was not kept.
  var identity: UInt64?
  /// The parses from which it was brought up to date.
  var ancestors: [ParseCache.Ancestor] = []

  /// Uses `target/whc-cache.bin` as far as it speaks of this project as it is now, and leaves a new one there.
  ///
  /// What counts is the contents of files, never their times. A cache that is missing, damaged or another whc's is
  /// the same as none.
  ///
  /// - Parameters:
  ///   - project: its files read, not yet understood.
  ///   - earlier: what is in the file.
  static func make(
    _ project: LoadedProject, settings: TemplateSettings, loader: ProjectLoader, flags: Flags,
    after earlier: EarlierParse
  ) async -> ParsedProject {
    guard flags.partialParse else { return await parse(project, settings, loader) }
    var (parsed, cache) = await make(project, settings: settings, loader: loader, after: earlier.head)
    if let cache { parsed.keep(cache, earlier.path, flags) }
    return parsed
  }

  /// The same after an earlier parse that is at hand.
  ///
  /// - Returns: the parse, and what another may begin with; nil when that is still the earlier one, or the project has
  ///   errors.
  static func make(
    _ project: LoadedProject, settings: TemplateSettings, loader: ProjectLoader, after earlier: ParseCache?
  ) async -> (parsed: ParsedProject, cache: ParseCache?) {
    let known = KnownProject(project, settings)
    if let earlier, known.isAnswered(by: earlier), let earlier = earlier.whole() {
      var parsed = ParsedProject(earlier, settings)
      guard let changed = known.changes(since: earlier) else { return (parsed, nil) }
      settings.reads.add(earlier.answers.map(\.question))
      let update = ManifestUpdate(
        earlier.manifest, warnings: earlier.diagnostics, engine: parsed.engine, project: project)
      if !changed.isEmpty, let manifest = await update.applying(changed, with: loader) {
        parsed.manifest = manifest
        parsed.ancestors = Self.ancestors(of: manifest, madeFrom: earlier)
        parsed.parsedAt = settings.runStartedAt
        parsed.origin = .updated(changed.count)
        return (parsed, known.cache(of: parsed))
      }
    }
    let parsed = await parse(project, settings, loader)
    let isWhole = !parsed.diagnostics.contains { $0.severity == .error }
    return (parsed, isWhole ? known.cache(of: parsed) : nil)
  }

  /// Whether all files and settings of a project are as they were in an earlier run.
  static func isUnchanged(_ project: LoadedProject, settings: TemplateSettings, since head: ParseCache)
    -> Bool
  {
    let known = KnownProject(project, settings)
    return known.isAnswered(by: head) && known.changes(since: head) == nil
  }

  /// The line that tells what the manifest has, when there is nothing else to tell of it: no star, nothing to check.
  private static func plainSummary(of manifest: Manifest, _ flags: Flags) -> String? {
    let star = Star(manifest)
    guard StarArtifact(star: star, manifest: manifest).isEmpty, star.diagnostics.isEmpty, flags.state == nil,
      let found = try? Workspace.starFindings(star, manifest, flags), found.isEmpty,
      !manifest.nodes.values.contains(where: { $0.config.materialized == StagingMaterialization.name })
    else { return nil }
    return ResourceCount.found(in: manifest)
  }

  /// The parse that was brought up to date and those before it, with what is another now.
  private static func ancestors(
    of manifest: Manifest, madeFrom earlier: ParseCache
  ) -> [ParseCache.Ancestor] {
    guard let parent = earlier.identity else { return [] }
    var changed: Set<NodeID> = []
    let before = earlier.manifest.nodes
    for (place, node) in manifest.nodes.values.enumerated() {
      // Most stand where they stood.
      if place < before.count, before.values[place].sharesContents(with: node) { continue }
      if before[node.id].map({ !node.sharesContents(with: $0) }) ?? true { changed.insert(node.id) }
    }
    for (id, source) in manifest.sources where earlier.manifest.sources[id]?.relation != source.relation {
      changed.insert(id)
    }
    let known = [ParseCache.Ancestor(identity: parent, changed: [])] + earlier.ancestors
    return known.prefix(8).map {
      ParseCache.Ancestor(identity: $0.identity, changed: $0.changed.union(changed))
    }
  }

  private mutating func keep(_ cache: ParseCache, _ path: String, _ flags: Flags) {
    var cache = cache
    cache.plainSummary = Self.plainSummary(of: manifest, flags)
    cache.write(path, build: Self.build)
    identity = cache.identity
  }

  private static func parse(
    _ project: LoadedProject, _ settings: TemplateSettings, _ loader: ProjectLoader
  ) async -> ParsedProject {
    let (understood, wrong) = await loader.understand(project)
    let built = await ManifestBuilder(project: understood, settings: settings).build()
    return ParsedProject(
      manifest: built.manifest, engine: built.engine, diagnostics: wrong + built.diagnostics,
      parsedAt: settings.runStartedAt)
  }

  /// Where artifacts of the project lie.
  static func layout(_ flags: Flags, _ project: LoadedProject) -> TargetLayout {
    TargetLayout(folder: flags.targetPath ?? project.root.definition.targetPath)
  }

  /// The target folder, absolute.
  static func root(_ flags: Flags, _ project: LoadedProject) -> String {
    let folder = layout(flags, project).folder
    return folder.hasPrefix("/") ? folder : project.root.definition.rootPath + "/" + folder
  }

  /// This very program: another build may parse in another way.
  static let build: String = {
    var info = stat()
    let isKnown =
      stat("/proc/self/exe", &info) == 0 || stat(Bundle.main.executablePath ?? "", &info) == 0
    guard isKnown else { return Version.whc }
    #if canImport(Darwin)
      let time = info.st_mtimespec
    #else
      let time = info.st_mtim
    #endif
    return "\(Version.whc) \(info.st_size) \(time.tv_sec).\(time.tv_nsec)"
  }()
}

/// What an earlier run left of a project, read when it is asked for and once.
final class EarlierParse: Sendable {
  /// Of `whc-cache.bin`.
  let path: String
  private let isUsed: Bool
  private let known = Mutex<ParseCache??>(nil)

  init(_ project: LoadedProject, flags: Flags) {
    path = ParsedProject.root(flags, project) + "/whc-cache.bin"
    isUsed = flags.partialParse
  }

  /// Without the nodes (``ParseCache/whole()``); nil when there is none that can be used.
  var head: ParseCache? {
    known.withLock { known in
      if let known { return known }
      let head = isUsed ? ParseCache.readHead(path, build: ParsedProject.build) : nil
      known = .some(head)
      return head
    }
  }
}

extension ParsedProject {
  fileprivate init(_ cache: ParseCache, _ settings: TemplateSettings) {
    self.init(
      manifest: cache.manifest, engine: TemplateEngine(settings, macros: Array(cache.manifest.macros.values)),
      diagnostics: cache.diagnostics, parsedAt: cache.parsedAt, origin: .unchanged, identity: cache.identity,
      ancestors: cache.ancestors)
  }
}

/// What the cache says a project was made from, for the project as it is now.
private struct KnownProject {
  let files: [ParseCache.File]
  /// Where each of them stands in the project.
  private let positions: [ManifestUpdate.Position]
  /// Over everything that any file may depend on.
  let hash: UInt64
  let settings: TemplateSettings

  init(_ project: LoadedProject, _ settings: TemplateSettings) {
    self.settings = settings
    files = project.packages.flatMap { package in
      package.files.map {
        ParseCache.File(path: package.displayPath($0), kind: $0.kind.rawValue, digest: $0.digest)
      }
    }
    positions = project.packages.enumerated().flatMap { package, owner in
      owner.files.indices.map { ManifestUpdate.Position(package: package, file: $0) }
    }
    var hash = ContentHash()
    for text in [
      settings.projectName, settings.projectRoot, settings.adapterType, settings.database, settings.schema,
      PlainValue.mapping(settings.target).pythonRepresentation,
      PlainValue.mapping(settings.cliVars).pythonRepresentation,
    ] {
      hash.add(text)
    }
    hash.add(project.selectors?.root?.plain.pythonRepresentation ?? "")
    // The day of a deprecation may have come.
    hash.add(UInt64(max(0, settings.runStartedAt / 86_400)))
    for package in project.packages {
      hash.add(package.definition.rootPath)
      hash.add(package.digest)
    }
    self.hash = hash.value
  }

  /// Whether the settings are the same and everything that was asked would be answered as it was.
  func isAnswered(by cache: ParseCache) -> Bool {
    cache.settings == hash && cache.answers.allSatisfy { $0 == answer(to: $0.question) }
  }

  /// The files whose contents changed: none when the files are others than they were, nil when nothing changed.
  func changes(since cache: ParseCache) -> [ManifestUpdate.Position]? {
    guard cache.files != files else { return nil }
    guard cache.files.count == files.count else { return [] }
    var changed: [ManifestUpdate.Position] = []
    for (index, (old, new)) in zip(cache.files, files).enumerated() where old != new {
      guard old.path == new.path, old.kind == new.kind else { return [] }
      changed.append(positions[index])
    }
    return changed
  }

  func cache(of parsed: ParsedProject) -> ParseCache {
    var cache = ParseCache(
      settings: hash, answers: settings.reads.questions.map(answer), files: files, parsedAt: parsed.parsedAt,
      diagnostics: parsed.diagnostics, manifest: parsed.manifest)
    cache.ancestors = parsed.ancestors
    return cache
  }

  private func answer(to question: String) -> ParseCache.Answer {
    ParseCache.Answer(question: question, digest: settings.answer(to: question).map { ContentHash.of($0) })
  }
}

extension LogEvent {
  /// How much of an earlier run's work was used.
  static func parsed(_ origin: ParsedProject.Origin) -> LogEvent {
    switch origin {
    case .unchanged:
      LogEvent("PartialParsingSkipParsing", "I014", .debug, "Partial parsing: nothing has changed")
    case .updated(let count):
      LogEvent(
        "PartialParsingEnabled", "I040", .debug,
        "Partial parsing: \(count) \(count == 1 ? "file has" : "files have") changed",
        data: ["deleted": 0, "added": 0, "changed": .int(count)])
    case .whole:
      LogEvent("UnableToPartialParse", "I013", .debug, "The whole project was parsed", data: ["reason": ""])
    }
  }
}
