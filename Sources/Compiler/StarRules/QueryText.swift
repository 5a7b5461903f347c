import Jinja
import ProjectModel
import SQLAnalysis

/// A model's text as SQL that PostgreSQL's parser reads, without rendering it: each byte of SQL stands where it stands in
/// the file.
///
/// `{{ ref('x') }}` becomes a relation's name, any other expression the call of a function that nobody has. What runs only
/// incrementally is left out.
enum QueryText {
  /// The function that stands for an expression.
  static let expression = "whc_"
  /// The schema or database that stands for `ref()`.
  private static let reference = "ref"

  /// nil where the text hangs on more than that: on loops, alternatives, macros.
  static func sql(of node: Node) -> String? {
    let bytes = Array(node.rawCode.utf8)
    guard !bytes.contains(UInt8(ascii: "\r")),
      let template = try? Template(
        parsing: bytes, name: node.name, syntax: DbtJinja.syntax)
    else { return nil }
    var text = Text(bytes)
    return text.write(template.statements) ? String(decoding: text.sql, as: UTF8.self) : nil
  }

  /// What a relation's name stands for; nil when it was a name in the text.
  static func reference(_ table: TableName) -> (package: String?, name: String)? {
    if table.database == reference { return (table.schema, table.name) }
    return table.database == nil && table.schema == reference ? (nil, table.name) : nil
  }

  private struct Text {
    let bytes: [UInt8]
    var sql: [UInt8]

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      sql = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
    }

    /// False when something cannot be told from the text.
    mutating func write(_ statements: [Statement]) -> Bool {
      statements.allSatisfy { statement in
        switch statement.kind {
        case .text(let text): put(text, at: statement.offset)
        case .output(let expression): write(expression)
        case .set(.name, _), .do: true
        case .if(let alternative):
          alternative.branches.allSatisfy { Self.isCall($0.test, of: "is_incremental") }
            && write(alternative.otherwise)
        default: false
        }
      }
    }

    private mutating func write(_ expression: Expression) -> Bool {
      if Self.isCall(expression, of: "config") { return true }
      guard let start = begin(of: expression) else { return false }
      return put(Array((Self.name(of: expression) ?? "\(QueryText.expression)()").utf8), at: start)
    }

    private mutating func put(_ text: [UInt8], at offset: Int) -> Bool {
      guard offset >= 0, offset + text.count <= sql.count else { return false }
      sql.replaceSubrange(offset..<offset + text.count, with: text)
      return true
    }

    /// Where the braces of an output stand.
    private func begin(of expression: Expression) -> Int? {
      var index = min(expression.start, bytes.count - 1)
      while index > 0 {
        if bytes[index] == UInt8(ascii: "{"), bytes[index - 1] == UInt8(ascii: "{") { return index - 1 }
        index -= 1
      }
      return nil
    }

    private static func isCall(_ expression: Expression, of name: String) -> Bool {
      guard case .call(let callee, _) = expression.kind, case .name(name) = callee.kind else { return false }
      return true
    }

    /// The relation that a literal `ref()` stands for; nil for any other expression.
    private static func name(of expression: Expression) -> String? {
      guard case .call(_, let arguments) = expression.kind, isCall(expression, of: "ref"),
        arguments.named.isEmpty, arguments.spread == nil, arguments.namedSpread == nil
      else { return nil }
      let names = arguments.positional.compactMap(\.stringLiteral)
      guard names.count == arguments.positional.count, (1...2).contains(names.count),
        !names.contains(where: { $0.contains("\"") })
      else { return nil }
      return ([QueryText.reference] + names.map { "\"\($0)\"" }).joined(separator: ".")
    }
  }
}
