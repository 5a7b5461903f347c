import Jinja

/// SQL whose `%s` are values, as `adapter.add_query(sql, bindings=[…])` takes it: the values are written into the
/// text, as dbt's driver does it.
enum BoundQuery {
  /// - Throws: when there are more or fewer `%s` than values, or a `%` begins anything else.
  static func text(_ sql: String, _ values: [Value]) throws -> String {
    var result: [UInt8] = []
    var values = values[...]
    var bytes = Array(sql.utf8)[...]
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      switch bytes.popFirst() {
      case UInt8(ascii: "%"): result.append(byte)
      case UInt8(ascii: "s"):
        guard let value = values.popFirst() else { throw wrong("there are more %s than bindings") }
        result += Array(try literal(value).utf8)
      default: throw wrong("a % stands for a value, as %s, or for itself, as %%")
      }
    }
    guard values.isEmpty else { throw wrong("there are \(values.count) more bindings than %s") }
    return String(decoding: result, as: UTF8.self)
  }

  private static func literal(_ value: Value) throws -> String {
    switch value {
    case .none: return "NULL"
    case .bool(let value): return value ? "true" : "false"
    case .int: return try number(value)
    case .double(let double) where double.isFinite: return try number(value)
    case .list(let list): return try array(list.items)
    default: break
    }
    if value.object(as: DecimalObject.self) != nil {
      let text = try value.text()
      return text.last?.isNumber ?? false ? try number(value) : quoted(text) + "::numeric"
    }
    if let moment = value.object(as: Moment.self) {
      let type = moment.typeName.split(separator: ".").last ?? ""
      switch type {
      case "date", "time": return quoted(moment.text()) + "::\(type)"
      case "datetime":
        // One with a zone ends with it: +02:00.
        let hasZone = moment.text().dropFirst(10).contains { $0 == "+" || $0 == "-" }
        return quoted(moment.text()) + (hasZone ? "::timestamptz" : "::timestamp")
      default: return quoted(moment.text())
      }
    }
    return quoted(try value.text())
  }

  /// A number below zero keeps its distance from an operator in front of it.
  private static func number(_ value: Value) throws -> String {
    let text = try value.text()
    return text.hasPrefix("-") ? " " + text : text
  }

  private static func array(_ items: [Value]) throws -> String {
    items.isEmpty ? "'{}'" : "ARRAY[" + (try items.map(literal)).joined(separator: ", ") + "]"
  }

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

  private static func wrong(_ summary: String) -> HostFailure { HostFailure("bad-bindings", summary) }
}
