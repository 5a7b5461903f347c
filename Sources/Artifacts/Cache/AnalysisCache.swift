import Diagnostics
public import ProjectAnalysis
public import ProjectModel
public import SQLAnalysis
import StarModel

/// What an earlier run worked out of the SQL of a project's nodes.
///
/// Kept in one binary file that only the same whc reads; any other, cut or changed file is as good as none.
public struct AnalysisCache: Sendable {
  /// The columns of a seed, and what its file and config were.
  public struct Seed: Sendable {
    public var state: UInt64
    public var columns: [RelationShape.Column]

    public init(state: UInt64, columns: [RelationShape.Column]) {
      self.state = state
      self.columns = columns
    }
  }

  /// What was found, and a hash of all that it was found in.
  public struct Outcome: Sendable {
    public var state: UInt64
    public var findings: [ProjectAnalysis.Finding]

    public init(state: UInt64, findings: [ProjectAnalysis.Finding]) {
      self.state = state
      self.findings = findings
    }
  }

  /// A look at a whole project whose SQL hangs on nothing but the parse and the contents of these files: it need not be
  /// looked at again, not even to find out that nothing changed.
  public struct Report: Sendable {
    /// The parse whose nodes these are (``ParseCache/identity``).
    public var parse: UInt64
    /// A hash of what templates depend on besides the parse.
    public var settings: UInt64
    /// The flags that templates asked for, and a hash of the answers.
    public var flags: [String]
    public var answers: UInt64
    /// Files whose contents the parse does not know.
    public var files: [WatchedFile]
    public var outcome: Outcome
    /// What there is to tell besides, in words.
    public var notes: [String]
    /// How many relations there are.
    public var relations: Int

    public init(
      parse: UInt64, settings: UInt64, flags: [String], answers: UInt64, files: [WatchedFile],
      outcome: Outcome, notes: [String], relations: Int
    ) {
      self.parse = parse
      self.settings = settings
      self.flags = flags
      self.answers = answers
      self.files = files
      self.outcome = outcome
      self.notes = notes
      self.relations = relations
    }
  }

  /// A file by its content.
  public struct WatchedFile: Sendable, Equatable {
    /// Absolute.
    public var path: String
    public var digest: UInt64

    public init(path: String, digest: UInt64) {
      self.path = path
      self.digest = digest
    }
  }

  /// The latest look at a part of the project, or at one whose SQL is another in each run.
  public var latest: Outcome?
  public var report: Report?
  /// Empty in what ``readHead(_:build:)`` gives, as are ``queries``. Each says for itself what it hangs on.
  public var seeds: [NodeID: Seed]
  public var queries: [NodeID: AnalyzedQuery]

  public init(
    latest: Outcome?, report: Report?, seeds: [NodeID: Seed], queries: [NodeID: AnalyzedQuery]
  ) {
    self.latest = latest
    self.report = report
    self.seeds = seeds
    self.queries = queries
  }

  /// What was found where exactly this was looked at; nil when it was not.
  public func findings(in state: UInt64) -> [ProjectAnalysis.Finding]? {
    [report?.outcome, latest].compactMap { $0 }.first { $0.state == state }?.findings
  }

  private static let file = CacheFile(magic: "whc analysis 2\n")

  public static func read(_ path: String, build: String) -> AnalysisCache? {
    file.read(path, build: build) { reader, _ in AnalysisCache(from: &reader) }
  }

  /// What was found alone.
  public static func readHead(_ path: String, build: String) -> AnalysisCache? {
    file.readStart(path, build: build) { reader, _ in AnalysisCache(headFrom: &reader) }
  }

  /// Writes the cache; without room or rights for it there is simply none.
  public func write(_ path: String, build: String) {
    _ = Self.file.write(self, path, build: build, reserving: 1 << 12 + 512 * queries.count)
  }
}

extension AnalysisCache: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(latest)
    cache.add(report)
    cache.add(count: seeds.count)
    for (id, seed) in seeds.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      cache.add(id)
      cache.add(fixed: seed.state)
      cache.add(seed.columns)
    }
    cache.add(count: queries.count)
    for (id, query) in queries.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      cache.add(id)
      cache.add(query)
    }
  }

  init(from cache: inout CacheReader) {
    self.init(headFrom: &cache)
    for _ in 0..<cache.length() {
      let id: NodeID = cache.get()
      seeds[id] = Seed(state: cache.fixed(), columns: cache.get())
    }
    let count = cache.length()
    queries.reserveCapacity(count)
    for _ in 0..<count {
      let id: NodeID = cache.get()
      // By its type: a subscript would take an optional one, which is written in another way.
      queries[id] = AnalyzedQuery(from: &cache)
    }
  }

  init(headFrom cache: inout CacheReader) {
    self.init(latest: cache.get(), report: cache.get(), seeds: [:], queries: [:])
  }
}

extension AnalysisCache.Outcome: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(fixed: state)
    cache.add(findings)
  }

  init(from cache: inout CacheReader) { self.init(state: cache.fixed(), findings: cache.get()) }
}

extension AnalysisCache.Report: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(fixed: parse)
    cache.add(fixed: settings)
    cache.add(flags)
    cache.add(fixed: answers)
    cache.add(files)
    cache.add(outcome)
    cache.add(notes)
    cache.add(count: relations)
  }

  init(from cache: inout CacheReader) {
    self.init(
      parse: cache.fixed(), settings: cache.fixed(), flags: cache.get(), answers: cache.fixed(),
      files: cache.get(), outcome: cache.get(), notes: cache.get(),
      relations: cache.count())
  }
}

extension AnalysisCache.WatchedFile: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(path)
    cache.add(fixed: digest)
  }

  init(from cache: inout CacheReader) { self.init(path: cache.text(), digest: cache.fixed()) }
}

extension ProjectAnalysis.Finding: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(node)
    cache.add(diagnostic)
    cache.add(isRemark)
  }

  init(from cache: inout CacheReader) {
    self.init(node: cache.get(), diagnostic: cache.get(), isRemark: cache.get())
  }
}

extension AnalyzedQuery: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(fixed: sql)
    cache.add(reads)
    cache.add(shape)
    cache.add(gap)
    cache.add(remarks)
  }

  init(from cache: inout CacheReader) {
    self.init(
      sql: cache.fixed(), reads: cache.get(), shape: cache.get(), gap: cache.get(), remarks: cache.get())
  }
}

extension AnalyzedQuery.Read: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(table)
    cache.add(fixed: shape)
    cache.add(offset)
  }

  init(from cache: inout CacheReader) {
    self.init(table: cache.get(), shape: cache.fixed(), offset: cache.get())
  }
}

extension AnalyzedQuery.Remark: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: rule.rawValue)
    cache.add(message)
    cache.add(meant)
    cache.add(help)
    cache.add(offset)
  }

  init(from cache: inout CacheReader) {
    self.init(
      rule: SQLRule(rawValue: cache.word()) ?? .syntax, message: cache.text(), meant: cache.get(),
      help: cache.get(),
      offset: cache.get())
  }
}

extension QueryShape: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(columns)
    cache.add(isComplete)
    cache.add(open)
    cache.add(keys.map { $0.sorted() })
    cache.add(conditions.sorted { $0.description < $1.description })
  }

  init(from cache: inout CacheReader) {
    self.init()
    columns = cache.get()
    isComplete = cache.get()
    open = cache.get()
    let sets: [[Int]] = cache.get()
    keys = sets.map { Set($0) }
    let read: [ColumnReference] = cache.get()
    conditions = Set(read)
  }
}

extension QueryShape.Column: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: name)
    cache.add(type)
    cache.add(isNullable)
    cache.add(offset)
    cache.add(isListed)
    cache.add(count: origins.count)
    for (origin, use) in origins.sorted(by: { $0.key.description < $1.key.description }) {
      cache.add(origin)
      cache.add(word: use.rawValue)
    }
  }

  init(from cache: inout CacheReader) {
    self.init(cache.word())
    type = cache.get()
    isNullable = cache.get()
    offset = cache.get()
    isListed = cache.get()
    for _ in 0..<cache.length() {
      let origin: ColumnReference = cache.get()
      origins[origin] = QueryShape.Use(rawValue: cache.word()) ?? .copied
    }
  }
}

extension RelationShape.Column: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: name)
    cache.add(type)
    cache.add(isNullable)
  }

  init(from cache: inout CacheReader) {
    self.init(name: cache.word(), type: cache.get(), isNullable: cache.get())
  }
}

extension SQLType: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: name)
    cache.add(modifier)
    cache.add(isArray)
  }

  init(from cache: inout CacheReader) {
    self.init(cache.word(), modifier: cache.get(), isArray: cache.get())
  }
}

extension ColumnReference: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(table)
    cache.add(word: column)
  }

  init(from cache: inout CacheReader) { self.init(table: cache.get(), column: cache.word()) }
}

extension TableName: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    for part in [database, schema, name] { cache.add(word: part ?? "") }
  }

  init(from cache: inout CacheReader) {
    let (database, schema, name) = (cache.word(), cache.word(), cache.word())
    self.init(
      database: database.isEmpty ? nil : database, schema: schema.isEmpty ? nil : schema, name: name)
  }
}
