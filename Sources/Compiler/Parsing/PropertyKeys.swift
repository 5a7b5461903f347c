import StarModel

/// The keys that dbt Core 1.11 knows in properties files, by place.
enum PropertyKeys {
  static let file = [
    "version", "models", "seeds", "snapshots", "sources", "macros", "analyses", "exposures", "metrics",
    "groups",
    "semantic_models", "saved_queries", "unit_tests", "data_tests", "functions", "anchors",
  ]

  private static let described = [
    "name", "description", "meta", "docs", "config", "data_type", "constraints",
  ]
  private static let tested = [
    "columns", "data_tests", "tests", "quote_columns", "group", "contract", "access",
  ]

  static let model =
    described + tested + ["latest_version", "versions", "deprecation_date", "time_spine", "primary_key"]
  static let node = described + tested
  static let snapshot = node + ["relation"]
  static let analysis = described + ["columns", "group", "contract", "access"]
  static let function = described + ["columns", "group", "access", "arguments", "returns"]
  static let singularTest = described
  static let macro = described + ["arguments"]
  static let macroArgument = ["name", "type", "description"]
  static let version = [
    "v", "defined_in", "description", "access", "config", "constraints", "docs", "data_tests", "tests",
    "columns",
    "deprecation_date", "meta", "group", "contract",
  ]
  static let column =
    described + ["data_tests", "tests", "quote", "tags", "granularity", "policy_tags", "dimension", "entity"]
  static let source = [
    "name", "description", "meta", "database", "dbname", "schema", "loader", "quoting", "freshness",
    "loaded_at_field", "loaded_at_query", "tables", "tags", "config", "overrides", "data_tests", "tests",
  ]
  static let sourceTable =
    described + [
      "columns", "data_tests", "tests", "loaded_at_field", "loaded_at_query", "identifier", "quoting",
      "freshness",
      "external", "tags", "quote_columns",
    ]
  static let exposure = [
    "name", "type", "owner", "description", "label", "maturity", "meta", "tags", "url", "depends_on",
    "config",
  ]
  static let group = ["name", "owner", "description", "config", "meta"]

  /// The keys of `config` that every node of a kind may have; others are the user's own.
  static let config =
    [
      "enabled", "alias", "schema", "database", "tags", "meta", "group", "materialized",
      "incremental_strategy",
      "batch_size", "lookback", "begin", "persist_docs", "post-hook", "pre-hook", "post_hook", "pre_hook",
      "quoting",
      "column_types", "full_refresh", "unique_key", "on_schema_change", "on_configuration_change", "grants",
      "packages", "docs", "contract", "event_time", "concurrent_batches", "access", "freshness", "delimiter",
      "quote_columns", "strategy", "target_schema", "target_database", "updated_at", "check_cols",
      "snapshot_meta_column_names", "dbt_valid_to_current", "hard_deletes", "invalidate_hard_deletes",
      "severity",
      "store_failures", "store_failures_as", "where", "limit", "fail_calc", "warn_if", "error_if", "indexes",
      "unlogged", "sql_header", "static_analysis", "merge_update_columns", "merge_exclude_columns",
      "incremental_predicates", "sort", "sort_type", "dist", "bind", "backup", "auto_refresh",
      "loaded_at_field",
      "loaded_at_query", "publish", "type", "volatility", "runtime_version", "entry_point",
    ] + star.flatMap(\.self)

  /// Those of dimensions, facts and their kin.
  private static let star: [[String]] = [
    Dimension.keys, Fact.keys, DateDimension.keys, TimeDimension.keys, AuditDimension.keys,
    JunkDimension.keys,
    Bridge.keys, ["star_rules", "star_tests", "sql_rules", "physical"],
  ]
}
