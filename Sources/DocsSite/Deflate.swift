/// Compresses bytes into the raw DEFLATE format of RFC 1951, which every browser opens by itself.
///
/// Matches are looked for greedily and written with the fixed codes: SQL and JSON repeat themselves so much that
/// codes made to measure would gain little.
enum Deflate {
  /// - Returns: one final block.
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var output = BitWriter()
    output.bytes.reserveCapacity(bytes.count / 4 + 16)
    // The final block, with fixed codes.
    output.put(0b011, bits: 3)
    var matches = MatchFinder(count: bytes.count)
    bytes.withUnsafeBufferPointer { text in
      var at = 0
      while at < text.count {
        let (length, distance) = matches.longest(in: text, at: at)
        if length >= MatchFinder.shortest {
          write(length: length, distance: distance, to: &output)
          at += length
        } else {
          write(symbol: Int(text[at]), to: &output)
          at += 1
        }
      }
    }
    write(symbol: 256, to: &output)
    return output.finish()
  }

  /// A literal byte, the end of the block or a class of lengths, in its fixed code.
  private static func write(symbol: Int, to output: inout BitWriter) {
    let (code, bits): (Int, Int) =
      switch symbol {
      case ..<144: (0x30 + symbol, 8)
      case ..<256: (0x190 + symbol - 144, 9)
      case ..<280: (symbol - 256, 7)
      default: (0xC0 + symbol - 280, 8)
      }
    output.put(reversed(code, bits: bits), bits: bits)
  }

  private static func write(length: Int, distance: Int, to output: inout BitWriter) {
    let rest = length - MatchFinder.shortest
    if length == MatchFinder.longest {
      write(symbol: 285, to: &output)
    } else if rest < 8 {
      write(symbol: 257 + rest, to: &output)
    } else {
      let extra = magnitude(rest) - 2
      write(symbol: 261 + 4 * extra + ((rest >> extra) & 3), to: &output)
      output.put(rest & ((1 << extra) - 1), bits: extra)
    }
    let back = distance - 1
    if back < 4 {
      output.put(reversed(back, bits: 5), bits: 5)
    } else {
      let extra = magnitude(back) - 1
      output.put(reversed(2 * extra + 2 + ((back >> extra) & 1), bits: 5), bits: 5)
      output.put(back & ((1 << extra) - 1), bits: extra)
    }
  }

  /// The place of the highest bit.
  private static func magnitude(_ value: Int) -> Int { Int.bitWidth - 1 - value.leadingZeroBitCount }

  /// Codes are written from their highest bit on, everything else from its lowest.
  private static func reversed(_ code: Int, bits: Int) -> Int {
    var (from, result) = (code, 0)
    for _ in 0..<bits {
      result = result << 1 | from & 1
      from >>= 1
    }
    return result
  }
}

/// Bits into bytes, the lowest first.
private struct BitWriter {
  var bytes: [UInt8] = []
  private var pending = 0
  private var count = 0

  mutating func put(_ value: Int, bits: Int) {
    pending |= value << count
    count += bits
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      count -= 8
    }
  }

  mutating func finish() -> [UInt8] {
    if count > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
    return bytes
  }
}

/// Where four bytes have stood before, the nearest place first.
private struct MatchFinder {
  static let shortest = 3
  static let longest = 258
  private static let window = 32_768
  /// More places than this are not tried: the gain would be small.
  private static let tries = 24

  private var head = [Int32](repeating: -1, count: window)
  private var before: [Int32]
  /// The first place that no chain holds yet.
  private var next = 0

  init(count: Int) { before = [Int32](repeating: -1, count: min(count, Self.window)) }

  /// The longest earlier text that goes on like the one at `place`; nothing is (0, 0).
  mutating func longest(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> (length: Int, distance: Int) {
    while next < place { insert(text, next) }
    guard place + 4 <= text.count else { return (0, 0) }
    let most = min(Self.longest, text.count - place)
    var best = (length: 0, distance: 0)
    var candidate = Int(head[Self.hash(text, place)])
    var left = Self.tries
    while candidate >= 0, place - candidate <= Self.window - 1, left > 0 {
      left -= 1
      if best.length == 0 || text[candidate + best.length] == text[place + best.length] {
        var length = 0
        while length < most, text[candidate + length] == text[place + length] { length += 1 }
        if length > best.length {
          best = (length, place - candidate)
          if length == most { break }
        }
      }
      let earlier = Int(before[candidate & (Self.window - 1)])
      guard earlier < candidate else { break }
      candidate = earlier
    }
    return best
  }

  private mutating func insert(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) {
    next += 1
    guard place + 4 <= text.count else { return }
    let hash = Self.hash(text, place)
    before[place & (Self.window - 1)] = head[hash]
    head[hash] = Int32(place)
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
    let word =
      UInt32(text[at]) | UInt32(text[at + 1]) << 8 | UInt32(text[at + 2]) << 16 | UInt32(text[at + 3]) << 24
    return Int((word &* 2_654_435_761) >> 17)
  }
}
