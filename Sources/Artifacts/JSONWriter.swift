public import OrderedCollections
public import ProjectModel

/// Writes JSON as Python's `json.dumps` does, straight into bytes: `", "` and `": "` between things,
/// everything outside ASCII escaped, doubles in their shortest form.
///
/// The caller keeps objects and arrays balanced; the writer puts the commas.
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// A key that needs no escaping.
  public mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    bytes.append(UInt8(ascii: " "))
    needsComma = false
  }

  public mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(UInt8(ascii: " "))
    needsComma = false
  }

  public mutating func null() { literal("null") }
  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

  public mutating func int(_ value: Int) {
    separate()
    bytes.append(contentsOf: String(value).utf8)
    needsComma = true
  }

  public mutating func double(_ value: Double) {
    separate()
    bytes.append(contentsOf: PythonNumber.text(value).utf8)
    needsComma = true
  }

  public mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { escape($0) }
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// null for nil.
  public mutating func string(_ value: String?) {
    if let value { string(value) } else { null() }
  }

  public mutating func strings(_ values: some Sequence<String>) {
    beginArray()
    for value in values { string(value) }
    endArray()
  }

  /// JSON that is already written.
  public mutating func literal(_ text: StaticString) {
    separate()
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    needsComma = true
  }

  public mutating func value(_ value: PlainValue) {
    switch value {
    case .null: null()
    case .bool(let flag): bool(flag)
    case .int(let number): int(number)
    case .double(let number): double(number)
    case .string(let text): string(text)
    case .list(let items):
      beginArray()
      for item in items { self.value(item) }
      endArray()
    case .mapping(let entries): mapping(entries)
    }
  }

  public mutating func mapping(_ entries: OrderedDictionary<String, PlainValue>) {
    beginObject()
    for (name, value) in entries {
      key(name)
      self.value(value)
    }
    endObject()
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    guard needsComma else { return }
    bytes.append(UInt8(ascii: ","))
    bytes.append(UInt8(ascii: " "))
    needsComma = false
  }

  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    var at = 0
    while at < text.count {
      let byte = text[at]
      if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        at += 1
        continue
      }
      bytes.append(contentsOf: text[start..<at])
      if byte < 0x80 {
        escape(ascii: byte)
        at += 1
      } else {
        at += escapeScalar(text, at)
      }
      start = at
    }
    bytes.append(contentsOf: text[start...])
  }

  private mutating func escape(ascii byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    default: unit(UInt16(byte))
    }
  }

  /// - Returns: how many bytes the scalar takes; a string's bytes are always whole scalars.
  private mutating func escapeScalar(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
    let first = UInt32(text[at])
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var scalar = first & (0xFF >> UInt32(length + 1))
    for offset in 1..<length { scalar = scalar << 6 | UInt32(text[at + offset] & 0x3F) }
    if scalar >= 0x10000 {
      let rest = scalar - 0x10000
      bytes.append(UInt8(ascii: "\\"))
      unit(UInt16(0xD800 + rest >> 10))
      bytes.append(UInt8(ascii: "\\"))
      unit(UInt16(0xDC00 + rest & 0x3FF))
    } else {
      bytes.append(UInt8(ascii: "\\"))
      unit(UInt16(scalar))
    }
    return length
  }

  /// `uXXXX`
  private mutating func unit(_ value: UInt16) {
    bytes.append(UInt8(ascii: "u"))
    for shift in [12, 8, 4, 0] as [UInt16] {
      let digit = UInt8(value >> shift & 0xF)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

/// Numbers as Python writes them.
enum PythonNumber {
  /// `repr` of a float: shortest digits, an exponent from 1e16 on and below 1e-4.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
    // Swift goes over to an exponent at 2^53 already; from there on every double is whole.
    guard value.magnitude >= 9_007_199_254_740_992, value.magnitude < 1e16 else { return value.description }
    return "\(Int(value)).0"
  }
}
