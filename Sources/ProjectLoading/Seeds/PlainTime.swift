/// Days and times in the one form that agate, PostgreSQL and Redshift all read the same whatever their settings:
/// `2024-02-29`, `2024-02-29 07:05:00`, `2024-02-29T07:05:00.25Z`.
enum PlainTime {
  /// The bytes that such a point in time takes up at the start of a value; nil when there is none.
  static func length(of value: UnsafeBufferPointer<UInt8>, separator: UInt8) -> Int? {
    guard value.count >= 19, let start = value.baseAddress else { return nil }
    return isDay(start) && isTime(start + 10, after: separator) ? 19 : nil
  }

  /// With a T, up to six decimals of the second and a Z.
  static func isoLength(of value: UnsafeBufferPointer<UInt8>) -> Int? {
    guard var end = length(of: value, separator: UInt8(ascii: "T")) else { return nil }
    if end < value.count, value[end] == UInt8(ascii: ".") {
      let decimals = value[(end + 1)...].prefix { $0 >= 0x30 && $0 <= 0x39 }.count
      guard (1...6).contains(decimals) else { return nil }
      end += 1 + decimals
    }
    return end < value.count && value[end] == UInt8(ascii: "Z") ? end + 1 : end
  }

  /// Reads ten bytes.
  @inline(__always)
  static func isDay(_ bytes: UnsafePointer<UInt8>) -> Bool {
    // "YYYY-MM-": digits become their numbers, the signs 0.
    let front = load(bytes) ^ 0x2D30_302D_3030_3030
    guard holdsDigits(front), front & 0xFF00_00FF_0000_0000 == 0 else { return false }
    let (tens, ones) = (bytes[8] &- 0x30, bytes[9] &- 0x30)
    guard tens <= 3, ones <= 9 else { return false }
    let month = UInt8(truncatingIfNeeded: front >> 40) &* 10 &+ UInt8(truncatingIfNeeded: front >> 48)
    let day = tens &* 10 &+ ones
    if month &- 1 < 12, day &- 1 < 28, front & 0xFFFF_FFFF != 0 { return true }
    var year = 0
    for index in 0..<4 { year = year * 10 + Int(bytes[index] & 0x0F) }
    return SeedDate(year: year, month: Int(month), day: Int(day)) != nil
  }

  /// A separator and `HH:MM:SS`: reads nine bytes.
  @inline(__always)
  static func isTime(_ bytes: UnsafePointer<UInt8>, after separator: UInt8) -> Bool {
    let parts = load(bytes + 1) ^ 0x3030_3A30_303A_3030
    guard bytes[0] == separator, holdsDigits(parts), parts & 0x0000_FF00_00FF_0000 == 0 else { return false }
    let hour = UInt8(truncatingIfNeeded: parts) &* 10 &+ UInt8(truncatingIfNeeded: parts >> 8)
    let minute = UInt8(truncatingIfNeeded: parts >> 24)
    return hour <= 23 && minute <= 5 && UInt8(truncatingIfNeeded: parts >> 48) <= 5
  }

  /// Whether each of eight bytes is 0 to 9.
  @inline(__always)
  private static func holdsDigits(_ bytes: UInt64) -> Bool {
    (bytes | (bytes &+ 0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 == 0
  }

  @inline(__always)
  private static func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self).littleEndian
  }
}
