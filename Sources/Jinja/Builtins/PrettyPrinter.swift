/// Python's `pprint`, with its line width of 80.
enum PrettyPrinter {
  static func format(_ value: Value) throws -> String {
    var output = ""
    try write(value, &output, indent: 0, allowance: 0)
    return output
  }

  private static func write(_ value: Value, _ output: inout String, indent: Int, allowance: Int) throws {
    if indent > 2000 { throw TemplateError(.recursion, "maximum recursion depth exceeded") }
    let plain = try plain(value)
    if plain.unicodeScalars.count <= 80 - indent - allowance {
      output += plain
      return
    }
    switch value {
    case .dict(let dict):
      if dict.isEmpty { break }
      output += "{"
      let pairs = sorted(dict.pairs)
      for (index, pair) in pairs.enumerated() {
        if index > 0 { output += ",\n" + String(repeating: " ", count: indent + 1) }
        let key = try self.plain(pair.key)
        output += key + ": "
        try write(
          pair.value, &output, indent: indent + 1 + key.unicodeScalars.count + 2,
          allowance: index == pairs.count - 1 ? allowance + 1 : 1)
      }
      output += "}"
      return
    case .list(let list):
      return try write(list.items, "[", "]", &output, indent: indent, allowance: allowance)
    case .tuple(let items):
      return try write(
        items, "(", items.count == 1 ? ",)" : ")", &output, indent: indent, allowance: allowance)
    case .string(let text):
      return try write(text, &output, indent: indent, allowance: allowance)
    default: break
    }
    output += plain
  }

  private static func write(
    _ items: [Value], _ open: String, _ close: String, _ output: inout String, indent: Int, allowance: Int
  ) throws {
    output += open
    for (index, item) in items.enumerated() {
      if index > 0 { output += ",\n" + String(repeating: " ", count: indent + 1) }
      try write(
        item, &output, indent: indent + 1,
        allowance: index == items.count - 1 ? allowance + close.utf8.count : 1)
    }
    output += close
  }

  /// A long text in pieces, broken after white space.
  private static func write(_ text: String, _ output: inout String, indent: Int, allowance: Int) throws {
    let isTop = indent == 0
    let indent = isTop ? 1 : indent
    let allowance = isTop ? allowance + 1 : allowance
    var chunks: [String] = []
    let lines = StringMethods.splitLines(text, keepEnds: true)
    for (index, line) in lines.enumerated() {
      let isLast = index == lines.count - 1
      let limit = 80 - indent - (isLast ? allowance : 0)
      let whole = Value.representation(of: line)
      if whole.unicodeScalars.count <= limit {
        chunks.append(whole)
        continue
      }
      let parts = pieces(line)
      var current = ""
      for (position, part) in parts.enumerated() {
        let candidate = current + part
        let isEnd = isLast && position == parts.count - 1
        let width = 80 - indent - (isEnd ? allowance : 0)
        if Value.representation(of: candidate).unicodeScalars.count > width {
          if !current.isEmpty { chunks.append(Value.representation(of: current)) }
          current = part
        } else {
          current = candidate
        }
      }
      if !current.isEmpty { chunks.append(Value.representation(of: current)) }
    }
    if chunks.count == 1 {
      output += chunks[0]
      return
    }
    if isTop { output += "(" }
    output += chunks.joined(separator: "\n" + String(repeating: " ", count: indent))
    if isTop { output += ")" }
  }

  /// Words with the white space after them.
  private static func pieces(_ line: String) -> [String] {
    var result: [String] = []
    var current = ""
    var inSpace = false
    for scalar in line.unicodeScalars {
      let isSpace = Bytes.isSpace(scalar)
      if !isSpace, inSpace {
        result.append(current)
        current = ""
      }
      inSpace = isSpace
      current.unicodeScalars.append(scalar)
    }
    if !current.isEmpty { result.append(current) }
    return result
  }

  /// The value on one line, dictionaries in the order of their keys.
  private static func plain(_ value: Value, depth: Int = 0) throws -> String {
    if Value.isTooDeep(depth) { throw TemplateError(.recursion, "maximum recursion depth exceeded") }
    switch value {
    case .dict(let dict):
      let parts = try sorted(dict.pairs).map {
        "\(try plain($0.key, depth: depth + 1)): \(try plain($0.value, depth: depth + 1))"
      }
      return "{" + parts.joined(separator: ", ") + "}"
    case .list(let list):
      return "[" + (try list.items.map { try plain($0, depth: depth + 1) }.joined(separator: ", ")) + "]"
    case .tuple(let items):
      let parts = try items.map { try plain($0, depth: depth + 1) }.joined(separator: ", ")
      return items.count == 1 ? "(\(parts),)" : "(\(parts))"
    default: return try value.representation()
    }
  }

  /// By key; keys without an order by the names of their types.
  private static func sorted(_ pairs: [(key: Value, value: Value)]) -> [(key: Value, value: Value)] {
    let keys = pairs.map(\.key)
    let order =
      (try? Sorting.sorted(pairs.indices.map { .int($0) }, keys: keys))
      ?? (try? Sorting.sorted(pairs.indices.map { .int($0) }, keys: keys.map { .string($0.typeName) })) ?? []
    return order.compactMap(\.intValue).map { pairs[$0] }
  }
}
