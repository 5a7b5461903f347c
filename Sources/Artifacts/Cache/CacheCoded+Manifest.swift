import Diagnostics
import OrderedCollections
import ProjectModel

// Each type's members in the order of their declaration; `CacheShape` knows how many there are.

extension Manifest: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(projectName)
    cache.add(adapterType)
    cache.add(Array(nodes.values))
    cache.add(Array(sources.values))
    cache.add(Array(exposures.values))
    cache.add(Array(macros.values))
    cache.add(Array(docs.values))
    cache.add(Array(groups.values))
    cache.add(disabled)
    cache.add(disabledSources)
    cache.add(disabledExposures)
    cache.add(disabledOthers)
    // Dictionaries have no order of their own; the same manifest gives the same bytes.
    let types = opaque.keys.sorted { $0.rawValue < $1.rawValue }
    cache.add(types)
    for type in types { cache.add(opaque[type] ?? [:]) }
    cache.add(unitTests)
  }

  init(from cache: inout CacheReader) {
    self.init(projectName: cache.get(), adapterType: cache.get())
    nodes = Self.byID(cache.get(), \.id)
    sources = Self.byID(cache.get(), \.id)
    exposures = Self.byID(cache.get(), \.id)
    macros = Self.byID(cache.get(), \.id)
    docs = Self.byID(cache.get(), \.id)
    groups = Self.byID(cache.get(), \.id)
    disabled = cache.get()
    disabledSources = cache.get()
    disabledExposures = cache.get()
    disabledOthers = cache.get()
    let types: [ResourceType] = cache.get()
    for type in types { opaque[type] = OrderedDictionary(from: &cache) }
    unitTests = cache.get()
  }

  private static func byID<Entry>(
    _ entries: [Entry], _ id: (Entry) -> NodeID
  ) -> OrderedDictionary<NodeID, Entry> {
    OrderedDictionary(uncheckedUniqueKeys: entries.map(id), values: entries)
  }
}

extension Node: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(self.id)
    cache.add(self.resourceType)
    cache.add(self.name)
    cache.add(word: self.packageName)
    cache.add(self.path)
    cache.add(word: self.originalFilePath)
    cache.add(word: self.rootPath)
    cache.add(count: self.fqn.count)
    for part in self.fqn.dropLast() { cache.add(word: part) }
    if let last = self.fqn.last { cache.add(last) }
    // Generic tests of one kind have one text.
    cache.add(self.test != nil)
    if self.test == nil { cache.add(self.rawCode) } else { cache.add(word: self.rawCode) }
    cache.add(word: self.language)
    cache.add(self.checksum)
    cache.add(word: self.checksumName)
    cache.add(self.relation)
    cache.add(self.alias)
    cache.add(words: self.tags)
    cache.add(self.config)
    cache.add(shared: self.unrenderedConfig)
    cache.add(self.description)
    cache.add(self.docBlocks)
    cache.add(self.columns)
    cache.add(self.docsShow)
    cache.add(self.docsColor)
    cache.add(word: self.patchPath ?? "")
    cache.add(self.patchSpan)
    cache.add(self.refs)
    cache.add(self.sources)
    cache.add(self.dependsOn)
    cache.add(macroIDs: self.macroDependsOn)
    cache.add(self.test)
    cache.add(self.version)
    cache.add(self.latestVersion)
    cache.add(self.access)
    cache.add(self.group)
    cache.add(self.constraints)
    cache.add(self.deprecationDate)
    cache.add(self.timeSpine)
    cache.add(words: self.primaryKey)
    cache.add(self.firstLine)
    cache.add(self.introspects)
    cache.add(self.functions)
    cache.add(self.metrics)
    cache.add(self.signature)
    cache.add(self.contractChecksum)
  }

  init(from cache: inout CacheReader) { self.init(NodeContents(from: &cache)) }
}

extension NodeContents {
  fileprivate init(from cache: inout CacheReader) {
    let id: NodeID = cache.get()
    let resourceType: ResourceType = cache.get()
    let (name, packageName, path): (String, String, String) = (cache.get(), cache.word(), cache.get())
    let (originalFilePath, rootPath) = (cache.word(), cache.word())
    let depth = cache.length()
    var fqn: [String] = []
    fqn.reserveCapacity(depth)
    for index in 0..<depth { fqn.append(index == depth - 1 ? cache.text() : cache.word()) }
    let isGenericTest: Bool = cache.get()
    let rawCode = isGenericTest ? cache.word() : cache.text()
    let (language, checksum, checksumName) = (cache.word(), cache.text(), cache.word())
    let relation: RelationName? = cache.get()
    let alias: String = cache.get()
    let tags = cache.words()
    self.init(
      id: id, resourceType: resourceType, name: name, packageName: packageName, path: path,
      originalFilePath: originalFilePath, rootPath: rootPath, fqn: fqn, rawCode: rawCode, checksum: checksum,
      alias: alias, config: cache.get())
    self.language = language
    self.checksumName = checksumName
    self.relation = relation
    self.tags = tags
    unrenderedConfig = cache.shared()
    description = cache.get()
    docBlocks = cache.get()
    columns = cache.get()
    docsShow = cache.get()
    docsColor = cache.get()
    let patchPath = cache.word()
    self.patchPath = patchPath.isEmpty ? nil : patchPath
    patchSpan = cache.get()
    refs = cache.get()
    sources = cache.get()
    dependsOn = cache.get()
    macroDependsOn = cache.macroIDs()
    test = cache.get()
    version = cache.get()
    latestVersion = cache.get()
    access = cache.get()
    group = cache.get()
    constraints = cache.get()
    deprecationDate = cache.get()
    timeSpine = cache.get()
    primaryKey = cache.words()
    firstLine = cache.get()
    introspects = cache.get()
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
    cache.add(word: database ?? "")
    cache.add(schema == nil)
    cache.add(word: schema ?? "")
    cache.add(identifier)
    cache.add(
      byte: (quoting.database ? 1 : 0) | (quoting.schema ? 2 : 0) | (quoting.identifier ? 4 : 0)
        | (database == nil ? 8 : 0))
  }

  init(from cache: inout CacheReader) {
    let database = cache.word()
    let hasNoSchema: Bool = cache.get()
    let schema = cache.word()
    let identifier: String = cache.get()
    let flags = cache.byte()
    self.init(
      database: flags & 8 != 0 ? nil : database, schema: hasNoSchema ? nil : schema, identifier: identifier,
      quoting: Quoting(
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
