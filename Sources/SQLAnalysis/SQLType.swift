/// A PostgreSQL type as `format_type` names it: `integer`, `numeric(10,2)`, `timestamp with time zone`, `text[]`.
public struct SQLType: Sendable, Hashable, CustomStringConvertible {
  /// Without the modifier and the brackets of an array.
  public let name: String
  /// `10,2` of `numeric(10,2)`; nil without one.
  public let modifier: String?
  public let isArray: Bool

  public init(_ name: String, modifier: String? = nil, isArray: Bool = false) {
    self.name = name
    self.modifier = modifier
    self.isArray = isArray
  }

  /// A type as a user or the catalogue writes it; nil for an empty text.
  public init?(text: String) {
    var rest = text.lowercased()
    rest = String(rest.drop { $0 == " " })
    while rest.last == " " { rest.removeLast() }
    let isArray = rest.hasSuffix("[]")
    while rest.hasSuffix("[]") { rest.removeLast(2) }
    var modifier: String?
    var tail = ""
    if let open = rest.firstIndex(of: "("), let close = rest.firstIndex(of: ")"), open < close {
      modifier = rest[rest.index(after: open)..<close].filter { $0 != " " }
      tail = String(rest[rest.index(after: close)...])
      rest = String(rest[..<open])
    }
    while rest.last == " " { rest.removeLast() }
    let written = rest + tail
    guard !written.isEmpty else { return nil }
    let name = Self.spellings[written] ?? written
    // Without a length, `char` has one character; PostgreSQL calls the type that has any number `bpchar`.
    if name == "character", written != "bpchar", modifier == nil { modifier = "1" }
    self.init(name, modifier: modifier.map { Self.full($0, of: name) }, isArray: isArray)
  }

  public var description: String {
    var text = name
    if name == "character", modifier == nil {
      text = "bpchar"
    } else if let modifier {
      // The time zone follows the precision.
      if let space = name.range(of: " with", in: name) {
        text = "\(name[..<space])(\(modifier))\(name[space...])"
      } else {
        text += "(\(modifier))"
      }
    }
    return isArray ? text + "[]" : text
  }

  /// A precision alone means no digits behind the point.
  static func full(_ modifier: String, of name: String) -> String {
    name == "numeric" && !modifier.contains(",") ? modifier + ",0" : modifier
  }

  static let boolean = SQLType("boolean")
  static let integer = SQLType("integer")
  static let bigint = SQLType("bigint")
  static let numeric = SQLType("numeric")
  static let double = SQLType("double precision")
  static let text = SQLType("text")
  static let date = SQLType("date")
  static let timestamp = SQLType("timestamp without time zone")
  static let timestamptz = SQLType("timestamp with time zone")
  static let interval = SQLType("interval")

  var element: SQLType { SQLType(name, modifier: modifier) }
  var array: SQLType { SQLType(name, modifier: modifier, isArray: true) }
  /// The same type of any length, precision and scale.
  var unmodified: SQLType { SQLType(name, isArray: isArray) }

  /// Names of a type that mean the same (PostgreSQL manual, table 8.1, and the names of `pg_type`).
  private static let spellings: [String: String] = [
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "serial": "integer",
    "bigserial": "bigint", "smallserial": "smallint", "bool": "boolean", "decimal": "numeric",
    "float": "double precision",
    "float8": "double precision", "float4": "real", "varchar": "character varying", "char": "character",
    "bpchar": "character", "string": "text", "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone", "time": "time without time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
  ]
}

extension String {
  fileprivate func range(of part: String, in text: String) -> String.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index...].hasPrefix(part) { return index }
      index = text.index(after: index)
    }
    return nil
  }
}
