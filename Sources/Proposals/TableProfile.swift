/// A table of a source as it was found: what is declared of it, and what its rows say.
public struct TableProfile: Sendable, Hashable {
  public var schema: String
  public var name: String
  /// The table's comment.
  public var comment: String?
  public var columns: [ColumnProfile] = []
  /// Primary key and unique indexes, the primary key first.
  public var keys: [Key] = []
  public var foreignKeys: [ForeignKey] = []
  /// Rows: counted, or what the server's statistics say.
  public var rows: Int = 0
  /// How many rows were looked at where the table was too large to read whole; nil when all were.
  public var sampled: Int?
  /// Sets of two columns without NULL that no two rows agree in.
  public var uniquePairs: [[String]] = []
  /// Columns without NULL that no two rows agree in, checked on all rows.
  public var uniqueColumns: [String] = []
  /// Pairs of times of which the first is never after the second, in rows that have both.
  public var ordered: Set<Order> = []
  /// The column with what a capturing tool did, and its codes.
  public var operation: Operation?
  /// Of a table with intervals: what they are like.
  public var intervals: Intervals?
  /// What could not be found out, and why.
  public var remarks: [String] = []

  public struct Key: Sendable, Hashable {
    public var columns: [String]
    public var isPrimary: Bool

    public init(columns: [String], isPrimary: Bool) {
      self.columns = columns
      self.isPrimary = isPrimary
    }
  }

  /// Columns that lead to another table.
  public struct ForeignKey: Sendable, Hashable {
    public enum Evidence: Sendable, Hashable {
      case declared
      /// Distinct values, and how many of them the other table does not have.
      case measured(values: Int, missing: Int)
      /// The same where the name says nothing of the other table.
      case byValuesAlone(values: Int)
    }

    public var columns: [String]
    public var schema: String
    public var table: String
    public var targetColumns: [String]
    public var evidence: Evidence

    public init(
      columns: [String], schema: String, table: String, targetColumns: [String], evidence: Evidence
    ) {
      self.columns = columns
      self.schema = schema
      self.table = table
      self.targetColumns = targetColumns
      self.evidence = evidence
    }
  }

  public struct Order: Sendable, Hashable {
    public var first: String
    public var second: String

    public init(_ first: String, _ second: String) {
      self.first = first
      self.second = second
    }
  }

  /// Codes as they stand in the column, by what they mean.
  public struct Operation: Sendable, Hashable {
    public var column: String
    public var insert: [String] = []
    public var update: [String] = []
    public var delete: [String] = []

    public init(column: String, insert: [String] = [], update: [String] = [], delete: [String] = []) {
      self.column = column
      self.insert = insert
      self.update = update
      self.delete = delete
    }
  }

  /// Versions of things with the times between which they held.
  public struct Intervals: Sendable, Hashable {
    /// What tells the things apart, of which there are several versions.
    public var key: [String]
    public var from: String
    public var to: String
    /// True when a version ends a day before the next begins.
    public var endsTheDayBefore: Bool
    /// Versions that end with no other after them at once.
    public var ended: Int
    public var overlaps: Int

    public init(
      key: [String], from: String, to: String, endsTheDayBefore: Bool, ended: Int, overlaps: Int
    ) {
      self.key = key
      self.from = from
      self.to = to
      self.endsTheDayBefore = endsTheDayBefore
      self.ended = ended
      self.overlaps = overlaps
    }
  }

  public init(schema: String, name: String) {
    self.schema = schema
    self.name = name
  }

  public subscript(column: String) -> ColumnProfile? { columns.first { $0.name == column } }
}

/// A column with what its values are like.
public struct ColumnProfile: Sendable, Hashable {
  /// What kind of values a type holds, as far as a star asks.
  public enum Kind: Sendable, Hashable { case number, text, date, timestamp, boolean, uuid, other }

  public var name: String
  /// As the server writes it: `numeric(10,2)`.
  public var type: String
  public var kind: Kind
  public var isNotNull: Bool
  /// From 0 to 1.
  public var nullShare = 0.0
  /// Distinct values; nil where the type has no equality.
  public var distinct: Int?
  /// True when `nullShare` and `distinct` come from the server's statistics or a sample.
  public var isEstimate = false
  /// The smallest and the largest value of numbers and times.
  public var least: String?
  public var greatest: String?
  /// Letters on average, of text.
  public var averageLength = 0
  /// Of text: all values are ISO dates.
  public var holdsDates = false

  public init(name: String, type: String, kind: Kind, isNotNull: Bool = false) {
    self.name = name
    self.type = type
    self.kind = kind
    self.isNotNull = isNotNull
  }

  public var isWhole: Bool { isNotNull || (nullShare == 0 && !isEstimate) }
  public var isTime: Bool { kind == .date || kind == .timestamp || holdsDates }
  public var hasEquality: Bool { kind != .other }
}
