/// A part of a syntax tree as libpg_query writes it: names of fields and kinds are those of PostgreSQL's `parsenodes.h`.
///
/// A field that has its type's zero value is not there.
public indirect enum SyntaxNode: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  case string(String)
  case list([SyntaxNode])
  case fields([Field])

  public struct Field: Sendable, Hashable {
    public let name: String
    public let value: SyntaxNode
  }

  /// The field's value; ``null`` where there is none.
  subscript(name: String) -> SyntaxNode {
    guard case .fields(let fields) = self else { return .null }
    return fields.first { $0.name == name }?.value ?? .null
  }

  /// What kind of node stands here, and the node itself: the tree wraps `ColumnRef {…}` as `{"ColumnRef": {…}}`.
  var node: (kind: String, fields: SyntaxNode)? {
    guard case .fields(let fields) = self, fields.count == 1 else { return nil }
    return (fields[0].name, fields[0].value)
  }

  func node(_ kind: String) -> SyntaxNode? {
    guard let node, node.kind == kind else { return nil }
    return node.fields
  }

  var list: [SyntaxNode] {
    if case .list(let items) = self { return items }
    return []
  }

  var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  var integer: Int? {
    if case .integer(let number) = self { return number }
    return nil
  }

  var isTrue: Bool { self == .bool(true) }
  var isNull: Bool { self == .null }

  /// 0-based byte offset in the statement's text; nil where the parser knows none.
  var location: Int? {
    guard case .fields = self else { return nil }
    let offset = self["location"].integer ?? 0
    return offset < 0 ? nil : offset
  }

  /// The texts of a list of `String` nodes: the parts of a name.
  var names: [String] { list.compactMap { $0.node("String")?["sval"].string } }

  /// The calls of aggregates in an expression, the outermost, without those in subqueries and windows.
  var aggregates: [SyntaxNode] {
    guard let (kind, fields) = node, kind != "SubLink" else { return [] }
    if kind == "FuncCall", fields.isAggregate, fields["over"].isNull { return [fields] }
    return fields.inner.flatMap(\.aggregates)
  }
}
