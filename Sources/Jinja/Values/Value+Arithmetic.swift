extension Value {
  /// Python's binary operator.
  ///
  /// - Throws: a type error for operands that do not go together, and the errors of arithmetic.
  public func applying(_ operation: BinaryOperator, _ other: Value) throws -> Value {
    if case .int(let a) = self, case .int(let b) = other { return try Value.integers(operation, a, b) }
    switch (self, other) {
    case (.undefined(let undefined), _): throw undefined.error
    case (.string(let text), _) where operation == .modulo:
      return .string(try PercentFormat.format(text, other))
    case (.markup(let text), _) where operation == .modulo:
      return .markup(try PercentFormat.format(text, other, escapes: true))
    case (_, .undefined(let undefined)): throw undefined.error
    case (.object(let object), _):
      if let result = try object.binary(operation, other, reflected: false) { return result }
      if case .object(let right) = other, let result = try right.binary(operation, self, reflected: true) {
        return result
      }
    case (_, .object(let object)):
      if let result = try object.binary(operation, self, reflected: true) { return result }
    default: break
    }
    if isNumber, other.isNumber { return try Value.numbers(operation, self, other) }
    switch operation {
    case .add: if let result = try adding(other) { return result }
    case .multiply: if let result = try repeated(other) { return result }
    case .subtract:
      if case .set(let a) = self, case .set(let b) = other {
        return .set(try SetObject(a.items.filter { try !b.contains($0) }, isFrozen: a.isFrozen))
      }
    default: break
    }
    let symbol = operation == .power ? "** or pow()" : operation.rawValue
    throw TemplateError(
      .type, "unsupported operand type(s) for \(symbol): '\(typeName)' and '\(other.typeName)'")
  }

  private func adding(_ other: Value) throws -> Value? {
    switch (self, other) {
    case (.string(let a), .string(let b)): return .string(a + b)
    case (.markup(let a), .markup(let b)): return .markup(a + b)
    case (.markup(let a), .string(let b)): return .markup(a + Escaping.html(b))
    case (.string(let a), .markup(let b)): return .markup(Escaping.html(a) + b)
    case (.list(let a), .list(let b)): return .list(a.items + b.items)
    case (.tuple(let a), .tuple(let b)): return .tuple(a + b)
    case (.string, _), (.list, _), (.tuple, _):
      throw TemplateError(
        .type, "can only concatenate \(typeName) (not \"\(other.typeName)\") to \(typeName)")
    default: return nil
    }
  }

  private func repeated(_ other: Value) throws -> Value? {
    if isSequenceValue, let count = try other.repetitions(sequence: self) { return try times(count) }
    if other.isSequenceValue, let count = try repetitions(sequence: other) { return try other.times(count) }
    return nil
  }

  private var isSequenceValue: Bool {
    switch self {
    case .string, .markup, .list, .tuple: true
    default: false
    }
  }

  private func repetitions(sequence: Value) throws -> Int? {
    if let count = intValue { return max(count, 0) }
    if case .bigInt = self {
      throw TemplateError(.overflow, "cannot fit 'int' into an index-sized integer")
    }
    if case .markup = sequence {
      throw TemplateError(.type, "'\(typeName)' object cannot be interpreted as an integer")
    }
    throw TemplateError(.type, "can't multiply sequence by non-int of type '\(typeName)'")
  }

  private func times(_ count: Int) throws -> Value {
    let size =
      switch self {
      case .string(let text), .markup(let text): text.utf8.count
      case .list(let list): list.items.count
      case .tuple(let items): items.count
      default: 0
      }
    if size.multipliedReportingOverflow(by: count).overflow || size * count > 1 << 30 {
      throw TemplateError(.overflow, "cannot fit 'int' into an index-sized integer")
    }
    switch self {
    case .string(let text): return .string(String(repeating: text, count: count))
    case .markup(let text): return .markup(String(repeating: text, count: count))
    case .list(let list): return .list(Array(repeatElement(list.items, count: count).joined()))
    case .tuple(let items): return .tuple(Array(repeatElement(items, count: count).joined()))
    default: return self
    }
  }

  // MARK: - Numbers

  private static func integers(_ operation: BinaryOperator, _ a: Int, _ b: Int) throws -> Value {
    switch operation {
    case .add:
      let (result, overflow) = a.addingReportingOverflow(b)
      return overflow ? Value(BigInteger(a) + BigInteger(b)) : .int(result)
    case .subtract:
      let (result, overflow) = a.subtractingReportingOverflow(b)
      return overflow ? Value(BigInteger(a) - BigInteger(b)) : .int(result)
    case .multiply:
      let (result, overflow) = a.multipliedReportingOverflow(by: b)
      return overflow ? Value(BigInteger(a) * BigInteger(b)) : .int(result)
    case .floorDivide, .modulo:
      if b == 0 { return try bigIntegers(operation, .one, .zero) }
      if b == -1 { return operation == .modulo ? .int(0) : Value(-BigInteger(a)) }
      var (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
      if rest != 0, (rest < 0) != (b < 0) {
        quotient -= 1
        rest += b
      }
      return .int(operation == .modulo ? rest : quotient)
    case .divide:
      if b == 0 { throw TemplateError(.zeroDivision, "division by zero") }
      let exact = 1 << 53
      if a.magnitude <= exact, b.magnitude <= exact { return .double(Double(a) / Double(b)) }
      return .double(try quotient(BigInteger(a), BigInteger(b)))
    case .power:
      return try bigIntegers(.power, BigInteger(a), BigInteger(b))
    }
  }

  private static func bigIntegers(
    _ operation: BinaryOperator, _ a: BigInteger, _ b: BigInteger
  ) throws -> Value {
    switch operation {
    case .add: return Value(a + b)
    case .subtract: return Value(a - b)
    case .multiply:
      try checkSize(a.bitWidth + b.bitWidth)
      return Value(a * b)
    case .floorDivide, .modulo:
      if b.isZero {
        throw TemplateError(
          .zeroDivision,
          operation == .modulo ? "integer modulo by zero" : "integer division or modulo by zero")
      }
      let (quotient, rest) = a.dividedFloor(by: b)
      return Value(operation == .modulo ? rest : quotient)
    case .divide:
      if b.isZero { throw TemplateError(.zeroDivision, "division by zero") }
      return .double(try quotient(a, b))
    case .power:
      if b.isNegative { return try floats(.power, a.double, b.double) }
      if a.isZero || a == .one { return Value(b.isZero ? .one : a) }
      if a == -BigInteger.one { return .int(b.isOdd ? -1 : 1) }
      guard let exponent = b.int, exponent < 1 << 24 else { throw tooLarge }
      try checkSize(a.bitWidth * exponent)
      return Value(a.power(exponent))
    }
  }

  private static let tooLarge = TemplateError(.overflow, "integer result is too large")

  /// Integers that would take seconds to compute are refused.
  private static func checkSize(_ bits: Int) throws {
    if bits > 1 << 21 { throw tooLarge }
  }

  /// The float nearest to the quotient.
  private static func quotient(_ a: BigInteger, _ b: BigInteger) throws -> Double {
    let shift = max(0, 66 + b.bitWidth - a.bitWidth)
    var (quotient, rest) = (a.magnitude * BigInteger(2).power(shift)).dividedTruncating(by: b.magnitude)
    if !rest.isZero, !quotient.isOdd { quotient = quotient + .one }
    let magnitude = quotient.double
    if magnitude.isInfinite {
      throw TemplateError(.overflow, "integer division result too large for a float")
    }
    let result = CFormat.scale(magnitude, by: -shift)
    return a.isNegative != b.isNegative ? -result : result
  }

  private static func numbers(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws -> Value {
    if let x = a.intValue, let y = b.intValue { return try integers(operation, x, y) }
    if let x = a.integer, let y = b.integer { return try bigIntegers(operation, x, y) }
    guard let x = try a.double(), let y = try b.double() else { return .none }
    return try floats(operation, x, y)
  }

  private static func floats(_ operation: BinaryOperator, _ a: Double, _ b: Double) throws -> Value {
    switch operation {
    case .add: return .double(a + b)
    case .subtract: return .double(a - b)
    case .multiply: return .double(a * b)
    case .divide:
      if b == 0 { throw TemplateError(.zeroDivision, "float division by zero") }
      return .double(a / b)
    case .floorDivide, .modulo:
      if b == 0 {
        throw TemplateError(
          .zeroDivision, operation == .modulo ? "float modulo" : "float floor division by zero")
      }
      var rest = CFormat.remainder(a, b)
      var quotient = (a - rest) / b
      if rest != 0 {
        if (b < 0) != (rest < 0) {
          rest += b
          quotient -= 1
        }
      } else {
        rest = b < 0 ? -0.0 : 0.0
      }
      if operation == .modulo { return .double(rest) }
      if quotient == 0 { return .double((a / b).sign == .minus ? -0.0 : 0.0) }
      var floor = quotient.rounded(.down)
      if quotient - floor > 0.5 { floor += 1 }
      return .double(floor)
    case .power:
      if a == 0, b < 0 {
        throw TemplateError(.zeroDivision, "0.0 cannot be raised to a negative power")
      }
      let result = CFormat.power(a, b)
      if result.isInfinite, a.isFinite, b.isFinite {
        throw TemplateError(.overflow, "(34, 'Numerical result out of range')")
      }
      if result.isNaN, !a.isNaN, !b.isNaN {
        throw TemplateError(.value, "complex results are not supported")
      }
      return .double(result)
    }
  }

  /// Python's unary minus or plus.
  public func applying(_ operation: UnaryOperator) throws -> Value {
    switch self {
    case .int(let value):
      if operation == .positive { return self }
      return value == .min ? Value(-BigInteger(value)) : .int(-value)
    case .bool(let value): return .int(operation == .negative ? (value ? -1 : 0) : value ? 1 : 0)
    case .bigInt(let value): return operation == .negative ? Value(-value) : self
    case .double(let value): return .double(operation == .negative ? -value : value)
    case .undefined(let undefined): throw undefined.error
    case .object(let object):
      if operation == .positive, try object.binary(.add, .int(0), reflected: false) != nil { return self }
      if let result = try object.binary(.multiply, .int(-1), reflected: false) { return result }
    default: break
    }
    let sign = operation == .negative ? "-" : "+"
    throw TemplateError(.type, "bad operand type for unary \(sign): '\(typeName)'")
  }
}
