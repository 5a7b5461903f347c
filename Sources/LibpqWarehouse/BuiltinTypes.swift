/// Types whose numbers are fixed in PostgreSQL's own catalogue (`pg_type.dat`) and what `format_type` calls
/// them.
enum BuiltinTypes {
  /// nil for a type, or a modifier, that only the server can name.
  static func name(_ oid: UInt32, _ modifier: Int32) -> String? {
    if let element = elements[oid] { return name(element, modifier).map { $0 + "[]" } }
    if modifier < 0 { return plain[oid] }
    switch oid {
    case 1043: return "character varying(\(modifier - 4))"
    case 1042: return "character(\(modifier - 4))"
    case 1560: return "bit(\(modifier))"
    case 1562: return "bit varying(\(modifier))"
    case 1114: return "timestamp(\(modifier)) without time zone"
    case 1184: return "timestamp(\(modifier)) with time zone"
    case 1083: return "time(\(modifier)) without time zone"
    case 1266: return "time(\(modifier)) with time zone"
    case 1700:
      let precision = (modifier - 4) >> 16 & 0xFFFF
      // From PostgreSQL 15 the scale has eleven bits, the highest its sign; before, it was never over 1000.
      let scale = ((modifier - 4) & 0x7FF ^ 1024) - 1024
      return "numeric(\(precision),\(scale))"
    default: return nil
    }
  }

  private static let plain: [UInt32: String] = [
    16: "boolean", 17: "bytea", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint", 23: "integer",
    25: "text", 26: "oid", 114: "json", 142: "xml", 600: "point", 650: "cidr", 700: "real",
    701: "double precision", 790: "money", 829: "macaddr", 869: "inet", 1042: "bpchar",
    1043: "character varying", 1082: "date", 1083: "time without time zone",
    1114: "timestamp without time zone", 1184: "timestamp with time zone", 1186: "interval",
    1266: "time with time zone", 1560: "\"bit\"", 1562: "bit varying", 1700: "numeric", 2205: "regclass",
    2950: "uuid", 3614: "tsvector", 3615: "tsquery", 3802: "jsonb",
  ]

  /// Array types and the type of their elements.
  private static let elements: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20, 1021: 700,
    1022: 701, 1028: 26, 1115: 1114, 1182: 1082, 1183: 1083, 1185: 1184, 1187: 1186, 1231: 1700, 1270: 1266,
    199: 114, 2951: 2950, 3807: 3802,
  ]
}
