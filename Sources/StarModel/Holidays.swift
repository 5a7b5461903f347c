import ProjectModel

/// Where a calendar's holidays come from: a seed or another model with a row for each.
public struct Holidays: Sendable, Hashable {
  public var from: Fact.Target
  /// The column with the day.
  public var date: String
  /// The column with the holiday's name.
  public var name: String

  static let keys = ["from", "date", "name"]

  /// `holidays: holidays`, or `{from: ref('holidays'), date: day, name: title}`.
  static func read(_ reader: inout ConfigReader) -> Holidays? {
    guard let value = reader.value("holidays") else { return nil }
    if let from = value.string.flatMap(Fact.target) {
      return Holidays(from: from, date: "date", name: "name")
    }
    guard let mapping = value.mapping, let from = mapping["from"]?.string.flatMap(Fact.target) else {
      reader.bad("holidays", value, at: "holidays", expected: "a seed's name or {from:, date:, name:}")
      return nil
    }
    reader.refuseUnknown(mapping, known: keys, in: "holidays of \(reader.node.name)", at: "holidays")
    var holidays = Holidays(from: from, date: "date", name: "name")
    for (key, path) in [("date", \Holidays.date), ("name", \Holidays.name)] {
      guard let value = mapping[key] else { continue }
      if let column = value.string, !column.isEmpty {
        holidays[keyPath: path] = column
      } else {
        reader.bad("holidays.\(key)", value, at: "holidays", expected: "a column")
      }
    }
    return holidays
  }
}
