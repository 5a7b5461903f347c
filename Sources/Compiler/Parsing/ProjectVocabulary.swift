/// The words that a project may be written with, for editors.
public enum ProjectVocabulary {
  /// The keys of `config`, sorted.
  public static var configKeys: [String] {
    Array(Set(PropertyKeys.config.map { $0.replacing("-", with: "_") })).sorted()
  }

  /// The values that a key of `config` takes; nil: any.
  public static func values(of key: String) -> [String]? {
    switch key {
    case "materialized":
      [
        "view", "table", "incremental", "ephemeral", "materialized_view", "staging", "dimension", "fact",
        "date_dimension", "time_dimension", "audit_dimension", "junk_dimension", "bridge",
      ]
    case "incremental_strategy": ["append", "delete+insert", "merge", "microbatch"]
    case "on_schema_change": ["ignore", "fail", "append_new_columns", "sync_all_columns"]
    case "on_configuration_change": ["apply", "continue", "fail"]
    case "access": ["private", "protected", "public"]
    case "severity": ["error", "warn"]
    case "strategy": ["timestamp", "check"]
    case "hard_deletes": ["ignore", "invalidate", "new_record"]
    case "batch_size": ["hour", "day", "month", "year"]
    case "store_failures_as": ["table", "view", "ephemeral"]
    case "fact_type": ["transaction", "periodic_snapshot", "accumulating_snapshot", "factless"]
    case "enabled", "full_refresh", "store_failures", "unlogged", "concurrent_batches", "quote_columns":
      ["true", "false"]
    default: nil
    }
  }

  /// The keys that may stand at a place of a properties file.
  ///
  /// - Parameter way: the keys above it, nil for an entry of a list: `["models", nil, "columns", nil]`
  public static func properties(under way: [String?]) -> [String] {
    switch way.last {
    case nil: return PropertyKeys.file
    case "config"?: return configKeys
    default: break
    }
    guard way.count > 1, way.last == .some(nil), let section = way[0] else { return [] }
    switch way.dropFirst().compactMap({ $0 }).last {
    case nil: return entries[section] ?? []
    case "columns": return PropertyKeys.column
    case "tables": return PropertyKeys.sourceTable
    case "versions": return PropertyKeys.version
    case "arguments": return PropertyKeys.macroArgument
    default: return []
    }
  }

  private static let entries: [String: [String]] = [
    "models": PropertyKeys.model, "seeds": PropertyKeys.node, "snapshots": PropertyKeys.snapshot,
    "analyses": PropertyKeys.analysis, "functions": PropertyKeys.function, "macros": PropertyKeys.macro,
    "sources": PropertyKeys.source, "exposures": PropertyKeys.exposure, "groups": PropertyKeys.group,
    "data_tests": PropertyKeys.singularTest,
  ]

  /// The names that every template has.
  public static let contextNames: [String] = [
    "adapter", "api", "builtins", "config", "dbt_version", "doc", "env_var", "exceptions", "execute", "flags",
    "fromjson", "fromyaml", "function", "graph", "invocation_id", "is_incremental", "load_result",
    "local_md5",
    "log", "metric", "model", "modules", "print", "project_name", "ref", "return", "run_query",
    "run_started_at", "schema", "selected_resources", "set", "source", "statement", "target", "this",
    "tojson",
    "toyaml", "var", "zip",
  ]
}
