public import Diagnostics
public import ProjectModel

/// What an earlier run made of a project: the manifest and the warnings, with all that it depended on.
///
/// Kept in one binary file that only the same whc reads; any other, cut or changed file is as good as none.
public struct ParseCache: Sendable {
  /// A file that was read, by its content.
  public struct File: Sendable, Equatable {
    /// As diagnostics name it.
    public var path: String
    /// What kind of file it was taken for.
    public var kind: String
    public var digest: UInt64

    public init(path: String, kind: String, digest: UInt64) {
      self.path = path
      self.kind = kind
      self.digest = digest
    }
  }

  /// What templates asked of the surroundings, and the answer.
  public struct Answer: Sendable, Equatable {
    public var question: String
    /// A hash of the answer, which may be private; nil when there was none.
    public var digest: UInt64?

    public init(question: String, digest: UInt64?) {
      self.question = question
      self.digest = digest
    }
  }

  /// An earlier parse from which this one was brought up to date, and what is another since then.
  public struct Ancestor: Sendable {
    public var identity: UInt64
    /// Nodes that were read again, and sources whose relation changed.
    public var changed: Set<NodeID>

    public init(identity: UInt64, changed: Set<NodeID>) {
      self.identity = identity
      self.changed = changed
    }
  }

  /// The settings that every part of the manifest may depend on, as one hash.
  public var settings: UInt64
  public var answers: [Answer]
  public var files: [File]
  /// When the project was parsed, in seconds since 1970.
  public var parsedAt: Double
  public var diagnostics: [Diagnostic]
  /// What there is to say of the manifest without looking at it; nil when it must be looked at.
  public var plainSummary: String?
  /// Empty in what ``readHead(_:build:)`` gives, until ``whole()``.
  public var manifest: Manifest
  /// The latest first; no more than a few.
  public var ancestors: [Ancestor] = []
  /// What tells this parse from all others; nil until it has been written.
  public private(set) var identity: UInt64?
  /// What follows the head.
  private var rest: Rest?

  public init(
    settings: UInt64, answers: [Answer], files: [File], parsedAt: Double, diagnostics: [Diagnostic],
    manifest: Manifest
  ) {
    self.settings = settings
    self.answers = answers
    self.files = files
    self.parsedAt = parsedAt
    self.diagnostics = diagnostics
    self.manifest = manifest
  }

  // MARK: The file

  private static let file = CacheFile(magic: "whc cache 3\n")

  /// The cache without its manifest, the larger part by far; nil when there is none that can be used.
  public static func readHead(_ path: String, build: String) -> ParseCache? {
    file.readStart(path, build: build) { reader, checksum in
      var cache = ParseCache(headFrom: &reader)
      cache.identity = checksum
      cache.rest = Rest(contents: reader.contents, start: reader.place)
      return cache
    }
  }

  /// The cache with its manifest; nil when what is kept of it cannot be used.
  public func whole() -> ParseCache? {
    guard let rest else { return self }
    var cache = self
    cache.rest = nil
    let isSound = rest.contents.withUnsafeBytes {
      var reader = CacheReader(UnsafeRawBufferPointer(rebasing: $0[rest.start...]), of: rest.contents)
      cache.manifest = KeptManifest(from: &reader).manifest
      return reader.isAtEnd
    }
    return isSound ? cache : nil
  }

  private struct Rest: Sendable {
    var contents: [UInt8]
    var start: Int
  }

  /// The cache in a file; nil when there is none that can be used.
  ///
  /// - Parameter build: what tells this whc from others, the same as when it was written.
  public static func read(_ path: String, build: String) -> ParseCache? {
    readHead(path, build: build)?.whole()
  }

  /// Writes the cache; without room or rights for it there is simply none, and no ``identity``.
  public mutating func write(_ path: String, build: String) {
    if let checksum = Self.file.write(
      self, path, build: build, reserving: 1 << 16 + 640 * manifest.nodes.count)
    {
      identity = checksum
    }
  }
}

extension ParseCache: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(settings)
    cache.add(answers)
    cache.add(files)
    cache.add(parsedAt)
    cache.add(diagnostics)
    cache.add(plainSummary)
    cache.add(ancestors)
    cache.add(KeptManifest(manifest))
  }

  init(from cache: inout CacheReader) {
    self.init(headFrom: &cache)
    manifest = KeptManifest(from: &cache).manifest
  }

  /// What comes before the manifest.
  init(headFrom cache: inout CacheReader) {
    self.init(
      settings: cache.get(), answers: cache.get(), files: cache.get(), parsedAt: cache.get(),
      diagnostics: cache.get(), manifest: Manifest(projectName: "", adapterType: ""))
    plainSummary = cache.get()
    ancestors = cache.get()
  }
}

extension ParseCache.Ancestor: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(fixed: identity)
    cache.add(changed.map(\.rawValue).sorted())
  }

  init(from cache: inout CacheReader) {
    let identity = cache.fixed()
    let changed: [String] = cache.get()
    self.init(identity: identity, changed: Set(changed.map { NodeID($0) }))
  }
}

extension ParseCache.File: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(path)
    cache.add(word: kind)
    cache.add(digest)
  }
  init(from cache: inout CacheReader) {
    self.init(path: cache.get(), kind: cache.word(), digest: cache.get())
  }
}

extension ParseCache.Answer: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(question)
    cache.add(digest)
  }
  init(from cache: inout CacheReader) { self.init(question: cache.get(), digest: cache.get()) }
}
