import Artifacts
import Compiler
import ProjectModel

/// The SQL of earlier runs that rendering would give again: `target/whc-compiled.bin`.
///
/// An entry counts as long as the project is the one that it was compiled from: nothing of what the node's template
/// asked is another now. Nodes that were read again since then are left out, and all that follows from them.
struct EarlierSQL: Sendable {
  /// By id, with the file that holds each.
  private(set) var entries: [NodeID: CompiledCache.Entry] = [:]
  private let path: String
  private let parse: UInt64
  private let settings: UInt64
  private let templates: TemplateSettings
  /// Whether the file on disk has these entries and no others.
  private var isKept = false

  /// nil when this run's SQL is not the project's alone (another environment's relations, samples, no rows), or when
  /// its parse is not kept.
  init?(_ workspace: Workspace) {
    let flags = workspace.flags
    guard let identity = workspace.parseIdentity, !flags.defers, !flags.empty,
      workspace.settings.sample == nil
    else { return nil }
    path = workspace.path(workspace.layout.folder + "/whc-compiled.bin")
    parse = identity
    settings = Self.hash(of: workspace.settings)
    templates = workspace.settings
    guard let cache = CompiledCache.read(path, build: ParsedProject.build), cache.settings == settings else {
      return
    }
    entries.reserveCapacity(cache.entries.count)
    for entry in cache.entries where Self.hash(of: entry.compiled.flags, templates) == entry.flags {
      entries[entry.compiled.id] = entry
    }
    guard cache.parse != identity else {
      isKept = true
      return
    }
    guard let ancestor = workspace.parseAncestors.first(where: { $0.identity == cache.parse }) else {
      entries = [:]
      return
    }
    for id in Self.following(ancestor.changed, in: workspace.manifest) { entries[id] = nil }
  }

  var compiled: [NodeID: CompiledNode] { entries.mapValues(\.compiled) }

  /// Keeps what this run compiled beside what is known already.
  ///
  /// - Parameter files: those that this run wrote or found to be as they should.
  func keep(_ compiled: [NodeID: CompiledNode], files: [NodeID: FileStamp]) {
    var entries = entries
    var isKept = isKept
    for (id, file) in files where entries[id].map({ $0.file != file }) ?? false {
      entries[id]?.file = file
      isKept = false
    }
    for (id, node) in compiled where node.isRepeatable && entries[id] == nil {
      entries[id] = CompiledCache.Entry(node, file: files[id], flags: Self.hash(of: node.flags, templates))
      isKept = false
    }
    guard !isKept else { return }
    CompiledCache(
      parse: parse, settings: settings,
      entries: entries.values.sorted { $0.compiled.id.rawValue < $1.compiled.id.rawValue }
    ).write(path, build: ParsedProject.build)
  }

  /// What templates depend on besides the parse, which knows the target and the variables.
  static func hash(of settings: TemplateSettings) -> UInt64 {
    var hash = ContentHash()
    hash.add(settings.injectsEphemerals ? 1 : 0)
    for (name, value) in settings.flags.sorted(by: { $0.key < $1.key }) where name.hasPrefix("REQUIRE_") {
      hash.add(name)
      hash.add(value.pythonRepresentation)
    }
    return hash.value
  }

  /// What this run's flags are, as far as a node asked for them.
  static func hash(of flags: [String], _ settings: TemplateSettings) -> UInt64 {
    guard !flags.isEmpty else { return 0 }
    var hash = ContentHash()
    for name in flags {
      hash.add(name)
      hash.add(settings.answer(to: "flag " + name) ?? "")
    }
    return hash.value
  }

  /// Nodes and sources with everything that depends on them.
  private static func following(_ changed: Set<NodeID>, in manifest: Manifest) -> Set<NodeID> {
    var readers: [NodeID: [NodeID]] = [:]
    for node in manifest.nodes.values {
      for parent in node.dependsOn { readers[parent, default: []].append(node.id) }
    }
    var reached = changed
    var open = Array(changed)
    while let id = open.popLast() {
      for reader in readers[id] ?? [] where reached.insert(reader).inserted { open.append(reader) }
    }
    return reached
  }
}
