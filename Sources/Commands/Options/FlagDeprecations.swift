import Diagnostics
import Foundation
import ProjectModel

/// Words of the command line and of the environment that dbt gives up.
enum FlagDeprecations {
  static func found(
    environment: [String: String], arguments: [String], warnErrorOptions: PlainValue?
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for name in environment.keys.sorted()
    where name.hasPrefix(prefix) && !known.contains(String(name.dropFirst(prefix.count))) {
      found.append(
        Diagnostic(
          "environment-variable-namespace", severity: .warning,
          "the environment variable '\(name)' begins with \(prefix), which is kept for dbt's own",
          help: "give it another name", facts: ["env_var": name, "reserved_prefix": prefix]))
    }
    for (old, new) in renamed {
      let name = ["DBT_" + old, prefix + old].first { !(environment[$0] ?? "").isEmpty }
      guard let name else { continue }
      found.append(
        Diagnostic(
          "environment-variable-renamed", severity: .warning,
          "The environment variable `\(name)` has been renamed as `\(prefix + new)`",
          facts: ["old_name": name, "new_name": prefix + new]))
    }
    let old = arguments.dropFirst().first { word in
      ["-m", "--model", "--models"].contains { word == $0 || word.hasPrefix($0 + "=") }
    }
    if let old {
      found.append(
        Diagnostic(
          "model-param-usage", severity: .warning, "'\(old)' is deprecated; '--select' does the same",
          help: "write --select or -s"))
    }
    let options = warnErrorOptions.flatMap { options in
      options.mapping ?? (try? YAMLArgument.mapping(options.string, of: "--warn-error-options"))
    }
    let words = ["include", "exclude"].filter { options?[$0] != nil }
    if !words.isEmpty {
      let new = ["include": "error", "exclude": "warn"]
      found.append(
        Diagnostic(
          "weo-include-exclude", severity: .warning,
          words.map { "'\($0)' of warn_error_options is now called '\(new[$0] ?? "")'" }
            .joined(separator: ", "),
          facts: [
            "found_include": String(words.contains("include")),
            "found_exclude": String(words.contains("exclude")),
          ]))
    }
    return found
  }

  private static let prefix = "DBT_ENGINE_"

  private static let renamed = [
    ("DEFER_TO_STATE", "DEFER"), ("FAVOR_STATE_MODE", "FAVOR_STATE"), ("NO_PRINT", "PRINT"),
    ("ARTIFACT_STATE_PATH", "STATE"),
  ]

  /// The variables that dbt reads, without their prefix.
  private static let known: Set<String> = Set(
    """
    ARTIFACT_STATE_PATH CACHE_SELECTED_ONLY CLEAN_PROJECT_FILES_ONLY DEBUG DEFER DEFER_STATE DEFER_TO_STATE
    DOWNLOAD_DIR EMPTY EVENT_TIME_END EVENT_TIME_START EXCLUDE_RESOURCE_TYPES EXPORT_SAVED_QUERIES FAIL_FAST
    FAVOR_STATE FAVOR_STATE_MODE FULL_REFRESH HOST INCLUDE_SAVED_QUERY INDIRECT_SELECTION INTROSPECT INVOCATION_ENV
    LOG_CACHE_EVENTS LOG_FILE_MAX_BYTES LOG_FORMAT LOG_FORMAT_FILE LOG_LEVEL LOG_LEVEL_FILE LOG_PATH
    MACRO_DEBUGGING NO_PRINT PACKAGE_HUB_URL PARTIAL_PARSE PARTIAL_PARSE_FILE_DIFF PARTIAL_PARSE_FILE_PATH
    POPULATE_CACHE PRINT PRINTER_WIDTH PROFILE PROFILES_DIR PROJECT_DIR QUIET RECORDED_FILE_PATH RESOURCE_TYPES
    SAMPLE SEND_ANONYMOUS_USAGE_STATS SHOW_RESOURCE_REPORT SINGLE_THREADED SQLPARSE STATE STATIC_PARSER
    STORE_FAILURES TARGET TARGET_PATH UPLOAD_TO_ARTIFACTS_INGEST_API USE_COLORS USE_COLORS_FILE
    USE_EXPERIMENTAL_PARSER USE_FAST_TEST_EDGES VERSION_CHECK WARN_ERROR WARN_ERROR_OPTIONS WRITE_JSON
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
