import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel

extension Flags {
  /// What templates see as `flags` and `invocation_args_dict`, and `args` of run_results. As in dbt, some flags that
  /// are off are not there, and neither are those that the command does not have.
  var shown: OrderedDictionary<String, PlainValue> {
    var result: OrderedDictionary<String, PlainValue> = [
      "log_format_file": .string(logFormatFile.rawValue), "log_level": .string(logLevel.rawValue),
      "printer_width": .int(printerWidth), "quiet": .bool(quiet), "print": .bool(print),
      "write_json": .bool(writeJSON), "log_format": .string(logFormat.rawValue),
      "use_colors": .bool(colors ?? true), "log_level_file": .string(logLevelFile.rawValue),
      "log_file_max_bytes": .int(logFileMaxBytes), "log_path": .string(logFolder),
      "project_dir": .string(projectDirectory), "which": .string(command), "introspect": .bool(introspect),
      "partial_parse": .bool(partialParse), "version_check": .bool(versionCheck),
      "send_anonymous_usage_stats": false, "indirect_selection": .string(indirectSelection.rawValue),
      "defer": .bool(defers), "favor_state": .bool(favorsState),
      "warn_error_options": .mapping(shownWarnErrorOptions),
      "invocation_command": .string(
        (["dbt"] + ProcessInfo.processInfo.arguments.dropFirst()).joined(separator: " ")),
    ]
    let switches = [
      ("debug", debug), ("full_refresh", fullRefresh), ("fail_fast", failFast), ("warn_error", warnError),
      ("store_failures", storeFailures),
    ]
    for (key, isOn) in switches where isOn { result[key] = true }
    if let givenEmpty { result["empty"] = .bool(givenEmpty) }
    if let selection {
      result["select"] = .list(selection.select.map { .string($0) })
      result["exclude"] = .list(selection.exclude.map { .string($0) })
      if let selector = selection.selector { result["selector"] = .string(selector) }
      if ["build", "list", "test", "clone"].contains(command) {
        result["resource_types"] = .list(selection.resourceTypes.map { .string($0) })
        result["exclude_resource_types"] = .list(selection.excludedResourceTypes.map { .string($0) })
      }
    }
    // The log file follows the screen where nobody says otherwise.
    if let colors { result["use_colors_file"] = .bool(colors) }
    let texts = [
      ("state", state), ("defer_state", deferState), ("target", target), ("profile", profile),
      ("target_path", targetPath), ("event_time_start", eventTimeStart), ("event_time_end", eventTimeEnd),
      ("sample", sample),
    ]
    for (key, text) in texts { if let text { result[key] = .string(text) } }
    // Readers of run_results look there for the profile, also when nobody named the folder.
    let folders = ProfileFile.searchOrder(
      flag: profilesDirectory, projectFolder: projectDirectory, environment: environment)
    if let folder = folders.first(where: { FileSystem.isFile($0 + "/profiles.yml") }) {
      result["profiles_dir"] = .string(folder)
    }
    if let threads { result["threads"] = .int(threads) }
    if Self.parsingCommands.contains(command) { result["sqlparse"] = .mapping(shownParseLimits) }
    result.merge(ownArguments) { _, new in new }
    for (key, value) in projectFlags where result[key] == nil { result[key] = value }
    for (key, value) in Self.constant where result[key] == nil { result[key] = value }
    return result
  }

  /// The commands that have `--sqlparse`.
  private static let parsingCommands: Set<String> = [
    "build", "compile", "freshness", "generate", "run", "seed", "show", "snapshot", "test",
  ]

  private var shownParseLimits: OrderedDictionary<String, PlainValue> {
    let given = try? YAMLArgument.mapping(sqlParseLimits, of: "--sqlparse")
    return given.flatMap { $0.isEmpty ? nil : $0 } ?? ["MAX_GROUPING_DEPTH": nil, "MAX_GROUPING_TOKENS": nil]
  }

  /// `--log-path`, else the project's `logs`.
  private var logFolder: String {
    guard let logPath else { return projectDirectory + "/logs" }
    return logPath.hasPrefix("/") ? logPath : projectDirectory + "/" + logPath
  }

  private var shownWarnErrorOptions: OrderedDictionary<String, PlainValue> {
    var result: OrderedDictionary<String, PlainValue> = ["error": [], "warn": [], "silence": []]
    let given: OrderedDictionary<String, PlainValue>? =
      switch warnErrorOptions {
      case .string(let text)?: try? YAMLArgument.mapping(text, of: "--warn-error-options")
      default: warnErrorOptions?.mapping
      }
    for (key, value) in given ?? [:] where !value.isNull {
      switch key {
      case "include": result["error"] = value
      case "exclude": result["warn"] = value
      default: if result[key] != nil { result[key] = value }
      }
    }
    return result
  }

  /// dbt's defaults of flags that switch nothing here.
  private static let constant: OrderedDictionary<String, PlainValue> = [
    "cache_selected_only": false, "macro_debugging": false, "partial_parse_file_diff": true,
    "populate_cache": true, "show_all_deprecations": false, "show_resource_report": false,
    "static_parser": true, "strict_mode": false, "upload_to_artifacts_ingest_api": false,
    "use_colors_file": true, "use_fast_test_edges": false,
    "require_all_warnings_handled_by_warn_error": false,
    "require_batched_execution_for_custom_microbatch_strategy": false,
    "require_explicit_package_overrides_for_builtin_materializations": true,
    "require_generic_test_arguments_property": true, "require_nested_cumulative_type_params": false,
    "require_ref_searches_node_package_before_root": false, "require_resource_names_without_spaces": true,
    "require_unique_project_resource_names": false, "require_yaml_configuration_for_mf_time_spines": false,
    "skip_nodes_if_on_run_start_fails": false, "source_freshness_run_project_hooks": true,
    "state_modified_compare_more_unrendered_values": false, "state_modified_compare_vars": false,
    "validate_macro_args": false,
  ]
}
