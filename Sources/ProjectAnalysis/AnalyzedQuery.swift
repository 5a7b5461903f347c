public import Diagnostics
import ProjectModel
public import SQLAnalysis

/// What a node's SQL tells, and what that was worked out from: it holds for as long as those are the same.
public struct AnalyzedQuery: Sendable {
  /// Something that is wrong with the query, or that is surely not meant.
  public struct Remark: Sendable {
    public var rule: SQLRule
    public var message: String
    /// What its unknown name most likely means.
    public var meant: NearMiss?
    public var help: String?
    /// 0-based byte offset in the SQL; nil where no place is known.
    public var offset: Int?

    public init(rule: SQLRule, message: String, meant: NearMiss? = nil, help: String?, offset: Int?) {
      self.rule = rule
      self.message = message
      self.meant = meant
      self.help = help
      self.offset = offset
    }
  }

  /// A relation that the query reads.
  public struct Read: Sendable {
    public var table: TableName
    /// Of what was known of it; see ``RelationShape/contentHash``. 0: nothing.
    public var shape: UInt64
    /// 0-based byte offset of its name.
    public var offset: Int?

    public init(table: TableName, shape: UInt64, offset: Int?) {
      self.table = table
      self.shape = shape
      self.offset = offset
    }
  }

  /// A hash of the SQL, of whose language it is, and of the names of the ephemeral models in front of it.
  public var sql: UInt64
  public var reads: [Read]
  /// nil when nothing is known of the columns.
  public var shape: QueryShape?
  /// Why nothing is: what of the text cannot be read.
  public var gap: String?
  public var remarks: [Remark]

  public init(sql: UInt64, reads: [Read], shape: QueryShape?, gap: String? = nil, remarks: [Remark]) {
    self.sql = sql
    self.reads = reads
    self.shape = shape
    self.gap = gap
    self.remarks = remarks
  }

  static func hash(of code: CompiledNode, adapter: String) -> UInt64 {
    var hash = ContentHash()
    hash.add(adapter)
    hash.add(code.sql)
    for name in code.injected.map(\.name).sorted() { hash.add(name) }
    return hash.value
  }
}

extension RelationShape {
  /// The same for the same columns, types and keys.
  var contentHash: UInt64 {
    var hash = ContentHash()
    for column in columns {
      hash.add(column.name)
      hash.add(column.type?.description ?? "")
      hash.add(column.isNullable.map { $0 ? 1 : 2 } ?? 0)
    }
    hash.add(isComplete ? 1 : 2)
    for key in keys {
      for name in key.sorted() { hash.add(name) }
      hash.add(0)
    }
    return hash.value
  }
}
