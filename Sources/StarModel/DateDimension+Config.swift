import Diagnostics
public import ProjectModel

extension DateDimension {
  /// The keys under `config` that the declaration has of its own.
  public static let keys = [
    "start", "end", "surrogate_key", "fiscal_year_start", "members", "languages", "holidays",
  ]

  /// The declaration of a model with `materialized: date_dimension`.
  public static func decode(_ node: Node) -> Decoded<DateDimension> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let start = reader.dateBound("start")
    let end = reader.dateBound("end") ?? .today(count: 1, unit: "year")
    if reader.value("start") == nil {
      reader.missing("start", "a date dimension begins with a day such as 2020-01-01")
    }
    if case .date(let first)? = start, case .date(let last) = end, first > last {
      reader.report(
        "bad-config-value", "\(node.name) ends on \(last), before it starts on \(first)", at: "end")
    }
    var fiscal = 1
    if let value = reader.value("fiscal_year_start") {
      if let month = value.int, (1...12).contains(month) {
        fiscal = month
      } else if let name = value.string, let month = month(named: name) {
        fiscal = month
      } else {
        reader.bad("fiscal_year_start", value, at: "fiscal_year_start", expected: "a month from 1 to 12")
      }
    }
    let dimension = DateDimension(
      node: node.id, name: node.name, start: start ?? .today(count: 0, unit: "day"), end: end,
      surrogateKey: reader.text("surrogate_key") ?? "date_key", fiscalYearStart: fiscal,
      members: reader.members(), languages: CalendarLanguage.read(&reader), holidays: Holidays.read(&reader),
      span: node.config.origins["materialized"] ?? node.patchSpan)
    for member in dimension.members where member.key > 0 {
      reader.report(
        "bad-config-value",
        "member \(member.name) of \(node.name) has key \(member.key), which could be a day",
        at: "members", help: "members of a date dimension have keys below zero")
    }
    return Decoded(dimension, reader.diagnostics)
  }

  /// The model with the holidays: an edge of the graph that needs no `ref()` in the SQL.
  static func references(_ node: Node) -> [RefCall] {
    guard node.config.materialized == "date_dimension" else { return [] }
    var reader = ConfigReader(node)
    guard let from = Holidays.read(&reader)?.from else { return [] }
    return [RefCall(package: from.package, name: from.name, span: reader.span("holidays"))]
  }

  private static func month(named name: String) -> Int? {
    let names = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
      "november", "december",
    ]
    let name = name.lowercased()
    guard name.count >= 3 else { return nil }
    return names.firstIndex { $0.hasPrefix(name) }.map { $0 + 1 }
  }
}

extension ConfigReader {
  /// `2024-01-31`, `today`, `today + 1 year`, `today - 30 days`.
  mutating func dateBound(_ key: String) -> DateDimension.Bound? {
    guard let value = value(key) else { return nil }
    let text = trimmed(value.string ?? "")
    if Self.isDate(text) { return .date(text) }
    if text.hasPrefix("today") {
      let rest = trimmed(String(text.dropFirst(5)))
      if rest.isEmpty { return .today(count: 0, unit: "day") }
      let distance = TimeDistance(trimmed(String(rest.dropFirst())))
      if let distance, ["day", "week", "month", "year"].contains(distance.unit) {
        if rest.hasPrefix("+") { return .today(count: distance.count, unit: distance.unit) }
        if rest.hasPrefix("-") { return .today(count: -distance.count, unit: distance.unit) }
      }
    }
    bad(key, value, at: key, expected: "a date (2024-01-31) or 'today + 1 year'")
    return nil
  }

  private static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month)
    else { return false }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...days[month - 1]).contains(day)
  }
}
