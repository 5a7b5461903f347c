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
  /// Takes what is shared, to be written in front of the rest; nil while it is written where it comes first.
  private var tables: CacheTables?
  /// The nodes that others are told to depend on by number.
  private var nodes: OrderedDictionary<NodeID, Node> = [:]

  init(reserving capacity: Int = 0) { storage.reserve(capacity) }

  /// - Parameter tables: what has its number already.
  init(after tables: CacheTables, nodes: OrderedDictionary<NodeID, Node>) {
    self.nodes = nodes
    self.tables = tables
    words.reserveCapacity(tables.words.count)
    for (number, word) in tables.words.enumerated() { words[word] = number }
    for (number, entries) in tables.mappings.enumerated() where !entries.isEmpty {
      entries.values.withUnsafeBufferPointer {
        if let place = $0.baseAddress { mappings[place] = number }
      }
    }
  }

  /// Lets `body` write elsewhere.
  mutating func aside(_ other: inout ByteStorage, _ body: (inout CacheWriter) -> Void) {
    swap(&storage, &other)
    body(&self)
    swap(&storage, &other)
  }

  /// Writes what has been given a number so far.
  func addTables(to cache: inout CacheWriter) {
    if let tables { cache.add(tables) }
  }

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
    if tables == nil { add(text: word) } else { tables?.words.append(word) }
  }

  mutating func add(bytes: UnsafeBufferPointer<UInt8>) { storage.append(bytes) }

  /// A node or source; most are nodes of the same manifest.
  mutating func add(parent: NodeID) {
    if let number = nodes.index(forKey: parent) { return add(count: number + 1) }
    add(count: 0)
    add(word: parent.rawValue)
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
    if tables == nil { add(entries) } else { tables?.mappings.append(entries) }
  }
}

/// Reads what ``CacheWriter`` wrote.
///
/// Reading past the end gives zeros and sets ``isDamaged``; the bytes' checksum has been compared before.
struct CacheReader {
  private let bytes: UnsafeRawBufferPointer
  /// The whole file, of which `bytes` are the end; empty where nothing is to be read later.
  let contents: [UInt8]
  private var at = 0
  private(set) var isDamaged = false
  private var knownWords: [String] = []
  private var mappings: [OrderedDictionary<String, PlainValue>] = [[:]]

  private var nodes: [NodeID] = []

  /// - Parameter bytes: must stay where they are while the reader is used.
  init(_ bytes: UnsafeRawBufferPointer, of contents: [UInt8] = []) {
    self.bytes = bytes
    self.contents = contents
  }

  /// - Parameter tables: what the bytes name by number.
  init(_ bytes: UnsafeRawBufferPointer, _ tables: CacheTables) {
    self.init(bytes)
    knownWords = tables.words
    mappings = tables.mappings
  }

  /// What follows names these by number.
  mutating func take(_ tables: CacheTables, nodes: [NodeID]) {
    knownWords = tables.words
    mappings = tables.mappings
    self.nodes = nodes
  }

  /// Where in the file the next byte lies.
  var place: Int { contents.count - bytes.count + at }

  /// Leaves out bytes that are read later.
  ///
  /// - Returns: where in the file they lie.
  mutating func skip(_ length: Int) -> Range<Int> {
    defer { at += length }
    return place..<place + length
  }

  mutating func damage() { isDamaged = true }

  mutating func parent() -> NodeID {
    let number = count()
    if number == 0 { return NodeID(word()) }
    guard number > 0, number <= nodes.count else {
      isDamaged = true
      return NodeID("")
    }
    return nodes[number - 1]
  }

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
