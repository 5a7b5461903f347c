extension Value {
  /// What printing the value gives: Python's `str()`.
  public func text() throws -> String {
    switch self {
    case .string(let text), .markup(let text): return text
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      return ""
    case .object(let object): return try object.text()
    default: return try representation()
    }
  }

  /// Python's `repr()`.
  public func representation() throws -> String {
    var output = ""
    var seen: [ObjectIdentifier] = []
    try represent(into: &output, &seen)
    return output
  }

  var representationOrPlaceholder: String { (try? representation()) ?? "<\(typeName)>" }

  private func represent(into output: inout String, _ seen: inout [ObjectIdentifier]) throws {
    switch self {
    case .none: output += "None"
    case .bool(let value): output += value ? "True" : "False"
    case .int(let value): output += String(value)
    case .bigInt(let value):
      output += try Value.checkedText(of: value)
    case .double(let value): output += FloatText.representation(value)
    case .string(let text): output += Value.representation(of: text)
    case .markup(let text): output += "Markup(\(Value.representation(of: text)))"
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      output += "Undefined"
    case .object(let object): output += try object.representation()
    case .tuple(let items):
      output += "("
      try Value.join(items, into: &output, &seen)
      output += items.count == 1 ? ",)" : ")"
    case .list(let list):
      try Value.guardDepth(seen.count)
      let identity = ObjectIdentifier(list)
      if seen.contains(identity) {
        output += "[...]"
        return
      }
      seen.append(identity)
      output += "["
      try Value.join(list.items, into: &output, &seen)
      output += "]"
      seen.removeLast()
    case .dict(let dict):
      try Value.guardDepth(seen.count)
      let identity = ObjectIdentifier(dict)
      if seen.contains(identity) {
        output += "{...}"
        return
      }
      seen.append(identity)
      output += "{"
      var isFirst = true
      for (key, value) in dict.pairs {
        if !isFirst { output += ", " }
        isFirst = false
        try key.represent(into: &output, &seen)
        output += ": "
        try value.represent(into: &output, &seen)
      }
      output += "}"
      seen.removeLast()
    case .set(let set):
      if set.count == 0 {
        output += set.isFrozen ? "frozenset()" : "set()"
        return
      }
      output += set.isFrozen ? "frozenset({" : "{"
      try Value.join(set.items, into: &output, &seen)
      output += set.isFrozen ? "})" : "}"
    }
  }

  private static func join(
    _ items: [Value], into output: inout String, _ seen: inout [ObjectIdentifier]
  ) throws {
    var isFirst = true
    for item in items {
      if !isFirst { output += ", " }
      isFirst = false
      try item.represent(into: &output, &seen)
    }
  }

  /// Values nested deeper than this cannot be shown or compared.
  private static let depthLimit = 300

  /// Whether values are nested so deeply that following them further is not safe.
  static func isTooDeep(_ depth: Int) -> Bool {
    depth > depthLimit || depth & 3 == 3 && StackLimit(reserve: 96 * 1024).isExhausted
  }

  static func guardDepth(_ depth: Int) throws {
    if isTooDeep(depth) {
      throw TemplateError(.recursion, "maximum recursion depth exceeded while getting the repr of an object")
    }
  }

  /// Decimal digits, of which Python writes no more than 4300.
  static func checkedText(of integer: BigInteger) throws -> String {
    if integer.bitWidth > 14_400 {
      throw TemplateError(
        .value,
        "Exceeds the limit (4300 digits) for integer string conversion; "
          + "use sys.set_int_max_str_digits() to increase the limit")
    }
    return integer.description
  }

  /// The text as a Python string literal.
  public static func representation(of text: String) -> String {
    var hasSingle = false
    var hasDouble = false
    var isPlain = true
    for byte in text.utf8 {
      if byte == UInt8(ascii: "'") { hasSingle = true }
      if byte == UInt8(ascii: "\"") { hasDouble = true }
      if byte < 32 || byte >= 127 || byte == UInt8(ascii: "\\") { isPlain = false }
    }
    let quote: Unicode.Scalar = hasSingle && !hasDouble ? "\"" : "'"
    if isPlain, !(hasSingle && hasDouble) { return "\(quote)\(text)\(quote)" }
    var result = String.UnicodeScalarView()
    result.append(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case quote:
        result.append("\\")
        result.append(scalar)
      default:
        if scalar.isPrintable {
          result.append(scalar)
        } else {
          let hex = String(scalar.value, radix: 16)
          let (prefix, width) =
            scalar.value < 0x100 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
          result.append(contentsOf: prefix.unicodeScalars)
          result.append(contentsOf: String(repeating: "0", count: width - hex.count).unicodeScalars)
          result.append(contentsOf: hex.unicodeScalars)
        }
      }
    }
    result.append(quote)
    return String(result)
  }
}

extension Unicode.Scalar {
  /// Python's `isprintable`.
  var isPrintable: Bool {
    if value < 0x7F { return value >= 32 }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default: return true
    }
  }
}
