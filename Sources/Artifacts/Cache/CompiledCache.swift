import Diagnostics
public import ProjectModel

/// The SQL that an earlier run compiled, of the nodes that would be given the same again.
///
/// Kept in one binary file that only the same whc reads; any other, cut or changed file is as good as none.
public struct CompiledCache: Sendable {
  /// A node's SQL and the file below the target folder that holds it.
  public struct Entry: Sendable {
    public var compiled: CompiledNode
    /// nil when the file is shared with other nodes or was not written.
    public var file: FileStamp?
    /// What the node's flags (``CompiledNode/flags``) were, as one hash.
    public var flags: UInt64

    public init(_ compiled: CompiledNode, file: FileStamp?, flags: UInt64) {
      self.compiled = compiled
      self.file = file
      self.flags = flags
    }
  }

  /// The parse whose nodes these are (``ParseCache/identity``).
  public var parse: UInt64
  /// A hash of what templates depend on besides the parse.
  public var settings: UInt64
  public var entries: [Entry]

  public init(parse: UInt64, settings: UInt64, entries: [Entry]) {
    self.parse = parse
    self.settings = settings
    self.entries = entries
  }

  private static let file = CacheFile(magic: "whc compiled 2\n")

  /// The cache in a file; nil when there is none that can be used.
  ///
  /// - Parameter build: what tells this whc from others, the same as when it was written.
  public static func read(_ path: String, build: String) -> CompiledCache? {
    file.read(path, build: build) { reader, _ in CompiledCache(from: &reader) }
  }

  /// Writes the cache; without room or rights for it there is simply none.
  public func write(_ path: String, build: String) {
    _ = Self.file.write(self, path, build: build, reserving: 1 << 12 + 1_024 * entries.count)
  }
}

extension CompiledCache: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(fixed: parse)
    cache.add(fixed: settings)
    cache.add(entries)
  }

  init(from cache: inout CacheReader) {
    self.init(parse: cache.fixed(), settings: cache.fixed(), entries: cache.get())
  }
}

extension CompiledCache.Entry: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(compiled)
    cache.add(file)
    cache.add(fixed: flags)
  }

  init(from cache: inout CacheReader) {
    self.init(cache.get(), file: cache.get(), flags: cache.fixed())
  }
}

extension FileStamp: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    for number in [device, file, size, changed] { cache.add(fixed: number) }
  }

  init(from cache: inout CacheReader) {
    self.init(device: cache.fixed(), file: cache.fixed(), size: cache.fixed(), changed: cache.fixed())
  }
}

extension CompiledNode: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(sql)
    cache.add(hasInjected)
    cache.add(injected)
    cache.add(sourceMap)
    cache.add(words: flags)
  }

  init(from cache: inout CacheReader) {
    self.init(id: cache.get(), sql: cache.get(), sourceMap: SourceMap())
    hasInjected = cache.get()
    injected = cache.get()
    sourceMap = cache.get()
    flags = cache.words()
    isRepeatable = true
  }
}

extension InjectedExpression: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(id)
    cache.add(name)
    cache.add(query)
  }

  init(from cache: inout CacheReader) { self.init(id: cache.get(), name: cache.get(), query: cache.get()) }
}

extension SourceMap: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(count: files.count)
    for file in files { cache.add(word: file) }
    cache.add(segments)
  }

  init(from cache: inout CacheReader) {
    let count = cache.length()
    self.init(files: (0..<count).map { _ in cache.word() }, segments: cache.get())
  }
}

extension SourceMap.Segment: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(count: output)
    cache.add(count: file << 1 | (isVerbatim ? 1 : 0))
    cache.add(count: position.line)
    cache.add(count: position.column)
  }

  init(from cache: inout CacheReader) {
    let output = cache.count()
    let file = cache.count()
    self.init(
      output: output, file: file >> 1, position: SourcePosition(line: cache.count(), column: cache.count()),
      isVerbatim: file & 1 == 1)
  }
}
