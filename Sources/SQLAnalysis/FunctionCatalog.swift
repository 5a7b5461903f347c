/// What is known of PostgreSQL's functions and operators (manual, chapter 9). One that is not here is not known, and
/// that is no error.
enum FunctionCatalog {
  private enum Result {
    case type(SQLType)
    /// The type of the first argument.
    case first
    /// The common type of all arguments.
    case common
    case element, array
    /// `sum`: wider than what it adds.
    case sum
    /// `avg`
    case mean
    /// Whole numbers become numeric in `round` and its like, others stay.
    case rounded
  }

  private static let results: [String: Result] = {
    var results: [String: Result] = [:]
    func give(_ result: Result, _ names: String) {
      for name in words(names) { results[name] = result }
    }
    give(.type(.bigint), "count row_number rank dense_rank regr_count")
    give(
      .type(.integer),
      """
      ntile length char_length character_length octet_length bit_length position strpos ascii
      array_length array_upper array_lower cardinality array_position jsonb_array_length
      json_array_length num_nulls num_nonnulls width_bucket
      """)
    give(
      .type(.double),
      """
      percent_rank cume_dist random pi sin cos tan asin acos atan atan2 radians degrees regr_slope
      regr_intercept regr_r2 corr covar_pop covar_samp cbrt date_part
      """)
    give(.type(.numeric), "extract to_number")
    give(.type(.boolean), "bool_and bool_or every starts_with isfinite isempty regexp_like")
    give(
      .type(.text),
      """
      concat concat_ws upper lower trim btrim ltrim rtrim substring substr replace left right lpad
      rpad repeat reverse initcap split_part translate md5 to_char string_agg regexp_replace format
      quote_ident quote_literal quote_nullable chr to_hex encode overlay array_to_string
      jsonb_extract_path_text json_extract_path_text current_setting regexp_substr normalize
      unaccent
      """)
    give(.type(.date), "to_date make_date")
    give(.type(.timestamp), "make_timestamp")
    give(
      .type(.timestamptz),
      """
      now clock_timestamp statement_timestamp transaction_timestamp to_timestamp make_timestamptz
      """)
    give(.type(.interval), "make_interval justify_days justify_hours justify_interval age")
    give(.type(SQLType("uuid")), "gen_random_uuid uuid_generate_v4")
    give(
      .type(SQLType("jsonb")),
      """
      to_jsonb jsonb_build_object jsonb_build_array jsonb_agg jsonb_object_agg jsonb_set
      jsonb_strip_nulls jsonb_extract_path jsonb_array_elements jsonb_path_query
      """)
    give(
      .type(SQLType("json")),
      """
      to_json json_build_object json_build_array json_agg json_object_agg row_to_json
      json_extract_path json_array_elements
      """)
    give(.type(SQLType.text.array), "string_to_array regexp_split_to_array regexp_matches regexp_match")
    give(
      .type(.text),
      """
      jsonb_array_elements_text json_array_elements_text jsonb_object_keys json_object_keys
      regexp_split_to_table string_to_table
      """)
    give(
      .first,
      """
      min max abs lag lead first_value last_value nth_value nullif mod any_value mode array_append
      array_remove array_cat array_replace
      """)
    give(.element, "unnest")
    give(.array, "array_agg")
    give(.common, "coalesce greatest least")
    give(.sum, "sum")
    give(.mean, "avg stddev stddev_pop stddev_samp variance var_pop var_samp")
    give(.rounded, "round ceil ceiling floor trunc power sqrt exp ln log sign div")
    return results
  }()

  private static let aggregates: Set<String> = words(
    """
    count sum avg min max array_agg string_agg bool_and bool_or every bit_and bit_or bit_xor
    json_agg jsonb_agg json_object_agg jsonb_object_agg stddev stddev_pop stddev_samp variance
    var_pop var_samp corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2
    regr_slope regr_sxx regr_sxy regr_syy percentile_cont percentile_disc mode range_agg
    range_intersect_agg xmlagg any_value listagg median
    """)

  private static let rowFunctions: Set<String> = words(
    """
    unnest generate_series generate_subscripts json_array_elements jsonb_array_elements
    json_array_elements_text jsonb_array_elements_text json_each jsonb_each json_each_text
    jsonb_each_text json_object_keys jsonb_object_keys regexp_matches regexp_split_to_table
    string_to_table jsonb_path_query json_populate_recordset jsonb_populate_recordset
    json_to_recordset jsonb_to_recordset
    """)

  private static let neverNull: Set<String> = [
    "count", "row_number", "rank", "dense_rank", "ntile", "percent_rank", "cume_dist", "concat", "now",
    "clock_timestamp", "random", "gen_random_uuid", "json_build_object", "jsonb_build_object", "pi",
    "quote_nullable",
    "statement_timestamp", "transaction_timestamp", "num_nulls", "num_nonnulls",
  ]

  /// Functions that give NULL exactly when an argument is NULL.
  private static let strict: Set<String> = words(
    """
    upper lower trim btrim ltrim rtrim length char_length abs round floor ceil ceiling trunc md5
    date_trunc date_part extract substring substr replace left right lpad rpad repeat reverse
    initcap split_part translate to_char to_date to_timestamp sign sqrt power strpos position mod
    make_date timezone age date
    """)

  private static func words(_ text: String) -> Set<String> {
    Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
  }

  static func isAggregate(_ name: String) -> Bool { aggregates.contains(name) }
  static func givesRows(_ name: String) -> Bool { rowFunctions.contains(name) }

  /// Whether a function in FROM gives one column, named like the function or its alias.
  static func givesSingleColumn(_ name: String) -> Bool {
    rowFunctions.contains(name) && !name.hasSuffix("_each") && !name.hasSuffix("_each_text")
      && !name.hasSuffix("recordset")
  }

  /// nil when it is not known.
  static func isNullable(_ name: String, _ arguments: [Bool?]) -> Bool? {
    if neverNull.contains(name) { return false }
    return strict.contains(name) ? arguments.reduce(false) { either($0, $1) } : nil
  }

  /// nil when it is not known.
  static func type(of name: String, _ arguments: [SQLType?]) -> SQLType? {
    let first = arguments.first ?? nil
    switch name {
    case "date_trunc":
      // Of a date it makes a timestamp with time zone, which is how PostgreSQL reads a date there.
      guard arguments.count > 1, let value = arguments[1] else { return nil }
      return value == .date ? .timestamptz : value.unmodified
    case "generate_series":
      guard let first else { return nil }
      return first == .date ? .timestamptz : first.unmodified
    case "timezone":
      guard arguments.count > 1, let value = arguments[1]?.unmodified else { return nil }
      return value == .timestamptz ? .timestamp : value == .timestamp ? .timestamptz : nil
    case "percentile_cont": return .double
    default: break
    }
    guard let result = results[name] else { return nil }
    switch result {
    case .type(let type): return type
    case .first: return ["min", "max"].contains(name) ? compared(first) : first?.unmodified
    case .common: return arguments.dropFirst().reduce(first) { SQLType.common($0, $1) }
    case .element: return first?.isArray == true ? first?.element : nil
    case .array: return first.flatMap { $0.isArray ? nil : $0.array }
    case .sum:
      switch first?.name {
      case "smallint", "integer": return .bigint
      case "bigint", "numeric": return .numeric
      default: return first
      }
    case .mean:
      switch first?.name {
      case "smallint", "integer", "bigint", "numeric": return .numeric
      case "real", "double precision": return .double
      default: return first
      }
    case .rounded:
      switch first?.name {
      case "numeric": return .numeric
      case "smallint", "integer", "bigint": return arguments.count > 1 && name == "round" ? .numeric : .double
      case "real", "double precision": return .double
      default: return nil
      }
    }
  }

  /// What comes out where values of a type are compared: strings of limited length are compared as text.
  static func compared(_ type: SQLType?) -> SQLType? {
    type?.name == "character varying" && type?.isArray == false ? .text : type?.unmodified
  }

  /// nil when it is not known.
  static func type(ofOperator name: String, _ left: SQLType?, _ right: SQLType?, isPrefix: Bool) -> SQLType? {
    switch name {
    case "=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@>",
      "<@", "&&",
      "?", "?|", "?&":
      return .boolean
    case "->>", "#>>": return .text
    case "->", "#>": return left?.name == "json" || left?.name == "jsonb" ? left : nil
    case "||":
      if let left, left.isArray || left.name == "jsonb" { return left }
      if let right, right.isArray { return right }
      return left?.category == .text || right?.category == .text || left == nil && right == nil ? .text : nil
    case "+", "-", "*", "/", "%", "^": break
    default: return nil
    }
    if isPrefix { return right?.unmodified }
    return arithmetic(name, left?.unmodified, right?.unmodified)
  }

  private static func arithmetic(_ name: String, _ left: SQLType?, _ right: SQLType?) -> SQLType? {
    guard let left, let right else { return nil }
    if left.category == .number, right.category == .number {
      let common = SQLType.common(left, right)
      if name == "^" { return common?.name == "numeric" ? .numeric : .double }
      return common?.name == "real" && left != right ? .double : common
    }
    switch (left, name, right) {
    case (.date, "-", .date): return .integer
    case (.date, "+", .integer), (.date, "-", .integer), (.integer, "+", .date): return .date
    case (.date, _, .interval), (.interval, "+", .date): return .timestamp
    case (.timestamp, _, .interval), (.interval, "+", .timestamp): return .timestamp
    case (.timestamptz, _, .interval), (.interval, "+", .timestamptz): return .timestamptz
    case (.timestamp, "-", .timestamp), (.timestamptz, "-", .timestamptz): return .interval
    case (.interval, _, _) where right == .interval || right.category == .number: return .interval
    case (_, "*", .interval) where left.category == .number: return .interval
    default: return nil
    }
  }
}

extension SQLType {
  static func ~= (pattern: SQLType, value: SQLType) -> Bool { pattern == value }
}
