/// A fast hash of bytes that is the same in every run and on every machine: it tells that something changed, and
/// keeps no secrets.
public struct ContentHash: Sendable, Hashable {
  public private(set) var value: UInt64

  public init(seed: UInt64 = 0) { value = seed ^ 0x9E37_79B9_7F4A_7C15 }

  /// Adds bytes with their number, so that where one run of bytes ends and the next begins counts, too.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var first = value ^ Self.secrets.0
    var second = value ^ Self.secrets.1
    var at = 0
    while at + 32 <= bytes.count {
      first = Self.mix(Self.word(bytes, at) ^ Self.secrets.2, Self.word(bytes, at + 8) ^ first)
      second = Self.mix(Self.word(bytes, at + 16) ^ Self.secrets.3, Self.word(bytes, at + 24) ^ second)
      at += 32
    }
    first ^= second
    while at + 8 <= bytes.count {
      first = Self.mix(Self.word(bytes, at) ^ Self.secrets.2, first ^ Self.secrets.3)
      at += 8
    }
    var tail: UInt64 = 0
    while at < bytes.count {
      tail = tail << 8 | UInt64(bytes[at])
      at += 1
    }
    first = Self.mix(tail ^ Self.secrets.0, first ^ Self.secrets.1)
    value = Self.mix(first ^ UInt64(bytes.count), Self.secrets.1 ^ value)
  }

  public mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  public mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  public mutating func add(_ number: UInt64) {
    value = Self.mix(number ^ Self.secrets.2, value ^ Self.secrets.3)
  }

  /// The hash of these bytes alone.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = ContentHash()
    hash.add(bytes)
    return hash.value
  }

  public static func of(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { of($0) } }

  public static func of(_ text: String) -> UInt64 {
    var hash = ContentHash()
    hash.add(text)
    return hash.value
  }

  /// Odd numbers without a pattern.
  private static let secrets: (UInt64, UInt64, UInt64, UInt64) = (
    0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3
  )

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  /// Both halves of the product, one over the other.
  @inline(__always)
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
