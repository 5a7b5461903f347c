public import Diagnostics
import Jinja
public import ProjectModel
public import Warehouse

/// What one render may use of the world: a connection, the cache of relations, the run's selection.
///
/// A runtime belongs to one thread; the cache in it is shared.
public final class TemplateRuntime {
  /// What a template wrote to the log or the terminal.
  public struct Message: Sendable {
    public enum Level: Sendable { case debug, info, print, warning }
    public var level: Level
    public var text: String
    public var span: SourceSpan?
    /// A warning that has a code of its own.
    public var diagnostic: Diagnostic?
  }

  /// nil: a template that asks the database gets a diagnostic.
  public var session: (any Session)?
  public let cache: RelationCache
  /// Relations that stand in for those of nodes: a table built aside that tests are run against.
  public var overrides: [NodeID: RelationName] = [:]
  /// `selected_resources`
  public var selected: [NodeID] = []
  public var threadName = "Thread-1"
  /// `--empty`: refs and sources become subqueries without rows.
  public var isEmpty = false
  /// The batch of a microbatch model that is rendered: references give its rows only.
  public var batch: BatchScope?
  /// Hears `log`, `print` and `exceptions.warn` as they happen.
  public var emit: (Message) -> Void = { _ in }
  /// `compiled_code` and `sql` in hooks and materializations, once the node's own SQL is rendered.
  public var compiledSQL: String?
  /// The same with the way back to the user's lines.
  public var compiled: CompiledNode? {
    didSet { compiledSQL = compiled?.sql }
  }
  /// What statements left for later; hooks and materializations of one node share it.
  var results: [String: Value] = [:]
  /// Set while a materialization's template runs: its statements begin transactions as dbt's connections do.
  public var transaction: Transaction?
  /// The rows of the seed that a materialization's template loads.
  public var readSeed: (() throws -> SeedData)?
  /// What the template gave to `write()`: the statements named `main`.
  public var written = ""

  /// Where a connection of dbt stands. Its first statement always begins a transaction; after a commit a statement begins
  /// one if it asks for it (`auto_begin`), and else stands alone.
  public struct Transaction: Sendable {
    var isFresh = true
    var isOpen = false

    public init() {}
  }

  public init(
    session: (any Session)? = nil, cache: RelationCache = RelationCache(),
    emit: @escaping (Message) -> Void = { _ in }
  ) {
    self.session = session
    self.cache = cache
    self.emit = emit
  }
}
