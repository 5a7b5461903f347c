/// Values as Python prints them: dbt puts such text into test names and hashes.
extension PlainValue {
  /// What Python's `repr` gives.
  public var pythonRepresentation: String {
    switch self {
    case .null: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .double(let value): return Self.pythonText(value)
    case .string(let value): return Self.pythonQuoted(value)
    case .list(let items): return "[" + items.map(\.pythonRepresentation).joined(separator: ", ") + "]"
    case .mapping(let entries):
      let parts = entries.map { Self.pythonQuoted($0.key) + ": " + $0.value.pythonRepresentation }
      return "{" + parts.joined(separator: ", ") + "}"
    }
  }

  /// What Python's `str` gives: text as it is, all else as `repr`.
  public var pythonText: String {
    if case .string(let text) = self { return text }
    return pythonRepresentation
  }

  /// `1.0`, `1e+16`, `inf`: the shortest text that reads back, as Python chooses it.
  public static func pythonText(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    var text = "\(value)"
    guard let mark = text.firstIndex(of: "e") else { return text }
    // Swift writes 1e-05 as 1e-05, but 1e+16 where Python does, too; small exponents need two digits.
    var mantissa = String(text[..<mark])
    var exponent = String(text[text.index(after: mark)...])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    let sign = exponent.hasPrefix("-") ? "-" : "+"
    exponent = String(exponent.drop { $0 == "-" || $0 == "+" })
    if exponent.utf8.count < 2 { exponent = "0" + exponent }
    text = mantissa + "e" + sign + exponent
    return text
  }

  /// ``pythonQuoted(_:)`` behind other text.
  public static func appendPythonQuoted(_ text: String, to bytes: inout [UInt8]) {
    guard isPlain(text) else {
      bytes += pythonQuoted(text).utf8
      return
    }
    bytes.append(UInt8(ascii: "'"))
    bytes += text.utf8
    bytes.append(UInt8(ascii: "'"))
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\\")
    }
  }

  /// Single quotes unless the text holds one and no double quote.
  public static func pythonQuoted(_ text: String) -> String {
    if isPlain(text) { return "'" + text + "'" }
    let quote: Unicode.Scalar =
      text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case quote: result += "\\" + String(quote)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<" ", "\u{7F}"..<"\u{A1}", "\u{AD}":
        result += "\\x" + hexadecimal(scalar.value, digits: 2)
      default:
        if scalar.isPrintableInPython {
          result.unicodeScalars.append(scalar)
        } else if scalar.value > 0xFFFF {
          result += "\\U" + hexadecimal(scalar.value, digits: 8)
        } else {
          result += "\\u" + hexadecimal(scalar.value, digits: 4)
        }
      }
    }
    return result + String(quote)
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintableInPython: Bool {
    if value < 0x7F { return value >= 0x20 }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default: return true
    }
  }
}
