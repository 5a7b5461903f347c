public import Artifacts
public import ProjectAnalysis
public import ProjectModel
public import StarModel

/// Everything that the documentation is made of.
public struct DocsInput: Sendable {
  public var manifest: Manifest
  public var star: Star
  /// SQL of the nodes that have been compiled.
  public var compiled: [NodeID: String] = [:]
  /// What that SQL tells: columns and where they come from.
  public var analysis: ProjectAnalysis?
  /// What stands in the database.
  public var catalog: [NodeID: CatalogArtifact.Table] = [:]
  /// What became of each node when it ran last.
  public var results: [NodeID: NodeResult] = [:]
  public var lastRun: LastRun?
  /// Members of dimensions whose versions are shown; none unless they are asked for, since they are people's data.
  public var histories: [NodeID: [MemberHistory]] = [:]
  /// How fresh sources were when that was last measured.
  public var freshness: [NodeID: Freshness] = [:]
  /// Runs that were documented before, the oldest first.
  public var runs: [PastRun] = []
  /// Pictures that are to be part of the page: `data:` addresses by the path that descriptions have.
  public var images: [String: String] = [:]
  /// An earlier state of the project, which the page is to show beside this one.
  public var before: DocumentedBuild?
  /// Seconds since 1970, UTC.
  public var generatedAt: Double
  /// The version of whc.
  public var version: String

  public struct LastRun: Sendable {
    /// `build`, `run`, `test` …
    public var command: String
    /// Seconds since 1970, UTC.
    public var startedAt: Double
    /// Seconds.
    public var elapsed: Double

    public init(command: String, startedAt: Double, elapsed: Double) {
      self.command = command
      self.startedAt = startedAt
      self.elapsed = elapsed
    }
  }

  /// A line of `sources.json`.
  public struct Freshness: Sendable {
    /// `pass`, `warn`, `error` or `runtime error`.
    public var status: String
    /// Seconds since 1970, UTC.
    public var loadedAt: Double?
    public var measuredAt: Double?
    /// Seconds.
    public var age: Double?
    /// `12 hour`
    public var warnAfter: String?
    public var errorAfter: String?
    public var message: String?

    public init(status: String) { self.status = status }
  }

  /// What became of the nodes in a run.
  public struct PastRun: Sendable {
    public struct Outcome: Sendable {
      public var node: NodeID
      public var status: String
      public var seconds: Double
      public var rows: Int?

      public init(node: NodeID, status: String, seconds: Double, rows: Int?) {
        self.node = node
        self.status = status
        self.seconds = seconds
        self.rows = rows
      }
    }

    public var run: LastRun
    public var outcomes: [Outcome]

    public init(run: LastRun, outcomes: [Outcome]) {
      self.run = run
      self.outcomes = outcomes
    }
  }

  /// The versions of one member, the oldest first.
  public struct MemberHistory: Sendable {
    /// The values of the natural key, in its order.
    public var key: [String]
    public var columns: [String]
    /// Values as the server writes them; nil is NULL.
    public var versions: [[String?]]

    public init(key: [String], columns: [String], versions: [[String?]]) {
      self.key = key
      self.columns = columns
      self.versions = versions
    }
  }

  public init(_ manifest: Manifest, star: Star, generatedAt: Double, version: String) {
    self.manifest = manifest
    self.star = star
    self.generatedAt = generatedAt
    self.version = version
  }
}
