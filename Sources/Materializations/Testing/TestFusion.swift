import OrderedCollections
public import ProjectModel
public import Warehouse

/// Answers many tests with few scans.
///
/// The built-in tests unique, not_null, accepted_values and relationships of one relation are asked together.
/// Where the shared question cannot give dbt's exact number of failures, the test's own query is asked after
/// it, which happens only for tests that fail.
public struct TestFusion: Sendable {
  /// A data test with what it compiled to.
  public struct Test: Sendable {
    public var node: Node
    public var sql: String

    public init(node: Node, sql: String) {
      self.node = node
      self.sql = sql
    }
  }

  /// What is known without asking: an invariant that was checked in the transaction that wrote the rows.
  public enum Fact: Hashable, Sendable {
    /// The column's name as in the catalogue.
    case unique(String)
    case notNull(String)
  }

  public struct Limits: Sendable {
    /// Queries of one relation that may run at once.
    public var connections = 4
    /// The server's `work_mem`, in bytes.
    public var workMemory = 4 << 20
    /// Bytes that the sorts of one query may take together.
    public var sortMemory = 512 << 20
    /// `--store-failures`: the rows are wanted then, not their number.
    public var storesFailures = false

    public init() {}
  }

  public struct Result: Sendable {
    public var queries: [FusedQuery]
    /// Answered by what is known.
    public var proved: [(test: NodeID, answer: TestAnswer)]
    /// To be asked one by one, in the order given.
    public var alone: [NodeID]
  }

  public var dialect: Dialect
  public var limits: Limits

  public init(dialect: Dialect, limits: Limits = Limits()) {
    self.dialect = dialect
    self.limits = limits
  }

  /// Divides tests into those asked together, those already answered and those asked alone.
  ///
  /// - Parameter facts: by relation as the tests write it in SQL (``Dialect/render(_:)``).
  public func fuse(_ tests: [Test], facts: [String: Set<Fact>] = [:]) -> Result {
    var result = Result(queries: [], proved: [], alone: [])
    var byRelation: OrderedDictionary<String, [FusedQuery.Member]> = [:]
    for test in tests {
      guard let member = member(test) else {
        result.alone.append(test.node.id)
        continue
      }
      if isProved(member.shape, by: facts[member.shape.relation] ?? []) {
        result.proved.append((test.node.id, member.answer(0)))
      } else {
        byRelation[member.shape.relation, default: []].append(member)
      }
    }
    for (relation, members) in byRelation {
      if members.count == 1 {
        result.alone.append(members[0].id)
      } else {
        result.queries += queries(relation, members)
      }
    }
    let order = Dictionary(
      tests.enumerated().map { ($1.node.id, $0) }, uniquingKeysWith: { first, _ in first })
    result.alone.sort { order[$0, default: 0] < order[$1, default: 0] }
    return result
  }

  /// nil when the test wants more than a number, or its number is not the count of its rows.
  private func member(_ test: Test) -> FusedQuery.Member? {
    let config = TestConfig(test.node)
    guard config.limit == nil, !(config.storeFailures ?? limits.storesFailures),
      config.failCalc.filter({ !$0.isWhitespace }).lowercased() == "count(*)",
      let warn = TestThreshold(config.warnIf), let error = TestThreshold(config.errorIf),
      let shape = TestShape(test.sql)
    else { return nil }
    return FusedQuery.Member(id: test.node.id, shape: shape, warn: warn, error: error)
  }

  private func isProved(_ shape: TestShape, by facts: Set<Fact>) -> Bool {
    guard let name = columnName(shape.column) else { return false }
    return switch shape.question {
    case .unique: facts.contains(.unique(name))
    case .notNull: facts.contains(.notNull(name))
    case .acceptedValues, .relationships: false
    }
  }

  /// The catalogue's name of what SQL calls `Id` or `"Id"`; nil for expressions.
  private func columnName(_ sql: String) -> String? {
    if sql.hasPrefix("\""), sql.hasSuffix("\""), sql.count > 2 {
      let inner = sql.dropFirst().dropLast()
      return inner.contains("\"") ? nil : String(inner)
    }
    let isName = sql.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    return isName && !sql.isEmpty ? sql.lowercased() : nil
  }

  private func queries(_ relation: String, _ members: [FusedQuery.Member]) -> [FusedQuery] {
    var scanned: [FusedQuery.Member] = []
    var related: [FusedQuery.Member] = []
    for member in members {
      if case .relationships = member.shape.question {
        related.append(member)
      } else {
        scanned.append(member)
      }
    }
    let queries =
      split(scanned).map { ScanQuery(relation: relation, members: $0, dialect: dialect).fused }
      + RelationshipsQuery.queries(relation, related, dialect: dialect)
    guard dialect.kind == .postgres else { return queries }
    // Many expressions over many rows look worth compiling to the server; compiling them costs more than it gains.
    return queries.map { FusedQuery(sql: "set local jit = off;\n\($0.sql)", readings: $0.readings) }
  }

  /// A `count(distinct)` sorts its column, each sort in memory of its own and each as long as many columns of
  /// scanning: so many sorts a query as memory takes, and the rest over further connections.
  private func split(_ members: [FusedQuery.Member]) -> [[FusedQuery.Member]] {
    guard !members.isEmpty else { return [] }
    let sorts = members.count { $0.shape.question == .unique }
    let room = max(1, min(10, limits.sortMemory / max(1, limits.workMemory)))
    let needed = (sorts + room - 1) / room
    // Beyond what memory asks for, a second scan pays when each part still has a few sorts.
    let parts = max(1, needed, min(limits.connections, sorts / 4))
    var groups = [[FusedQuery.Member]](repeating: [], count: parts)
    var sortsSoFar = 0
    for member in members {
      let isSort = member.shape.question == .unique
      groups[isSort ? sortsSoFar % parts : parts - 1].append(member)
      sortsSoFar += isSort ? 1 : 0
    }
    return groups.filter { !$0.isEmpty }
  }
}
