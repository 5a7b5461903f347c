import ArgumentParser

/// dbt's global flags, taken before or after the subcommand (see ``ArgumentOrder``).
///
/// Each has dbt's environment variable; ``Flags`` puts the two and the project's `flags:` together. nil stands for
/// what nobody has said.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .customLong("project-dir"), help: "Folder of the project (default: here or the nearest above)")
  var projectDirectory: String?

  @Option(name: .customLong("profiles-dir"), help: "Folder of profiles.yml")
  var profilesDirectory: String?

  @Option(help: "Profile to use, instead of the one that dbt_project.yml names")
  var profile: String?

  @Option(name: [.customShort("t", allowingJoined: true), .long], help: "Target of the profile")
  var target: String?

  @Option(help: "Variables as a YAML mapping, over those of dbt_project.yml")
  var vars: String?

  @Option(name: .customLong("target-path"), help: "Folder for artifacts and compiled SQL (default: target)")
  var targetPath: String?

  @Option(name: .customLong("log-path"), help: "Folder for the log file (default: logs)")
  var logPath: String?

  @Option(name: .customLong("log-format"), help: "text, json or debug")
  var logFormat: LogFormat?

  @Option(name: .customLong("log-format-file"), help: "The same for the log file (default: debug)")
  var logFormatFile: LogFormat?

  @Option(name: .customLong("log-level"), help: "debug, info, warn, error or none")
  var logLevel: LogLevel?

  @Option(name: .customLong("log-level-file"), help: "The same for the log file (default: debug)")
  var logLevelFile: LogLevel?

  @Option(
    name: .customLong("log-file-max-bytes"),
    help: "Size at which dbt.log is put aside as dbt.log.1; 0: never (default: 10 MiB)")
  var logFileMaxBytes: Int?

  @Option(name: .customLong("printer-width"), help: "Columns of the lines of a run (default: 80)")
  var printerWidth: Int?

  @Flag(
    name: [.customShort("q"), .long], inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Print errors and answers only")
  var quiet: Bool?

  @Flag(
    name: [.customShort("d"), .long], inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Say more: every statement that is sent")
  var debug: Bool?

  @Flag(
    name: .customLong("use-colors"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Colours (default: on a terminal)")
  var colors: Bool?

  @Flag(
    name: [.customLong("fail-fast"), .customShort("x")], inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Stop at the first failure")
  var failFast: Bool?

  @Flag(name: .customLong("warn-error"), help: "Treat warnings as errors")
  var warnError = false

  @Option(
    name: .customLong("warn-error-options"),
    help: "Which warnings are errors, as YAML: {error: all, warn: [unused-config-path]}")
  var warnErrorOptions: String?

  @Flag(
    name: .customLong("defer"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Read nodes that are not selected and not there from the environment of --state")
  var defers: Bool?

  @Flag(
    name: .customLong("favor-state"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "With --defer: read them there also when they are here")
  var favorsState: Bool?

  @Option(help: "Folder with the artifacts of an earlier run, for state:, result: and --defer")
  var state: String?

  @Option(name: .customLong("defer-state"), help: "Folder for --defer, when it is not that of --state")
  var deferState: String?

  @Option(help: "Connections to work on at once")
  var threads: Int?

  @Flag(
    name: .customLong("write-json"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Write artifacts (default: yes)")
  var writeJSON: Bool?

  @Flag(
    name: .customLong("print"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Show what print() in templates says (default: yes)")
  var print: Bool?

  @Option(
    name: .customLong("indirect-selection"),
    help: "eager, cautious, buildable or empty: which tests come along")
  var indirectSelection: String?
  @Flag(
    name: .customLong("partial-parse"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Use what an earlier run made of files that have not changed (default: yes)")
  var partialParse: Bool?

  @Flag(
    name: .customLong("version-check"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Check 'require-dbt-version' (default: yes)")
  var versionCheck: Bool?

  // Flags of dbt that change nothing here, taken so that scripts run as they are.
  @Flag(name: .customLong("static-parser"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var staticParser = true
  @Flag(name: .customLong("populate-cache"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var populateCache = true
  @Flag(
    name: .customLong("send-anonymous-usage-stats"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: .hidden)
  var usageStats = false
  @Flag(
    name: .customLong("cache-selected-only"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var cacheSelectedOnly = false
  @Flag(name: .customLong("use-colors-file"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var colorsFile = false
  @Flag(
    name: .customLong("log-cache-events"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var logCache = false
  @Flag(
    name: .customLong("show-resource-report"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden
  )
  var resources = false
  @Flag(
    name: .customLong("single-threaded"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var single: Bool?
  @Flag(
    name: .customLong("macro-debugging"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var macroDebugging = false
  @Flag(
    name: .customLong("use-experimental-parser"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: .hidden)
  var experimentalParser = false
  @Flag(
    name: .customLong("use-fast-test-edges"), inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden)
  var fastTestEdges = false
  @Flag(
    name: .customLong("partial-parse-file-diff"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: .hidden)
  var partialParseFileDiff = true
  @Flag(
    name: .customLong("show-all-deprecations"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Tell each use of what is deprecated, not the first of a kind alone")
  var allDeprecations: Bool?
  @Flag(
    name: .customLong("upload-to-artifacts-ingest-api"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: .hidden)
  var uploads = false
  @Option(name: .customLong("sqlparse"), help: .hidden) var sqlParseLimits: String?
  @Option(name: .customLong("partial-parse-file-path"), help: .hidden) var partialParseFile: String?
  @Option(name: [.customLong("record-timing-info"), .customShort("r", allowingJoined: true)], help: .hidden)
  var timingFile: String?
}

enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text, json, debug
  case standard = "default"
}

/// How much is told, dbt's words.
enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable, Comparable {
  case debug, info, warn, error, none

  static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
