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
      /// A column that a CTE computes and nothing reads.
      case unusedColumn(String, of: String)
      /// A name without a schema that is no CTE, of which nothing is known; `candidates`: the CTEs that there are.
      case unknownTable(String, candidates: [String])
      /// UNION, INTERSECT or EXCEPT of different numbers of columns.
      case unequalColumns(Int, Int)
      /// Types as PostgreSQL names them; `unknown` is a text in quotes. `left`: nil for an operator with one operand.
      case unknownOperator(String, left: String?, right: String)
      /// A function of PostgreSQL's that does not take these; `candidates`: the arguments that it takes.
      case unknownFunction(String, [String], candidates: [String])
      case unknownCast(String, to: String)
      /// Two types that cannot share a column of a UNION, CASE and the like.
      case unlikeTypes(String, String, of: String)
      /// A type in a place that wants another.
      case wrongType(String, wanted: String, in: String)
      /// A column that is neither in GROUP BY nor in an aggregate.
      case ungroupedColumn(String)
      /// An aggregate or a window function in a clause that knows none.
      case misplacedFunction(String, isWindow: Bool, in: String)
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
  /// The columns of the CTEs by their names; of CTEs of one name in several subqueries those of the last.
  public let commonTables: [String: [RelationShape.Column]]

  /// nil when the text is no single query: a statement that gives no rows, or several.
  ///
  /// - Parameters:
  ///   - sql: one query
  ///   - language: Redshift's own words are understood where PostgreSQL's parser can be made to read them
  ///   - relations: CTEs at the front that are relations of their own, and are read like them; they are looked at
  ///     elsewhere
  ///   - resolve: what is known of a relation; nil: nothing, which is no error
  /// - Throws: `SQLParser.SyntaxError`
  public init?(
    _ sql: String, in language: SQLLanguage = .postgres, relations: Set<String> = [],
    resolve: (TableName) -> RelationShape?
  ) throws(SQLParser.SyntaxError) {
    let text = language == .redshift ? RedshiftText(sql) : nil
    if let unread = text?.unread {
      throw SQLParser.SyntaxError(message: "\(unread) of Redshift's language", character: nil)
    }
    let statements = try SQLParser.parse(text?.sql ?? sql)
    guard statements.count == 1, let select = statements[0].node("SelectStmt") else { return nil }
    let result: (QueryShape, [Table], [Finding], [String: QueryShape]) = withoutActuallyEscaping(resolve) {
      resolve in
      let analyzer = QueryAnalyzer(language, relations: relations, resolve: resolve)
      let shape = analyzer.query(select, in: QueryAnalyzer.Context()).typed
      return (shape, analyzer.tables, analyzer.findings, analyzer.commonTables)
    }
    let common: [String: QueryShape]
    func place(_ offset: Int?) -> Int? { offset.map { text?.original($0) ?? $0 } }
    shape = text == nil ? result.0 : result.0.placed(place)
    tables = result.1.map { Table(name: $0.name, offset: place($0.offset)) }
    findings = result.2.map { Finding(kind: $0.kind, offset: place($0.offset)) }
    common = result.3
    commonTables = common.mapValues { $0.typed.relation.columns }
  }
}
