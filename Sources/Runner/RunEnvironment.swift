public import Compiler
public import Diagnostics
public import Materializations
public import ProjectModel
public import Warehouse

/// What a run works with: the project, the database, and the doors to files that the runner itself never opens.
public struct RunEnvironment: Sendable {
  public var manifest: Manifest
  public var compiler: NodeCompiler
  public var warehouse: any Warehouse
  public var cache: RelationCache
  let dependents = DependentsCache()
  /// The rows of a seed's file.
  public var openSeed: @Sendable (SeedContents) throws -> SeedStream
  /// A seed's header and the types of its columns.
  public var readSeed: @Sendable (Node) throws -> SeedTable
  /// Where in its file a value of a seed stands; nil when it is not found.
  public var seedPlace: @Sendable (Node, SeedCell) -> SourceSpan? = { _, _ in nil }
  /// SQL of an earlier run that rendering would give again.
  public var compiledEarlier: [NodeID: CompiledNode] = [:]
  /// What was found in the SQL of nodes that are not to be sent.
  public var refused: [NodeID: [Diagnostic]] = [:]
  /// Keeps a node's compiled SQL (`target/compiled`).
  public var writeCompiled: @Sendable (Node, CompiledNode) -> Void
  /// Keeps the statements that were sent for a node (`target/run`).
  public var writeRun: @Sendable (Node, String) -> Void
  public var report: @Sendable (RunEvent) -> Void
  /// What a node's warnings come to: some are errors, some are not told.
  public var weigh: @Sendable ([Diagnostic]) -> [Diagnostic] = { $0 }
  /// Where seeds are put for COPY; nil where there is no such place, and they are inserted.
  public var stage: RowStage?
  /// How often work that the server refused, for whatever reason, is sent again (`retry_all` of a profile).
  public var retriesOfRefusals = 0
  /// Seconds since 1970, UTC.
  public var now: @Sendable () -> Double

  public init(
    manifest: Manifest, compiler: NodeCompiler, warehouse: any Warehouse,
    cache: RelationCache = RelationCache(),
    openSeed: @escaping @Sendable (SeedContents) throws -> SeedStream,
    readSeed: @escaping @Sendable (Node) throws -> SeedTable,
    writeCompiled: @escaping @Sendable (Node, CompiledNode) -> Void = { _, _ in },
    writeRun: @escaping @Sendable (Node, String) -> Void = { _, _ in },
    report: @escaping @Sendable (RunEvent) -> Void, now: @escaping @Sendable () -> Double
  ) {
    self.manifest = manifest
    self.compiler = compiler
    self.warehouse = warehouse
    self.cache = cache
    self.openSeed = openSeed
    self.readSeed = readSeed
    self.writeCompiled = writeCompiled
    self.writeRun = writeRun
    self.report = report
    self.now = now
  }
}

/// What is asked of a run.
public struct RunRequest: Sendable {
  /// The nodes to carry out and their order, made with `gatesOnTests` for `build`. Ephemeral models are not in it:
  /// they are compiled with their readers.
  public var graph: ExecutionGraph
  public var threads: Int
  public var failFast: Bool
  public var flags: PlanFlags
  /// `--warn-error`
  public var warningsAreErrors = false
  /// `on-run-start` and `on-run-end` of all packages: the package's name and the template.
  public var startHooks: [RunHook] = []
  /// Whether nodes are skipped when one of `startHooks` fails.
  public var needsStartHooks = false
  public var endHooks: [RunHook] = []

  /// `--event-time-start` and `--event-time-end`, or the window of `--sample`: which batches are run.
  public var eventTimes: Batch?
  /// In a retry: the batches of the run before, of which those that failed are run again.
  public var earlierBatches: [NodeID: BatchResults] = [:]
  /// In a retry: when the run before began, up to which batches reach.
  public var batchesEnd: EventTime?

  /// What is chosen, has nothing to carry out, and still has a result: exposures, saved queries.
  public var noOps: [NodeID] = []

  /// For `clone`: the relations of another environment, on which views are made in place of building anything.
  public var originals: [NodeID: RelationName]?

  public struct RunHook: Sendable {
    public var package: String
    /// Its place in the package's list, from 0.
    public var index: Int
    public var text: String
    /// Where it is written.
    public var span: SourceSpan?

    public init(package: String, index: Int, text: String, span: SourceSpan? = nil) {
      self.package = package
      self.index = index
      self.text = text
      self.span = span
    }
  }

  public init(graph: ExecutionGraph, threads: Int, failFast: Bool, flags: PlanFlags) {
    self.graph = graph
    self.threads = threads
    self.failFast = failFast
    self.flags = flags
  }

  public var nodes: [NodeID] { graph.ids }

  /// `selected_resources`: everything that was chosen, also what is not carried out by itself.
  public var selected: [NodeID]?
  var selectedResources: [NodeID] { selected ?? nodes + noOps }
}
