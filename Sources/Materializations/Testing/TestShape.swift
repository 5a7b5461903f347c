/// One of dbt's four built-in tests, recognised by the SQL it compiled to.
///
/// Reading the SQL and not the test's name means that a project which overrides a built-in test is never
/// answered by ours, and that whatever the template made of column, relation and `where` is taken as it is.
struct TestShape: Hashable, Sendable {
  enum Question: Hashable, Sendable {
    case notNull
    case unique
    /// The list between the parentheses, as SQL.
    case acceptedValues(String)
    case relationships(parent: String, field: String)
  }

  var question: Question
  /// The column, or expression, as SQL.
  var column: String
  /// As SQL: `"shop"."marts"."orders"`.
  var relation: String
  /// The `where` config as SQL.
  var condition: String?

  /// nil when the text is none of the four.
  init?(_ sql: String) {
    guard let text = Self.normalized(sql) else { return nil }
    guard let (question, column, model) = Self.read(text) else { return nil }
    self.question = question
    self.column = column
    guard model.hasPrefix("("), let inner = Self.between(model, "(select * from ", ") dbt_subquery") else {
      guard !model.contains(" ") else { return nil }
      relation = model
      return
    }
    guard let place = inner.firstRange(of: " where ") else { return nil }
    relation = String(inner[..<place.lowerBound])
    condition = String(inner[place.upperBound...])
    guard !relation.contains(" ") else { return nil }
  }

  private static func read(_ text: String) -> (Question, column: String, model: String)? {
    if text.hasPrefix("with all_values as (select ") { return acceptedValues(text) }
    if text.hasPrefix("with child as (select ") { return relationships(text) }
    guard text.hasPrefix("select ") else { return nil }
    if let place = text.firstRange(of: " as unique_field, count(*) as n_records from ") {
      let column = String(text[..<place.lowerBound].dropFirst("select ".count))
      let end = " where \(column) is not null group by \(column) having count(*) > 1"
      let rest = text[place.upperBound...]
      guard rest.hasSuffix(end) else { return nil }
      return (.unique, column, String(rest.dropLast(end.count)))
    }
    guard let place = text.firstRange(of: " from ") else { return nil }
    let column = String(text[..<place.lowerBound].dropFirst("select ".count))
    let end = " where \(column) is null"
    let rest = text[place.upperBound...]
    guard rest.hasSuffix(end) else { return nil }
    return (.notNull, column, String(rest.dropLast(end.count)))
  }

  private static func acceptedValues(_ text: String) -> (Question, column: String, model: String)? {
    guard let place = text.firstRange(of: " as value_field, count(*) as n_records from ") else { return nil }
    let column = String(text[..<place.lowerBound].dropFirst("with all_values as (select ".count))
    let middle = " group by \(column)) select * from all_values where value_field not in ("
    guard text.hasSuffix(")"), let cut = text.firstRange(of: middle) else { return nil }
    let model = String(text[place.upperBound..<cut.lowerBound])
    return (.acceptedValues(String(text[cut.upperBound...].dropLast())), column, model)
  }

  private static func relationships(_ text: String) -> (Question, column: String, model: String)? {
    guard let place = text.firstRange(of: " as from_field from ") else { return nil }
    let column = String(text[..<place.lowerBound].dropFirst("with child as (select ".count))
    let middle = " where \(column) is not null), parent as (select "
    guard let cut = text.firstRange(of: middle) else { return nil }
    let end =
      ") select from_field from child left join parent on child.from_field = parent.to_field "
      + "where parent.to_field is null"
    let rest = text[cut.upperBound...]
    guard rest.hasSuffix(end), let split = rest.firstRange(of: " as to_field from ") else { return nil }
    let parent = String(rest[split.upperBound...].dropLast(end.count))
    let field = String(rest[..<split.lowerBound])
    return (
      .relationships(parent: parent, field: field), column, String(text[place.upperBound..<cut.lowerBound])
    )
  }

  private static func between(_ text: String, _ start: String, _ end: String) -> Substring? {
    guard text.hasPrefix(start), text.hasSuffix(end), text.count >= start.count + end.count else {
      return nil
    }
    return text.dropFirst(start.count).dropLast(end.count)
  }

  /// One space where there was white space, none inside parentheses' edges or before commas; strings and
  /// quoted names untouched. nil for text whose meaning that could change: comments, dollar quotes, E-strings.
  static func normalized(_ sql: String) -> String? {
    let bytes = Array(sql.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    var spaced = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte <= 0x20 {
        spaced = true
        position += 1
        continue
      }
      let next = position + 1 < bytes.count ? bytes[position + 1] : 0
      let opensComment =
        byte == UInt8(ascii: "-") && next == byte
        || byte == UInt8(ascii: "/") && next == UInt8(ascii: "*")
      if opensComment || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "\\") { return nil }
      if spaced, let last = result.last, last != UInt8(ascii: "("), byte != UInt8(ascii: ")"),
        byte != UInt8(ascii: ",")
      {
        result.append(UInt8(ascii: " "))
      }
      if byte == UInt8(ascii: ","), next > 0x20 {
        result += [byte, UInt8(ascii: " ")]
        position += 1
        spaced = false
        continue
      }
      spaced = false
      guard byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") else {
        result.append(byte)
        position += 1
        continue
      }
      let start = position
      position += 1
      while position < bytes.count, bytes[position] != byte { position += 1 }
      position = min(position + 1, bytes.count)
      if bytes[start..<position].contains(UInt8(ascii: "\\")) { return nil }
      result += bytes[start..<position]
    }
    return String(decoding: result, as: UTF8.self)
  }
}
