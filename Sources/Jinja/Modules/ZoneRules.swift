#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The changes of clock of a place, from the system's zone files.
final class ZoneRules {
  struct Period {
    /// Seconds ahead of UTC, in whole minutes as pytz has them.
    let offset: Int
    let abbreviation: String
    let isDaylight: Bool
    /// Seconds that the clock is ahead of the place's standard time.
    var saving = 0
  }

  /// Seconds since 1970 in UTC at which a period begins, ascending.
  private let transitions: [Int]
  private let kinds: [Int]
  private let periods: [Period]

  /// The rules of a name such as `Europe/Berlin`; nil when the system has no such zone.
  static func load(_ name: String) -> ZoneRules? {
    guard !name.isEmpty, !name.contains(".."), !name.hasPrefix("/"),
      name.utf8.allSatisfy({ Bytes.isNameByte($0) || $0 == 47 || $0 == 43 || $0 == 45 })
    else { return nil }
    for folder in ["/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/var/db/timezone/zoneinfo/"] {
      if let bytes = read(folder + name), let rules = ZoneRules(bytes) { return rules }
    }
    return nil
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private init?(_ bytes: [UInt8]) {
    func integer(_ at: Int, _ width: Int) -> Int {
      var value = Int(Int8(bitPattern: bytes[at]))
      for index in 1..<width { value = value << 8 | Int(bytes[at + index]) }
      return value
    }
    guard bytes.count > 44, bytes.starts(with: "TZif".utf8) else { return nil }
    func counts(_ at: Int) -> [Int] { (0..<6).map { integer(at + 20 + $0 * 4, 4) } }
    var start = 0
    var width = 4
    if bytes[4] >= UInt8(ascii: "2") {
      // The second block has the same with 64-bit times.
      let first = counts(0)
      start = 44 + first[3] * 5 + first[4] * 6 + first[5] + first[2] * 8 + first[1] + first[0]
      width = 8
    }
    guard start + 44 <= bytes.count else { return nil }
    let sizes = counts(start)
    let (count, typeCount, nameBytes) = (sizes[3], sizes[4], sizes[5])
    let times = start + 44
    let indexes = times + count * width
    let types = indexes + count
    let names = types + typeCount * 6
    guard names + nameBytes <= bytes.count, typeCount > 0 else { return nil }
    transitions = (0..<count).map { integer(times + $0 * width, width) }
    kinds = (0..<count).map { Int(bytes[indexes + $0]) }
    var periods = (0..<typeCount).map { index in
      let at = types + index * 6
      let name = bytes[(names + Int(bytes[at + 5]))..<(names + nameBytes)].prefix { $0 != 0 }
      let minutes = Calendar.floorDivide(integer(at, 4) + 30, 60).quotient
      return Period(
        offset: minutes * 60, abbreviation: String(decoding: name, as: UTF8.self),
        isDaylight: bytes[at + 4] != 0)
    }
    var standard = 0
    for kind in kinds where kind < typeCount {
      if !periods[kind].isDaylight {
        standard = periods[kind].offset
      } else if periods[kind].saving == 0 {
        periods[kind].saving = periods[kind].offset - standard
      }
    }
    self.periods = periods
  }

  /// The place's first clock: its local mean time.
  var first: Period { periods.first { !$0.isDaylight } ?? periods[0] }

  func period(at instant: Int) -> Period {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= instant { low = middle + 1 } else { high = middle }
    }
    if low == transitions.count, low >= 4, low > 0 {
      return repeated(instant)
    }
    return periods[low > 0 ? kinds[low - 1] : 0]
  }

  /// Beyond the file's last change the last years' changes go on: 400 years are whole weeks, and so
  /// the calendar of an earlier year with the same shape tells.
  private func repeated(_ instant: Int) -> Period {
    guard let last = transitions.last, instant - last > 366 * 86_400,
      let before = transitions.dropLast(2).last, last - before < 400 * 86_400
    else { return periods[kinds[kinds.count - 1]] }
    let year = Calendar.date(ofDay: Calendar.floorDivide(instant, 86_400).quotient).year
    let lastYear = Calendar.date(ofDay: last / 86_400).year
    var earlier = lastYear - 1
    while earlier > lastYear - 40, !sameShape(earlier, year) { earlier -= 1 }
    return period(at: instant - (Calendar.days(year, 1, 1) - Calendar.days(earlier, 1, 1)) * 86_400)
  }

  private func sameShape(_ a: Int, _ b: Int) -> Bool {
    Calendar.isLeap(a) == Calendar.isLeap(b)
      && Calendar.weekday(ofDay: Calendar.days(a, 1, 1)) == Calendar.weekday(ofDay: Calendar.days(b, 1, 1))
  }
}
