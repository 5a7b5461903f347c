import Foundation
import Testing

@testable import DocsSite

@Suite struct DeflateTests {
  static let texts: [[UInt8]] = [
    [], [0], Array("a".utf8), Array(repeating: 65, count: 100_000), Array(0...255),
    Array("select order_id, customer_id from orders\n".utf8),
    (0..<3_000).flatMap { Array("  o.column_\($0 % 97) as c\($0),\n".utf8) },
    // Nothing repeats itself, and what does lies further back than the format reaches.
    (0..<90_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) },
    Array("far away ".utf8) + (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      + Array("far away ".utf8),
  ]

  @Test(arguments: texts.indices) func opensToWhatItWas(at index: Int) {
    let text = Self.texts[index]
    let packed = Deflate.compress(text)
    #expect(Inflate.open(packed) == text)
  }

  @Test func repetitionIsCheap() {
    #expect(Deflate.compress(Self.texts[3]).count < 1_000)
    #expect(Deflate.compress(Self.texts[6]).count < Self.texts[6].count / 3)
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
  ]) func base64(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == Array(encoded.utf8))
  }
}

/// Opens a block with fixed codes, written from RFC 1951 without a look at the compressor.
private struct Inflate {
  private let bytes: [UInt8]
  private var place = 0

  static func open(_ bytes: [UInt8]) -> [UInt8]? {
    var reader = Inflate(bytes: bytes)
    return reader.block()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func bit() -> Int {
    guard place / 8 < bytes.count else { return 0 }
    defer { place += 1 }
    return Int(bytes[place / 8] >> UInt8(place % 8)) & 1
  }

  private mutating func number(_ bits: Int) -> Int { (0..<bits).reduce(0) { $0 | bit() << $1 } }

  private mutating func code(_ bits: Int) -> Int { (0..<bits).reduce(0) { code, _ in code << 1 | bit() } }

  private mutating func symbol() -> Int {
    var value = code(7)
    if value <= 0b0010111 { return 256 + value }
    value = value << 1 | bit()
    if (0b0011_0000...0b1011_1111).contains(value) { return value - 0b0011_0000 }
    if (0b1100_0000...0b1100_0111).contains(value) { return 280 + value - 0b1100_0000 }
    return 144 + (value << 1 | bit()) - 0b1_1001_0000
  }

  private mutating func block() -> [UInt8]? {
    guard number(1) == 1, number(2) == 1 else { return nil }
    var result: [UInt8] = []
    while place < bytes.count * 8 {
      let symbol = symbol()
      if symbol < 256 {
        result.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return result }
      let lengths = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
        195, 227,
        258,
      ]
      let extra = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4
      let length = lengths[symbol - 257] + number(extra)
      let distances = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
        4097,
        6145, 8193, 12289, 16385, 24577,
      ]
      let back = code(5)
      let distance = distances[back] + number(back < 4 ? 0 : back / 2 - 1)
      guard distance <= result.count else { return nil }
      for _ in 0..<length { result.append(result[result.count - distance]) }
    }
    return nil
  }
}
