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

  /// The settings that every part of the manifest may depend on, as one hash.
  public var settings: UInt64
  public var answers: [Answer]
  public var files: [File]
  /// When the project was parsed, in seconds since 1970.
  public var parsedAt: Double
  public var diagnostics: [Diagnostic]
  public var manifest: Manifest
  /// What tells this parse from all others; nil until it has been written.
  public private(set) var identity: UInt64?

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

  private static let magic = Array("whc cache 1\n".utf8)

  /// The cache in a file; nil when there is none that can be used.
  ///
  /// - Parameter build: what tells this whc from others, the same as when it was written.
  public static func read(_ path: String, build: String) -> ParseCache? {
    guard CacheShape.isKnown, let contents = try? ArtifactFile.read(path), contents.starts(with: magic) else {
      return nil
    }
    return contents.withUnsafeBytes { bytes in
      let body = UnsafeRawBufferPointer(rebasing: bytes[magic.count...])
      guard body.count > 8 else { return nil }
      let payload = UnsafeRawBufferPointer(rebasing: body[8...])
      let checksum = UInt64(littleEndian: body.loadUnaligned(as: UInt64.self))
      guard ContentHash.of(payload) == checksum else { return nil }
      var reader = CacheReader(payload)
      guard reader.text() == build else { return nil }
      var cache = ParseCache(from: &reader)
      cache.identity = checksum
      return reader.isAtEnd ? cache : nil
    }
  }

  /// Writes the cache; without room or rights for it there is simply none, and no ``identity``.
  public mutating func write(_ path: String, build: String) {
    guard CacheShape.isKnown else { return }
    var writer = CacheWriter(reserving: 1 << 16 + 640 * manifest.nodes.count)
    writer.add(text: build)
    writer.add(self)
    guard let file = try? PendingFile(path) else { return }
    let checksum = writer.withBytes { payload in
      let checksum = ContentHash.of(payload)
      Self.magic.withUnsafeBytes { file.append($0) }
      withUnsafeBytes(of: checksum.littleEndian) { file.append($0) }
      file.append(payload)
      return checksum
    }
    if (try? file.finish()) != nil { identity = checksum }
  }
}

extension ParseCache: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(settings)
    cache.add(answers)
    cache.add(files)
    cache.add(parsedAt)
    cache.add(diagnostics)
    cache.add(manifest)
  }

  init(from cache: inout CacheReader) {
    self.init(
      settings: cache.get(), answers: cache.get(), files: cache.get(), parsedAt: cache.get(),
      diagnostics: cache.get(), manifest: cache.get())
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
