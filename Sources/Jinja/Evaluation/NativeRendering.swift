/// The value that dbt makes of a string in YAML once its template has run.
enum NativeRendering {
  /// Joins the parts: one alone keeps its type, several become text.
  static func value(of parts: [OutputSink.NativePart]) throws -> Value {
    let parts = parts.filter { part in
      if case .string(let text) = part.value { return !text.isEmpty || !part.isConstant }
      return true
    }
    guard let first = parts.first else { return .string("") }
    guard parts.count == 1 else {
      // Constant neighbours were joined to text before the marks could be seen.
      return .string(try parts.map { try $0.value.text() }.joined())
    }
    if first.isConstant, !holdsMark(first.value) { return .string(try first.value.text()) }
    guard let marked = first.value.object(as: MarkedText.self) else { return first.value }
    if marked.mark == .text { return .string(marked.content) }
    let result = PythonLiteral.evaluate(marked.content) ?? .string(marked.content)
    switch marked.mark {
    case .bool:
      guard case .bool = result else { throw unconvertible(marked.content, "bool") }
    case .number:
      switch result {
      case .int, .bigInt, .double: break
      default: throw unconvertible(marked.content, "number")
      }
    case .native, .text: break
    }
    return result
  }

  /// Jinja leaves a constant that it could not write down, such as marked text, to the time of rendering.
  private static func holdsMark(_ value: Value) -> Bool {
    switch value {
    case .object: value.object(as: MarkedText.self) != nil
    case .list(let list): list.items.contains(where: holdsMark)
    case .tuple(let items): items.contains(where: holdsMark)
    default: false
    }
  }

  private static func unconvertible(_ text: String, _ type: String) -> TemplateError {
    TemplateError(.rendering, "Could not convert value '\(text)' into type '\(type)'")
  }

  /// Whether Jinja computes the expression when it compiles, so that native rendering sees its text.
  static func isConstant(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .name, .call: return false
    case .filter(nil, _, _): return false
    case .filter(_, let name, _) where contextFilters.contains(name): return false
    case .test(_, let name, _) where name == "filter" || name == "test": return true
    default:
      var result = true
      expression.kind.forEachChild { result = result && isConstant($0) }
      return result
    }
  }

  private static let contextFilters: Set<String> = [
    "map", "select", "reject", "selectattr", "rejectattr", "random",
  ]
}

/// Text that `as_text`, `as_bool`, `as_number` or `as_native` marked.
final class MarkedText: JinjaObject {
  enum Mark { case text, bool, number, native }

  let content: String
  let mark: Mark

  init(_ content: String, _ mark: Mark) {
    self.content = content
    self.mark = mark
  }

  var typeName: String {
    switch mark {
    case .text: "TextMarker"
    case .bool: "BoolMarker"
    case .number: "NumberMarker"
    case .native: "NativeMarker"
    }
  }
  func text() -> String { content }
  func representation() -> String { Value.representation(of: content) }
  func isTrue() -> Bool { !content.isEmpty }
  func count() -> Int? { content.unicodeScalars.count }
  func contains(_ value: Value) throws -> Bool? { try Value.string(content).contains(value) }
  func attribute(_ name: String) -> Value? { Methods.bound(name, of: .string(content)) }
  func isEqual(to other: Value) -> Bool {
    if let other = other.stringValue { return Value.sameText(content, other) }
    if let other = other.object(as: MarkedText.self) { return Value.sameText(content, other.content) }
    return false
  }
  func hash() -> Int? { Value.hash(text: content) }
}
