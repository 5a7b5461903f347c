import Diagnostics
import OrderedCollections
import ProjectModel

// Each type's members in the order of their declaration; `CacheShape` knows how many there are.

extension CacheWriter {
  /// All but the nodes.
  mutating func add(othersOf manifest: Manifest) {
    add(manifest.projectName)
    add(manifest.adapterType)
    add(Array(manifest.sources.values))
    add(Array(manifest.exposures.values))
    add(Array(manifest.macros.values))
    add(Array(manifest.docs.values))
    add(Array(manifest.groups.values))
    add(manifest.disabled)
    add(manifest.disabledSources)
    add(manifest.disabledExposures)
    add(manifest.disabledOthers)
    // Dictionaries have no order of their own; the same manifest gives the same bytes.
    let types = manifest.opaque.keys.sorted { $0.rawValue < $1.rawValue }
    add(types)
    for type in types { add(manifest.opaque[type] ?? [:]) }
    add(manifest.unitTests)
  }

  /// All but the id and the details.
  mutating func add(headOf node: Node) {
    let marks = HeadMarks(node)
    add(byte: marks.rawValue)
    add(node.resourceType)
    add(node.name)
    add(word: node.packageName)
    add(node.path)
    add(word: node.originalFilePath)
    add(word: node.rootPath)
    add(count: node.fqn.count)
    for part in node.fqn.dropLast() { add(word: part) }
    if let last = node.fqn.last, !marks.contains(.fqnEndsInName) { add(last) }
    if !marks.contains(.aliasIsName) { add(node.alias) }
    if let relation = node.relation {
      if !marks.contains(.identifierIsAlias) { add(relation.identifier) }
      add(schemaOf: relation)
    }
    add(words: node.tags)
    add(node.config)
    add(word: node.patchPath ?? "")
    add(count: node.dependsOn.count)
    for parent in node.dependsOn { add(parent: parent) }
    guard marks.contains(.hasMore) else { return }
    add(node.version)
    add(node.latestVersion)
    add(node.access)
    add(node.group)
  }
}

extension CacheReader {
  mutating func manifest(with nodes: OrderedDictionary<NodeID, Node>) -> Manifest {
    var manifest = Manifest(projectName: get(), adapterType: get())
    manifest.nodes = nodes
    manifest.sources = Self.byID(get(), \.id)
    manifest.exposures = Self.byID(get(), \.id)
    manifest.macros = Self.byID(get(), \.id)
    manifest.docs = Self.byID(get(), \.id)
    manifest.groups = Self.byID(get(), \.id)
    manifest.disabled = get()
    manifest.disabledSources = get()
    manifest.disabledExposures = get()
    manifest.disabledOthers = get()
    let types: [ResourceType] = get()
    for type in types { manifest.opaque[type] = OrderedDictionary(from: &self) }
    manifest.unitTests = get()
    return manifest
  }

  private static func byID<Entry>(
    _ entries: [Entry], _ id: (Entry) -> NodeID
  ) -> OrderedDictionary<NodeID, Entry> {
    OrderedDictionary(uncheckedUniqueKeys: entries.map(id), values: entries)
  }

  /// - Parameter later: gives the details when the rest has been read.
  mutating func node(_ id: NodeID, _ later: (inout CacheReader) -> LaterDetails) -> Node {
    let marks = HeadMarks(rawValue: byte())
    let resourceType: ResourceType = get()
    let (name, packageName, path) = (text(), word(), text())
    let (originalFilePath, rootPath) = (word(), word())
    let depth = length()
    let fqn = [String](unsafeUninitializedCapacity: depth) { parts, count in
      for index in 0..<depth {
        let part =
          index < depth - 1 ? word() : marks.contains(.fqnEndsInName) ? name : text()
        parts.initializeElement(at: index, to: part)
      }
      count = depth
    }
    let alias = marks.contains(.aliasIsName) ? name : text()
    var relation: RelationName?
    if marks.contains(.hasRelation) {
      relation = self.relation(marks.contains(.identifierIsAlias) ? alias : text())
    }
    let tags = words()
    let config: NodeConfig = get()
    let patchPath = word()
    let parents = length()
    var dependsOn: [NodeID] = []
    dependsOn.reserveCapacity(parents)
    for _ in 0..<parents { dependsOn.append(parent()) }
    var versions: (version: PlainValue?, latest: PlainValue?)
    var (access, group): (String?, String?)
    if marks.contains(.hasMore) {
      versions = (get(), get())
      (access, group) = (get(), get())
    }
    var contents = NodeContents(
      id: id, resourceType: resourceType, name: name, packageName: packageName, path: path,
      originalFilePath: originalFilePath, rootPath: rootPath, fqn: fqn, alias: alias, config: config,
      later: later(&self))
    contents.relation = relation
    contents.tags = tags
    contents.patchPath = patchPath.isEmpty ? nil : patchPath
    contents.dependsOn = dependsOn
    (contents.version, contents.latestVersion) = versions
    (contents.access, contents.group) = (access, group)
    contents.introspects = marks.contains(.introspects)
    return Node(contents)
  }
}

/// What of a node's head need not be written.
private struct HeadMarks: OptionSet {
  let rawValue: UInt8

  static let aliasIsName = HeadMarks(rawValue: 1)
  static let hasRelation = HeadMarks(rawValue: 2)
  static let identifierIsAlias = HeadMarks(rawValue: 4)
  static let fqnEndsInName = HeadMarks(rawValue: 8)
  static let introspects = HeadMarks(rawValue: 16)
  /// Version, access or group.
  static let hasMore = HeadMarks(rawValue: 32)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ node: Node) {
    self = []
    if node.alias == node.name { insert(.aliasIsName) }
    if let relation = node.relation {
      insert(.hasRelation)
      if relation.identifier == node.alias { insert(.identifierIsAlias) }
    }
    if node.fqn.last == node.name { insert(.fqnEndsInName) }
    if node.introspects { insert(.introspects) }
    if node.version != nil || node.latestVersion != nil || node.access != nil || node.group != nil {
      insert(.hasMore)
    }
  }
}

/// With its details.
extension Node: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(self.id)
    cache.add(headOf: self)
    cache.add(self.contents.details)
  }

  init(from cache: inout CacheReader) {
    let id: NodeID = cache.get()
    self = cache.node(id) { LaterDetails($0.get()) }
  }
}

/// What is written here is taken over by later caches, so it may name by number nothing but what stands in the tables.
extension NodeDetails: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    // Generic tests of one kind have one text.
    cache.add(test)
    if test == nil { cache.add(rawCode) } else { cache.add(word: rawCode) }
    cache.add(word: language)
    cache.add(checksum)
    cache.add(word: checksumName)
    cache.add(shared: unrenderedConfig)
    cache.add(description)
    cache.add(docBlocks)
    cache.add(columns)
    cache.add(docsShow)
    cache.add(docsColor)
    cache.add(patchSpan)
    cache.add(refs)
    cache.add(sources)
    cache.add(macroIDs: macroDependsOn)
    cache.add(constraints)
    cache.add(deprecationDate)
    cache.add(timeSpine)
    cache.add(words: primaryKey)
    cache.add(firstLine)
    cache.add(functions)
    cache.add(metrics)
    cache.add(signature)
    cache.add(contractChecksum)
  }

  init(from cache: inout CacheReader) {
    let test: TestMetadata? = cache.get()
    let rawCode = test == nil ? cache.text() : cache.word()
    let language = cache.word()
    self.init(rawCode: rawCode, checksum: cache.get())
    self.test = test
    self.language = language
    checksumName = cache.word()
    unrenderedConfig = cache.shared()
    description = cache.get()
    docBlocks = cache.get()
    columns = cache.get()
    docsShow = cache.get()
    docsColor = cache.get()
    patchSpan = cache.get()
    refs = cache.get()
    sources = cache.get()
    macroDependsOn = cache.macroIDs()
    constraints = cache.get()
    deprecationDate = cache.get()
    timeSpine = cache.get()
    primaryKey = cache.words()
    firstLine = cache.get()
    functions = cache.get()
    metrics = cache.get()
    signature = cache.get()
    contractChecksum = cache.get()
  }
}

extension NodeConfig: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(shared: values)
    cache.add(count: origins.count)
    for (key, span) in origins.sorted(by: { $0.key < $1.key }) {
      cache.add(word: key)
      cache.add(span)
    }
  }

  init(from cache: inout CacheReader) {
    self.init(values: cache.shared())
    let count = cache.length()
    if count > 0 { origins.reserveCapacity(count) }
    for _ in 0..<count {
      let key = cache.word()
      origins[key] = SourceSpan(from: &cache)
    }
  }
}

extension RelationName: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(identifier)
    cache.add(schemaOf: self)
  }

  init(from cache: inout CacheReader) {
    let identifier = cache.text()
    self = cache.relation(identifier)
  }
}

extension CacheWriter {
  /// All but the identifier.
  fileprivate mutating func add(schemaOf relation: RelationName) {
    add(word: relation.database ?? "")
    add(word: relation.schema ?? "")
    let quoting = relation.quoting
    add(
      byte: (quoting.database ? 1 : 0) | (quoting.schema ? 2 : 0) | (quoting.identifier ? 4 : 0)
        | (relation.database == nil ? 8 : 0) | (relation.schema == nil ? 16 : 0))
  }
}

extension CacheReader {
  fileprivate mutating func relation(_ identifier: String) -> RelationName {
    let (database, schema) = (word(), word())
    let flags = byte()
    return RelationName(
      database: flags & 8 != 0 ? nil : database, schema: flags & 16 != 0 ? nil : schema,
      identifier: identifier,
      quoting: RelationName.Quoting(
        database: flags & 1 != 0, schema: flags & 2 != 0, identifier: flags & 4 != 0))
  }
}

extension TestMetadata: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: name)
    cache.add(namespace)
    cache.add(count: arguments.count)
    for (key, value) in arguments {
      cache.add(word: key)
      cache.add(value)
    }
    cache.add(columnName)
    cache.add(attachedNode)
    cache.add(fileKeyName)
  }

  init(from cache: inout CacheReader) {
    let name = cache.word()
    let namespace: String? = cache.get()
    let count = cache.length()
    var arguments = OrderedDictionary<String, PlainValue>(minimumCapacity: count)
    for _ in 0..<count {
      let key = cache.word()
      arguments[key] = PlainValue(from: &cache)
    }
    self.init(
      name: name, namespace: namespace, arguments: arguments, columnName: cache.get(),
      attachedNode: cache.get(), fileKeyName: cache.get())
  }
}

extension ColumnProperties: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(name)
    cache.add(description)
    cache.add(dataType)
    cache.add(quote)
    cache.add(words: tags)
    cache.add(meta)
    cache.add(config)
    cache.add(constraints)
    cache.add(granularity)
    cache.add(docBlocks)
    cache.add(span)
  }

  init(from cache: inout CacheReader) {
    let (name, description): (String, String) = (cache.get(), cache.get())
    let dataType: String? = cache.get()
    let quote: Bool? = cache.get()
    let tags = cache.words()
    self.init(
      name: name, description: description, dataType: dataType, quote: quote, tags: tags, meta: cache.get(),
      config: cache.get(), constraints: cache.get(), granularity: cache.get())
    docBlocks = cache.get()
    span = cache.get()
  }
}

extension RefCall: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(package)
    cache.add(name)
    cache.add(version)
    cache.add(span)
    cache.add(isVersionText)
  }
  init(from cache: inout CacheReader) {
    self.init(package: cache.get(), name: cache.get(), version: cache.get(), span: cache.get())
    isVersionText = cache.get()
  }
}

extension SourceCall: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: source)
    cache.add(word: table)
    cache.add(span)
  }
  init(from cache: inout CacheReader) {
    self.init(source: cache.word(), table: cache.word(), span: cache.get())
  }
}

extension SourceDefinition: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(packageName)
    cache.add(sourceName)
    cache.add(name)
    cache.add(relation)
    cache.add(fqn)
    cache.add(path)
    cache.add(rootPath)
    cache.add(sourceDescription)
    cache.add(description)
    cache.add(loader)
    cache.add(config)
    cache.add(unrenderedConfig)
    cache.add(columns)
    cache.add(sourceMeta)
    cache.add(statedQuoting)
    cache.add(unrenderedDatabase)
    cache.add(unrenderedSchema)
    cache.add(docBlocks)
    cache.add(loadedAtField)
    cache.add(loadedAtQuery)
    cache.add(freshness)
    cache.add(external)
    cache.add(tags)
    cache.add(span)
  }

  init(from cache: inout CacheReader) {
    self.init(
      id: cache.get(), packageName: cache.get(), sourceName: cache.get(), name: cache.get(),
      relation: cache.get(), fqn: cache.get(), path: cache.get(), rootPath: cache.get())
    sourceDescription = cache.get()
    description = cache.get()
    loader = cache.get()
    config = cache.get()
    unrenderedConfig = cache.get()
    columns = cache.get()
    sourceMeta = cache.get()
    statedQuoting = cache.get()
    unrenderedDatabase = cache.get()
    unrenderedSchema = cache.get()
    docBlocks = cache.get()
    loadedAtField = cache.get()
    loadedAtQuery = cache.get()
    freshness = cache.get()
    external = cache.get()
    tags = cache.get()
    span = cache.get()
  }
}

extension Exposure: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(name)
    cache.add(packageName)
    cache.add(path)
    cache.add(fqn)
    cache.add(type)
    cache.add(originalFilePath)
    cache.add(owner.values)
    cache.add(label)
    cache.add(maturity)
    cache.add(url)
    cache.add(description)
    cache.add(config)
    cache.add(unrenderedConfig)
    cache.add(tags)
    cache.add(meta)
    cache.add(refs)
    cache.add(sources)
    cache.add(metrics)
    cache.add(dependsOn)
    cache.add(span)
  }

  init(from cache: inout CacheReader) {
    self.init(
      id: cache.get(), name: cache.get(), packageName: cache.get(), path: cache.get(), fqn: cache.get(),
      type: cache.get())
    originalFilePath = cache.get()
    owner = Owner(cache.get())
    label = cache.get()
    maturity = cache.get()
    url = cache.get()
    description = cache.get()
    config = cache.get()
    unrenderedConfig = cache.get()
    tags = cache.get()
    meta = cache.get()
    refs = cache.get()
    sources = cache.get()
    metrics = cache.get()
    dependsOn = cache.get()
    span = cache.get()
  }
}

extension MacroDefinition: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(name)
    cache.add(packageName)
    cache.add(path)
    cache.add(originalFilePath)
    cache.add(text)
    cache.add(description)
    cache.add(arguments)
    cache.add(meta)
    cache.add(docs)
    cache.add(dependsOn)
    cache.add(supportedLanguages)
    cache.add(patchPath)
    cache.add(span)
  }

  init(from cache: inout CacheReader) {
    self.init(
      id: cache.get(), name: cache.get(), packageName: cache.get(), path: cache.get(),
      originalFilePath: cache.get(), text: cache.get())
    description = cache.get()
    arguments = cache.get()
    meta = cache.get()
    docs = cache.get()
    dependsOn = cache.get()
    supportedLanguages = cache.get()
    patchPath = cache.get()
    span = cache.get()
  }
}

extension DocBlock: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(name)
    cache.add(packageName)
    cache.add(path)
    cache.add(originalFilePath)
    cache.add(contents)
  }

  init(from cache: inout CacheReader) {
    self.init(
      id: cache.get(), name: cache.get(), packageName: cache.get(), path: cache.get(),
      originalFilePath: cache.get(), contents: cache.get())
  }
}

extension Group: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(name)
    cache.add(packageName)
    cache.add(path)
    cache.add(originalFilePath)
    cache.add(owner.values)
    cache.add(description)
    cache.add(config)
  }

  init(from cache: inout CacheReader) {
    self.init(id: cache.get(), name: cache.get(), packageName: cache.get(), path: cache.get())
    originalFilePath = cache.get()
    owner = Owner(cache.get())
    description = cache.get()
    config = cache.get()
  }
}

extension CacheWriter {
  mutating func add(words: [String]) {
    add(count: words.count)
    for word in words { add(word: word) }
  }

  /// A few macros are named by nearly all nodes.
  fileprivate mutating func add(macroIDs ids: [NodeID]) {
    add(count: ids.count)
    for id in ids { add(word: id.rawValue) }
  }
}

extension CacheReader {
  mutating func words() -> [String] {
    let count = length()
    var result: [String] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(word()) }
    return result
  }

  fileprivate mutating func macroIDs() -> [NodeID] { words().map { NodeID($0) } }
}
