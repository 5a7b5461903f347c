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

  /// A hash of all that went into `findings`; the entries below say for themselves what they hang on.
  public var state: UInt64
  public var findings: [ProjectAnalysis.Finding]
  public var seeds: [NodeID: Seed]
  public var queries: [NodeID: AnalyzedQuery]

  public init(
    state: UInt64, findings: [ProjectAnalysis.Finding], seeds: [NodeID: Seed],
    queries: [NodeID: AnalyzedQuery]
  ) {
    self.state = state
    self.findings = findings
    self.seeds = seeds
    self.queries = queries
  }

  private static let file = CacheFile(magic: "whc analysis 1\n")

  public static func read(_ path: String, build: String) -> AnalysisCache? {
    file.read(path, build: build) { reader, _ in AnalysisCache(from: &reader) }
  }

  /// The state and the findings alone.
  public static func readFindings(
    _ path: String, build: String
  ) -> (state: UInt64, findings: [ProjectAnalysis.Finding])? {
    file.readStart(path, build: build) { reader, _ in (reader.fixed(), reader.get()) }
  }

  /// Writes the cache; without room or rights for it there is simply none.
  public func write(_ path: String, build: String) {
    _ = Self.file.write(self, path, build: build, reserving: 1 << 12 + 512 * queries.count)
  }
}

extension AnalysisCache: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(fixed: state)
    cache.add(findings)
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
    self.init(state: cache.fixed(), findings: cache.get(), seeds: [:], queries: [:])
    for _ in 0..<cache.length() {
      let id: NodeID = cache.get()
      seeds[id] = Seed(state: cache.fixed(), columns: cache.get())
    }
    let count = cache.length()
    queries.reserveCapacity(count)
    for _ in 0..<count {
      let id: NodeID = cache.get()
      queries[id] = cache.get()
    }
  }
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
    cache.add(remarks)
  }

  init(from cache: inout CacheReader) {
    self.init(sql: cache.fixed(), reads: cache.get(), shape: cache.get(), remarks: cache.get())
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
    cache.add(help)
    cache.add(offset)
  }

  init(from cache: inout CacheReader) {
    self.init(
      rule: SQLRule(rawValue: cache.word()) ?? .syntax, message: cache.text(), help: cache.get(),
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
