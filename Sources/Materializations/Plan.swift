public import Diagnostics
public import OrderedCollections
public import ProjectModel
public import StarModel
public import Warehouse

/// What is to be done to bring one node's relation to what its SQL says: groups of statements in order.
///
/// A plan is a value: made from (node, compiled SQL, present state, dialect) without a connection, printed
/// by `whc plan`, held by goldens, carried out by the runner.
public struct Plan: Sendable {
  public var node: NodeID
  public var groups: [Group]
  /// Relations that exist after the plan and did not before, or no longer exist: for the catalogue cache.
  public var creates: [RelationState]
  public var drops: [RelationName]
  /// What the planner saw and the user should know although the plan is carried out: a column that the
  /// table does not take.
  public var warnings: [Diagnostic]
  /// Why the plan is as it is, in words for `whc plan`.
  public var reasons: [String] = []
  /// The checks of a star that the plan makes sure of before it publishes, and how.
  public var evidence: OrderedDictionary<StarCheck, StarEvidence> = [:]

  public init(
    node: NodeID, groups: [Group], creates: [RelationState] = [], drops: [RelationName] = [],
    warnings: [Diagnostic] = []
  ) {
    self.node = node
    self.groups = groups
    self.creates = creates
    self.drops = drops
    self.warnings = warnings
  }

  /// Statements that belong together.
  public struct Group: Sendable {
    /// `transaction`: BEGIN before, COMMIT after, ROLLBACK when one fails. `autocommit`: each for itself.
    public enum Mode: String, Sendable { case transaction, autocommit }

    public var mode: Mode
    public var steps: [Step]
    /// True when the whole group may be sent again after a lost connection or a serialisation failure.
    public var isIdempotent: Bool
    /// What to do instead when the server refuses the group for a foreseen reason; nil: the refusal is an error.
    public var otherwise: Otherwise?

    public init(_ mode: Mode, isIdempotent: Bool = false, otherwise: Otherwise? = nil, _ steps: [Step]) {
      self.mode = mode
      self.isIdempotent = isIdempotent
      self.otherwise = otherwise
      self.steps = steps
    }
  }

  /// A second way, taken after the group was rolled back because of one of these errors.
  ///
  /// It saves asking first: `create or replace view` is tried, and only a view whose columns changed is swapped.
  public struct Otherwise: Sendable {
    public var sqlStates: [String]
    /// One group of the same mode; it may not have a further way.
    public var steps: [Step]

    public init(sqlStates: [String], steps: [Step]) {
      self.sqlStates = sqlStates
      self.steps = steps
    }
  }

  public enum Step: Sendable {
    case statement(Statement)
    /// Rows of a seed file, streamed by the runner into the statement (`COPY … FROM STDIN`).
    case copy(Statement, SeedContents)
    /// A query that gives rows only when something is wrong; rows end the plan and undo the group.
    case audit(Audit)
    /// Runs the node's gate tests here, against `relation`; a failure of severity error undoes the group.
    case gate(relation: RelationName)
  }

  public struct Statement: Sendable {
    public enum Purpose: String, Sendable {
      case createSchema = "create schema"
      case lock, prepare
      /// The statement that runs the user's SQL; its row count is the node's.
      case main
      case change, index, swap, drop, grant, comment, hook, analyze, cleanup
    }

    public var purpose: Purpose
    /// Exactly one statement, without its closing semicolon; it may end in a line comment.
    public var sql: String
    /// Where in `sql` the node's compiled SQL begins, as a byte offset, so that a server's error position can be
    /// followed to the user's line.
    public var userSQLOffset: Int?
    /// True for a statement whose tag counts the rows the node stored.
    public var countsRows: Bool
    /// The user's own line when the statement comes from elsewhere than the model's SQL (a hook).
    public var span: SourceSpan?
    /// True for what is rendered when its turn comes, because it asks the database or follows from an earlier
    /// statement; `sql` is the template, and what it renders to may be several statements or none.
    public var isTemplate = false
    /// What its rows are counted as.
    public var tallies: [Tally] = []
    /// True when the markers of tallies in `sql` are replaced by what was counted before it is sent.
    public var readsTallies = false
    /// True when it is an EXPLAIN that must answer a ``FullJoinPlan``; what that counts is tallied. Anything else is
    /// treated as the server's refusal ``notCounted``.
    public var explainsJoin = false
    /// The name of the temporary table that it makes; where such a table outlives the transaction, the transaction
    /// drops it at its end.
    var temporaryTable: String?

    public init(
      _ purpose: Purpose, _ sql: String, userSQLOffset: Int? = nil, countsRows: Bool = false,
      span: SourceSpan? = nil
    ) {
      self.purpose = purpose
      self.sql = sql
      self.userSQLOffset = userSQLOffset
      self.countsRows = countsRows
      self.span = span
    }

    /// Makes a temporary table that lasts as long as the transaction; see ``Dialect/temporary(_:)`` for its name.
    static func temporary(_ name: String, as query: String, _ dialect: Dialect) -> Statement {
      var statement = Statement(.prepare, "\(dialect.createTemporary(name))\n\(query)")
      statement.temporaryTable = name
      return statement
    }

    /// What is rendered when its turn comes.
    static func template(_ purpose: Purpose, _ text: String) -> Statement {
      var statement = Statement(purpose, text, countsRows: purpose == .main)
      statement.isTemplate = true
      return statement
    }
  }

  /// What stands for an SQLSTATE where a join is not done in the way that lets the server count its rows.
  public static let notCounted = "WHC02"

  /// What the statements of a plan have counted, for the row that a load leaves of itself and for later statements.
  public enum Tally: String, Sendable, CaseIterable {
    case read, inserted, updated
    /// ``FullJoinPlan/rowsAlone``
    case alone
    /// What audits of severity warning have found.
    case warnings

    /// Stands in a statement for the number.
    public var marker: String { ":\(rawValue)" }
  }

  /// An invariant asked of the data; one of severity warning is only told. The query gives one row per offence (at most a few, the planner limits it);
  /// with the first column the number of offences in all and the rest a sample.
  public struct Audit: Sendable {
    public var code: DiagnosticCode
    /// What was broken: `dim_customer would have two current versions of one key`.
    public var summary: String
    public var help: String?
    public var query: String
    public var span: SourceSpan?
    public var severity = Severity.error
    /// What of a star's declaration it asks; nil for anything else.
    public var check: StarCheck?
    /// True when `query` is a template, rendered when its turn comes.
    public var isTemplate = false

    public init(
      _ code: DiagnosticCode, _ summary: String, help: String? = nil, span: SourceSpan? = nil,
      check: StarCheck? = nil, query: String
    ) {
      self.check = check
      self.code = code
      self.summary = summary
      self.help = help
      self.span = span
      self.query = query
    }
  }
}

/// A seed's file as the runner streams it: the rows without the header line, as `COPY … (FORMAT csv)` reads
/// them with `delimiter`. An unquoted empty field is NULL.
public struct SeedContents: Sendable {
  /// Absolute path of the CSV file.
  public var path: String
  public var delimiter: UInt8
  /// The file's header, in order: COPY's column list.
  public var columns: [String]
  /// The table and its columns as a statement names them: `"shop"."customers" ("id", "name")`.
  public var place: String

  public init(path: String, delimiter: UInt8, columns: [String], place: String = "") {
    self.path = path
    self.delimiter = delimiter
    self.columns = columns
    self.place = place
  }
}
