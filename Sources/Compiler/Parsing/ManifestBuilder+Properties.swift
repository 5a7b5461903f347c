import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// What properties give to one node.
struct NodePatch {
  var entry: PropertiesEntry
  var file: PropertiesFile
  /// Set for one version of a model.
  var version: PlainValue?
  var latestVersion: PlainValue?
  var columns: OrderedDictionary<String, ColumnProperties>
  var constraints: [PlainValue]
  var deprecationDate: String?
  var timeSpine: PlainValue?
  /// For functions.
  var signature: FunctionSignature?
}

extension ManifestBuilder {
  /// Reads all properties files: attaches what they say to nodes and makes tests, sources, exposures and groups.
  mutating func readProperties(_ engine: TemplateEngine) {
    var tests = GenericTestBuilder(
      engine: engine, packages: project.packages,
      takesArguments: flag("require_generic_test_arguments_property", otherwise: true),
      renderers: renderers)
    var overrides: [(package: String, source: String, node: YAMLNode, file: PropertiesFile)] = []
    for (index, package) in project.packages.enumerated() {
      for file in package.files where file.kind == .schema {
        guard let root = file.document?.root else { continue }
        let display = package.displayPath(file)
        let rendering = PropertiesRendering(renderer: renderers[index], file: display)
        let properties = PropertiesFile(
          package: index, packageName: package.name, display: display,
          originalFilePath: file.originalFilePath,
          relativePath: file.relativePath, root: rendering.render(root, &diagnostics),
          written: root, checksum: file.checksum
        )
        read(properties, engine, &tests, &overrides)
      }
    }
    apply(overrides)
    makeSourceTests(&tests)
    diagnostics += tests.diagnostics
  }

  private mutating func read(
    _ file: PropertiesFile, _ engine: TemplateEngine, _ tests: inout GenericTestBuilder,
    _ overrides: inout [(package: String, source: String, node: YAMLNode, file: PropertiesFile)]
  ) {
    var reader = PropertiesReader(file)
    guard file.root.mapping != nil else {
      reader.report(
        "bad-value", "a properties file must hold a mapping, not \(file.root.kindName)", at: file.root)
      diagnostics += reader.diagnostics
      return
    }
    reader.checkKeys(file.root, known: PropertyKeys.file, in: "a properties file")
    for (name, node) in reader.entries("models") { addModel(name, node, &reader, &tests) }
    for (name, node) in reader.entries("seeds") {
      addNode(name, node, "seeds", .seed, PropertyKeys.node, &reader, &tests)
    }
    for (name, node) in reader.entries("snapshots") {
      if let relation = node["relation"]?.string { addSnapshot(name, relation, node, file) }
      addNode(name, node, "snapshots", .snapshot, PropertyKeys.snapshot, &reader, &tests)
    }
    for (name, node) in reader.entries("sources") {
      if let package = node["overrides"]?.string {
        overrides.append((package, name, node, file))
      } else {
        addSource(name, node, &reader)
      }
    }
    for (name, node) in reader.entries("macros") { patchMacro(name, node, &reader) }
    for (name, node) in reader.entries("data_tests") { patchSingularTest(name, node, &reader) }
    for (name, node) in reader.entries("analyses") {
      addNode(name, node, "analyses", .analysis, PropertyKeys.analysis, &reader, &tests)
    }
    for (name, node) in reader.entries("exposures") { addExposure(name, node, &reader, engine) }
    for (name, node) in reader.entries("functions") { addFunction(name, node, &reader, &tests) }
    for (name, node) in reader.entries("groups") { addGroup(name, node, &reader) }
    for (key, type) in Self.opaqueKinds {
      for (name, node) in reader.entries(key) { addOpaque(name, node, type, file) }
    }
    diagnostics += reader.diagnostics
  }

  // MARK: Nodes

  /// The drafts that properties of a package mean by a name: the package's own, else those of any.
  private func drafts(named name: String, package: String) -> [Int] {
    let known = draftsByName[name] ?? []
    let own = known.filter { drafts[$0].node.packageName == package }
    if own.isEmpty || own.count == known.count { return known }
    // Where the project turned a package's node off and has one of the same name, that one takes the properties.
    if own.contains(where: isOn) { return own }
    let others = known.filter { !own.contains($0) && isOn($0) }
    return others.isEmpty ? own : others
  }

  /// Whether a node is enabled as far as dbt_project.yml and its own file tell.
  private func isOn(_ index: Int) -> Bool {
    let draft = drafts[index]
    var configs = configs
    let config = configs.resolve(
      draft.node.resourceType, package: draft.package, fqn: draft.node.fqn, patch: [:], call: draft.call)
    return config.values["enabled"]?.bool ?? true
  }

  mutating func addNode(
    _ name: String, _ node: YAMLNode, _ key: String, _ type: ResourceType, _ known: [String],
    _ reader: inout PropertiesReader, _ tests: inout GenericTestBuilder, signature: FunctionSignature? = nil
  ) {
    let entry = reader.entry(name, node, known: known, in: "an entry of '\(key)'")
    attach(
      NodePatch(
        entry: entry, file: reader.file, columns: Self.columns(entry.columns),
        constraints: PropertiesReader.constraints(node, ofModel: true), signature: signature), name: name,
      key: key,
      type: type)
    guard type != .analysis, type != .function else { return }
    let target = TestTarget(kind: .node, name: name, version: nil, file: reader.file, key: key, keyName: name)
    makeTests(entry.columns, entry.tests, entry.quotesColumns, target, &tests)
  }

  private mutating func addModel(
    _ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader, _ tests: inout GenericTestBuilder
  ) {
    let entry = reader.entry(name, node, known: PropertyKeys.model, in: "a model's properties")
    var target = TestTarget(
      kind: .model, name: name, version: nil, file: reader.file, key: "models", keyName: name)
    guard let versions = node["versions"]?.sequence, !versions.isEmpty else {
      attach(
        NodePatch(
          entry: entry, file: reader.file, columns: Self.columns(entry.columns),
          constraints: PropertiesReader.constraints(node, ofModel: true),
          deprecationDate: reader.deprecationDate(node), timeSpine: reader.timeSpine(node, entry.columns)),
        name: name, key: "models", type: .model)
      makeTests(entry.columns, entry.tests, entry.quotesColumns, target, &tests)
      return
    }
    for version in ModelVersions(entry, versions, &reader).versions {
      attach(version)
      target.version = version.patch.version
      makeTests(version.columns, version.tests, entry.quotesColumns, target, &tests)
    }
  }

  private mutating func attach(_ version: ModelVersions.Version) {
    let package = version.patch.file.packageName
    var found = drafts(named: version.fileName, package: package).filter {
      drafts[$0].node.resourceType == .model
    }
    if found.isEmpty, version.isLatest {
      found = drafts(named: version.patch.entry.name, package: package).filter {
        drafts[$0].node.resourceType == .model
      }
    }
    guard !found.isEmpty else {
      diagnostics.append(noNode(version.fileName, key: "models", at: version.patch.entry.nameSpan))
      return
    }
    for index in found {
      let name = version.patch.entry.name
      drafts[index].node.name = name
      drafts[index].node.id = NodeID(
        "model.\(drafts[index].node.packageName).\(name).v\(version.patch.version?.pythonText ?? "")")
      drafts[index].node.fqn[drafts[index].node.fqn.count - 1] = name
      drafts[index].node.fqn.append("v\(version.patch.version?.pythonText ?? "")")
      patches[index] = version.patch
    }
  }

  private mutating func attach(_ patch: NodePatch, name: String, key: String, type: ResourceType) {
    let all = drafts(named: name, package: patch.file.packageName)
    let found = all.filter { drafts[$0].node.resourceType == type }
    guard !found.isEmpty else {
      if let other = all.first.map({ drafts[$0].node.resourceType }) {
        diagnostics.append(
          Diagnostic(
            "wrong-section", severity: .warning,
            "'\(name)' is a \(other.rawValue), not a \(type.rawValue); these properties have no effect",
            at: patch.entry.nameSpan, label: "under '\(key)'",
            help: "move them under '\(ConfigResolver.key(of: other))'"))
      } else {
        diagnostics.append(noNode(name, key: key, at: patch.entry.nameSpan))
      }
      return
    }
    // Which of several disabled ones would be turned on?
    if found.count > 1, patch.entry.config["enabled"]?.bool == true, !found.contains(where: isOn) {
      diagnostics.append(
        Diagnostic(
          "duplicate-name", "Found \(found.count) matching disabled nodes for \(type.rawValue) '\(name)'",
          at: patch.entry.nameSpan, label: "these properties enable one of them",
          help: "disable the others with a config of their folders or files"))
      return
    }
    for index in found {
      if let other = patches[index] {
        diagnostics.append(
          Diagnostic(
            "duplicate-name", "'\(name)' has properties in two places", at: patch.entry.nameSpan,
            label: "the second place", secondary: [.init(span: other.entry.nameSpan, text: "the first one")],
            help: "merge them into one entry"))
        continue
      }
      patches[index] = patch
    }
  }

  private func noNode(_ name: String, key: String, at span: SourceSpan) -> Diagnostic {
    let names = draftsByName.keys.sorted()
    return Diagnostic(
      "no-node-for-properties", severity: .warning,
      "there is no '\(name)' that these properties could describe", meant: NearMiss(name, among: names),
      at: span, label: "nothing under '\(key)' has this name")
  }

  static func columns(_ entries: [ColumnEntry]) -> OrderedDictionary<String, ColumnProperties> {
    var result = OrderedDictionary<String, ColumnProperties>(minimumCapacity: entries.count)
    for entry in entries { result[entry.properties.name] = entry.properties }
    return result
  }

  /// A snapshot that is written in YAML alone: all rows of a relation.
  private mutating func addSnapshot(
    _ name: String, _ relation: String, _ node: YAMLNode, _ file: PropertiesFile
  ) {
    let span = node["relation"].map(file.span)
    var snapshot = Node(
      id: NodeID(.snapshot, package: file.packageName, name: name), resourceType: .snapshot, name: name,
      packageName: file.packageName, path: file.relativePath + "/" + name + ".sql",
      originalFilePath: file.originalFilePath, rootPath: project.packages[file.package].definition.rootPath,
      fqn: NodeFileParser.folders(file.relativePath, file.packageName) + [name],
      rawCode: "select * from {{ " + relation + " }}", checksum: "", alias: name, config: NodeConfig())
    if case .sha256(let checksum) = file.checksum { snapshot.checksum = checksum }
    snapshot.firstLine = span?.start.line ?? 1
    switch ReferenceText(relation, span: span) {
    case .ref(let call): snapshot.refs = [call]
    case .source(let call): snapshot.sources = [call]
    case .metric, nil:
      diagnostics.append(
        Diagnostic(
          "bad-value", "'relation' of snapshot '\(name)' must be one ref(…) or source(…)", at: span,
          label: "not one of the two"))
      return
    }
    drafts.append(NodeDraft(node: snapshot, package: file.package, file: file.display))
    draftsByName[name, default: []].append(drafts.count - 1)
  }

  private mutating func patchSingularTest(_ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader)
  {
    let entry = reader.entry(name, node, known: PropertyKeys.singularTest, in: "a test's properties")
    let package = reader.file.packageName
    let found = drafts.indices.filter {
      drafts[$0].node.resourceType == .test && drafts[$0].node.test == nil && drafts[$0].node.name == name
        && drafts[$0].node.packageName == package
    }
    guard let index = found.first else {
      diagnostics.append(noNode(name, key: "data_tests", at: entry.nameSpan))
      return
    }
    patches[index] = NodePatch(entry: entry, file: reader.file, columns: [:], constraints: [])
  }

  private mutating func patchMacro(_ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader) {
    // What stands in 'config' goes over what stands beside it.
    let entry = reader.entry(name, node, known: PropertyKeys.macro, in: "a macro's properties", moving: [])
    let id = NodeID(.macro, package: reader.file.packageName, name: name)
    guard var macro = manifest.macros[id] else {
      let names = manifest.macros.values.filter { $0.packageName == reader.file.packageName }.map(\.name)
      diagnostics.append(
        Diagnostic(
          "no-node-for-properties", severity: .warning,
          "there is no macro '\(name)' that these properties could describe",
          meant: NearMiss(name, among: names), at: entry.nameSpan, label: "no macro has this name"))
      return
    }
    let (description, _) = describe(
      entry.description, at: entry.descriptionSpan, package: reader.file.package)
    macro.description = description
    macro.patchPath = reader.file.id
    macro.meta = (node["meta"]?.plain.mapping ?? [:]).merging(entry.config["meta"]?.mapping ?? [:]) { $1 }
    macro.docs = entry.config["docs"] ?? node["docs"]?.plain
    let stated: [PlainValue] = (node["arguments"]?.sequence ?? []).compactMap { argument in
      guard case .mapping(let given) = argument.plain, let name = given["name"] else { return nil }
      return ["name": name, "type": given["type"] ?? .null, "description": given["description"] ?? ""]
    }
    if checksMacroArguments, !stated.isEmpty {
      diagnostics += MacroAnnotations.problems(
        stated, defined: macro.arguments, macro: name, at: entry.nameSpan)
    }
    if !checksMacroArguments || !stated.isEmpty { macro.arguments = stated }
    manifest.macros[id] = macro
  }

  // MARK: Tests

  mutating func makeTests(
    _ columns: [ColumnEntry], _ own: [YAMLNode], _ quotesColumns: Bool?, _ target: TestTarget,
    tags: [String] = [], _ tests: inout GenericTestBuilder
  ) {
    for column in columns {
      for test in column.tests {
        if let draft = tests.test(
          test, on: target, column: column.properties, quotesColumns: quotesColumns,
          tags: tags + column.properties.tags)
        {
          drafts.append(draft)
        }
      }
    }
    for test in own {
      if let draft = tests.test(test, on: target, column: nil, quotesColumns: quotesColumns, tags: tags) {
        drafts.append(draft)
      }
    }
  }

  // MARK: Descriptions

  /// A description with `doc()` put in, and the blocks that it names.
  mutating func describe(_ text: String, at span: SourceSpan?, package: Int) -> (String, [NodeID]) {
    guard YAMLNode.holdsTemplate(text) else { return (text, []) }
    var blocks: [NodeID] = []
    let docs = manifest.docs
    let root = project.root.name
    let own = project.packages[package].name
    do throws(DiagnosticsError) {
      let rendered = try renderers[package].renderDescription(text, at: span) { wanted, name in
        let packages = wanted.map { [$0] } ?? [root, own]
        var found = packages.lazy.compactMap { docs[NodeID(.documentation, package: $0, name: name)] }.first
        if found == nil, wanted == nil { found = docs.values.first { $0.name == name } }
        if let found, !blocks.contains(found.id) { blocks.append(found.id) }
        return found?.contents
      }
      return (rendered, blocks)
    } catch {
      diagnostics += error.diagnostics
      return (text, blocks)
    }
  }
}
