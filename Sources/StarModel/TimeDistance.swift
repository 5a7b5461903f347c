/// A count and a unit of time: `3 days`, `36 hours`.
struct TimeDistance: CustomStringConvertible {
  var count: Int
  /// Singular: `day`.
  var unit: String

  static let units = ["second", "minute", "hour", "day", "week", "month", "year"]

  /// nil unless `text` is a whole number, not negative, and one of ``units``, with or without an s.
  init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits) else { return nil }
    var unit = trimmed(String(text.dropFirst(digits.count))).lowercased()
    if unit.hasSuffix("s") { unit.removeLast() }
    guard Self.units.contains(unit) else { return nil }
    self.count = count
    self.unit = unit
  }

  var description: String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
}
