public import OrderedCollections
public import ProjectModel

/// Everything about a run that templates can see besides the manifest: settings of the projects, target,
/// variables, flags, environment, clock and ids. Holds no secrets.
public struct TemplateSettings: Sendable {
  /// A package whose macros take part: the root project or one that it depends on.
  public struct Package: Sendable {
    public var name: String
    /// The `vars:` of its dbt_project.yml as written, unrendered.
    public var vars: OrderedDictionary<String, PlainValue>
    /// As its dbt_project.yml has it.
    public var version: String?

    public init(name: String, vars: OrderedDictionary<String, PlainValue> = [:], version: String? = nil) {
      self.name = name
      self.vars = vars
      self.version = version
    }
  }

  /// One entry of the root project's `dispatch:`.
  public struct DispatchRule: Sendable {
    public var macroNamespace: String
    public var searchOrder: [String]

    public init(macroNamespace: String, searchOrder: [String]) {
      self.macroNamespace = macroNamespace
      self.searchOrder = searchOrder
    }
  }

  /// `query-comment` of the root project.
  public struct QueryComment: Sendable {
    /// The template, or nil for dbt's own comment; an empty text turns comments off.
    public var template: String?
    public var append: Bool

    public init(template: String? = nil, append: Bool = false) {
      self.template = template
      self.append = append
    }
  }

  /// What becomes of `exceptions.warn`.
  public enum Warnings: Sendable { case told, silent, errors }

  /// The root project's name.
  public var projectName: String
  /// The root project's folder, absolute.
  public var projectRoot: String
  /// The root project first, then its packages in the order in which they were loaded.
  public var packages: [Package]
  public var dispatch: [DispatchRule] = []
  /// `quoting` of the root project over the adapter's defaults.
  public var quoting = RelationName.Quoting()
  public var queryComment = QueryComment()
  /// `postgres` or `redshift`.
  public var adapterType: String
  /// The target's database and schema.
  public var database: String
  public var schema: String
  /// What `target.…` shows: profile_name, name, target_name, type, threads, host, port, user, database, dbname,
  /// schema, … without secrets.
  public var target: OrderedDictionary<String, PlainValue>
  /// `--vars`
  public var cliVars: OrderedDictionary<String, PlainValue> = [:]
  /// The process's environment.
  public var environment: [String: String] = [:]
  /// Which of the environment and the flags were asked for.
  public var reads = ParseReads()
  /// What `flags.…` shows, by upper-case name: FULL_REFRESH, STORE_FAILURES, WHICH, EMPTY, …
  public var flags: OrderedDictionary<String, PlainValue> = [:]
  /// What `invocation_args_dict` shows.
  /// False for `--no-inject-ephemeral-ctes`.
  public var injectsEphemerals = true
  public var invocationArguments: OrderedDictionary<String, PlainValue> = [:]
  /// `--sample`: references to what has an event time give the rows of this window only.
  public var sample: Batch?
  /// `--warn-error` and its kin as far as they mean the warnings of templates.
  public var warnings = Warnings.told
  public var invocationID: String
  /// Seconds since 1970, UTC.
  public var runStartedAt: Double

  public init(
    projectName: String, projectRoot: String, packages: [Package], adapterType: String = "postgres",
    database: String, schema: String, target: OrderedDictionary<String, PlainValue>,
    invocationID: String = "", runStartedAt: Double = 0
  ) {
    self.projectName = projectName
    self.projectRoot = projectRoot
    self.packages = packages
    self.adapterType = adapterType
    self.database = database
    self.schema = schema
    self.target = target
    self.invocationID = invocationID
    self.runStartedAt = runStartedAt
  }
}
