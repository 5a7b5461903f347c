public import Diagnostics
public import ProjectModel
public import Warehouse

/// One kind of materialisation: a pure function to a ``Plan``.
///
/// Each kind is a file of its own and is listed in ``MaterializationRegistry``.
public protocol Materialization: Sendable {
  /// The word in `materialized:`.
  static var name: String { get }

  /// True for kinds whose tests run before they are published unless the node says `publish: before_tests`.
  var gatesByDefault: Bool { get }

  /// What must be known of the database before `plan` is called.
  func needs(_ input: PlanInput) -> StateNeeds

  /// - Throws: ``DiagnosticsError`` when the node's config cannot be carried out.
  func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan
}

extension Materialization {
  public var gatesByDefault: Bool { false }
}

/// Questions to the catalogue that a plan waits for.
public struct StateNeeds: Sendable {
  /// The columns of the node's own relation, when it exists.
  public var ownColumns = false
  /// The columns that the compiled SQL gives (by describing it).
  public var queryColumns = false
  /// What the compiled SQL costs (``PlanInput/queryEffort``).
  public var queryEffort = false
  /// The columns of other relations: dimensions that a fact looks up.
  public var columnsOf: [RelationName] = []
  /// Tables whose size and distribution count (``PlanInput/storage``).
  public var storageOf: [RelationName] = []
  /// Views and foreign keys that depend on the node's relation and would die with it.
  public var dependents = false
  /// dbt's macros whose work the plan does by itself, unless the project has its own.
  public var macros: [String] = []

  public init() {}
}

/// Everything a plan is made from.
public struct PlanInput: Sendable {
  public var node: Node
  public var compiled: CompiledNode
  public var manifest: Manifest
  public var dialect: Dialect
  /// The node's relation as it is now; nil when there is none.
  public var existing: RelationState?
  /// Other relations that are there now, by name: leftovers, dimensions.
  public var relations: KnownRelations
  public var queryColumns: [ColumnDescription]
  /// The server's estimate of what a row of the compiled SQL costs, in its planner's units; nil when it is not known.
  public var queryEffort: Double?
  /// How tables are kept that the plan asked for, where the server has a choice of it.
  public var storage: [RelationName: TableStorage] = [:]
  /// Views that read the relation, directly or through others; each after those it reads.
  public var dependents: [ViewRecipe]
  /// Foreign keys of other tables that point at the relation.
  public var dependentKeys: [ForeignKeyReference] = []
  public var flags: PlanFlags
  /// Hooks already rendered, in order.
  public var preHooks: [RenderedHook]
  public var postHooks: [RenderedHook]
  /// What a seed's file holds; nil for other kinds.
  public var seed: SeedTable?
  /// The batch that a microbatch model is built for: from when and, exclusively, to when.
  public var batch: Batch?
  /// Those of ``StateNeeds/macros`` that the project or a package has written anew.
  public var overriddenMacros: Set<String> = []

  public init(
    node: Node, compiled: CompiledNode, manifest: Manifest, dialect: Dialect, existing: RelationState? = nil,
    relations: KnownRelations = [:], queryColumns: [ColumnDescription] = [],
    dependents: [ViewRecipe] = [], flags: PlanFlags = PlanFlags(), preHooks: [RenderedHook] = [],
    postHooks: [RenderedHook] = [], seed: SeedTable? = nil
  ) {
    self.node = node
    self.compiled = compiled
    self.manifest = manifest
    self.dialect = dialect
    self.existing = existing
    self.relations = relations
    self.queryColumns = queryColumns
    self.dependents = dependents
    self.flags = flags
    self.preHooks = preHooks
    self.postHooks = postHooks
    self.seed = seed
  }
}

public struct PlanFlags: Sendable {
  public var fullRefresh = false
  /// `whc rebuild`: the plan makes a dimension's history anew beside its table.
  public var rebuild = false
  /// `--empty`
  public var empty = false
  /// True in `build`: gate tests run before publishing.
  public var gate = false
  /// `--store-failures`
  public var storeFailures = false
  /// The run's id, in hexadecimal without dashes: part of names of tables built aside.
  public var runID = "0"
  /// The run's id as artifacts have it.
  public var invocationID = ""
  /// The name of the profile's target.
  public var targetName = ""
  /// That of whc.
  public var version = ""
  /// The time that counts as "now" for detection of changes, as ISO 8601 UTC with microseconds; nil: the server's.
  public var now: String?
  /// True when the plan is made a second time, because the server said that something hangs on the relation (2BP01).
  public var carriesDependents = false

  public init() {}
}

/// A hook after rendering.
public struct RenderedHook: Sendable, Hashable {
  public var sql: String
  public var inTransaction: Bool
  public var span: SourceSpan?
  /// True when `sql` is still a template, because it works on the database while it is rendered.
  public var isTemplate: Bool

  public init(sql: String, inTransaction: Bool = true, span: SourceSpan? = nil, isTemplate: Bool = false) {
    self.sql = sql
    self.inTransaction = inTransaction
    self.span = span
    self.isTemplate = isTemplate
  }
}

/// A seed's header with the types inferred from its values by dbt's (agate's) rules.
public struct SeedTable: Sendable {
  public enum InferredType: String, Sendable { case integer, number, boolean, date, timestamp, text }
  public struct Column: Sendable {
    public var name: String
    public var type: InferredType
    /// Bytes of the longest value in UTF-8; nil when they were not counted, or when there is no value.
    public var longest: Int?

    public init(name: String, type: InferredType, longest: Int? = nil) {
      self.name = name
      self.type = type
      self.longest = longest
    }
  }

  public var path: String
  public var delimiter: UInt8
  public var columns: [Column]
  public var rowCount: Int

  public init(path: String, delimiter: UInt8, columns: [Column], rowCount: Int) {
    self.path = path
    self.delimiter = delimiter
    self.columns = columns
    self.rowCount = rowCount
  }
}
