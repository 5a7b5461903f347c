/// Python's `timedelta`: a length of time in microseconds.
final class TimeDelta: JinjaObject {
  let microseconds: Int

  init(microseconds: Int) { self.microseconds = microseconds }

  static let microsecondsPerDay = 86_400_000_000

  var days: Int { Calendar.floorDivide(microseconds, TimeDelta.microsecondsPerDay).quotient }
  var seconds: Int { rest / 1_000_000 }
  private var rest: Int { Calendar.floorDivide(microseconds, TimeDelta.microsecondsPerDay).rest }
  var magnitude: TimeDelta { TimeDelta(microseconds: abs(microseconds)) }

  /// `timedelta(days, seconds, microseconds, milliseconds, minutes, hours, weeks)`.
  static func make(_ arguments: Arguments) throws -> Value {
    let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"]
    let units = [
      microsecondsPerDay, 1_000_000, 1, 1000, 60_000_000, 3_600_000_000, 7 * microsecondsPerDay,
    ]
    var total = 0
    for (value, unit) in zip(try arguments.bind("__new__", names), units) {
      guard let value else { continue }
      if let whole = value.intValue {
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        if overflow { throw TemplateError(.overflow, "Python int too large to convert to C int") }
        total += product
      } else if let number = try value.double() {
        total += Int((number * Double(unit)).rounded(.toNearestOrEven))
      } else {
        throw TemplateError(
          .type, "unsupported type for timedelta component: \(value.typeName)")
      }
    }
    return .object(TimeDelta(microseconds: total))
  }

  var typeName: String { "datetime.timedelta" }
  func isTrue() -> Bool { microseconds != 0 }
  func isEqual(to other: Value) -> Bool { other.object(as: TimeDelta.self)?.microseconds == microseconds }
  func hash() -> Int? { microseconds.hashValue }
  func compare(to other: Value) -> Int? {
    guard let other = other.object(as: TimeDelta.self) else { return nil }
    return microseconds < other.microseconds ? -1 : microseconds == other.microseconds ? 0 : 1
  }

  func text() -> String {
    let (hours, left) = (seconds / 3600, seconds % 3600)
    var text = "\(hours):\(Calendar.padded(left / 60, 2)):\(Calendar.padded(left % 60, 2))"
    if rest % 1_000_000 != 0 { text += "." + Calendar.padded(rest % 1_000_000, 6) }
    return days == 0 ? text : "\(days) day\(abs(days) == 1 ? "" : "s"), \(text)"
  }

  func representation() -> String {
    var parts: [String] = []
    if days != 0 { parts.append("days=\(days)") }
    if seconds != 0 { parts.append("seconds=\(seconds)") }
    if rest % 1_000_000 != 0 { parts.append("microseconds=\(rest % 1_000_000)") }
    return "datetime.timedelta(\(parts.isEmpty ? "0" : parts.joined(separator: ", ")))"
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "days": .int(days)
    case "seconds": .int(seconds)
    case "microseconds": .int(rest % 1_000_000)
    case "total_seconds":
      .function(name) { [microseconds] _, _ in .double(Double(microseconds) / 1_000_000) }
    default: nil
    }
  }

  func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value? {
    if let delta = other.object(as: TimeDelta.self) {
      let (a, b) = reflected ? (delta.microseconds, microseconds) : (microseconds, delta.microseconds)
      switch operation {
      case .add: return .object(TimeDelta(microseconds: a + b))
      case .subtract: return .object(TimeDelta(microseconds: a - b))
      case .divide:
        if b == 0 { throw TemplateError(.zeroDivision, "division by zero") }
        return .double(Double(a) / Double(b))
      case .floorDivide: return try Value.int(a).applying(.floorDivide, .int(b))
      case .modulo:
        guard let rest = try Value.int(a).applying(.modulo, .int(b)).intValue else { return nil }
        return .object(TimeDelta(microseconds: rest))
      default: return nil
      }
    }
    switch (operation, other) {
    case (.multiply, .int(let factor)): return .object(TimeDelta(microseconds: microseconds * factor))
    case (.multiply, .double(let factor)):
      return .object(TimeDelta(microseconds: Int((Double(microseconds) * factor).rounded(.toNearestOrEven))))
    case (.divide, .int(let divisor)) where !reflected && divisor != 0:
      return .object(
        TimeDelta(microseconds: Int((Double(microseconds) / Double(divisor)).rounded(.toNearestOrEven))))
    case (.floorDivide, .int(let divisor)) where !reflected && divisor != 0:
      return .object(
        TimeDelta(microseconds: Calendar.floorDivide(microseconds, divisor).quotient))
    default: return nil
    }
  }
}
