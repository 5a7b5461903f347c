/// A growing run of bytes that a writer fills in pieces of known length, or a window that moves along a file.
struct ByteStorage: Sendable {
  /// What a window holds before it goes to its file.
  private static let window = 1 << 18

  /// All of it is initialized; the first `count` bytes are written.
  private var space: [UInt8] = []
  private var count = 0
  /// Where the bytes go when the window is full.
  var file: PendingFile?

  /// How much was written that no file has yet.
  var size: Int { count }

  var bytes: [UInt8] { Array(space[..<count]) }

  /// Lends what was written.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    space.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  mutating func reserve(_ capacity: Int) {
    guard capacity > space.count else { return }
    let old = space
    space = [UInt8](unsafeUninitializedCapacity: capacity) { new, filled in
      guard let start = new.baseAddress else { return }
      old.withUnsafeBufferPointer {
        if let first = $0.baseAddress { start.initialize(from: first, count: $0.count) }
      }
      (start + old.count).initialize(repeating: 0, count: capacity - old.count)
      filled = capacity
    }
  }

  mutating func append(_ byte: UInt8) {
    write(1) { $0[0] = byte }
  }

  mutating func append(_ first: UInt8, _ second: UInt8) {
    write(2) {
      $0[0] = first
      $0[1] = second
    }
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    write(bytes.count) { $0.update(from: start, count: bytes.count) }
  }

  mutating func append(text: String) {
    text.borrowingUTF8 { append($0) }
  }

  /// Lets `body` fill the next `length` bytes.
  @inline(__always)
  mutating func write(_ length: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    if space.count - count < length { makeRoom(length) }
    space.withUnsafeMutableBufferPointer { buffer in
      // There is room, so there is a base address.
      if let start = buffer.baseAddress { body(start + count) }
    }
    count += length
  }

  @inline(never)
  private mutating func makeRoom(_ length: Int) {
    if file != nil { flush() }
    let needed = count + length
    if file == nil { reserve(max(64, needed, space.count * 2)) } else { reserve(max(Self.window, needed)) }
  }

  mutating func flush() {
    guard let file else { return }
    withBytes { file.append($0) }
    count = 0
  }
}

extension String {
  /// `withUTF8` without a copy of the string to make contiguous, since nearly all are.
  @inline(__always)
  func borrowingUTF8(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if utf8.withContiguousStorageIfAvailable(body) != nil { return }
    var copy = self
    copy.withUTF8(body)
  }
}
