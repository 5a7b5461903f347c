/// What kind of value an SQL type holds, as far as modelling asks: types of one family compare with each other.
public enum TypeFamily: Sendable, Hashable {
  case number, text, boolean, date, time, other

  /// - Parameter type: as a person or the server writes it: `varchar(20)`, `timestamp without time zone`.
  public init(_ type: String) {
    let word = type.lowercased().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    self =
      switch word {
      case "smallint", "integer", "int", "bigint", "int2", "int4", "int8", "serial", "bigserial", "numeric",
        "decimal", "real", "float", "float4", "float8", "double", "money":
        .number
      case "text", "varchar", "char", "character", "string", "name", "bpchar", "citext": .text
      case "boolean", "bool": .boolean
      case "date": .date
      case "timestamp", "timestamptz", "datetime": .time
      default: .other
      }
  }

  /// False for what nobody adds up: texts, truths and points in time. What is not known may be measured.
  public var isMeasurable: Bool { self == .number || self == .other }
}
