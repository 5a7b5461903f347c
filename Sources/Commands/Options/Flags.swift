import Compiler
import Diagnostics
import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel

/// What the command line, the environment and the project's `flags:` say together, the first of them that speaks
/// winning.
struct Flags: Sendable {
  /// The subcommand's word, as artifacts and `flags.WHICH` show it.
  var command = ""
  /// The project's folder, absolute: given, or the nearest that holds a dbt_project.yml, or the one we are in.
  var projectDirectory: String
  var profilesDirectory: String?
  var profile: String?
  var target: String?
  var vars: String?
  var targetPath: String?
  var logPath: String?
  var logFormat: LogFormat
  var logFormatFile: LogFormat
  var logLevel: LogLevel
  var logLevelFile: LogLevel
  var printerWidth: Int
  var quiet: Bool
  var debug: Bool
  /// Whether `print()` in templates writes.
  var print: Bool
  /// nil: colours when somebody looks.
  var colors: Bool?
  var failFast: Bool
  var warnError: Bool
  var warnErrorOptions: PlainValue?
  var threads: Int?
  /// `--defer`
  var defers: Bool
  /// `--favor-state`
  var favorsState: Bool
  /// `--state`, below the project's folder unless absolute.
  var state: String?
  /// `--defer-state`, likewise.
  var deferState: String?
  var writeJSON: Bool
  /// Bytes; 0 for a log file without end.
  var logFileMaxBytes: Int
  var indirectSelection: IndirectSelection
  /// What is wrong with flags and their environment variables; ends every command.
  private(set) var problems: [Diagnostic] = []
  /// What `--threads` itself says.
  let givenThreads: Int?
  /// Whether `require-dbt-version` is looked at.
  var versionCheck: Bool
  /// Whether what an earlier run made of unchanged files is used.
  var partialParse: Bool
  /// What only some commands take and nothing here asks for, under dbt's names: `macro`, `output`, …
  var ownArguments: OrderedDictionary<String, PlainValue> = [:]
  /// `--sqlparse` as written.
  let sqlParseLimits: String?
  /// `--show-all-deprecations`
  let showsAllDeprecations: Bool
  /// What the command line and the environment use that dbt gives up.
  var deprecations: [Diagnostic] = []
  var fullRefresh = false
  /// `--empty`; nil for commands that do not have it.
  var givenEmpty: Bool?
  var empty: Bool { givenEmpty ?? false }
  var storeFailures = false
  /// Whether CTEs of ephemeral models are put into what is compiled.
  var injectsEphemerals = true
  /// Whether the SQL is looked at before it is sent; false for commands that send none.
  var checksSQL = false
  /// `--openlineage`
  var openLineage: String?
  /// Whether templates may ask the database.
  var introspect = true
  /// As written; see ``EventTimeFlags``.
  var eventTimeStart: String?
  var eventTimeEnd: String?
  var sample: String?
  /// True when standard output is for another program: remarks go to standard error.
  var answersData = false
  /// `--select` and its kin; nil for commands that do not have them.
  var selection: SelectionRequest?
  /// The process's environment, for `env_var`.
  let environment: [String: String]
  /// dbt_project.yml as far as it could be read; the commands that need it say what is wrong with it.
  let project: RawProject?
  /// `flags:` of dbt_project.yml.
  let projectFlags: OrderedDictionary<String, PlainValue>

  init(
    _ options: GlobalOptions, environment: [String: String] = ProcessInfo.processInfo.environment,
    folder: String = FileManager.default.currentDirectoryPath
  ) {
    let variables = FlagVariables(environment)
    self.environment = environment
    projectDirectory =
      (options.projectDirectory ?? variables.text("PROJECT_DIR")).map(FileSystem.absolute)
      ?? RawProject.findFolder(from: folder) ?? FileSystem.absolute(folder)
    let project = try? RawProject.read(folder: projectDirectory)
    self.project = project
    projectFlags = project?.root["flags"]?.plain.mapping ?? [:]

    let said = FlagSources(variables: variables, project: projectFlags)
    profilesDirectory = options.profilesDirectory ?? variables.text("PROFILES_DIR")
    profile = options.profile ?? variables.text("PROFILE")
    target = options.target ?? variables.text("TARGET")
    vars = options.vars
    sqlParseLimits = options.sqlParseLimits ?? variables.text("SQLPARSE")
    targetPath = options.targetPath ?? said.text("target_path")
    logPath = options.logPath ?? said.text("log_path")
    logFormat =
      options.logFormat ?? said.text("log_format").flatMap { LogFormat(rawValue: $0.lowercased()) }
      ?? .standard
    logFormatFile =
      options.logFormatFile ?? said.text("log_format_file").flatMap { LogFormat(rawValue: $0.lowercased()) }
      ?? (logFormat == .json ? .json : .debug)
    debug = options.debug ?? said.bool("debug") ?? false
    logLevel =
      options.logLevel ?? said.text("log_level").flatMap { LogLevel(rawValue: $0.lowercased()) }
      ?? (debug ? .debug : .info)
    logLevelFile =
      options.logLevelFile ?? said.text("log_level_file").flatMap { LogLevel(rawValue: $0.lowercased()) }
      ?? .debug
    quiet = options.quiet ?? said.bool("quiet") ?? false
    print = options.print ?? said.bool("print") ?? variables.bool("NO_PRINT").map { !$0 } ?? true
    printerWidth = options.printerWidth ?? said.int("printer_width") ?? 80
    colors = options.colors ?? said.bool("use_colors")
    failFast = options.failFast ?? said.bool("fail_fast") ?? false
    warnError = options.warnError || said.bool("warn_error") ?? false
    warnErrorOptions =
      (options.warnErrorOptions ?? variables.text("WARN_ERROR_OPTIONS")).map(PlainValue.string)
      ?? projectFlags["warn_error_options"]
    defers = options.defers ?? said.bool("defer") ?? variables.bool("DEFER_TO_STATE") ?? false
    favorsState =
      options.favorsState ?? said.bool("favor_state") ?? variables.bool("FAVOR_STATE_MODE") ?? false
    state = options.state ?? said.text("state") ?? variables.text("ARTIFACT_STATE_PATH")
    deferState = options.deferState ?? said.text("defer_state")
    threads =
      options.single ?? said.bool("single_threaded") ?? false ? 1 : options.threads ?? said.int("threads")
    writeJSON = options.writeJSON ?? said.bool("write_json") ?? true
    logFileMaxBytes = options.logFileMaxBytes ?? said.int("log_file_max_bytes") ?? 10 << 20
    let mode = options.indirectSelection ?? said.text("indirect_selection") ?? "eager"
    indirectSelection = IndirectSelection(rawValue: mode.lowercased()) ?? .eager
    problems = FlagProblems(variables: variables).all
    problems += FlagProblems.choice(mode, of: "--indirect-selection", among: FlagProblems.modes)
    if options.warnError, options.warnErrorOptions != nil {
      problems.append(
        Diagnostic(
          "bad-flag", "warn_error: not allowed with argument warn_error_options",
          help: "--warn-error-options '{error: all}' is what --warn-error means"))
    }
    if let path = options.projectDirectory ?? variables.text("PROJECT_DIR"), !FileSystem.isFolder(path) {
      problems.append(
        Diagnostic("bad-flag", "the path '\(path)' of --project-dir does not exist, or is no folder"))
    }
    deprecations = FlagDeprecations.found(
      environment: environment, arguments: ProcessInfo.processInfo.arguments,
      warnErrorOptions: warnErrorOptions)
    showsAllDeprecations =
      options.allDeprecations ?? said.bool("show_all_deprecations") ?? false
    givenThreads = options.threads
    versionCheck = options.versionCheck ?? said.bool("version_check") ?? true
    partialParse = options.partialParse ?? said.bool("partial_parse") ?? true
  }

  /// Least level of what is told on the terminal.
  var consoleLevel: LogLevel { quiet ? max(.error, logLevel) : logLevel }
}

/// dbt's environment variables: `DBT_ENGINE_<NAME>`, or `DBT_<NAME>`, which it had before.
struct FlagVariables {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// nil for an empty variable, too.
  func text(_ name: String) -> String? {
    for prefix in ["DBT_ENGINE_", "DBT_"] {
      if let value = environment[prefix + name], !value.isEmpty { return value }
    }
    return nil
  }

  func bool(_ name: String) -> Bool? {
    switch text(name)?.lowercased() {
    case "1", "true", "t", "yes", "y", "on": true
    case "0", "false", "f", "no", "n", "off": false
    default: nil
    }
  }
}

/// What is wrong with the values of environment variables.
private struct FlagProblems {
  var variables: FlagVariables

  static let modes = ["eager", "cautious", "buildable", "empty"]
  private static let switches = [
    "CACHE_SELECTED_ONLY", "DEBUG", "DEFER", "EMPTY", "FAIL_FAST", "FAVOR_STATE", "FULL_REFRESH",
    "INTROSPECT",
    "LOG_CACHE_EVENTS", "PARTIAL_PARSE", "POPULATE_CACHE", "PRINT", "QUIET", "SEND_ANONYMOUS_USAGE_STATS",
    "STATIC_PARSER", "STORE_FAILURES", "USE_COLORS", "USE_COLORS_FILE", "VERSION_CHECK", "WARN_ERROR",
    "WRITE_JSON",
  ]
  private static let numbers = ["PRINTER_WIDTH", "LOG_FILE_MAX_BYTES"]

  var all: [Diagnostic] {
    let switches = Self.switches.compactMap { name in
      variables.text(name).flatMap { variables.bool(name) == nil ? wrong(name, $0, "a boolean") : nil }
    }
    let numbers = Self.numbers.compactMap { name in
      variables.text(name).flatMap { Int($0) == nil ? wrong(name, $0, "an integer") : nil }
    }
    let formats = LogFormat.allCases.map(\.rawValue)
    let levels = LogLevel.allCases.map(\.rawValue)
    return switches + numbers
      + [
        ("LOG_FORMAT", formats), ("LOG_FORMAT_FILE", formats), ("LOG_LEVEL", levels),
        ("LOG_LEVEL_FILE", levels),
      ]
      .flatMap { name, known in
        variables.text(name).map { Self.choice($0, of: "DBT_" + name, among: known) } ?? []
      }
  }

  static func choice(_ word: String, of flag: String, among known: [String]) -> [Diagnostic] {
    guard !known.contains(word.lowercased()) else { return [] }
    return [
      Diagnostic(
        "bad-flag", "'\(word)' is no value of \(flag)", meant: NearMiss(word, among: known),
        help: "it takes " + known.joined(separator: ", "))
    ]
  }

  private func wrong(_ name: String, _ value: String, _ kind: String) -> Diagnostic {
    Diagnostic(
      "bad-flag", "the environment variable DBT_\(name) is '\(value)', which is not \(kind)",
      help: kind == "a boolean" ? "it takes true or false" : nil)
  }
}

/// What the environment says of a flag, else what the project says.
private struct FlagSources {
  var variables: FlagVariables
  var project: OrderedDictionary<String, PlainValue>

  func text(_ key: String) -> String? { variables.text(key.uppercased()) ?? project[key]?.string }
  func bool(_ key: String) -> Bool? { variables.bool(key.uppercased()) ?? project[key]?.bool }
  func int(_ key: String) -> Int? {
    variables.text(key.uppercased()).flatMap { Int($0) } ?? project[key]?.int
  }
}
