public import Diagnostics

/// What became of one node in a run: one entry of run_results.
public struct NodeResult: Sendable {
  /// dbt's words.
  public enum Status: String, Sendable {
    case success, error, skipped, pass, fail, warn
    case partialSuccess = "partial success"
    case noOp = "no-op"
  }

  public struct Timing: Sendable {
    /// `compile` or `execute`.
    public var name: String
    /// Seconds since 1970, UTC.
    public var startedAt: Double
    public var completedAt: Double

    public init(name: String, startedAt: Double, completedAt: Double) {
      self.name = name
      self.startedAt = startedAt
      self.completedAt = completedAt
    }
  }

  public var node: NodeID
  public var status: Status
  public var timing: [Timing]
  /// Seconds.
  public var executionTime: Double
  public var threadName: String
  public var message: String?
  /// Failing rows of a test.
  public var failures: Int?
  /// `INSERT 0 12` as dbt's adapter_response `_message`, and its parts.
  public var adapterMessage: String?
  public var rowsAffected: Int?
  public var compiledCode: String?
  public var relationName: String?
  public var diagnostics: [Diagnostic]
  /// For a microbatch model: its batches.
  public var batches: BatchResults?
  /// For a source whose freshness was found: a source without one could not be asked.
  public var freshness: MeasuredFreshness?
  /// Because of which node a skipped one was skipped.
  public var skippedBecauseOf: NodeID?

  public init(node: NodeID, status: Status, threadName: String = "Thread-1") {
    self.node = node
    self.status = status
    self.threadName = threadName
    timing = []
    executionTime = 0
    diagnostics = []
  }
}

extension Diagnostic {
  /// The fact that names the ephemeral model in which the query of one of its readers stopped.
  public static let ephemeralFact = "ephemeral_model"
}
