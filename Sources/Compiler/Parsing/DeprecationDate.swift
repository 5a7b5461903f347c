import ProjectModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// When a model's time is over. A time without an offset from UTC is one of this machine's clock, as in dbt.
struct DeprecationDate: CustomStringConvertible {
  /// What a clock there shows.
  private let shown: EventTime
  /// Minutes that the clock is ahead of UTC.
  private let offset: Int

  /// - Parameter text: `2030-01-31`, `2030-01-31 12:00`, `2030-01-31T12:00:00+02:00`.
  init?(_ text: String) {
    guard let shown = EventTime(text) else { return nil }
    self.shown = shown
    let clock = text.utf8.drop { $0 != UInt8(ascii: "T") && $0 != UInt8(ascii: " ") }
    let zone = clock.drop { $0 != UInt8(ascii: "Z") && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }
    offset = zone.isEmpty ? Self.localOffset(at: shown) : Self.minutes(of: Array(zone))
  }

  /// Seconds since 1970.
  var secondsSince1970: Double { Double(shown.microseconds) / 1e6 - Double(offset * 60) }

  /// In ISO's form, with the offset.
  var description: String {
    let size = abs(offset)
    return
      "\(shown.isoText.dropLast(6))\(offset < 0 ? "-" : "+")\(Self.padded(size / 60)):\(Self.padded(size % 60))"
  }

  /// Of `Z`, `+2`, `+02`, `+02:00` and `-0230`.
  private static func minutes(of zone: [UInt8]) -> Int {
    let digits = zone.compactMap { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 ? Int($0 - 48) : nil }
    let number = digits.prefix(4).reduce(0) { $0 * 10 + $1 }
    let minutes = digits.count > 2 ? number / 100 * 60 + number % 100 : number * 60
    return zone.first == UInt8(ascii: "-") ? -minutes : minutes
  }

  private static func localOffset(at time: EventTime) -> Int {
    var seconds = time_t(time.microseconds / 1_000_000)
    var fields = tm()
    // The fields of the time that is shown, read as the machine's own.
    guard gmtime_r(&seconds, &fields) != nil else { return 0 }
    fields.tm_isdst = -1
    _ = mktime(&fields)
    return Int(fields.tm_gmtoff) / 60
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
