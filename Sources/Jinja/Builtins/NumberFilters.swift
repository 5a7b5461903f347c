extension Builtins {
  static let numberFilters: [String: Environment.Filter] = [
    "abs": { value, arguments, _ in
      if !arguments.isEmpty {
        throw TemplateError(.type, "abs() takes exactly one argument (\(arguments.count + 1) given)")
      }
      switch value {
      case .int(let number): return number == .min ? Value(-BigInteger(number)) : .int(Swift.abs(number))
      case .bool(let flag): return .int(flag ? 1 : 0)
      case .bigInt(let number): return Value(number.magnitude)
      case .double(let number): return .double(number.magnitude)
      case .object(let object):
        if let order = try object.compare(to: .int(0)) {
          return order < 0 ? try value.applying(.negative) : value
        }
        if let delta = object as? TimeDelta { return .object(delta.magnitude) }
      default: break
      }
      throw TemplateError(.type, "bad operand type for abs(): '\(value.typeName)'")
    },
    "int": { value, arguments, _ in
      let bound = try FilterArguments("do_int", arguments, ["default", "base"])
      let fallback = bound[0] ?? .int(0)
      if case .undefined(let undefined) = value { throw undefined.error }
      let base = try bound.int(1, default: 10)
      if let number = try attempt({
        try NumberParsing.int(value, base: value.stringValue == nil ? nil : base)
      }) {
        return number
      }
      return try attempt({
        guard case .double(let number) = try NumberParsing.float(value), number.isFinite else {
          throw TemplateError(.value, "")
        }
        return Value(BigInteger(truncating: number))
      }) ?? fallback
    },
    "float": { value, arguments, _ in
      let bound = try FilterArguments("do_float", arguments, ["default"])
      if case .undefined(let undefined) = value { throw undefined.error }
      return try attempt { try NumberParsing.float(value) } ?? bound[0] ?? .double(0)
    },
    "round": { value, arguments, _ in
      let bound = try FilterArguments("do_round", arguments, ["precision", "method"])
      let method = bound[1]?.stringValue ?? (bound[1] == nil ? "common" : "")
      guard ["common", "ceil", "floor"].contains(method) else {
        throw TemplateError(.filterArgument, "method must be common, ceil or floor")
      }
      let precision = bound[0] ?? .int(0)
      if method == "common" { return try Rounding.round(value, precision) }
      let scale = try Value.int(10).applying(.power, precision)
      let scaled = try value.applying(.multiply, scale)
      guard let number = try scaled.double() else {
        if let decimal = scaled.object(as: DecimalObject.self) {
          let whole = method == "ceil" ? decimal.number.ceiling : decimal.number.floor
          return try Value(whole).applying(.divide, scale)
        }
        throw TemplateError(.type, "must be real number, not \(scaled.typeName)")
      }
      if !number.isFinite {
        throw TemplateError(
          number.isNaN ? .value : .overflow,
          "cannot convert float \(number.isNaN ? "NaN" : "infinity") to integer")
      }
      let whole = BigInteger(truncating: number.rounded(method == "ceil" ? .up : .down))
      return try Value(whole).applying(.divide, scale)
    },
    "filesizeformat": { value, arguments, _ in
      let isBinary = try FilterArguments("do_filesizeformat", arguments, ["binary"]).bool(0)
      guard case .double(let bytes) = try NumberParsing.float(value) else { return .none }
      let base: Double = isBinary ? 1024 : 1000
      if bytes == 1 { return .string("1 Byte") }
      if bytes < base { return .string("\(BigInteger(truncating: bytes)) Bytes") }
      let letters = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
      var unit = base
      for (index, letter) in letters.enumerated() {
        unit *= base
        if bytes < unit || index == letters.count - 1 {
          let prefix = isBinary ? (letter == "k" ? "K" : letter) + "iB" : letter + "B"
          return .string(CFormat.format(base * bytes / unit, conversion: "f", precision: 1) + " " + prefix)
        }
      }
      return .none
    },
  ]

  /// The result, or nil for the errors that a conversion takes as "no number".
  private static func attempt(_ body: () throws -> Value) throws -> Value? {
    do {
      return try body()
    } catch let error as TemplateError where error.kind == .type || error.kind == .value {
      return nil
    }
  }
}

/// Python's `int()` and `float()`.
enum NumberParsing {
  /// - Parameter base: the base of a text, or nil when none was given.
  /// - Throws: a type or value error as Python words it.
  static func int(_ value: Value, base: Int? = nil) throws -> Value {
    switch value {
    case .int, .bigInt: if base == nil { return value }
    case .bool(let flag): if base == nil { return .int(flag ? 1 : 0) }
    case .double(let number):
      if base != nil { break }
      if number.isNaN { throw TemplateError(.value, "cannot convert float NaN to integer") }
      if number.isInfinite { throw TemplateError(.overflow, "cannot convert float infinity to integer") }
      return Value(BigInteger(truncating: number))
    case .string(let text), .markup(let text):
      if let number = parse(text, base: base ?? 10) { return Value(number) }
      throw TemplateError(
        .value,
        "invalid literal for int() with base \(base ?? 10): \(Value.representation(of: text))")
    case .undefined(let undefined): throw undefined.error
    case .object(let object):
      if let decimal = object as? DecimalObject { return Value(decimal.number.truncated) }
      if let marked = object as? MarkedText { return try int(.string(marked.content), base: base) }
    default: break
    }
    if base != nil { throw TemplateError(.type, "int() can't convert non-string with explicit base") }
    throw TemplateError(
      .type,
      "int() argument must be a string, a bytes-like object or a real number, not '\(value.typeName)'")
  }

  private static func parse(_ text: String, base: Int) -> BigInteger? {
    var digits = Array(trimmed(text).utf8)
    var isNegative = false
    if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      digits.removeFirst()
    }
    var base = base
    var hadPrefix = false
    if digits.count > 2, digits[0] == UInt8(ascii: "0") {
      let prefixes: [UInt8: Int] = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2]
      if let implied = prefixes[digits[1] | 32], base == implied || base == 0 {
        base = implied
        hadPrefix = true
        digits.removeFirst(2)
        if digits.first == UInt8(ascii: "_") { digits.removeFirst() }
      }
    }
    if base == 0 {
      if !hadPrefix, digits.first == UInt8(ascii: "0"), digits.contains(where: { $0 != UInt8(ascii: "0") }) {
        return nil
      }
      base = 10
    }
    guard (2...36).contains(base), let clean = withoutUnderscores(digits),
      let first = clean.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+"),
      let number = BigInteger(clean, radix: base)
    else { return nil }
    return isNegative ? -number : number
  }

  /// The digits without single underscores between them; nil when one stands elsewhere.
  private static func withoutUnderscores(_ digits: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var previous = UInt8(ascii: "_")
    for digit in digits {
      if digit == UInt8(ascii: "_") {
        if previous == digit { return nil }
      } else {
        result.append(digit)
      }
      previous = digit
    }
    return previous == UInt8(ascii: "_") ? nil : result
  }

  static func float(_ value: Value) throws -> Value {
    switch value {
    case .double: return value
    case .int, .bool, .bigInt: return .double(try value.double() ?? 0)
    case .string(let text), .markup(let text):
      if let number = parse(float: text) { return .double(number) }
      throw TemplateError(.value, "could not convert string to float: \(Value.representation(of: text))")
    case .undefined(let undefined): throw undefined.error
    case .object(let object):
      if let decimal = object as? DecimalObject { return .double(decimal.number.double) }
      if let marked = object as? MarkedText { return try float(.string(marked.content)) }
    default: break
    }
    throw TemplateError(
      .type, "float() argument must be a string or a real number, not '\(value.typeName)'")
  }

  private static func parse(float text: String) -> Double? {
    let trimmed = trimmed(text)
    var digits = Array(trimmed.utf8)
    guard !digits.isEmpty else { return nil }
    let lower = trimmed.lowercased()
    let unsigned = lower.hasPrefix("-") || lower.hasPrefix("+") ? String(lower.dropFirst()) : lower
    let isNegative = lower.hasPrefix("-")
    switch unsigned {
    case "inf", "infinity": return isNegative ? -.infinity : .infinity
    case "nan": return .nan
    default: break
    }
    var clean: [UInt8] = []
    for (index, digit) in digits.enumerated() {
      if digit == UInt8(ascii: "_") {
        guard index > 0, index + 1 < digits.count, Bytes.isDigit(digits[index - 1]),
          Bytes.isDigit(digits[index + 1])
        else { return nil }
      } else {
        clean.append(digit)
      }
    }
    digits = clean
    var index = digits[0] == UInt8(ascii: "-") || digits[0] == UInt8(ascii: "+") ? 1 : 0
    var count = 0
    while index < digits.count, Bytes.isDigit(digits[index]) {
      index += 1
      count += 1
    }
    if index < digits.count, digits[index] == UInt8(ascii: ".") {
      index += 1
      while index < digits.count, Bytes.isDigit(digits[index]) {
        index += 1
        count += 1
      }
    }
    guard count > 0 else { return nil }
    if index < digits.count, digits[index] | 32 == UInt8(ascii: "e") {
      index += 1
      if index < digits.count, digits[index] == UInt8(ascii: "-") || digits[index] == UInt8(ascii: "+") {
        index += 1
      }
      let start = index
      while index < digits.count, Bytes.isDigit(digits[index]) { index += 1 }
      guard index > start else { return nil }
    }
    guard index == digits.count else { return nil }
    return CFormat.parse(String(decoding: digits, as: UTF8.self))
  }

  static func trimmed(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let start = Bytes.skipSpace(bytes, from: 0)
    let end = Bytes.trimEnd(bytes, from: start, to: bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}

/// Python's `round()`.
enum Rounding {
  /// - Parameter precision: digits after the point; None gives an integer.
  static func round(_ value: Value, _ precision: Value) throws -> Value {
    switch value {
    case .int, .bool, .bigInt:
      let number = value.integer ?? .zero
      let digits = precision.isNone ? 0 : try precision.index()
      if digits >= 0 { return Value(number) }
      return Value(try roundInteger(number, digits: -digits))
    case .double(let number):
      if precision.isNone {
        if !number.isFinite {
          throw TemplateError(
            number.isNaN ? .value : .overflow,
            "cannot convert float \(number.isNaN ? "NaN" : "infinity") to integer")
        }
        return Value(BigInteger(truncating: number.rounded(.toNearestOrEven)))
      }
      return .double(roundDouble(number, digits: try precision.index()))
    case .object(let object):
      if let decimal = object as? DecimalObject {
        if precision.isNone { return Value(decimal.number.rounded(to: 0).truncated) }
        return .object(DecimalObject(decimal.number.rounded(to: try precision.index())))
      }
    default: break
    }
    throw TemplateError(.type, "type \(value.typeName) doesn't define __round__ method")
  }

  private static func roundInteger(_ number: BigInteger, digits: Int) throws -> BigInteger {
    guard digits < 5000 else { return .zero }
    let unit = BigInteger(10).power(digits)
    let (quotient, rest) = number.dividedFloor(by: unit)
    let twice = rest + rest
    let up = twice > unit || twice == unit && quotient.isOdd
    return (up ? quotient + .one : quotient) * unit
  }

  static func roundDouble(_ number: Double, digits: Int) -> Double {
    if !number.isFinite || digits > 320 { return number }
    if digits < -310 { return number < 0 ? -0.0 : 0.0 }
    if digits >= 0 {
      return CFormat.parse(CFormat.format(number, conversion: "f", precision: digits)) ?? number
    }
    let whole = BigInteger(truncating: number)
    let unit = BigInteger(10).power(-digits)
    let (quotient, rest) = whole.magnitude.dividedTruncating(by: unit)
    let twice = rest + rest
    let hasFraction = number != number.rounded(.towardZero)
    let up = twice > unit || twice == unit && (hasFraction || quotient.isOdd)
    let result = ((up ? quotient + .one : quotient) * unit).double
    return number < 0 ? -result : result
  }
}
