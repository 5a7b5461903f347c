/// What the `attribute` argument of a filter looks up: `"a.b.0"`, an index, or the item itself.
struct AttributePath {
  private let parts: [Value]
  private let fallback: Value?

  init(_ attribute: Value?, default fallback: Value? = nil) throws {
    self.fallback = fallback
    switch attribute {
    case nil, .some(.none): parts = []
    case .some(let value):
      parts = value.stringValue.map(AttributePath.split) ?? [value]
    }
  }

  private init(parts: [Value]) {
    self.parts = parts
    fallback = nil
  }

  private static func split(_ path: String) -> [Value] {
    path.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { part in
      let text = String(part) ?? ""
      if !text.isEmpty, text.utf8.allSatisfy(Bytes.isDigit), let index = Int(text) { return .int(index) }
      return .string(text)
    }
  }

  /// The paths of an attribute with commas, for sorting by several.
  static func several(_ attribute: Value?) throws -> [AttributePath] {
    guard let text = attribute?.stringValue else { return [try AttributePath(attribute)] }
    return text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
      AttributePath(parts: split(String($0) ?? ""))
    }
  }

  func value(of item: Value, _ interpreter: Interpreter) throws -> Value {
    var item = item
    for part in parts {
      item = try interpreter.item(part, of: item)
      if item.isUndefined, let fallback { item = fallback }
    }
    return item
  }
}

/// Sorting as Python sorts: stable, and an error of a comparison ends it.
enum Sorting {
  static func sorted(_ items: [Value], keys: [Value], reverse: Bool = false) throws -> [Value] {
    var order = Array(items.indices)
    if reverse { order.reverse() }
    try mergeSort(&order, keys)
    if reverse { order.reverse() }
    return order.map { items[$0] }
  }

  private static func mergeSort(_ order: inout [Int], _ keys: [Value]) throws {
    var width = 1
    var source = order
    var target = order
    while width < source.count {
      var start = 0
      while start < source.count {
        let middle = min(start + width, source.count)
        let end = min(start + 2 * width, source.count)
        var left = start
        var right = middle
        for position in start..<end {
          let takesRight: Bool
          if left >= middle {
            takesRight = true
          } else if right >= end {
            takesRight = false
          } else {
            takesRight = try keys[source[right]].isLess(than: keys[source[left]])
          }
          target[position] = takesRight ? source[right] : source[left]
          if takesRight { right += 1 } else { left += 1 }
        }
        start = end
      }
      swap(&source, &target)
      width *= 2
    }
    order = source
  }

  /// Text in lower case, anything else as it is.
  static func ignoringCase(_ value: Value) -> Value {
    switch value {
    case .string(let text): .string(CaseMapping.lower(text))
    case .markup(let text): .markup(CaseMapping.lower(text))
    default: value
    }
  }
}
