extension Dialect {
  /// A type as it is to be written in DDL; only dbt's own alias `string` is changed, as dbt does.
  public func translateType(_ written: String) -> String {
    written.lowercased() == "string" ? "text" : written
  }

  /// The word the catalogue would give for a type that a user wrote: `int8` is `bigint`.
  ///
  /// In Redshift `text` and a bare `varchar` are `character varying(256)`, a bare `numeric` is
  /// `numeric(18,0)`.
  public func canonicalType(_ written: String) -> String { typeName(written).description }

  public func typeName(_ written: String) -> SQLTypeName {
    var name = SQLTypeName(written)
    guard kind == .redshift else { return name }
    switch name.base {
    case "text", "bpchar":
      name = SQLTypeName(base: name.base == "text" ? "character varying" : "character", modifiers: [256])
    case "character varying":
      if name.modifiers.isEmpty { name.modifiers = [written.lowercased().contains("max") ? 65535 : 256] }
    case "numeric":
      if name.modifiers.isEmpty { name.modifiers = [18, 0] }
    default: break
    }
    return name
  }

  /// True when both names mean one type, modifiers included.
  public func isSameType(_ left: String, _ right: String) -> Bool { typeName(left) == typeName(right) }

  /// True when both names mean one type, whatever their lengths and precisions.
  public func isSameKindOfType(_ left: String, _ right: String) -> Bool {
    typeName(left).isSameKind(as: typeName(right))
  }

  /// The type that a string column of type `present` is changed to so that it can hold `wanted`; nil when
  /// nothing is to be done. dbt's rule: sizes are compared, and a string without one counts as 256.
  public func expandedType(from present: String, to wanted: String) -> String? {
    guard let old = stringSize(present), let new = stringSize(wanted), new > old else { return nil }
    // PostgreSQL's text already holds everything; dbt would make it narrower here.
    if kind == .postgres, SQLTypeName(present) == SQLTypeName("text") { return nil }
    return "character varying(\(new))"
  }

  /// dbt's size of a string type; nil for other types.
  private func stringSize(_ written: String) -> Int? {
    let name = SQLTypeName(written)
    guard name.arrayDimensions == 0 else { return nil }
    switch name.base {
    case "text": return 256
    case "character varying", "character", "bpchar": return name.modifiers.first ?? 256
    default: return nil
    }
  }

  /// Whether a value of type `source` may stand in a column of type `target` without loss and without a cast:
  /// the same type, a longer string, a wider number.
  public func fits(_ source: String, in target: String) -> Bool {
    let (from, to) = (typeName(source), typeName(target))
    if from == to { return true }
    guard from.arrayDimensions == to.arrayDimensions else { return false }
    let strings = ["character", "bpchar", "character varying", "text"]
    if strings.contains(from.base), strings.dropFirst(2).contains(to.base) {
      guard let limit = to.modifiers.first else { return true }
      return from.modifiers.first.map { $0 <= limit } ?? false
    }
    let integers = ["smallint": 5, "integer": 10, "bigint": 19]
    if let digits = integers[from.base] {
      if let room = integers[to.base] { return digits <= room }
      guard to.base == "numeric" else { return false }
      guard to.modifiers.count == 2 else { return true }
      return to.modifiers[0] - to.modifiers[1] >= digits
    }
    if from.base == "numeric", to.base == "numeric" {
      guard to.modifiers.count == 2 else { return true }
      guard from.modifiers.count == 2 else { return false }
      return from.modifiers[1] <= to.modifiers[1]
        && from.modifiers[0] - from.modifiers[1] <= to.modifiers[0] - to.modifiers[1]
    }
    if from.base == "real", to.base == "double precision" { return true }
    return from.base == to.base && to.modifiers.isEmpty
  }

  /// The type that takes the place of one the database does not have; nil when there is none, the type itself
  /// when nothing is to be done.
  public func supportedType(_ written: String) -> String? {
    guard kind == .redshift else { return written }
    let name = SQLTypeName(written)
    if name.arrayDimensions > 0 { return "super" }
    switch name.base {
    case "uuid": return "varchar(36)"
    case "json", "jsonb": return "super"
    case "bytea": return "varbyte"
    case "inet", "cidr", "macaddr": return "varchar(64)"
    case "money": return "numeric(19,2)"
    case "bit", "bit varying", "xml", "oid", "tsvector", "tsquery", "int4range", "int8range", "numrange",
      "tsrange", "tstzrange", "daterange", "hstore":
      return nil
    default: return written
    }
  }

  /// True for dates and timestamps: what may stand as an effective time.
  public func isTime(_ written: String) -> Bool {
    let base = SQLTypeName(written).base
    return base == "date" || base.hasPrefix("timestamp")
  }

  public func isText(_ written: String) -> Bool {
    ["text", "character varying", "character", "bpchar", "name", "citext"].contains(SQLTypeName(written).base)
  }

  public func isInteger(_ written: String) -> Bool {
    ["smallint", "integer", "bigint"].contains(SQLTypeName(written).base)
  }

  public func isNumber(_ written: String) -> Bool {
    isInteger(written)
      || ["numeric", "real", "double precision", "money"].contains(SQLTypeName(written).base)
  }
}
