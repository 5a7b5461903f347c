import Artifacts
import Compiler
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel

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

  /// Uses `target/whc-cache.bin` as far as it speaks of this project as it is now, and leaves a new one there.
  ///
  /// What counts is the contents of files, never their times. A cache that is missing, damaged or another whc's is
  /// the same as none.
  ///
  /// - Parameter project: its files read, not yet understood.
  static func make(
    _ project: LoadedProject, settings: TemplateSettings, loader: ProjectLoader, flags: Flags
  ) async -> ParsedProject {
    guard flags.partialParse else { return await parse(project, settings, loader) }
    let path = root(flags, project) + "/whc-cache.bin"
    let known = KnownProject(project, settings)
    if let cache = ParseCache.read(path, build: build), known.isAnswered(by: cache) {
      var parsed = ParsedProject(cache, settings)
      guard let changed = known.changes(since: cache) else { return parsed }
      settings.reads.add(cache.answers.map(\.question))
      let update = ManifestUpdate(
        cache.manifest, warnings: cache.diagnostics, engine: parsed.engine, project: project)
      if !changed.isEmpty, let manifest = await update.applying(changed, with: loader) {
        parsed.manifest = manifest
        parsed.parsedAt = settings.runStartedAt
        parsed.origin = .updated(changed.count)
        parsed.keep(known.cache(of: parsed), path)
        return parsed
      }
    }
    var parsed = await parse(project, settings, loader)
    if !parsed.diagnostics.contains(where: { $0.severity == .error }) {
      parsed.keep(known.cache(of: parsed), path)
    }
    return parsed
  }

  private mutating func keep(_ cache: ParseCache, _ path: String) {
    var cache = cache
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

  private static func root(_ flags: Flags, _ project: LoadedProject) -> String {
    let folder = layout(flags, project).folder
    return folder.hasPrefix("/") ? folder : project.root.definition.rootPath + "/" + folder
  }

  /// This very program: another build may parse in another way.
  private static let build: String = {
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

extension ParsedProject {
  fileprivate init(_ cache: ParseCache, _ settings: TemplateSettings) {
    self.init(
      manifest: cache.manifest, engine: TemplateEngine(settings, macros: Array(cache.manifest.macros.values)),
      diagnostics: cache.diagnostics, parsedAt: cache.parsedAt, origin: .unchanged, identity: cache.identity)
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
    ParseCache(
      settings: hash, answers: settings.reads.questions.map(answer), files: files, parsedAt: parsed.parsedAt,
      diagnostics: parsed.diagnostics, manifest: parsed.manifest)
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
