/// A moment in UTC as event times are told: whole microseconds, without leap seconds.
public struct EventTime: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Since 1970-01-01 00:00 UTC.
  public var microseconds: Int

  public init(microseconds: Int) { self.microseconds = microseconds }

  public init(secondsSince1970 seconds: Double) {
    microseconds = Int((seconds * 1_000_000).rounded(.down))
  }

  public init(
    year: Int, month: Int = 1, day: Int = 1, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    let seconds = Self.days(year, month, day) * 86_400 + (hour * 60 + minute) * 60 + second
    microseconds = seconds * 1_000_000 + microsecond
  }

  /// ISO 8601: a date, or a date and a time with `T` or a space between them.
  ///
  /// A zone at the end is left aside: event times are read as UTC whatever they say.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(maxSplits: 1, whereSeparator: { $0 == "T" || $0 == " " })
    guard let date = halves.first?.split(separator: "-", omittingEmptySubsequences: false),
      date.count == 3, date[0].count == 4, let year = Int(date[0]), let month = Int(date[1]),
      let day = Int(date[2]), 1...12 ~= month, 1...Self.length(ofMonth: month, year) ~= day
    else { return nil }
    self.init(year: year, month: month, day: day)
    guard halves.count == 2 else { return }
    let clock = halves[1].prefix { $0.isNumber || $0 == ":" || $0 == "." }
    let zone = halves[1].dropFirst(clock.count)
    guard zone.isEmpty || zone == "Z" || zone.first == "+" || zone.first == "-" else { return nil }
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard 1...3 ~= parts.count, let hour = Int(parts[0]), 0..<24 ~= hour else { return nil }
    let seconds = parts.count > 2 ? parts[2].split(separator: ".", maxSplits: 1) : []
    guard let minute = parts.count > 1 ? Int(parts[1]) : 0, 0..<60 ~= minute,
      let second = seconds.isEmpty ? 0 : Int(seconds[0]), 0..<60 ~= second,
      let fraction = seconds.count > 1 ? Int((seconds[1] + "000000").prefix(6)) : 0
    else { return nil }
    microseconds += ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
  }

  public static func < (left: EventTime, right: EventTime) -> Bool {
    left.microseconds < right.microseconds
  }

  /// `2024-02-29 12:30:00+00:00`, with a fraction when there is one: what conditions in SQL are written with.
  public var description: String { text(separator: " ") }
  /// `2024-02-29T12:30:00+00:00`, as artifacts have it.
  public var isoText: String { text(separator: "T") }

  private func text(separator: String) -> String {
    let parts = self.parts
    let fraction = parts.microsecond == 0 ? "" : "." + Self.padded(parts.microsecond, 6)
    return "\(date(parts))\(separator)\(Self.padded(parts.hour, 2)):\(Self.padded(parts.minute, 2)):"
      + "\(Self.padded(parts.second, 2))\(fraction)+00:00"
  }

  private func date(_ parts: Parts) -> String {
    "\(Self.padded(parts.year, 4))-\(Self.padded(parts.month, 2))-\(Self.padded(parts.day, 2))"
  }

  // MARK: - Periods

  /// The beginning of the period that the moment lies in.
  public func truncated(to size: BatchSize) -> EventTime {
    let parts = self.parts
    switch size {
    case .hour: return EventTime(year: parts.year, month: parts.month, day: parts.day, hour: parts.hour)
    case .day: return EventTime(year: parts.year, month: parts.month, day: parts.day)
    case .month: return EventTime(year: parts.year, month: parts.month)
    case .year: return EventTime(year: parts.year)
    }
  }

  /// The moment itself when a period begins there, else the beginning of the next one.
  public func raised(to size: BatchSize) -> EventTime {
    let start = truncated(to: size)
    return start == self ? self : start.moved(by: 1, size)
  }

  /// So many periods later, or earlier for a negative count; a day that a month lacks becomes its last.
  public func moved(by count: Int, _ size: BatchSize) -> EventTime {
    switch size {
    case .hour: return EventTime(microseconds: microseconds + count * 3_600_000_000)
    case .day: return EventTime(microseconds: microseconds + count * 86_400_000_000)
    case .month, .year:
      let parts = self.parts
      let months = parts.year * 12 + parts.month - 1 + count * (size == .year ? 12 : 1)
      let (year, month) = (Self.floor(months, 12), months - Self.floor(months, 12) * 12 + 1)
      return EventTime(
        year: year, month: month, day: min(parts.day, Self.length(ofMonth: month, year)), hour: parts.hour,
        minute: parts.minute, second: parts.second, microsecond: parts.microsecond)
    }
  }

  /// The name of the period that begins here: `2024-02-29T12`, `2024-02-29`, `2024-02` or `2024`.
  public func label(of size: BatchSize) -> String {
    let parts = self.parts
    switch size {
    case .hour: return date(parts) + "T" + Self.padded(parts.hour, 2)
    case .day: return date(parts)
    case .month: return String(date(parts).prefix(7))
    case .year: return Self.padded(parts.year, 4)
    }
  }

  // MARK: - Calendar

  private struct Parts {
    var year, month, day, hour, minute, second, microsecond: Int
  }

  private var parts: Parts {
    let seconds = Self.floor(microseconds, 1_000_000)
    let days = Self.floor(seconds, 86_400)
    let inDay = seconds - days * 86_400
    // Years begin in March here, so that the leap day is the last of its year.
    let shifted = days + 719_468
    let era = Self.floor(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return Parts(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, hour: inDay / 3_600, minute: inDay / 60 % 60,
      second: inDay % 60, microsecond: microseconds - seconds * 1_000_000)
  }

  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = floor(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func length(ofMonth month: Int, _ year: Int) -> Int {
    month == 12 ? 31 : days(year, month + 1, 1) - days(year, month, 1)
  }

  private static func floor(_ value: Int, _ divisor: Int) -> Int {
    (value >= 0 ? value : value - divisor + 1) / divisor
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
