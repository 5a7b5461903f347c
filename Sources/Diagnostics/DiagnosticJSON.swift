extension Diagnostic {
  /// The diagnostic as one line of JSON, keys in a fixed order, absent parts left out:
  /// `{"code":…,"severity":…,"message":…,"span":{"file":…,"line":…,"column":…,"end_line":…,"end_column":…},…}`.
  public var json: String {
    var object = JSONObject()
    object.add("code", code.rawValue)
    object.add("severity", severity.rawValue)
    object.add("message", summary)
    if let span { object.addRaw("span", span.json) }
    if let label { object.add("label", label) }
    if !secondary.isEmpty {
      object.addRaw(
        "labels",
        "["
          + secondary.map { label in
            var entry = JSONObject()
            entry.addRaw("span", label.span.json)
            entry.add("text", label.text)
            return entry.text
          }.joined(separator: ",") + "]")
    }
    if !stack.isEmpty {
      object.addRaw(
        "stack",
        "["
          + stack.map { frame in
            var entry = JSONObject()
            entry.add("name", frame.name)
            if let span = frame.span { entry.addRaw("span", span.json) }
            return entry.text
          }.joined(separator: ",") + "]")
    }
    if !notes.isEmpty {
      object.addRaw("notes", "[" + notes.map(JSONObject.quote).joined(separator: ",") + "]")
    }
    if let help { object.add("help", help) }
    if let statement { object.add("statement", statement) }
    return object.text
  }
}

extension SourceSpan {
  fileprivate var json: String {
    var object = JSONObject()
    object.add("file", file)
    object.addRaw("line", String(start.line))
    object.addRaw("column", String(start.column))
    object.addRaw("end_line", String(end.line))
    object.addRaw("end_column", String(end.column))
    return object.text
  }
}

private struct JSONObject {
  private var members: [String] = []

  var text: String { "{" + members.joined(separator: ",") + "}" }

  mutating func add(_ key: String, _ value: String) { addRaw(key, Self.quote(value)) }
  mutating func addRaw(_ key: String, _ value: String) { members.append("\"\(key)\":\(value)") }

  static func quote(_ text: String) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
      case UInt8(ascii: "\r"): bytes += Array("\\r".utf8)
      case UInt8(ascii: "\t"): bytes += Array("\\t".utf8)
      case 0..<0x20: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }
}
