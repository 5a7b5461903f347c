import Diagnostics
import OrderedCollections
public import ProjectModel

/// What an earlier run left behind, as far as selection asks for it.
public struct PreviousState: Sendable {
  public var manifest: Manifest?
  /// A node's status in run_results.
  public var results: [NodeID: String]?
  /// `max_loaded_at` of sources, as sources.json writes it, then and now.
  public var sourceTimes: (previous: [NodeID: String], current: [NodeID: String])?
  /// Whether a source's database and schema are compared as they are written rather than as rendered: the flag
  /// `state_modified_compare_more_unrendered_values`.
  public var comparesWrittenNames = false

  public init(manifest: Manifest? = nil, results: [NodeID: String]? = nil) {
    self.manifest = manifest
    self.results = results
  }
}

/// Compares each member with what an earlier manifest has under its id.
struct StateComparison: Sendable {
  var current: Manifest
  var previous: Manifest
  private let comparesWrittenNames: Bool
  private let changedMacros: Set<NodeID>

  init(current: Manifest, previous: Manifest, comparesWrittenNames: Bool = false) {
    self.current = current
    self.previous = previous
    self.comparesWrittenNames = comparesWrittenNames
    changedMacros = StateComparison.changedMacros(current, previous)
  }

  /// The test that `state:<word>` stands for.
  func change(_ word: String) throws(DiagnosticsError) -> (NodeID) -> Bool {
    switch word {
    case "new": return { !exists($0) }
    case "old": return exists
    case "modified": return isModified
    case "unmodified": return { !isModified($0) }
    case "modified.body": return { node($0) { !sameBody($0, $1) } ?? false }
    case "modified.configs": return { id in sameConfig(id).map { !$0 } ?? false }
    case "modified.persisted_descriptions": return { node($0) { !sameDescription($0, $1) } ?? false }
    case "modified.relation": return { id in sameRelation(id).map { !$0 } ?? false }
    case "modified.macros": return usesChangedMacro
    case "modified.contract":
      return { id in
        guard current.nodes[id] != nil else { return false }
        return node(id) { !sameContract($0, $1) } ?? true
      }
    default:
      throw DiagnosticsError(
        Diagnostic(
          "selection-value", "'\(word)' is not a value of the selection method 'state'",
          help: "values are new, old, modified, unmodified and modified.body, .configs, "
            + ".persisted_descriptions, .relation, .macros, .contract"))
    }
  }

  private func exists(_ id: NodeID) -> Bool {
    previous.nodes[id] != nil || previous.sources[id] != nil || previous.exposures[id] != nil
      || previous.opaque.values.contains { $0[id] != nil }
  }

  private func isModified(_ id: NodeID) -> Bool {
    if usesChangedMacro(id) { return true }
    if current.nodes[id] != nil { return node(id) { !sameContents($0, $1) } ?? true }
    if let new = current.sources[id] {
      return previous.sources[id].map { !sameSource(new, $0) } ?? false
    }
    if let new = current.exposures[id] {
      return previous.exposures[id].map { !sameExposure(new, $0) } ?? false
    }
    guard let (type, new) = semantic(id) else { return false }
    return !SemanticComparison.areSame(type, new, previous.opaque[type]?[id])
  }

  private func semantic(_ id: NodeID) -> (ResourceType, PlainValue)? {
    current.opaque.lazy.compactMap { type, entries in entries[id].map { (type, $0) } }.first
  }

  /// nil when the earlier manifest has no such node; true for one that is new.
  private func node(_ id: NodeID, _ differ: (Node, Node) -> Bool) -> Bool? {
    guard let new = current.nodes[id] else { return nil }
    return previous.nodes[id].map { differ(new, $0) } ?? true
  }

  private func sameContents(_ new: Node, _ old: Node) -> Bool {
    let configs = sameConfig(new.id) ?? true
    // A generic test's text is the same for all of its kind.
    if new.test != nil { return configs && new.fqn == old.fqn }
    guard
      sameBody(new, old), configs, sameDescription(new, old), new.fqn == old.fqn,
      StateComparison.same(["database", "schema", "alias"], new.unrenderedConfig, old.unrenderedConfig),
      sameContract(new, old), new.signature?.argumentValues == old.signature?.argumentValues,
      new.signature?.returnValue == old.signature?.returnValue
    else { return false }
    guard new.resourceType == .model else { return true }
    return new.latestVersion == old.latestVersion && new.access == old.access
      && new.deprecationDate == old.deprecationDate
  }

  private func sameBody(_ new: Node, _ old: Node) -> Bool {
    guard new.resourceType == .seed else { return new.rawCode == old.rawCode }
    return new.checksumName == old.checksumName && new.checksumName != "none" && new.checksum == old.checksum
  }

  /// Compares what was written, not what it came to: a target's own values are no change.
  private func sameConfig(_ id: NodeID) -> Bool? {
    if let new = current.nodes[id] {
      guard let old = previous.nodes[id] else { return false }
      if new.resourceType == .test {
        return StateComparison.same(
          [
            "severity", "where", "limit", "fail_calc", "warn_if", "error_if", "store_failures",
            "store_failures_as",
          ],
          new.unrenderedConfig, old.unrenderedConfig)
      }
      let ignored: Set = ["alias", "schema", "database", "tags", "group"]
      let keys = Set(new.unrenderedConfig.keys).union(old.unrenderedConfig.keys).subtracting(ignored)
      return StateComparison.same(keys, new.unrenderedConfig, old.unrenderedConfig)
    }
    if let new = current.sources[id] {
      guard let old = previous.sources[id] else { return false }
      let keys = Set(new.unrenderedConfig.keys).union(old.unrenderedConfig.keys)
      return StateComparison.same(keys, new.unrenderedConfig, old.unrenderedConfig)
    }
    if let new = current.exposures[id] {
      guard let old = previous.exposures[id] else { return false }
      let keys = Set(new.unrenderedConfig.keys).union(old.unrenderedConfig.keys)
      return StateComparison.same(keys, new.unrenderedConfig, old.unrenderedConfig)
    }
    guard let (type, new) = semantic(id) else { return nil }
    return SemanticComparison.areConfigsSame(type, new, previous.opaque[type]?[id])
  }

  /// Counts only where descriptions are written to the database.
  private func sameDescription(_ new: Node, _ old: Node) -> Bool {
    let persisted = new.config["persist_docs"]?.mapping
    if persisted?["relation"]?.bool == true, new.description != old.description { return false }
    guard persisted?["columns"]?.bool == true else { return true }
    return new.columns.mapValues(\.description).sorted { $0.key < $1.key }.elementsEqual(
      old.columns.mapValues(\.description).sorted { $0.key < $1.key }, by: ==)
  }

  private func sameRelation(_ id: NodeID) -> Bool? {
    if let new = current.nodes[id] {
      guard let old = previous.nodes[id] else { return false }
      return StateComparison.same(
        ["database", "schema", "alias"], new.unrenderedConfig, old.unrenderedConfig)
    }
    if let new = current.sources[id] {
      return previous.sources[id].map { sameName(new, $0) } ?? false
    }
    return nil
  }

  private func sameName(_ new: SourceDefinition, _ old: SourceDefinition) -> Bool {
    guard comparesWrittenNames else { return new.relation == old.relation }
    return new.unrenderedDatabase == old.unrenderedDatabase && new.unrenderedSchema == old.unrenderedSchema
      && new.relation.identifier == old.relation.identifier
  }

  private func sameContract(_ new: Node, _ old: Node) -> Bool {
    if case .none = ContractChange(from: old, to: new) { true } else { false }
  }

  /// Warnings about seeds over 1 MiB, of which a manifest keeps the path and no checksum: whether such a file changed
  /// cannot be told.
  ///
  /// - Parameter word: what `state:` asks for: not every word looks at what stands in files.
  func largeSeeds(_ word: String) -> [Diagnostic] {
    guard ["modified", "unmodified", "modified.body"].contains(word) else { return [] }
    return current.nodes.values.compactMap { seed in
      guard seed.resourceType == .seed, seed.checksumName == "path", let old = previous.nodes[seed.id]
      else { return nil }
      return .largeSeed(
        seed, old.checksumName != "path" ? .grew : old.checksum == seed.checksum ? .samePath : .otherPath)
    }
  }

  /// Warnings about contracts that broke, and about contracted models that are gone; errors for versioned models.
  ///
  /// - Parameter word: what `state:` asks for: not every word looks at contracts.
  func brokenContracts(_ word: String) -> [Diagnostic] {
    guard ["modified", "unmodified", "modified.contract"].contains(word) else { return [] }
    return previous.nodes.values.compactMap { old in
      guard let new = current.nodes[old.id] else {
        guard ContractChange.isEnforced(old) else { return nil }
        let isDisabled = current.disabled[old.id] != nil
        return .brokenContract(
          old, [isDisabled ? "the model was disabled" : "the model was deleted or renamed"])
      }
      guard case .breaking(let reasons) = ContractChange(from: old, to: new) else { return nil }
      return .brokenContract(new, reasons)
    }
  }

  private func sameSource(_ new: SourceDefinition, _ old: SourceDefinition) -> Bool {
    sameName(new, old) && new.fqn == old.fqn && (sameConfig(new.id) ?? true)
      && new.relation.quoting == old.relation.quoting && new.freshness == old.freshness
      && new.loadedAtField == old.loadedAtField && new.external == old.external
  }

  private func sameExposure(_ new: Exposure, _ old: Exposure) -> Bool {
    new.fqn == old.fqn && new.type == old.type && new.owner == old.owner
      && new.maturity == old.maturity && new.url == old.url
      && new.description == old.description && new.label == old.label
      && Set(new.dependsOn) == Set(old.dependsOn) && (sameConfig(new.id) ?? true)
  }

  private func usesChangedMacro(_ id: NodeID) -> Bool {
    guard !changedMacros.isEmpty, let node = current.nodes[id] else { return false }
    return node.macroDependsOn.contains(where: changedMacros.contains)
  }

  /// Packages that belong to the program: their text differs between dbt and whc and with every version of either,
  /// which is no change to the project.
  private static let internalPackages: Set = ["dbt", "dbt_postgres", "dbt_redshift"]

  /// Macros whose text is new or other than before, and every macro that calls one of them.
  private static func changedMacros(_ current: Manifest, _ previous: Manifest) -> Set<NodeID> {
    var changed = Set(
      current.macros.values.lazy.filter {
        !internalPackages.contains($0.packageName) && previous.macros[$0.id]?.text != $0.text
      }.map(\.id))
    guard !changed.isEmpty else { return [] }
    var callers: [NodeID: [NodeID]] = [:]
    for macro in current.macros.values {
      for called in macro.dependsOn { callers[called, default: []].append(macro.id) }
    }
    var waiting = Array(changed)
    while let macro = waiting.popLast() {
      for caller in callers[macro] ?? [] where changed.insert(caller).inserted { waiting.append(caller) }
    }
    return changed
  }

  private static func same(
    _ keys: some Sequence<String>, _ new: OrderedDictionary<String, PlainValue>,
    _ old: OrderedDictionary<String, PlainValue>
  ) -> Bool {
    keys.allSatisfy { new[$0] == old[$0] }
  }
}
