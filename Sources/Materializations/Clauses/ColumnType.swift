import Warehouse

/// A column's type taken apart, to compare types as dbt does.
struct ColumnType: Hashable {
  /// As `format_type` writes it without its modifier: `character varying`, `timestamp with time zone`.
  var base: String
  /// `(10,2)` as numbers.
  var modifiers: [Int]
  /// One `[]` a dimension.
  var isArray: Bool

  /// Reads both the server's spelling and the short ones that people write: `int8`, `varchar(20)`.
  init(_ text: String) {
    var name = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    isArray = name.hasSuffix("[]")
    while name.hasSuffix("[]") { name.removeLast(2) }
    modifiers = []
    if let open = name.firstIndex(of: "("), let close = name[open...].firstIndex(of: ")") {
      modifiers = name[name.index(after: open)..<close].split(separator: ",").compactMap {
        Int($0.filter { !$0.isWhitespace })
      }
      // `timestamp(3) with time zone`: the rest of the name stands behind the modifier.
      name.removeSubrange(open...close)
      name = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    if name.hasPrefix("pg_catalog.") { name.removeFirst("pg_catalog.".count) }
    base = Self.synonyms[name] ?? name
  }

  var isString: Bool { ["text", "character varying", "character"].contains(base) && !isArray }

  /// True for a string column that takes values of any length.
  var isUnbounded: Bool { isString && (base == "text" || base == "character varying" && modifiers.isEmpty) }

  /// The length that dbt reckons with: 256 where there is none.
  var stringSize: Int { modifiers.first ?? (base == "character" ? 1 : 256) }

  /// dbt compares what `information_schema.columns` says: the length of strings, all of which but `text` it
  /// writes as `character varying`, and the precision of numbers count, the precision of times does not.
  var compared: ColumnType {
    var copy = self
    if base == "character" {
      copy.base = "character varying"
      copy.modifiers = [stringSize]
    } else if base == "numeric" {
      if modifiers.count == 1 { copy.modifiers.append(0) }
    } else if base != "character varying" {
      copy.modifiers = []
    }
    return copy
  }

  /// The class that dbt's contracts compare: the driver's names for types, in which all strings are one and
  /// the small integers are integers.
  var contractClass: String {
    let name: String =
      switch base {
      case "text", "character varying", "character", "name", "\"char\"": "text"
      case "smallint", "integer": "integer"
      case "real", "double precision": "double precision"
      case "time without time zone", "time with time zone": "time"
      default: base
      }
    return isArray ? name + "[]" : name
  }

  private static let synonyms: [String: String] = [
    "int": "integer", "int4": "integer", "serial": "integer", "serial4": "integer",
    "int2": "smallint", "smallserial": "smallint", "serial2": "smallint",
    "int8": "bigint", "bigserial": "bigint", "serial8": "bigint",
    "decimal": "numeric", "dec": "numeric",
    "float4": "real", "float": "double precision", "float8": "double precision",
    "bool": "boolean", "varchar": "character varying", "string": "text",
    "char": "character", "bpchar": "character", "nchar": "character",
    "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
    "datetime": "timestamp without time zone",
    "time": "time without time zone", "timetz": "time with time zone",
  ]
}
