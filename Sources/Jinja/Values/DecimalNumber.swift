/// A decimal number as Python's `decimal` has it: digits and exponent, so that 1.10 keeps its zero.
public struct DecimalNumber: Sendable {
  /// All digits as a whole number, with the sign.
  let coefficient: BigInteger
  let exponent: Int

  init(_ coefficient: BigInteger, exponent: Int = 0) {
    self.coefficient = coefficient
    self.exponent = exponent
  }

  /// The number that a text writes, or nil.
  public init?(_ text: String) {
    let bytes = Array(NumberParsing.trimmed(text).utf8)
    var digits: [UInt8] = []
    var index = 0
    var exponent = 0
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      digits.append(sign)
      index = 1
    }
    var count = 0
    var sawPoint = false
    while index < bytes.count {
      if Bytes.isDigit(bytes[index]) {
        digits.append(bytes[index])
        count += 1
        if sawPoint { exponent -= 1 }
      } else if bytes[index] == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
      } else {
        break
      }
      index += 1
    }
    guard count > 0 else { return nil }
    if index < bytes.count {
      guard bytes[index] | 32 == UInt8(ascii: "e"),
        let power = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self))
      else { return nil }
      exponent += power
    }
    guard let coefficient = BigInteger(digits) else { return nil }
    self.init(coefficient, exponent: exponent)
  }

  /// Digits that arithmetic keeps.
  private static let precision = 28

  private static func ten(_ power: Int) -> BigInteger { BigInteger(10).power(power) }

  private var digitCount: Int { coefficient.isZero ? 1 : coefficient.magnitude.description.utf8.count }

  /// Rounded half to even to the precision of the context.
  private var inContext: DecimalNumber {
    let excess = digitCount - DecimalNumber.precision
    return excess > 0 ? shortened(by: excess) : self
  }

  private func shortened(by digits: Int) -> DecimalNumber {
    let unit = DecimalNumber.ten(digits)
    let (quotient, rest) = coefficient.magnitude.dividedTruncating(by: unit)
    let twice = rest + rest
    let rounded = twice > unit || twice == unit && quotient.isOdd ? quotient + .one : quotient
    return DecimalNumber(coefficient.isNegative ? -rounded : rounded, exponent: exponent + digits)
  }

  /// With this many digits after the point.
  func rounded(to digits: Int) -> DecimalNumber {
    let shift = -digits - exponent
    if shift <= 0 { return DecimalNumber(coefficient * DecimalNumber.ten(-shift), exponent: -digits) }
    return shortened(by: shift)
  }

  private func aligned(to target: Int) -> BigInteger {
    exponent > target ? coefficient * DecimalNumber.ten(exponent - target) : coefficient
  }

  var truncated: BigInteger {
    exponent >= 0
      ? coefficient * DecimalNumber.ten(exponent)
      : coefficient.dividedTruncating(by: DecimalNumber.ten(-exponent)).quotient
  }

  var floor: BigInteger {
    exponent >= 0 ? truncated : coefficient.dividedFloor(by: DecimalNumber.ten(-exponent)).quotient
  }

  var ceiling: BigInteger { -DecimalNumber(-coefficient, exponent: exponent).floor }

  public var double: Double { Double("\(coefficient)e\(exponent)") ?? 0 }
  var isZero: Bool { coefficient.isZero }

  func compare(_ other: DecimalNumber) -> Int {
    let target = min(exponent, other.exponent)
    let (a, b) = (aligned(to: target), other.aligned(to: target))
    return a < b ? -1 : a == b ? 0 : 1
  }

  func applying(_ operation: BinaryOperator, _ other: DecimalNumber) throws -> DecimalNumber {
    switch operation {
    case .add, .subtract:
      let target = min(exponent, other.exponent)
      let (a, b) = (aligned(to: target), other.aligned(to: target))
      return DecimalNumber(operation == .add ? a + b : a - b, exponent: target).inContext
    case .multiply:
      return DecimalNumber(coefficient * other.coefficient, exponent: exponent + other.exponent).inContext
    case .divide:
      if other.isZero { throw TemplateError(.zeroDivision, "[<class 'decimal.DivisionByZero'>]") }
      return quotient(other)
    case .floorDivide, .modulo:
      if other.isZero { throw TemplateError(.zeroDivision, "[<class 'decimal.DivisionByZero'>]") }
      let target = min(exponent, other.exponent)
      let (a, b) = (aligned(to: target), other.aligned(to: target))
      let (quotient, rest) = a.dividedTruncating(by: b)
      return operation == .floorDivide ? DecimalNumber(quotient) : DecimalNumber(rest, exponent: target)
    case .power:
      guard other.exponent >= 0, let power = other.truncated.int, power.magnitude < 10_000 else {
        throw TemplateError(.decimal, "[<class 'decimal.InvalidOperation'>]")
      }
      let result = DecimalNumber(
        coefficient.power(abs(power)), exponent: exponent * abs(power)
      ).inContext
      return power < 0 ? DecimalNumber(.one).quotient(result) : result
    }
  }

  private func quotient(_ other: DecimalNumber) -> DecimalNumber {
    let ideal = exponent - other.exponent
    if coefficient.isZero { return DecimalNumber(.zero, exponent: ideal) }
    let shift = max(0, DecimalNumber.precision + 1 - digitCount + other.digitCount)
    var (quotient, rest) = (coefficient.magnitude * DecimalNumber.ten(shift))
      .dividedTruncating(by: other.coefficient.magnitude)
    var exponent = ideal - shift
    if !rest.isZero {
      // A trailing digit that is neither zero nor five makes the rounding right.
      let last = quotient.dividedTruncating(by: BigInteger(5)).rest
      if last.isZero { quotient = quotient + .one }
    } else {
      while exponent < ideal {
        let (shorter, digit) = quotient.dividedTruncating(by: BigInteger(10))
        guard digit.isZero else { break }
        quotient = shorter
        exponent += 1
      }
    }
    let isNegative = coefficient.isNegative != other.coefficient.isNegative
    return DecimalNumber(isNegative ? -quotient : quotient, exponent: exponent).inContext
  }
}

extension DecimalNumber: CustomStringConvertible {
  /// Python's `str()`: plain digits, or an exponent for very small and very large numbers.
  public var description: String {
    let digits = coefficient.magnitude.description
    let sign = coefficient.isNegative ? "-" : ""
    let adjusted = exponent + digits.utf8.count - 1
    if exponent <= 0, adjusted >= -6 {
      if exponent == 0 { return sign + digits }
      let point = digits.utf8.count + exponent
      if point > 0 { return sign + digits.prefix(point) + "." + digits.dropFirst(point) }
      return sign + "0." + String(repeating: "0", count: -point) + digits
    }
    let head = String(digits.prefix(1))
    let tail = digits.utf8.count > 1 ? "." + digits.dropFirst() : ""
    return "\(sign)\(head)\(tail)E\(adjusted < 0 ? "-" : "+")\(abs(adjusted))"
  }

  /// Digits without an exponent.
  var plain: String {
    if exponent > 0 { return DecimalNumber(truncated).description }
    let digits = coefficient.magnitude.description
    let sign = coefficient.isNegative ? "-" : ""
    let point = digits.utf8.count + exponent
    if exponent == 0 { return sign + digits }
    if point > 0 { return sign + digits.prefix(point) + "." + digits.dropFirst(point) }
    return sign + "0." + String(repeating: "0", count: -point) + digits
  }
}

/// A `decimal.Decimal` as templates see it.
public final class DecimalObject: JinjaObject, FormattableObject {
  public let number: DecimalNumber

  public init(_ number: DecimalNumber) { self.number = number }

  public var typeName: String { "decimal.Decimal" }
  public func text() -> String { number.description }
  public func representation() -> String { "Decimal('\(number)')" }
  public func isTrue() -> Bool { !number.isZero }

  public func isEqual(to other: Value) -> Bool { (try? compare(to: other)) == .some(0) }

  public func hash() throws -> Int? {
    if number.compare(DecimalNumber(number.truncated)) == 0 { return try Value(number.truncated).hash() }
    return try Value.double(number.double).hash()
  }

  public func compare(to other: Value) throws -> Int? {
    if let right = DecimalObject.number(of: other) { return number.compare(right) }
    guard case .double(let right) = other, !right.isNaN else { return nil }
    return number.double < right ? -1 : number.double == right ? 0 : 1
  }

  static func number(of value: Value) -> DecimalNumber? {
    value.integer.map { DecimalNumber($0) } ?? value.object(as: DecimalObject.self)?.number
  }

  public func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value? {
    guard let right = DecimalObject.number(of: other) else { return nil }
    return .object(
      DecimalObject(
        try reflected ? right.applying(operation, number) : number.applying(operation, right)))
  }

  public func attribute(_ name: String) -> Value? {
    switch name {
    case "quantize":
      return .function(name) { [number] arguments, _ in
        guard let unit = arguments.positional.first.flatMap(DecimalObject.number) else {
          throw TemplateError(.type, "conversion from value to Decimal is not supported")
        }
        return .object(DecimalObject(number.rounded(to: -unit.exponent)))
      }
    case "is_zero": return .function(name) { [number] _, _ in .bool(number.isZero) }
    case "normalize":
      return .function(name) { [number] _, _ in
        var (coefficient, exponent) = (number.coefficient, number.exponent)
        while !coefficient.isZero {
          let (shorter, digit) = coefficient.dividedTruncating(by: BigInteger(10))
          guard digit.isZero else { break }
          (coefficient, exponent) = (shorter, exponent + 1)
        }
        return .object(DecimalObject(DecimalNumber(coefficient, exponent: coefficient.isZero ? 0 : exponent)))
      }
    case "to_integral_value":
      return .function(name) { [number] _, _ in
        .object(DecimalObject(number.exponent >= 0 ? number : number.rounded(to: 0)))
      }
    default: return nil
    }
  }

  public func format(_ spec: String) throws -> String? {
    if spec.isEmpty { return number.description }
    let format = try FormatSpec(spec, for: .object(self))
    switch format.type {
    case "f", "F", "%":
      let source =
        format.type == "%" ? DecimalNumber(number.coefficient, exponent: number.exponent + 2) : number
      let digits = format.precision.map { source.rounded(to: $0) } ?? source
      let text = digits.plain
      let isNegative = text.hasPrefix("-")
      return format.assemble(
        (isNegative ? String(text.dropFirst()) : text) + (format.type == "%" ? "%" : ""),
        isNegative: isNegative)
    case nil where format.precision == nil:
      let text = number.description
      let isNegative = text.hasPrefix("-")
      return format.assemble(isNegative ? String(text.dropFirst()) : text, isNegative: isNegative)
    default:
      return try FormatSpec.format(.double(number.double), spec)
    }
  }
}
