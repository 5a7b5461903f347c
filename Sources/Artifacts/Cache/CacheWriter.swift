import OrderedCollections
import ProjectModel

/// Writes values one after the other in a form that only ``CacheReader`` reads: no names, no types.
///
/// What many values share is written where it comes first and named by its number from then on.
struct CacheWriter {
  private var storage = ByteStorage()
  private var words: [String: Int] = [:]
  /// Mappings by where their values lie; whoever writes them holds them meanwhile.
  private var mappings: [UnsafePointer<PlainValue>: Int] = [:]

  init(reserving capacity: Int = 0) { storage.reserve(capacity) }

  var bytes: [UInt8] { storage.bytes }

  /// Lends what was written.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { storage.withBytes(body) }

  mutating func add(byte: UInt8) { storage.append(byte) }

  /// A number that is seldom large: seven bits a byte.
  mutating func add(count: Int) {
    var rest = UInt(bitPattern: count)
    while rest >= 0x80 {
      storage.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    storage.append(UInt8(rest))
  }

  mutating func add(fixed number: UInt64) {
    storage.write(8) { space in
      withUnsafeBytes(of: number.littleEndian) {
        UnsafeMutableRawPointer(space).copyMemory(
          from: $0.baseAddress ?? UnsafeRawPointer(space), byteCount: 8)
      }
    }
  }

  mutating func add<Value: CacheCoded>(_ value: Value) { value.encode(to: &self) }

  /// Text that comes up again and again.
  mutating func add(word: String) {
    if let number = words[word] { return add(count: number) }
    add(count: words.count)
    words[word] = words.count
    add(text: word)
  }

  mutating func add(text: String) {
    text.borrowingUTF8 {
      add(count: $0.count)
      storage.append($0)
    }
  }

  /// A mapping whose storage others may share.
  mutating func add(shared entries: OrderedDictionary<String, PlainValue>) {
    let place = entries.values.withUnsafeBufferPointer { $0.baseAddress }
    // Empty mappings have no storage of their own; number 0 stands for them.
    guard !entries.isEmpty, let place else { return add(count: 0) }
    if let number = mappings[place] { return add(count: number) }
    mappings[place] = mappings.count + 1
    add(count: mappings.count)
    add(entries)
  }
}

/// Reads what ``CacheWriter`` wrote.
///
/// Reading past the end gives zeros and sets ``isDamaged``; the bytes' checksum has been compared before.
struct CacheReader {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0
  private(set) var isDamaged = false
  private var knownWords: [String] = []
  private var mappings: [OrderedDictionary<String, PlainValue>] = [[:]]

  /// - Parameter bytes: must stay where they are while the reader is used.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count && !isDamaged }

  mutating func byte() -> UInt8 {
    guard at < bytes.count else {
      isDamaged = true
      return 0
    }
    defer { at += 1 }
    return bytes[at]
  }

  mutating func count() -> Int {
    var result: UInt = 0
    var shift: UInt = 0
    while shift < 64 {
      let next = byte()
      result |= UInt(next & 0x7F) << shift
      if next < 0x80 { break }
      shift += 7
    }
    return Int(bitPattern: result)
  }

  /// A number of things that each take a byte at least.
  mutating func length() -> Int {
    let length = count()
    guard length >= 0, length <= bytes.count - at else {
      isDamaged = true
      return 0
    }
    return length
  }

  mutating func fixed() -> UInt64 {
    guard at + 8 <= bytes.count else {
      isDamaged = true
      return 0
    }
    defer { at += 8 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  mutating func get<Value: CacheCoded>() -> Value { Value(from: &self) }

  mutating func word() -> String {
    let number = count()
    if number < knownWords.count, number >= 0 { return knownWords[number] }
    guard number == knownWords.count else {
      isDamaged = true
      return ""
    }
    let word = text()
    knownWords.append(word)
    return word
  }

  mutating func text() -> String {
    let length = length()
    defer { at += length }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[at..<at + length]), as: UTF8.self)
  }

  mutating func shared() -> OrderedDictionary<String, PlainValue> {
    let number = count()
    if number < mappings.count, number >= 0 { return mappings[number] }
    guard number == mappings.count else {
      isDamaged = true
      return [:]
    }
    // Mappings inside this one are not shared, so its number is still the next.
    let entries: OrderedDictionary<String, PlainValue> = get()
    mappings.append(entries)
    return entries
  }
}

/// A value that the cache keeps: what is written first is read first.
protocol CacheCoded {
  func encode(to cache: inout CacheWriter)
  init(from cache: inout CacheReader)
}
