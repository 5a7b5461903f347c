import SQLAnalysis
import TestSupport
import Testing
import Warehouse

/// Operators, functions, conditions and shared columns over every pair of a table's types: what the analysis refuses
/// the server refuses, and the types of the rest are the server's.
@Suite struct ServerCatalogueTests {
  static let columns = [
    ("i", "integer"), ("b", "bigint"), ("n", "numeric(10,2)"), ("d", "double precision"), ("x", "text"),
    ("v", "character varying(20)"), ("c", "character(5)"), ("f", "boolean"), ("day", "date"),
    ("at", "timestamp without time zone"), ("z", "timestamp with time zone"), ("span", "interval"),
    ("u", "uuid"),
    ("k", "jsonb"), ("a", "text[]"),
  ]
  static let atoms = columns.map(\.0) + ["'x'", "null", "1.5"]

  @Test(arguments: ["=", "<", "||", "+", "-", "*", "~~", "->>", "@>"])
  func operators(_ name: String) async throws {
    try await agree(Self.pairs { "select \($0) \(name) \($1) as r from t" })
  }

  @Test(arguments: [
    "case when f then $1 else $2 end", "coalesce($1, $2)", "nullif($1, $2)", "$1 in ($2)",
    "$1 is distinct from $2",
    "array[$1, $2]", "case $1 when $2 then 1 end",
  ])
  func constructs(_ text: String) async throws {
    try await agree(
      Self.pairs { one, other in
        "select \(text.replacing("$1", with: one).replacing("$2", with: other)) as r from t"
      })
  }

  @Test func setOperationsAndConditions() async throws {
    try await agree(
      Self.pairs { "select \($0) as r from t union all select \($1) from t" }
        + Self.atoms.map { "select 1 as r from t where \($0)" }
        + Self.columns.flatMap { type in Self.atoms.map { "select \($0)::\(type.1) as r from t" } })
  }

  @Test(arguments: [
    "upper", "round", "sum", "max", "avg", "date_trunc", "to_char", "length", "substring", "concat",
    "coalesce",
    "array_agg", "unnest", "generate_series", "abs", "mod", "age", "date", "string_agg", "json_build_object",
    "array_length", "split_part", "count", "bool_or", "greatest", "to_date", "md5", "stddev", "array_append",
  ])
  func functions(_ name: String) async throws {
    try await agree(
      Self.atoms.map { "select \(name)(\($0)) as r from t" }
        + Self.pairs { "select \(name)(\($0), \($1)) as r from t" })
  }

  private static func pairs(_ query: (String, String) -> String) -> [String] {
    atoms.flatMap { one in atoms.map { query(one, $0) } }
  }

  private func agree(_ queries: [String]) async throws {
    let shape = RelationShape(
      columns: Self.columns.map { RelationShape.Column(name: $0.0, type: SQLType(text: $0.1)) },
      isComplete: true)
    let connection = try await PrivateCluster.shared.connection()
    let problems = try await connection.perform { session -> [String] in
      let columns = Self.columns.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      _ = try session.run("create temp table t (\(columns))")
      return try queries.compactMap { query -> String? in
        let analysis = try #require(try QueryAnalysis(query, resolve: { _ in shape }))
        let described: String
        do {
          described = try session.describe(query)[0].type
        } catch let error as WarehouseError {
          // That a text in quotes says no number is not seen before it runs; nor that several operators would do.
          let isSeen =
            ["42883", "42804", "42846"].contains(error.sqlState) && !"\(error)".contains("polymorphic")
          return isSeen && analysis.findings.isEmpty ? "\(query): \(error)" : nil
        }
        if let finding = analysis.findings.first {
          return "\(query): the server takes it, not \(finding.kind)"
        }
        guard let type = analysis.shape.columns[0].type, type.description != described else { return nil }
        return "\(query): \(type), not \(described)"
      }
    }
    await connection.close()
    #expect(problems == [])
  }
}
