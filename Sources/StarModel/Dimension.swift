public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// A model with `materialized: dimension`, its declaration decoded and its defaults filled in.
public struct Dimension: Sendable, Hashable {
  public enum Input: String, Sendable, Hashable, CaseIterable {
    /// The full current extract.
    case snapshot
    /// Any versions, partial, in any order.
    case changes
  }

  /// What becomes of a key that the source deleted.
  public enum Deletes: String, Sendable, Hashable, CaseIterable {
    case invalidate
    case newRecord = "new_record"
    case soft, ignore
  }

  public enum LateArriving: String, Sendable, Hashable, CaseIterable { case splice, error, ignore }

  public enum FirstVersionFrom: String, Sendable, Hashable, CaseIterable { case source, always }

  /// How a row of `changes` says that it is a deletion.
  public struct Operation: Sendable, Hashable {
    public var column: String
    /// The values of `column` that mean "deleted".
    public var deleteCodes: [String]
    /// Those that mean "inserted" or "updated"; none: every other one.
    public var writtenCodes: [String] = []
    /// Those of rows that say nothing of a member.
    public var ignoredCodes: [String] = []
    /// The column with the time of a deletion, where it is not `effective_at`.
    public var at: String?

    public init(column: String, deleteCodes: [String] = defaultDeleteCodes) {
      self.column = column
      self.deleteCodes = deleteCodes
    }

    public static let defaultDeleteCodes = ["D", "d", "DELETE", "delete"]
  }

  /// What the columns that the compiler adds are called.
  public struct SystemColumns: Sendable, Hashable {
    public var validFrom = "valid_from"
    public var validTo = "valid_to"
    public var isCurrent = "is_current"
    public var isInferred = "is_inferred"
    public var isDeleted = "is_deleted"
    /// The source's time of a version when `valid_from` differs from it.
    public var statedAt = "stated_at"

    public init() {}
  }

  public var node: NodeID
  public var name: String
  public var naturalKey: [String]
  public var scdType: SCDType
  /// Columns that say something else than `scdType`.
  public var columnTypes: OrderedDictionary<String, SCDType>
  public var effectiveAt: String?
  public var input: Input
  public var deletes: Deletes
  public var lateArriving: LateArriving
  public var firstVersionFrom: FirstVersionFrom
  public var collapse: Bool
  public var operation: Operation?
  public var surrogateKey: SurrogateKey
  /// What the durable key is called; nil for the default.
  public var durableName: String?
  public var members: [DimensionMember]
  public var outriggers: [Outrigger]
  /// Columns that leave the dimension for others of their own.
  public var miniDimensions: [MiniDimension.Split]
  public var columns: SystemColumns
  /// What `valid_to` holds in an open version: nil for NULL, else a timestamp's text.
  public var openEnd: String?
  /// True when a full refresh empties the dimension first; nothing else ever does.
  public var discardsHistory: Bool
  /// True when a view with the current versions stands beside the table.
  public var hasCurrentView = false
  /// What becomes of the table when the columns of the SQL change.
  public var schemaChanges = SchemaChanges()
  /// The older table that it begins with.
  public var takeOver: TakeOver?
  /// How every state of the table is kept; nil when it is not.
  public var recordedTime: RecordedTime?
  /// The declaration's place.
  /// The audit dimension in which each load leaves a row.
  public var audit: Fact.Target?
  public var span: SourceSpan?

  /// The column with the key that a member has through all its versions; nil unless something is of type 7.
  public var durableKey: String? {
    guard scdType == .dual || columnTypes.values.contains(.dual) else { return nil }
    return durableName ?? surrogateKey.durableName
  }

  /// True when a key can have several versions, so that a lookup needs a time.
  public var isVersioned: Bool {
    scdType.makesVersions || columnTypes.values.contains(where: \.makesVersions)
  }

  /// The type of the attribute `column`.
  public func type(of column: String) -> SCDType { columnTypes[column] ?? scdType }

  /// True when the table has a column that says which rows stand for deleted keys.
  public var hasDeletedColumn: Bool { deletes == .soft || deletes == .newRecord }

  /// True when an equal version next to its neighbour is not kept as a row of its own.
  public var collapsesNeighbours: Bool { input == .snapshot || collapse || !isVersioned }

  /// The columns of the SQL that a mini-dimension takes.
  public var splitColumns: Set<String> { Set(miniDimensions.flatMap(\.columns)) }

  /// The history of who had which combination of `mini`: a dimension of type 2 under the rules of this one.
  public func history(of mini: MiniDimension) -> Dimension {
    var history = self
    history.node = mini.node
    history.name = mini.name
    history.scdType = .addVersion
    history.columnTypes = [:]
    history.surrogateKey = SurrogateKey(name: "history_key")
    history.durableName = nil
    history.members = []
    history.outriggers = []
    history.miniDimensions = []
    history.recordedTime = nil
    history.takeOver = nil
    history.schemaChanges = SchemaChanges()
    return history
  }

  public func member(_ name: String) -> DimensionMember? { members.first { $0.name == name } }
}
