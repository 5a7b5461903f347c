/// Which functions of PostgreSQL give NULL, and when (manual, chapter 9).
enum FunctionNulls {
  /// nil when it is not known.
  static func isNullable(_ name: String, _ arguments: [Bool?]) -> Bool? {
    if neverNull.contains(name) { return false }
    return strict.contains(name) ? arguments.reduce(false) { either($0, $1) } : nil
  }

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
}
