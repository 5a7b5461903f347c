/// A day or a point in time of the years 1 to 9999, as Python's datetime holds it.
struct SeedDate: Equatable {
  var year: Int
  var month: Int
  var day: Int
  /// nil for a day.
  var time: Time?

  struct Time: Equatable {
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    /// Minutes east of UTC; nil without a zone.
    var offset: Int?
  }

  /// nil when there is no such day.
  init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, year)
    else {
      return nil
    }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The day that is `number` days after the first of January of year 1; nil outside the years 1 to 9999.
  init?(dayNumber number: Int) {
    guard number >= 0 else { return nil }
    var year = number / 366 + 1
    while Self.dayNumber(year: year + 1) <= number { year += 1 }
    guard year <= 9999 else { return nil }
    var rest = number - Self.dayNumber(year: year)
    var month = 1
    while rest >= Self.days(in: month, year) {
      rest -= Self.days(in: month, year)
      month += 1
    }
    self.init(year: year, month: month, day: rest + 1)
  }

  var dayNumber: Int {
    Self.dayNumber(year: year) + (1..<month).reduce(day - 1) { $0 + Self.days(in: $1, year) }
  }

  static func dayNumber(year: Int) -> Int {
    let past = year - 1
    return past * 365 + past / 4 - past / 100 + past / 400
  }

  private static func days(in month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // MARK: Reading

  /// `2024-2-29` and the like: Python's `%Y-%m-%d`.
  static func date(_ text: UnsafeBufferPointer<UInt8>) -> SeedDate? {
    var scan = Scan(text)
    guard let date = date(&scan), scan.isAtEnd else { return nil }
    return date
  }

  /// `2024-02-29 7:05:00`: Python's `%Y-%m-%d %H:%M:%S`.
  static func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> SeedDate? {
    guard text.count >= 14 else { return nil }
    var scan = Scan(text)
    guard var date = date(&scan) else { return nil }
    let start = scan.index
    scan.skip { $0 == 0x20 || (0x09...0x0D).contains($0) || (0x1C...0x1F).contains($0) }
    guard scan.index > start else { return nil }
    guard let hour = scan.number(2, upTo: 23), scan.take(UInt8(ascii: ":")),
      let minute = scan.number(2, upTo: 59),
      scan.take(UInt8(ascii: ":")), let second = scan.number(2, upTo: 61), scan.isAtEnd, second <= 59
    else { return nil }
    date.time = Time(hour: hour, minute: minute, second: second)
    return date
  }

  private static func date(_ scan: inout Scan) -> SeedDate? {
    guard let year = scan.digits(exactly: 4), scan.take(UInt8(ascii: "-")),
      let month = scan.number(2, upTo: 12), month > 0, scan.take(UInt8(ascii: "-"))
    else { return nil }
    // A day below ten may be padded with a space.
    if scan.peek == 0x20 {
      scan.index += 1
      guard let day = scan.digits(exactly: 1), day > 0 else { return nil }
      return SeedDate(year: year, month: month, day: day)
    }
    guard let day = scan.number(2, upTo: 31), day > 0 else { return nil }
    return SeedDate(year: year, month: month, day: day)
  }

  // MARK: Writing

  /// `2024-02-29`, `2024-02-29 07:05:00.25`; times with an offset in UTC.
  func append(to output: inout [UInt8]) {
    var date = self
    if let time, let offset = time.offset, offset != 0 {
      let minutes = dayNumber * 1440 + time.hour * 60 + time.minute - offset
      let day = minutes >= 0 ? minutes / 1440 : -((-minutes + 1439) / 1440)
      if let moved = SeedDate(dayNumber: day) {
        date = moved
        let rest = minutes - day * 1440
        date.time = Time(
          hour: rest / 60, minute: rest % 60, second: time.second, microsecond: time.microsecond)
      }
    }
    Self.append(date.year, 4, to: &output)
    output.append(UInt8(ascii: "-"))
    Self.append(date.month, 2, to: &output)
    output.append(UInt8(ascii: "-"))
    Self.append(date.day, 2, to: &output)
    guard let time = date.time else { return }
    output.append(0x20)
    Self.append(time.hour, 2, to: &output)
    output.append(UInt8(ascii: ":"))
    Self.append(time.minute, 2, to: &output)
    output.append(UInt8(ascii: ":"))
    Self.append(time.second, 2, to: &output)
    guard time.microsecond > 0 else { return }
    output.append(UInt8(ascii: "."))
    Self.append(time.microsecond, 6, to: &output)
  }

  private static func append(_ number: Int, _ width: Int, to output: inout [UInt8]) {
    var scale = 1
    for _ in 1..<width { scale *= 10 }
    while scale > 0 {
      output.append(0x30 + UInt8(number / scale % 10))
      scale /= 10
    }
  }
}

/// Digits and signs of a date, from left to right.
struct Scan {
  let text: UnsafeBufferPointer<UInt8>
  var index = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  var isAtEnd: Bool { index == text.count }
  var peek: UInt8? { index < text.count ? text[index] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  mutating func skip(_ condition: (UInt8) -> Bool) {
    while index < text.count, condition(text[index]) { index += 1 }
  }

  mutating func digits(exactly count: Int) -> Int? {
    guard index + count <= text.count else { return nil }
    var result = 0
    for byte in text[index..<index + count] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      result = result * 10 + Int(byte - 0x30)
    }
    index += count
    return result
  }

  /// As many digits as there are, `most` of them at most and their number no greater than `limit`.
  mutating func number(_ most: Int, upTo limit: Int) -> Int? {
    for count in stride(from: most, through: 1, by: -1) {
      let start = index
      if let value = digits(exactly: count), value <= limit { return value }
      index = start
    }
    return nil
  }
}
