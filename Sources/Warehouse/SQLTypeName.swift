/// A type's name taken apart: `numeric(10,2)[]` is `numeric`, `[10, 2]`, one dimension.
///
/// The base is PostgreSQL's own word (as `format_type` writes it), whichever alias was given: `int8` and
/// `BIGINT` are both `bigint`. Names in quotes and names with a schema stay as they are.
public struct SQLTypeName: Sendable, Hashable, CustomStringConvertible {
  public var base: String
  /// Length, precision and scale in the order written; empty when none were given.
  public var modifiers: [Int]
  public var arrayDimensions: Int

  public init(base: String, modifiers: [Int] = [], arrayDimensions: Int = 0) {
    self.base = base
    self.modifiers = modifiers
    self.arrayDimensions = arrayDimensions
  }

  /// Reads what a user or the server wrote. Anything is accepted; what is not understood becomes the base.
  public init(_ text: String) {
    var words = Self.words(of: text)
    var dimensions = 0
    while words.last == "]" {
      words.removeLast()
      if let length = words.last, length.allSatisfy(\.isNumber) { words.removeLast() }
      if words.last == "[" { words.removeLast() }
      dimensions += 1
    }
    if words.last == "array", words.count > 1 {
      words.removeLast()
      dimensions = 1
    }
    var modifiers: [Int] = []
    if let open = words.firstIndex(of: "("), let close = words[open...].firstIndex(of: ")") {
      modifiers = words[(open + 1)..<close].compactMap { Int($0) }
      words.removeSubrange(open...close)
    }
    var name = ""
    for word in words {
      let glued = word == "." || name.hasSuffix(".") || name.isEmpty
      name += glued ? word : " " + word
    }
    if name.hasPrefix("pg_catalog.") { name.removeFirst("pg_catalog.".count) }
    if name.hasPrefix("_"), Self.aliases[String(name.dropFirst())] != nil {
      name.removeFirst()
      dimensions = 1
    }
    base = Self.aliases[name] ?? name
    self.modifiers = modifiers
    // PostgreSQL's type system does not tell one dimension from two.
    arrayDimensions = min(dimensions, 1)
    settle(asWritten: name)
  }

  /// What the standard says when a modifier is left out.
  private mutating func settle(asWritten name: String) {
    switch name {
    case "char", "character", "nchar", "national char", "national character":
      if modifiers.isEmpty { modifiers = [1] }
    case "float":
      if let bits = modifiers.first { base = bits <= 24 ? "real" : "double precision" }
      modifiers = []
    case "bit":
      if modifiers.isEmpty { modifiers = [1] }
    case "numeric", "decimal", "dec":
      if modifiers.count == 1 { modifiers.append(0) }
    default: break
    }
  }

  /// As `format_type` writes it: `timestamp(3) without time zone`, `character varying(20)`.
  public var description: String {
    let brackets = String(repeating: "[]", count: arrayDimensions)
    guard !modifiers.isEmpty else { return base + brackets }
    let list = "(" + modifiers.map(String.init).joined(separator: ",") + ")"
    if base.hasPrefix("time"), let space = base.firstIndex(of: " ") {
      return base[..<space] + list + base[space...] + brackets
    }
    return base + list + brackets
  }

  /// True for the same type, lengths and precisions left aside: what dbt's contracts compare.
  public func isSameKind(as other: SQLTypeName) -> Bool {
    base == other.base && arrayDimensions == other.arrayDimensions
  }

  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var inQuotes = false
    func flush() {
      if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
      word.removeAll()
    }
    for byte in text.utf8 {
      if inQuotes || byte == UInt8(ascii: "\"") {
        if byte == UInt8(ascii: "\"") { inQuotes.toggle() }
        word.append(byte)
        continue
      }
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): flush()
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
        UInt8(ascii: "."):
        flush()
        words.append(String(UnicodeScalar(byte)))
      case 0x41...0x5A: word.append(byte | 0x20)
      default: word.append(byte)
      }
    }
    flush()
    return words
  }

  static let aliases: [String: String] = [
    "int": "integer", "int4": "integer", "integer": "integer", "serial": "integer", "serial4": "integer",
    "int8": "bigint", "bigint": "bigint", "bigserial": "bigint", "serial8": "bigint",
    "int2": "smallint", "smallint": "smallint", "smallserial": "smallint", "serial2": "smallint",
    "float4": "real", "real": "real",
    "float8": "double precision", "float": "double precision", "double": "double precision",
    "double precision": "double precision",
    "decimal": "numeric", "dec": "numeric", "numeric": "numeric",
    "bool": "boolean", "boolean": "boolean",
    "string": "text", "text": "text",
    "varchar": "character varying", "character varying": "character varying",
    "char varying": "character varying", "nvarchar": "character varying",
    "national character varying": "character varying",
    "char": "character", "character": "character", "nchar": "character", "bpchar": "bpchar",
    "national char": "character", "national character": "character",
    "timestamp": "timestamp without time zone", "datetime": "timestamp without time zone",
    "timestamp without time zone": "timestamp without time zone",
    "timestamptz": "timestamp with time zone", "timestamp with time zone": "timestamp with time zone",
    "time": "time without time zone", "time without time zone": "time without time zone",
    "timetz": "time with time zone", "time with time zone": "time with time zone",
    "varbit": "bit varying", "bit varying": "bit varying", "bit": "bit",
    "date": "date", "interval": "interval", "uuid": "uuid", "json": "json", "jsonb": "jsonb",
    "bytea": "bytea", "xml": "xml", "inet": "inet", "cidr": "cidr", "money": "money", "oid": "oid",
    "name": "name", "varbyte": "varbyte", "varbinary": "varbyte", "binary varying": "varbyte",
    "super": "super",
  ]
}
