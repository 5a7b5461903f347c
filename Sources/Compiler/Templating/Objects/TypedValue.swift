import Jinja

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Values with Python's types for what a database or the clock gives.
enum TypedValue {
  /// A moment in UTC with its zone.
  static func timestamp(secondsSince1970 seconds: Double) -> Value {
    let whole = seconds.rounded(.down)
    return Moment.datetime(
      secondsSince1970: Int(whole), microsecond: Int((seconds - whole) * 1_000_000), isAware: true)
  }

  /// A moment in UTC with its zone.
  static func timestamp(microsecondsSince1970 microseconds: Int) -> Value {
    let fraction = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000
    return Moment.datetime(
      secondsSince1970: (microseconds - fraction) / 1_000_000, microsecond: fraction, isAware: true)
  }

  /// The present moment, without a zone, in UTC.
  static func now() -> Value {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment.datetime(
      secondsSince1970: time.tv_sec, microsecond: time.tv_nsec / 1000, isAware: false)
  }

  /// `2024-02-29`; nil for dates that Python does not have: before the year 1, infinity.
  static func date(_ text: String) -> Value? {
    guard let date = day(text[...]) else { return nil }
    return Moment.date(year: date.year, month: date.month, day: date.day)
  }

  /// `2024-02-29 12:30:00.123456+02`; one with a zone is told in UTC.
  static func timestamp(_ text: String) -> Value? {
    guard let space = text.firstIndex(of: " "), let date = day(text[..<space]) else { return nil }
    var rest = text[text.index(after: space)...]
    var offset: Int?
    if let sign = rest.firstIndex(where: { $0 == "+" || $0 == "-" }) {
      let parts = rest[rest.index(after: sign)...].split(separator: ":").compactMap { Int($0) }
      let seconds = zip(parts, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
      offset = rest[sign] == "-" ? -seconds : seconds
      rest = rest[..<sign]
    }
    let clock = rest.split(separator: ":")
    guard clock.count == 3, let hour = Int(clock[0]), let minute = Int(clock[1]) else { return nil }
    let second = clock[2].split(separator: ".")
    guard let whole = second.first.flatMap({ Int($0) }) else { return nil }
    let fraction = second.count > 1 ? Int((second[1] + "000000").prefix(6)) ?? 0 : 0
    let inDay = (hour * 60 + minute) * 60 + whole
    guard let offset else {
      return Moment.datetime(
        year: date.year, month: date.month, day: date.day, microseconds: inDay * 1_000_000 + fraction)
    }
    return Moment.datetime(
      secondsSince1970: days(date.year, date.month, date.day) * 86_400 + inDay - offset,
      microsecond: fraction,
      isAware: true)
  }

  /// A number with its digits as the server wrote them.
  static func decimal(_ text: String) -> Value {
    DecimalNumber(text).map { .object(DecimalObject($0)) } ?? Double(text).map(Value.double) ?? .string(text)
  }

  private static func day(_ text: Substring) -> (year: Int, month: Int, day: Int)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
      (1...9999).contains(year)
    else { return nil }
    return (year, month, day)
  }

  /// Days since 1970-01-01 in the Gregorian calendar.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // Years that begin in March put the leap day at their end.
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
