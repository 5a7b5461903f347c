import CPgQuery

/// PostgreSQL's own parser (that of version 15, as libpg_query has it).
public enum SQLParser {
  /// What PostgreSQL's parser says of a text that it does not take.
  public struct SyntaxError: Error, Sendable, Hashable {
    /// PostgreSQL's words: `syntax error at or near "form"`.
    public let message: String
    /// 0-based offset in characters, as the parser counts; nil when it names no place.
    public let character: Int?
  }

  /// The statements of a text.
  ///
  /// - Throws: ``SyntaxError``
  public static func parse(_ sql: String) throws(SyntaxError) -> [SyntaxNode] {
    let result = pg_query_parse(sql)
    defer { pg_query_free_parse_result(result) }
    if let error = result.error?.pointee {
      let message = error.message.map { String(cString: $0) } ?? "syntax error"
      throw SyntaxError(message: message, character: error.cursorpos > 0 ? Int(error.cursorpos) - 1 : nil)
    }
    guard let text = result.parse_tree else { throw SyntaxError(message: "no syntax tree", character: nil) }
    let tree = text.withMemoryRebound(to: UInt8.self, capacity: strlen(text)) {
      SyntaxDecoder.decode(UnsafeBufferPointer(start: $0, count: strlen(text)))
    }
    guard let tree else { throw SyntaxError(message: "the query is nested too deeply", character: nil) }
    return tree["stmts"].list.map { $0["stmt"] }
  }
}
