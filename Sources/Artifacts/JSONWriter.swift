public import OrderedCollections
public import ProjectModel

/// Writes JSON as Python's `json.dumps` does, straight into bytes: `", "` and `": "` between things,
/// everything outside ASCII escaped, doubles in their shortest form.
///
/// The caller keeps objects and arrays balanced; the writer puts the commas.
public struct JSONWriter: Sendable {
  private var storage = ByteStorage()
  private var needsComma = false
  /// Mappings of many entries that were written last, by where their values lie: most nodes share their config.
  private var recent: [Shared] = []
  private var oldest = 0

  private struct Shared: Sendable {
    /// Held so that its storage is no other's.
    var entries: OrderedDictionary<String, PlainValue>
    var text: [UInt8]
  }

  public init(reserving capacity: Int = 0) { storage.reserve(capacity) }

  /// Writes into a file as it goes, so that large artifacts are never whole in memory.
  init(into file: PendingFile) { storage.file = file }

  /// What was written; of a writer into a file what has not reached it yet.
  public var bytes: [UInt8] { storage.bytes }

  /// Hands what is left to the file.
  mutating func flush() { storage.flush() }

  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// A key that needs no escaping.
  public mutating func key(_ name: StaticString) {
    separate()
    storage.write(name.utf8CodeUnitCount + 4) { space in
      space[0] = UInt8(ascii: "\"")
      let count = name.utf8CodeUnitCount
      (space + 1).update(from: name.utf8Start, count: count)
      space[count + 1] = UInt8(ascii: "\"")
      space[count + 2] = UInt8(ascii: ":")
      space[count + 3] = UInt8(ascii: " ")
    }
    needsComma = false
  }

  /// A key that is not known before the program runs.
  public mutating func key(named name: String) {
    string(name)
    storage.append(UInt8(ascii: ":"), UInt8(ascii: " "))
    needsComma = false
  }

  public mutating func null() { literal("null") }
  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

  public mutating func int(_ value: Int) {
    separate()
    storage.append(text: String(value))
    needsComma = true
  }

  public mutating func double(_ value: Double) {
    separate()
    storage.append(text: PythonNumber.text(value))
    needsComma = true
  }

  public mutating func string(_ value: String) {
    separate()
    value.borrowingUTF8 { text in
      if JSONEscapes.areNeeded(text) { escape(text) } else { quote(text) }
    }
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
    storage.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
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
      key(named: name)
      self.value(value)
    }
    endObject()
  }

  // MARK: Entries of an object

  public mutating func beginObject(_ key: StaticString) {
    self.key(key)
    beginObject()
  }

  public mutating func beginObject(named key: String) {
    self.key(named: key)
    beginObject()
  }

  public mutating func beginArray(_ key: StaticString) {
    self.key(key)
    beginArray()
  }

  /// null for nil.
  public mutating func field(_ key: StaticString, _ value: String?) {
    self.key(key)
    string(value)
  }

  public mutating func field(_ key: StaticString, _ value: Bool) {
    self.key(key)
    bool(value)
  }

  public mutating func field(_ key: StaticString, _ value: Int) {
    self.key(key)
    int(value)
  }

  public mutating func field(_ key: StaticString, _ value: Double) {
    self.key(key)
    double(value)
  }

  public mutating func field(_ key: StaticString, _ value: PlainValue) {
    self.key(key)
    self.value(value)
  }

  public mutating func field(_ key: StaticString, _ entries: OrderedDictionary<String, PlainValue>) {
    self.key(key)
    mapping(entries)
  }

  public mutating func field(_ key: StaticString, _ values: some Sequence<String>) {
    self.key(key)
    strings(values)
  }

  public mutating func field(_ key: StaticString, _ ids: [NodeID]) {
    self.key(key)
    strings(ids.lazy.map(\.rawValue))
  }

  public mutating func field(named key: String, _ value: String?) {
    self.key(named: key)
    string(value)
  }

  public mutating func field(named key: String, _ value: PlainValue) {
    self.key(named: key)
    self.value(value)
  }

  // MARK: What recurs

  /// A mapping that many things share: what `write` makes of it is kept and put down again when the same storage
  /// comes once more.
  mutating func shared(
    _ entries: OrderedDictionary<String, PlainValue>, _ write: (inout JSONWriter) -> Void
  ) {
    guard entries.count >= 4 else { return write(&self) }
    let place = Self.place(entries)
    if let index = recent.firstIndex(where: { Self.place($0.entries) == place }) {
      separate()
      recent[index].text.withUnsafeBufferPointer { storage.append($0) }
      needsComma = true
      return
    }
    var apart = JSONWriter()
    write(&apart)
    let made = Shared(entries: entries, text: apart.bytes)
    separate()
    made.text.withUnsafeBufferPointer { storage.append($0) }
    needsComma = true
    if recent.count < 8 {
      recent.append(made)
    } else {
      recent[oldest] = made
      oldest = (oldest + 1) % recent.count
    }
  }

  private static func place(_ entries: OrderedDictionary<String, PlainValue>) -> UnsafePointer<PlainValue>? {
    entries.values.withUnsafeBufferPointer { $0.baseAddress }
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    storage.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    storage.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { storage.append(UInt8(ascii: ","), UInt8(ascii: " ")) }
  }

  /// Text that holds nothing to be escaped.
  private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
    storage.write(text.count + 2) { space in
      space[0] = UInt8(ascii: "\"")
      if let start = text.baseAddress { (space + 1).update(from: start, count: text.count) }
      space[text.count + 1] = UInt8(ascii: "\"")
    }
  }

  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
    storage.append(UInt8(ascii: "\""))
    var start = 0
    var at = 0
    while at < text.count {
      let byte = text[at]
      if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        at += 1
        continue
      }
      storage.append(UnsafeBufferPointer(rebasing: text[start..<at]))
      if byte < 0x80 {
        escape(ascii: byte)
        at += 1
      } else {
        at += escapeScalar(text, at)
      }
      start = at
    }
    storage.append(UnsafeBufferPointer(rebasing: text[start...]))
    storage.append(UInt8(ascii: "\""))
  }

  private mutating func escape(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): storage.append(UInt8(ascii: "\\"), byte)
    case 0x0A: storage.append(UInt8(ascii: "\\"), UInt8(ascii: "n"))
    case 0x0D: storage.append(UInt8(ascii: "\\"), UInt8(ascii: "r"))
    case 0x09: storage.append(UInt8(ascii: "\\"), UInt8(ascii: "t"))
    case 0x08: storage.append(UInt8(ascii: "\\"), UInt8(ascii: "b"))
    case 0x0C: storage.append(UInt8(ascii: "\\"), UInt8(ascii: "f"))
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
      unit(UInt16(0xD800 + rest >> 10))
      unit(UInt16(0xDC00 + rest & 0x3FF))
    } else {
      unit(UInt16(scalar))
    }
    return length
  }

  /// `\uXXXX`
  private mutating func unit(_ value: UInt16) {
    storage.append(UInt8(ascii: "\\"), UInt8(ascii: "u"))
    for shift in [12, 8, 4, 0] as [UInt16] {
      let digit = UInt8(value >> shift & 0xF)
      storage.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

/// Which bytes JSON as Python writes it cannot hold as they are.
private enum JSONEscapes {
  /// Looks at eight bytes at a time: whether one is a control character, DEL, a quote, a backslash or not ASCII.
  static func areNeeded(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let raw = UnsafeRawBufferPointer(text)
    var at = 0
    while at + 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      let quotes = word ^ (ones &* 0x22)
      let backslashes = word ^ (ones &* 0x5C)
      let found =
        word | (word &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones) | ((word & ~tops) &+ ones)
      // A borrow can only report a byte that is fine when a lower one is not.
      if found & tops != 0 { return true }
      at += 8
    }
    while at < raw.count {
      let byte = raw[at]
      if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { return true }
      at += 1
    }
    return false
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
