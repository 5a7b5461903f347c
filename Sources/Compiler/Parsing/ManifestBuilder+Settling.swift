import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel
import StarModel

extension ManifestBuilder {
  /// Works out each node's config and names, and puts it into the manifest.
  mutating func settleNodes(_ engine: TemplateEngine) {
    var naming = RelationNaming(
      engine: engine, database: settings.database, schema: settings.schema, quoting: settings.quoting)
    manifest.nodes.reserveCapacity(drafts.count)
    // Drafts are taken from the end of a turned array, so that nobody else holds a node when it is changed.
    var waiting = drafts
    drafts = []
    waiting.reverse()
    let count = waiting.count
    while var draft = waiting.popLast() {
      settle(&draft, patches[count - waiting.count - 1], &naming)
      keep(draft.node)
    }
    // What is declared is known when the models' configs are.
    for var draft in starTests() where manifest.nodes[draft.node.id] == nil {
      settle(&draft, nil, &naming)
      keep(draft.node)
    }
    attachTests()
    leaveMembersOut()
    PrimaryKeys.infer(into: &manifest.nodes, disabled: manifest.disabled)
  }

  private mutating func keep(_ node: Node) {
    resolver.add(node, isEnabled: node.config.enabled)
    guard node.config.enabled else {
      manifest.disabled[node.id, default: []].append(node)
      return
    }
    if let other = manifest.nodes[node.id] {
      diagnostics.append(
        Self.duplicate(node.resourceType.rawValue, node.name, ownPlace(of: node), ownPlace(of: other)))
      return
    }
    manifest.nodes[node.id] = node
  }

  /// Where a node itself is written: a test's entry, another node's file.
  private func ownPlace(of node: Node) -> SourceSpan? {
    node.test != nil ? node.patchSpan : place(of: node)
  }

  func prefix(of node: Node) -> String {
    project.packages.first { $0.name == node.packageName }?.prefix ?? ""
  }

  private mutating func settle(
    _ draft: inout NodeDraft, _ patch: NodePatch?, _ naming: inout RelationNaming
  ) {
    var patchConfig = patch?.entry.config ?? [:]
    if draft.node.language == "python", draft.node.resourceType == .model, patchConfig["materialized"] == nil
    {
      // dbt puts it where properties stand: above dbt_project.yml, below the model's own config.
      patchConfig["materialized"] = "table"
    }
    let resolved = configs.resolve(
      draft.node.resourceType, package: draft.package, fqn: draft.node.fqn, patch: patchConfig,
      call: draft.call)
    var origins = resolved.projectSpans
    if let patch { origins.merge(patch.entry.configSpans) { _, new in new } }
    if !draft.callSpans.isEmpty { origins.merge(draft.callSpans) { _, new in new } }
    draft.node.config = NodeConfig(values: resolved.values, origins: origins)
    draft.node.unrenderedConfig = resolved.unrendered
    if flag(WrittenConfigs.flag, otherwise: false) {
      draft.node.unrenderedConfig = configs.written(
        draft.node.resourceType, package: draft.package, fqn: draft.node.fqn,
        patch: patch.map { WrittenConfigs.ofProperties($0, of: draft.node.resourceType) } ?? patchConfig,
        call: WrittenConfigs.ofCall(draft))
    }
    addTags(to: &draft.node, patch: patch?.entry.config["tags"]?.strings ?? [])
    if let patch { apply(patch, to: &draft.node, package: draft.package) }
    draft.node.group = draft.node.config["group"]?.string
    if draft.node.resourceType == .model { draft.node.access = draft.node.config["access"]?.string }
    if let docs = draft.node.config["docs"]?.mapping {
      draft.node.docsShow = docs["show"]?.bool ?? true
      draft.node.docsColor = docs["node_color"]?.string
    }
    if let hooks = Self.hooks(draft.node.config.values) {
      // dbt renders a node's hooks when it has read the node, and all of them again when properties configure it.
      let isPatched = !patchConfig.isEmpty || patch?.version != nil
      let own =
        isPatched
        ? Self.hooks(
          configs.resolve(
            draft.node.resourceType, package: draft.package, fqn: draft.node.fqn, call: draft.call
          ).values) : hooks
      readHooks(own ?? [], again: isPatched ? hooks : [], of: &draft, engine: naming.engine)
    }
    let file = draft.file
    let firstLine = draft.node.firstLine
    // Nodes that share a config share what is wrong with it.
    if resolved.isNew, draft.node.config.enabled || draft.node.config["enabled"]?.bool == nil {
      diagnostics += ConfigChecks.check(draft.node) { key in
        origins[key] ?? origins[key == "pre-hook" ? "pre_hook" : key]
          ?? SourceSpan(file: file, line: firstLine, column: 1)
      }
      if draft.node.isMicrobatch, naming.engine.runsInBatches {
        diagnostics += Microbatches.check(draft.node) {
          origins[$0] ?? SourceSpan(file: file, line: firstLine, column: 1)
        }
      }
    }
    if draft.node.isMicrobatch, let begin = draft.node.config["begin"]?.string.flatMap({ EventTime($0) }) {
      // The time as artifacts have it, however it was written.
      draft.node.config["begin"] = .string(String(begin.isoText.dropLast(6)))
    }
    do throws(DiagnosticsError) { try naming.name(&draft.node) } catch { diagnostics += error.diagnostics }
    guard draft.node.config.enabled else { return }
    for call in Star.references(draft.node)
    where !draft.node.refs.contains(where: { $0.name == call.name && $0.package == call.package }) {
      draft.node.refs.append(call)
    }
  }

  /// dbt reads properties after the template, so their tags come last.
  private func addTags(to node: inout Node, patch: [String]) {
    var own = node.config.tags
    for tag in patch {
      if let index = own.firstIndex(of: tag) { own.remove(at: index) }
    }
    for tag in own + patch where !node.tags.contains(tag) { node.tags.append(tag) }
  }

  private mutating func apply(_ patch: NodePatch, to node: inout Node, package: Int) {
    node.patchPath = patch.file.id
    node.patchSpan = patch.entry.nameSpan
    node.version = patch.version
    node.latestVersion = patch.latestVersion
    node.constraints = patch.constraints
    node.deprecationDate = patch.deprecationDate
    node.timeSpine = patch.timeSpine
    node.signature = patch.signature
    (node.description, node.docBlocks) = describe(
      patch.entry.description, at: patch.entry.descriptionSpan, package: patch.file.package)
    node.columns = described(patch.columns, package: patch.file.package)
    node.contractChecksum = Self.contractChecksum(of: node)
    referToForeignKeys(&node, patch)
    if node.config.enabled { diagnostics += ConstraintChecks(node: node, patch: patch).diagnostics }
  }

  /// A foreign key constraint's `to: ref(…)` is an edge, too.
  private func referToForeignKeys(_ node: inout Node, _ patch: NodePatch) {
    for constraint in patch.constraints + patch.columns.values.flatMap(\.constraints) {
      guard let values = constraint.mapping, values["type"]?.string == "foreign_key",
        let to = values["to"]?.string
      else { continue }
      switch ReferenceText(to, span: patch.entry.nameSpan) {
      case .ref(let call): node.refs.append(call)
      case .source(let call): node.sources.append(call)
      case .metric, nil: break
      }
    }
  }

  // MARK: Hooks of nodes

  private static func hooks(_ config: OrderedDictionary<String, PlainValue>) -> [String]? {
    guard case .list(let before)? = config["pre-hook"], case .list(let after)? = config["post-hook"]
    else { return nil }
    if before.isEmpty, after.isEmpty { return nil }
    return (before + after).compactMap { $0.mapping?["sql"]?.string }
  }

  /// Hooks may refer to other nodes. What the own ones name comes before what a template names that was read from its
  /// syntax tree, and behind that of others, as in dbt; nothing is left out that is named twice.
  private mutating func readHooks(
    _ own: [String], again: [String], of draft: inout NodeDraft, engine: TemplateEngine
  ) {
    let first = read(own, known: [], of: &draft, engine)
    let second = read(again, known: Set(own), of: &draft, engine)
    let goFirst = draft.isStatic && draft.node.resourceType == .model
    draft.node.refs = (goFirst ? first.refs + draft.node.refs : draft.node.refs + first.refs) + second.refs
    draft.node.sources =
      (goFirst ? first.sources + draft.node.sources : draft.node.sources + first.sources) + second.sources
  }

  /// - Parameter known: hooks whose mistakes were told.
  private mutating func read(
    _ hooks: [String], known: Set<String>, of draft: inout NodeDraft, _ engine: TemplateEngine
  ) -> (refs: [RefCall], sources: [SourceCall]) {
    var found: (refs: [RefCall], sources: [SourceCall]) = ([], [])
    for hook in hooks where YAMLNode.holdsTemplate(hook) {
      var source = TemplateSource(
        text: hook, file: draft.file, resourceType: draft.node.resourceType,
        packageName: draft.node.packageName, name: draft.node.name)
      source.fqn = draft.node.fqn
      source.node = draft.node
      do throws(DiagnosticsError) {
        let parsed = try engine.parse(source)
        found.refs += parsed.refs
        found.sources += parsed.sources
        for macro in parsed.macros where !draft.node.macroDependsOn.contains(macro) {
          draft.node.macroDependsOn.append(macro)
        }
      } catch {
        if !known.contains(hook) { diagnostics += error.diagnostics }
      }
    }
    return found
  }

  // MARK: Tests

  /// Ties generic tests to what they are declared on.
  private mutating func attachTests() {
    for index in manifest.nodes.values.indices where manifest.nodes.values[index].test != nil {
      manifest.nodes.values[index] = attached(manifest.nodes.values[index])
    }
    for index in manifest.disabled.values.indices {
      manifest.disabled.values[index] = manifest.disabled.values[index].map(attached)
    }
  }

  private func attached(_ test: Node) -> Node {
    guard let key = test.test?.fileKeyName, !key.hasPrefix("sources."),
      let call = Self.attachedReference(test)
    else { return test }
    var node = test
    let wanted = RefCall(package: node.packageName, name: call.name, version: call.version)
    switch resolver.resolve(wanted, from: node.packageName) {
    case .found(let id), .disabled(let id):
      node.test?.attachedNode = id
      node.group = manifest.nodes[id]?.group
    case .ambiguous, .missing: break
    }
    return node
  }

  /// The reference in the test's `model` argument.
  private static func attachedReference(_ node: Node) -> RefCall? {
    guard let text = node.test?.arguments["model"]?.string,
      let start = text.utf8.firstIndex(of: UInt8(ascii: "(")),
      let end = text.utf8.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    guard case .ref(let call)? = ReferenceText(String(text[text.utf8.index(after: start)..<end])) else {
      return nil
    }
    return call
  }
}
