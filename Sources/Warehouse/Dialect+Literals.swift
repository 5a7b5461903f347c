extension Dialect {
  /// A string literal that holds whatever `text` holds, under `standard_conforming_strings = on`.
  ///
  /// Redshift takes a backslash in a plain literal for an escape, so it is doubled there.
  public func literal(_ text: String) -> String {
    var escaped = text.utf8.contains(UInt8(ascii: "'")) ? text.replacing("'", with: "''") : text
    if kind == .redshift { escaped = escaped.replacing("\\", with: "\\\\") }
    return "'" + escaped + "'"
  }

  public func literal(_ text: String?) -> String { text.map { literal($0) } ?? "null" }

  /// A literal that has a type of its own: `cast('x' as text)`. A bare literal stays of unknown type in
  /// Redshift when it leaves a subquery, and then cannot be compared.
  public func literal(_ text: String, as type: String) -> String { "cast(\(literal(text)) as \(type))" }

  public func literal(_ value: Bool) -> String { value ? "true" : "false" }

  /// The transaction's time with time zone; Redshift's `getdate()` has none and is in UTC.
  public var now: String { kind == .postgres ? "now()" : "getdate()" }

  /// Now as `timestamp without time zone`: what dbt's snapshots write.
  public var nowWithoutTimeZone: String {
    kind == .postgres ? "now()::timestamp without time zone" : "getdate()"
  }

  /// A point in time from ISO 8601 in UTC, as `timestamp with time zone` or, in UTC, without.
  public func timestamp(_ iso: String, withTimeZone: Bool = true) -> String {
    literal(iso, as: withTimeZone ? "timestamp with time zone" : "timestamp without time zone")
  }

  /// The time before all times in a column of `type`; 1900-01-01 where there is no infinity.
  public func earliest(_ type: String) -> String {
    literal(kind == .postgres ? "-infinity" : "1900-01-01", as: type)
  }

  /// True when the two differ, NULL counted as a value; never NULL itself.
  public func isDistinct(_ left: String, _ right: String) -> String {
    switch kind {
    case .postgres: "\(left) is distinct from \(right)"
    case .redshift:
      "case when \(left) = \(right) or (\(left) is null and \(right) is null) then false else true end"
    }
  }

  public func isNotDistinct(_ left: String, _ right: String) -> String {
    switch kind {
    case .postgres: "\(left) is not distinct from \(right)"
    case .redshift:
      "case when \(left) = \(right) or (\(left) is null and \(right) is null) then true else false end"
    }
  }
}
