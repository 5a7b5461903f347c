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

  /// - Parameter isText: True for columns whose type the project states: their values are taken as they are.
  init(isText: Bool = false) { candidates = isText ? 0 : 31 }

  /// False when nothing but text is left, so that values need not be looked at.
  var isOpen: Bool { candidates != 0 }

  var type: SeedType {
    if candidates & Self.number != 0 { return hasDecimals ? .number : .integer }
    if candidates & Self.date != 0 { return .date }
    if candidates & (Self.timestamp | Self.isoTimestamp) != 0 { return .timestamp }
    return candidates & Self.boolean != 0 ? .boolean : .text
  }

  /// agate's greatest number of decimal places, cut to its 28 digits; anything but 0 makes a float, less than 0 too.
  private var hasDecimals: Bool {
    wholePlaces + decimalPlaces > 28 ? 28 - wholePlaces != 0 : decimalPlaces != 0
  }

  /// Narrows the candidates to those that fit a value.
  mutating func see(_ raw: UnsafeBufferPointer<UInt8>) {
    let value = PythonText.stripped(raw)
    if SeedValue.isNull(value) { return }
    var left = candidates
    if left & Self.number != 0 {
      if let places = SeedNumber.places(value) {
        wholePlaces = max(wholePlaces, places.whole)
        decimalPlaces = max(decimalPlaces, places.decimals)
      } else {
        left &= ~Self.number
      }
    }
    if left & Self.date != 0, SeedDate.date(value) == nil { left &= ~Self.date }
    if left & Self.timestamp != 0, SeedDate.timestamp(value) == nil { left &= ~Self.timestamp }
    if left & Self.isoTimestamp != 0, ISOTime.timestamp(value) == nil { left &= ~Self.isoTimestamp }
    if left & Self.boolean != 0, SeedValue.boolean(value) == nil { left &= ~Self.boolean }
    candidates = left
  }
}
