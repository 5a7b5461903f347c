import Warehouse

/// What a column's values are to the eye: how they are written and on which side they stand.
enum ShownColumn {
  case integer, decimal, boolean, date, timestamp, zonedTimestamp, array, text

  init(_ column: ColumnDescription) {
    let type = column.type
    switch type {
    case "smallint", "integer", "bigint", "oid": self = .integer
    case "real", "double precision": self = .decimal
    case "boolean": self = .boolean
    case "date": self = .date
    case _ where type.hasSuffix("[]"): self = .array
    case _ where type.hasPrefix("numeric"): self = .decimal
    case _ where type.hasPrefix("timestamp"):
      self = type.hasSuffix("with time zone") ? .zonedTimestamp : .timestamp
    default: self = .text
    }
  }

  var isLeftAligned: Bool { self == .text || self == .array }

  /// A value as Python prints it, which is what dbt's users see.
  func text(_ value: String) -> String {
    switch self {
    case .boolean: value == "t" ? "True" : value == "f" ? "False" : value
    case .zonedTimestamp: Self.withMinutes(value)
    case .array: ArrayText(value)?.json ?? value
    default: value
    }
  }

  /// PostgreSQL writes whole hours as `+00`.
  private static func withMinutes(_ value: String) -> String {
    let tail = value.utf8.suffix(3)
    guard let sign = tail.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return value }
    return value + ":00"
  }
}

/// A one-dimensional array as the server writes it: `{1,2}`, `{"a b",NULL}`.
struct ArrayText {
  /// nil is NULL.
  private var items: [String?] = []
  private var quoted: [Bool] = []

  /// nil for arrays in arrays and what is none.
  init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
    bytes = bytes.dropFirst().dropLast()
    while !bytes.isEmpty {
      var item: [UInt8] = []
      let isQuoted = bytes.first == UInt8(ascii: "\"")
      if isQuoted { bytes = bytes.dropFirst() }
      while let byte = bytes.first {
        if isQuoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ",") { break }
        if !isQuoted, byte == UInt8(ascii: "{") { return nil }
        bytes = bytes.dropFirst()
        if byte == UInt8(ascii: "\\"), let next = bytes.first {
          item.append(next)
          bytes = bytes.dropFirst()
        } else {
          item.append(byte)
        }
      }
      if isQuoted { bytes = bytes.dropFirst() }
      let text = String(decoding: item, as: UTF8.self)
      items.append(!isQuoted && text == "NULL" ? nil : text)
      quoted.append(isQuoted)
      bytes = bytes.dropFirst()
    }
  }

  /// `[1, 2]`, `["a b", null]`
  var json: String {
    let parts = zip(items, quoted).map { item, isQuoted -> String in
      guard let item else { return "null" }
      return !isQuoted && PlainDecimal(item) != nil ? item : JSONText.quoted(item)
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }
}
