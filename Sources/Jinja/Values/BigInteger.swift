/// A whole number of any size: sign and magnitude.
public struct BigInteger: Sendable, Hashable {
  /// 32-bit digits, the lowest first, without zeros on top; empty for zero.
  private(set) var limbs: [UInt32]
  private(set) var isNegative: Bool

  public init(_ value: Int) {
    isNegative = value < 0
    limbs = []
    var rest = value.magnitude
    while rest > 0 {
      limbs.append(UInt32(truncatingIfNeeded: rest))
      rest >>= 32
    }
  }

  private init(limbs: [UInt32], isNegative: Bool) {
    var limbs = limbs
    while limbs.last == 0 { limbs.removeLast() }
    self.limbs = limbs
    self.isNegative = isNegative && !limbs.isEmpty
  }

  /// The number that digits of a base from 2 to 36 write, with an optional sign; nil for anything else.
  public init?(_ digits: some Sequence<UInt8>, radix: Int = 10) {
    self.init(0)
    var sawDigit = false
    var negative = false
    for (index, byte) in digits.enumerated() {
      if index == 0, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
        negative = byte == UInt8(ascii: "-")
        continue
      }
      guard let digit = BigInteger.digit(byte), digit < radix else { return nil }
      sawDigit = true
      multiply(bySmall: UInt32(radix), adding: UInt32(digit))
    }
    guard sawDigit else { return nil }
    isNegative = negative && !limbs.isEmpty
  }

  /// The whole part of a finite number.
  init(truncating value: Double) {
    let whole = value.rounded(.towardZero)
    if let small = Int(exactly: whole) {
      self.init(small)
      return
    }
    let significand = UInt64(whole.significandBitPattern) | (1 << 52)
    var result = BigInteger(
      limbs: [UInt32(truncatingIfNeeded: significand), UInt32(significand >> 32)], isNegative: false)
    result = result.shiftedLeft(Int(whole.exponent) - 52)
    self.init(limbs: result.limbs, isNegative: value < 0)
  }

  public static let zero = BigInteger(0)
  public static let one = BigInteger(1)

  public var isZero: Bool { limbs.isEmpty }
  public var isOdd: Bool { (limbs.first ?? 0) & 1 == 1 }

  /// The value when it fits 64 bits.
  public var int: Int? {
    guard limbs.count <= 2 else { return nil }
    var magnitude: UInt = 0
    for limb in limbs.reversed() { magnitude = magnitude << 32 | UInt(limb) }
    if isNegative {
      return magnitude <= UInt(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int(exactly: magnitude)
  }

  public var double: Double {
    // Digits through the decimal text give the correctly rounded value.
    Double(description) ?? (isNegative ? -Double.infinity : Double.infinity)
  }

  private static func digit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return Int(byte - UInt8(ascii: "A")) + 10
    default: return nil
    }
  }

  private mutating func multiply(bySmall factor: UInt32, adding addend: UInt32) {
    var carry = UInt64(addend)
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * UInt64(factor) + carry
      limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry > 0 { limbs.append(UInt32(carry)) }
  }

  private func shiftedLeft(_ bits: Int) -> BigInteger {
    var result = [UInt32](repeating: 0, count: bits / 32)
    let shift = UInt64(bits % 32)
    var carry: UInt64 = 0
    for limb in limbs {
      let wide = UInt64(limb) << shift | carry
      result.append(UInt32(truncatingIfNeeded: wide))
      carry = wide >> 32
    }
    if carry > 0 { result.append(UInt32(carry)) }
    return BigInteger(limbs: result, isNegative: isNegative)
  }

  // MARK: - Magnitudes

  private static func compareMagnitude(_ a: [UInt32], _ b: [UInt32]) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
    return 0
  }

  private static func add(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(a.count, b.count) {
      let sum = UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0) + carry
      result.append(UInt32(truncatingIfNeeded: sum))
      carry = sum >> 32
    }
    if carry > 0 { result.append(UInt32(carry)) }
    return result
  }

  /// `a - b` where `a` is not the smaller one.
  private static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var borrow: Int64 = 0
    for index in a.indices {
      var difference = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
      borrow = difference < 0 ? 1 : 0
      if difference < 0 { difference += 1 << 32 }
      result.append(UInt32(difference))
    }
    return result
  }

  private static func divide(_ a: [UInt32], bySmall b: UInt32) -> ([UInt32], UInt32) {
    var result = a
    var rest: UInt64 = 0
    for index in a.indices.reversed() {
      let wide = rest << 32 | UInt64(a[index])
      result[index] = UInt32(wide / UInt64(b))
      rest = wide % UInt64(b)
    }
    return (result, UInt32(rest))
  }

  /// Quotient and rest of magnitudes, bit by bit for long divisors.
  private static func divide(_ a: [UInt32], _ b: [UInt32]) -> ([UInt32], [UInt32]) {
    if compareMagnitude(a, b) < 0 { return ([], a) }
    if b.count == 1 {
      let (quotient, rest) = divide(a, bySmall: b[0])
      return (BigInteger(limbs: quotient, isNegative: false).limbs, rest == 0 ? [] : [rest])
    }
    var quotient = [UInt32](repeating: 0, count: a.count)
    var rest = BigInteger.zero
    for index in a.indices.reversed() {
      for bit in (0..<32).reversed() {
        rest = rest.shiftedLeft(1)
        if a[index] >> UInt32(bit) & 1 == 1 {
          rest = BigInteger(limbs: add(rest.limbs, [1]), isNegative: false)
        }
        if compareMagnitude(rest.limbs, b) >= 0 {
          rest = BigInteger(limbs: subtract(rest.limbs, b), isNegative: false)
          quotient[index] |= 1 << UInt32(bit)
        }
      }
    }
    return (BigInteger(limbs: quotient, isNegative: false).limbs, rest.limbs)
  }
}

extension BigInteger {
  public static prefix func - (value: BigInteger) -> BigInteger {
    BigInteger(limbs: value.limbs, isNegative: !value.isNegative)
  }

  public static func + (a: BigInteger, b: BigInteger) -> BigInteger {
    if a.isNegative == b.isNegative {
      return BigInteger(limbs: add(a.limbs, b.limbs), isNegative: a.isNegative)
    }
    if compareMagnitude(a.limbs, b.limbs) >= 0 {
      return BigInteger(limbs: subtract(a.limbs, b.limbs), isNegative: a.isNegative)
    }
    return BigInteger(limbs: subtract(b.limbs, a.limbs), isNegative: b.isNegative)
  }

  public static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + -b }

  public static func * (a: BigInteger, b: BigInteger) -> BigInteger {
    if a.isZero || b.isZero { return .zero }
    var result = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
    for (i, x) in a.limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, y) in b.limbs.enumerated() {
        let product = UInt64(x) * UInt64(y) + UInt64(result[i + j]) + carry
        result[i + j] = UInt32(truncatingIfNeeded: product)
        carry = product >> 32
      }
      result[i + b.limbs.count] = UInt32(carry)
    }
    return BigInteger(limbs: result, isNegative: a.isNegative != b.isNegative)
  }

  /// Quotient and rest as Python has them: the quotient rounds down, the rest has the divisor's sign.
  ///
  /// The divisor is not zero.
  public func dividedFloor(by divisor: BigInteger) -> (quotient: BigInteger, rest: BigInteger) {
    let (quotient, rest) = BigInteger.divide(limbs, divisor.limbs)
    var floor = BigInteger(limbs: quotient, isNegative: isNegative != divisor.isNegative)
    var left = BigInteger(limbs: rest, isNegative: isNegative)
    if !left.isZero, isNegative != divisor.isNegative {
      floor = floor - .one
      left = left + divisor
    }
    return (floor, left)
  }

  /// Quotient and rest with the quotient rounded toward zero.
  public func dividedTruncating(by divisor: BigInteger) -> (quotient: BigInteger, rest: BigInteger) {
    let (quotient, rest) = BigInteger.divide(limbs, divisor.limbs)
    return (
      BigInteger(limbs: quotient, isNegative: isNegative != divisor.isNegative),
      BigInteger(limbs: rest, isNegative: isNegative)
    )
  }

  public func power(_ exponent: Int) -> BigInteger {
    var result = BigInteger.one
    var base = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result * base }
      rest >>= 1
      if rest > 0 { base = base * base }
    }
    return result
  }

  public var magnitude: BigInteger { BigInteger(limbs: limbs, isNegative: false) }
  var bitWidth: Int { limbs.isEmpty ? 0 : limbs.count * 32 - (limbs.last?.leadingZeroBitCount ?? 0) }

  public func text(radix: Int) -> String {
    if isZero { return "0" }
    var digits: [UInt8] = []
    var rest = limbs
    // Nine decimal digits at a time.
    let (chunk, width): (UInt32, Int) = radix == 10 ? (1_000_000_000, 9) : (UInt32(radix), 1)
    while !rest.isEmpty {
      var (quotient, part) = BigInteger.divide(rest, bySmall: chunk)
      while quotient.last == 0 { quotient.removeLast() }
      rest = quotient
      for _ in 0..<width {
        let digit = UInt8(part % UInt32(radix))
        digits.append(digit < 10 ? 48 + digit : 87 + digit)
        part /= UInt32(radix)
      }
    }
    while digits.count > 1, digits.last == 48 { digits.removeLast() }
    if isNegative { digits.append(UInt8(ascii: "-")) }
    return String(decoding: digits.reversed(), as: UTF8.self)
  }
}

extension BigInteger: Comparable, CustomStringConvertible {
  public static func < (a: BigInteger, b: BigInteger) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    let order = compareMagnitude(a.limbs, b.limbs)
    return a.isNegative ? order > 0 : order < 0
  }

  public var description: String { text(radix: 10) }
}
