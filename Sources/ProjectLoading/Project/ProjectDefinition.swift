public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// A `dbt_project.yml` with its templates rendered and its defaults filled in.
public struct ProjectDefinition: Sendable {
  /// A statement of `on-run-start` or `on-run-end`, unrendered.
  public struct Hook: Sendable {
    public var sql: String
    public var span: SourceSpan
  }

  /// Where macros of one package may be taken from others first.
  public struct DispatchRule: Sendable {
    public var macroNamespace: String
    public var searchOrder: [String]
  }

  /// `query-comment`: absent stands for the default comment.
  public struct QueryComment: Sendable {
    public var text: String?
    public var append = false
    public var jobLabel = false
    /// True when the key is there and empty: no comment is sent.
    public var isOff = false
  }

  /// Which parts of names the project wants quoted; nil leaves it to the adapter.
  public struct Quoting: Sendable {
    public var database: Bool?
    public var schema: Bool?
    public var identifier: Bool?
  }

  public var name: String
  public var version: String?
  public var profile: String?
  /// The folder of dbt_project.yml, absolute.
  public var rootPath: String
  /// dbt_project.yml as messages name it.
  public var file: String
  /// SHA-256 of dbt_project.yml without white space at its ends.
  public var checksum = ""

  public var modelPaths = ["models"]
  public var macroPaths = ["macros"]
  public var seedPaths = ["seeds"]
  public var testPaths = ["tests"]
  public var analysisPaths = ["analyses"]
  public var snapshotPaths = ["snapshots"]
  public var functionPaths = ["functions"]
  /// nil: all the other folders.
  public var docsPaths: [String]?
  public var assetPaths: [String] = []
  public var targetPath = "target"
  public var logPath = "logs"
  public var packagesInstallPath = "dbt_packages"
  public var cleanTargets: [String] = ["target"]

  public var quoting = Quoting()
  public var onRunStart: [Hook] = []
  public var onRunEnd: [Hook] = []
  public var requiredVersions: [String] = []
  public var dispatch: [DispatchRule] = []
  /// The config trees by their key (`models`, `seeds`, `snapshots`, `sources`, `data_tests`, `unit_tests`,
  /// `metrics`, `semantic-models`, `saved-queries`, `exposures`, `analyses`), rendered except for hooks.
  public var configs: [String: YAMLNode] = [:]
  /// The same as written.
  public var unrenderedConfigs: [String: YAMLNode] = [:]
  /// As written; Jinja in it is not rendered.
  public var vars: OrderedDictionary<String, PlainValue> = [:]
  public var queryComment = QueryComment()
  public var flags: OrderedDictionary<String, PlainValue> = [:]
  public var restrictAccess = false

  public init(name: String, rootPath: String, file: String) {
    self.name = name
    self.rootPath = rootPath
    self.file = file
  }

  /// The folders in which properties files are looked for, each once.
  public var allSourcePaths: [String] {
    var result: [String] = []
    let folders =
      modelPaths + seedPaths + snapshotPaths + analysisPaths + macroPaths + testPaths + functionPaths
    for folder in folders where !result.contains(folder) { result.append(folder) }
    return result
  }
}
