/// Points in time by ISO 8601 with all the forms that Python's isodate takes: calendar, week and ordinal dates,
/// reduced accuracy, basic and extended, fractions of the last part, offsets.
enum ISOTime {
  /// nil unless the text is a date, one capital T and a time.
  static func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> SeedDate? {
    guard let mark = text.firstIndex(of: UInt8(ascii: "T")), mark >= 2 else { return nil }
    let rest = UnsafeBufferPointer(rebasing: text[(mark + 1)...])
    guard !rest.contains(UInt8(ascii: "T")), var date = date(UnsafeBufferPointer(rebasing: text[..<mark])),
      let time = time(rest)
    else { return nil }
    date.time = time
    return date
  }

  // MARK: Dates

  private static func date(_ text: UnsafeBufferPointer<UInt8>) -> SeedDate? {
    var scan = Scan(text)
    if text.count == 2 {
      guard let century = scan.digits(exactly: 2) else { return nil }
      return SeedDate(year: century * 100 + 1, month: 1, day: 1)
    }
    guard let year = scan.digits(exactly: 4) else { return nil }
    if scan.isAtEnd { return SeedDate(year: year, month: 1, day: 1) }
    let isExtended = scan.take(UInt8(ascii: "-"))
    if scan.take(UInt8(ascii: "W")) { return weekDate(&scan, year: year, isExtended: isExtended) }
    switch (isExtended, text.count - scan.index) {
    case (true, 5):
      guard let month = scan.digits(exactly: 2), scan.take(UInt8(ascii: "-")),
        let day = scan.digits(exactly: 2)
      else { return nil }
      return SeedDate(year: year, month: month == 0 ? 1 : month, day: day)
    case (false, 4):
      guard let month = scan.digits(exactly: 2), let day = scan.digits(exactly: 2) else { return nil }
      return SeedDate(year: year, month: month == 0 ? 1 : month, day: day)
    case (_, 3):
      guard let day = scan.digits(exactly: 3), year >= 1 else { return nil }
      return SeedDate(dayNumber: SeedDate.dayNumber(year: year) + day - 1)
    case (_, 2):
      guard let month = scan.digits(exactly: 2) else { return nil }
      return SeedDate(year: year, month: month == 0 ? 1 : month, day: 1)
    default: return nil
    }
  }

  private static func weekDate(_ scan: inout Scan, year: Int, isExtended: Bool) -> SeedDate? {
    guard year >= 1, let week = scan.digits(exactly: 2) else { return nil }
    var day = 1
    if !scan.isAtEnd {
      if isExtended, !scan.take(UInt8(ascii: "-")) { return nil }
      guard let given = scan.digits(exactly: 1), scan.isAtEnd else { return nil }
      // isodate takes day 0 for day 1's neighbour only through its default, which is 1.
      day = given
    }
    let newYear = SeedDate.dayNumber(year: year)
    // 1 is Monday; the first day of year 1 was one.
    let weekday = newYear % 7 + 1
    let isInFirstWeek = weekday <= 4
    return SeedDate(dayNumber: newYear + (week - (isInFirstWeek ? 1 : 0)) * 7 - weekday + day)
  }

  // MARK: Times

  private static func time(_ text: UnsafeBufferPointer<UInt8>) -> SeedDate.Time? {
    var scan = Scan(text)
    guard let hour = scan.digits(exactly: 2), hour <= 23 else { return nil }
    var time = SeedDate.Time(hour: hour)
    let isExtended = scan.peek == UInt8(ascii: ":")
    func isPartNext(_ scan: Scan) -> Bool {
      guard let byte = scan.peek else { return false }
      return isExtended ? byte == UInt8(ascii: ":") : byte >= 0x30 && byte <= 0x39
    }
    var scale = 3_600_000_000
    if isPartNext(scan) {
      if isExtended { scan.index += 1 }
      guard let minute = scan.digits(exactly: 2), minute <= 59 else { return nil }
      time.minute = minute
      scale = 60_000_000
      if isPartNext(scan) {
        if isExtended { scan.index += 1 }
        guard let second = scan.digits(exactly: 2), second <= 59 else { return nil }
        time.second = second
        scale = 1_000_000
      }
    }
    if scan.peek == UInt8(ascii: ".") || scan.peek == UInt8(ascii: ",") {
      scan.index += 1
      guard let micros = fraction(&scan, of: scale) else { return nil }
      time.microsecond = micros % 1_000_000
      time.second += micros / 1_000_000 % 60
      time.minute += micros / 60_000_000
    }
    guard let offset = offset(&scan), scan.isAtEnd else { return nil }
    time.offset = offset.isGiven ? offset.minutes : nil
    return time
  }

  /// Microseconds that a decimal fraction of a unit stands for.
  private static func fraction(_ scan: inout Scan, of unit: Int) -> Int? {
    let start = scan.index
    var numerator = 0
    var denominator = 1
    while let byte = scan.peek, byte >= 0x30, byte <= 0x39 {
      if denominator < 1_000_000_000 {
        numerator = numerator * 10 + Int(byte - 0x30)
        denominator *= 10
      }
      scan.index += 1
    }
    guard scan.index > start else { return nil }
    return numerator * unit / denominator
  }

  private static func offset(_ scan: inout Scan) -> (isGiven: Bool, minutes: Int)? {
    guard let sign = scan.peek else { return (false, 0) }
    scan.index += 1
    if sign == UInt8(ascii: "Z") { return (true, 0) }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = scan.digits(exactly: 2) else {
      return nil
    }
    var minutes = 0
    if !scan.isAtEnd {
      _ = scan.take(UInt8(ascii: ":"))
      guard let given = scan.digits(exactly: 2) else { return nil }
      minutes = given
    }
    return (true, (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1))
  }
}
