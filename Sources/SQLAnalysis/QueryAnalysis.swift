/// What PostgreSQL's parser and the shapes of the relations that it reads tell of a query, without a server.
public struct QueryAnalysis: Sendable {
  /// Something that the server would refuse, or that is surely not meant.
  public struct Finding: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      /// `candidates`: the columns that there are.
      case unknownColumn(String, of: String?, candidates: [String])
      case ambiguousColumn(String, of: [String])
      /// An alias in front of a dot that no relation has; `candidates`: those that there are.
      case unknownAlias(String, candidates: [String])
      case unusedCTE(String)
      /// UNION, INTERSECT or EXCEPT of different numbers of columns.
      case unequalColumns(Int, Int)
    }
    public let kind: Kind
    /// 0-based byte offset in the query; nil where the parser knows none.
    public let offset: Int?
  }

  /// A relation that the query reads, and where its name stands.
  public struct Table: Sendable, Hashable {
    public let name: TableName
    public let offset: Int?
  }

  public let shape: QueryShape
  public let tables: [Table]
  public let findings: [Finding]

  /// nil when the text is no single query: a statement that gives no rows, or several.
  ///
  /// - Parameters:
  ///   - sql: one query, in PostgreSQL's language
  ///   - resolve: what is known of a relation; nil: nothing, which is no error
  /// - Throws: `SQLParser.SyntaxError`
  public init?(_ sql: String, resolve: (TableName) -> RelationShape?) throws(SQLParser.SyntaxError) {
    let statements = try SQLParser.parse(sql)
    guard statements.count == 1, let select = statements[0].node("SelectStmt") else { return nil }
    let result: (QueryShape, [Table], [Finding]) = withoutActuallyEscaping(resolve) { resolve in
      let analyzer = QueryAnalyzer(resolve: resolve)
      let shape = analyzer.query(select, in: QueryAnalyzer.Context())
      return (shape, analyzer.tables, analyzer.findings)
    }
    (shape, tables, findings) = result
  }
}
