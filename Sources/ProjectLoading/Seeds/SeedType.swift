/// The type that dbt gives a seed's column, by its names on PostgreSQL.
public enum SeedType: String, Sendable, Hashable {
  case integer
  /// `float8`: numbers of which at least one has decimals.
  case number
  case boolean
  case date
  /// Without time zone; times with an offset are brought to UTC.
  case timestamp
  case text
}

/// The kinds of value that a column may still turn out to hold, narrowed with each of its values.
///
/// This is agate's inference as dbt sets it up: a column is the first of number, date, time stamp (with a space, or
/// ISO 8601 with a T), boolean that fits all its values, else text. Empty fields and the word null fit all of them.
struct SeedTypeInference: Sendable {
  private static let number: UInt8 = 1
  private static let date: UInt8 = 2
  private static let timestamp: UInt8 = 4
  private static let isoTimestamp: UInt8 = 8
  private static let boolean: UInt8 = 16

  private var candidates: UInt8
  private var wholePlaces = 1
  private var decimalPlaces = 0
  /// The candidates whose every value stands in the file as the server reads that type.
  private var readable: UInt8 = 31
  /// Whether a number has a point, which the server does not read in an integer.
  private var hasPoint = false
  /// Whether something other than an empty field means NULL.
  private var hasWordForNull = false

  /// - Parameter isText: True for columns whose type the project states: their values are taken as they are.
  init(isText: Bool = false) { candidates = isText ? 0 : 31 }

  var type: SeedType {
    if candidates & Self.number != 0 { return hasDecimals ? .number : .integer }
    if candidates & Self.date != 0 { return .date }
    if candidates & (Self.timestamp | Self.isoTimestamp) != 0 { return .timestamp }
    return candidates & Self.boolean != 0 ? .boolean : .text
  }

  /// Whether the server gives every value of the file, as it stands, the meaning that agate gives it.
  var isReadAsItStands: Bool {
    if hasWordForNull { return false }
    switch type {
    case .text: return true
    case .integer: return readable & Self.number != 0 && !hasPoint
    case .number: return readable & Self.number != 0
    case .date: return readable & Self.date != 0
    case .timestamp: return readable & candidates & (Self.timestamp | Self.isoTimestamp) != 0
    case .boolean: return readable & Self.boolean != 0
    }
  }

  /// agate's greatest number of decimal places, cut to its 28 digits; anything but 0 makes a float, less than 0 too.
  private var hasDecimals: Bool {
    wholePlaces + decimalPlaces > 28 ? 28 - wholePlaces != 0 : decimalPlaces != 0
  }

  /// Narrows the candidates to those that fit a value.
  ///
  /// - Parameter raw: The field without the quotes around it. Quotes that are doubled in it may be or not.
  mutating func see(_ raw: UnsafeBufferPointer<UInt8>, isQuoted: Bool) {
    let value = PythonText.stripped(raw)
    if SeedValue.isNull(value) {
      if !raw.isEmpty || isQuoted { hasWordForNull = true }
      return
    }
    var left = candidates
    if left & Self.number != 0 {
      if let places = SeedNumber.places(value) {
        note(places)
        if let point = SeedNumber.plain(raw) {
          hasPoint = hasPoint || point
        } else {
          readable &= ~Self.number
        }
      } else {
        left &= ~Self.number
      }
    }
    if left & Self.date != 0 {
      if SeedDate.date(value) == nil {
        left &= ~Self.date
      } else if raw.count != 10 || raw[8] == 0x20 {
        readable &= ~Self.date
      }
    }
    if left & Self.timestamp != 0 {
      if SeedDate.timestamp(value) == nil {
        left &= ~Self.timestamp
      } else if raw.count != 19 || PlainTime.length(of: raw, separator: 0x20) != 19 {
        readable &= ~Self.timestamp
      }
    }
    if left & Self.isoTimestamp != 0 {
      if ISOTime.timestamp(value) == nil {
        left &= ~Self.isoTimestamp
      } else if PlainTime.isoLength(of: raw) != raw.count {
        readable &= ~Self.isoTimestamp
      }
    }
    if left & Self.boolean != 0 {
      if let truth = SeedValue.boolean(value) {
        if raw.count != (truth ? 4 : 5) { readable &= ~Self.boolean }
      } else {
        left &= ~Self.boolean
      }
    }
    candidates = left
  }

  private mutating func note(_ places: (whole: Int, decimals: Int)) {
    if places.whole > wholePlaces { wholePlaces = places.whole }
    if places.decimals > decimalPlaces { decimalPlaces = places.decimals }
  }

  // MARK: At full speed

  /// Bytes that ``pass(_:)`` may look at.
  static let reach = 32

  /// Passes over a value that has the form that the column's values have had so far.
  ///
  /// - Parameter bytes: The field's first byte, with at least ``reach`` bytes to read from it.
  /// - Returns: the value's length; nil when the value must be looked at with ``see(_:isQuoted:)``. Nothing has
  ///   changed then. Whether the field ends there is for the caller to see.
  @inline(__always)
  mutating func pass(_ bytes: UnsafePointer<UInt8>) -> Int? {
    switch candidates {
    case Self.number:
      guard let number = SeedNumber.Plain(bytes) else { return nil }
      note(number.places)
      hasPoint = hasPoint || number.hasPoint
      return number.length
    case Self.date: return PlainTime.isDay(bytes) ? 10 : nil
    case Self.timestamp: return PlainTime.isDay(bytes) && PlainTime.isTime(bytes + 10, after: 0x20) ? 19 : nil
    case Self.isoTimestamp:
      return PlainTime.isDay(bytes) && PlainTime.isTime(bytes + 10, after: 0x54) ? 19 : nil
    case Self.boolean:
      let word = UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self).littleEndian | 0x2020_2020
      if word == 0x6575_7274 { return 4 }
      return word == 0x736C_6166 && bytes[4] | 0x20 == 0x65 ? 5 : nil
    default: return nil
    }
  }

  /// True when nothing but text is left, so that only the words for NULL matter.
  var isText: Bool { candidates == 0 }

  /// ``see(_:isQuoted:)`` for a column of text and a value without quotes.
  @inline(__always)
  mutating func passText(_ raw: UnsafeBufferPointer<UInt8>) {
    guard raw.count > 0 else { return }
    let (first, last) = (raw[0], raw[raw.count - 1])
    // Nothing else can be the word null or white space alone.
    if raw.count == 4 || first <= 0x20 || last <= 0x20 || first >= 0x80 { see(raw, isQuoted: false) }
  }
}
