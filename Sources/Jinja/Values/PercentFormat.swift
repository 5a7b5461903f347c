/// Python's `text % values`.
enum PercentFormat {
  static func format(_ format: String, _ values: Value, escapes: Bool = false) throws -> String {
    var formatter = Formatter(values: values, escapes: escapes)
    return try formatter.run(Array(format.unicodeScalars))
  }

  private struct Formatter {
    let values: Value
    let escapes: Bool
    /// The elements of a tuple, or the one value.
    let sequence: [Value]
    let isTuple: Bool
    var position = 0
    var usedMapping = false

    init(values: Value, escapes: Bool) {
      self.values = values
      self.escapes = escapes
      if case .tuple(let items) = values {
        sequence = items
        isTuple = true
      } else {
        sequence = [values]
        isTuple = false
      }
    }

    private mutating func next() throws -> Value {
      guard position < sequence.count else {
        throw TemplateError(.type, "not enough arguments for format string")
      }
      defer { position += 1 }
      return sequence[position]
    }

    mutating func run(_ format: [Unicode.Scalar]) throws -> String {
      var result = String.UnicodeScalarView()
      var index = 0
      while index < format.count {
        let scalar = format[index]
        index += 1
        guard scalar == "%" else {
          result.append(scalar)
          continue
        }
        guard index < format.count else { throw TemplateError(.value, "incomplete format") }
        if format[index] == "%" {
          result.append("%")
          index += 1
          continue
        }
        result.append(contentsOf: try conversion(format, &index).unicodeScalars)
      }
      if !usedMapping, position < sequence.count {
        if isTuple || !isMapping { throw notAllConverted }
      }
      return String(result)
    }

    private var isMapping: Bool {
      switch values {
      case .dict, .list, .undefined: true
      case .object(let object): object.isMapping || object.isSequence
      default: false
      }
    }

    private var notAllConverted: TemplateError {
      TemplateError(.type, "not all arguments converted during string formatting")
    }

    private mutating func conversion(_ format: [Unicode.Scalar], _ index: inout Int) throws -> String {
      var spec = FormatSpec()
      var key: String?
      if format[index] == "(" {
        var depth = 1
        let start = index + 1
        index += 1
        while index < format.count, depth > 0 {
          if format[index] == "(" { depth += 1 }
          if format[index] == ")" { depth -= 1 }
          index += 1
        }
        if depth > 0 { throw TemplateError(.value, "incomplete format key") }
        key = String(format[start..<index - 1])
      }
      var isLeft = false
      var isZero = false
      flags: while index < format.count {
        switch format[index] {
        case "-": isLeft = true
        case "0": isZero = true
        case "+": spec.sign = "+"
        case " ": if spec.sign != "+" { spec.sign = " " }
        case "#": spec.isAlternate = true
        default: break flags
        }
        index += 1
      }
      spec.width = try number(format, &index) ?? 0
      if spec.width < 0 {
        isLeft = true
        spec.width = -spec.width
      }
      if index < format.count, format[index] == "." {
        index += 1
        spec.precision = max(0, try number(format, &index) ?? 0)
      }
      while index < format.count, format[index] == "l" || format[index] == "h" || format[index] == "L" {
        index += 1
      }
      guard index < format.count else { throw TemplateError(.value, "incomplete format") }
      let type = format[index]
      let typeIndex = index
      index += 1
      var value: Value
      if let key {
        guard case .dict(let dict) = values else {
          if case .object(let object) = values, object.isMapping {
            value = try object.item(.string(key)) ?? .none
            usedMapping = true
            return try convert(value, type, typeIndex, &spec, isLeft, isZero)
          }
          throw TemplateError(.type, "format requires a mapping")
        }
        guard let found = dict[key] else {
          throw TemplateError(.key, Value.representation(of: key))
        }
        value = found
        usedMapping = true
      } else {
        value = try next()
      }
      return try convert(value, type, typeIndex, &spec, isLeft, isZero)
    }

    private mutating func number(_ format: [Unicode.Scalar], _ index: inout Int) throws -> Int? {
      if index < format.count, format[index] == "*" {
        index += 1
        guard let value = try next().intValue else { throw TemplateError(.type, "* wants int") }
        return value
      }
      var result: Int?
      while index < format.count, let digit = Int(String(format[index])) {
        result = min((result ?? 0) * 10 + digit, 1 << 30)
        index += 1
      }
      return result
    }

    private func convert(
      _ value: Value, _ type: Unicode.Scalar, _ typeIndex: Int, _ spec: inout FormatSpec, _ isLeft: Bool,
      _ isZero: Bool
    ) throws -> String {
      spec.align = isLeft ? "<" : ">"
      switch type {
      case "s", "r", "a":
        var text =
          type == "s" ? (escapes ? try Escaping.html(value) : try value.text()) : try value.representation()
        if type == "a" { text = JSONText.escapedASCII(text) }
        if let precision = spec.precision { text = String(text.unicodeScalars.prefix(precision)) }
        return spec.pad(text)
      case "c":
        if let code = value.intValue {
          guard let scalar = Unicode.Scalar(UInt32(clamping: code)) else {
            throw TemplateError(.overflow, "%c arg not in range(0x110000)")
          }
          return spec.pad(String(scalar))
        }
        guard let text = value.stringValue, text.unicodeScalars.count == 1 else {
          throw TemplateError(.type, "%c requires int or char")
        }
        return spec.pad(text)
      case "d", "i", "u":
        let whole: BigInteger
        switch value {
        case .double:
          guard let number = try NumberParsing.int(value).integer else { return "" }
          whole = number
        case .undefined(let undefined): throw undefined.error
        default:
          if let decimal = value.object(as: DecimalObject.self) {
            whole = decimal.number.truncated
          } else if let number = value.integer {
            whole = number
          } else {
            throw TemplateError(.type, "%\(type) format: a real number is required, not \(value.typeName)")
          }
        }
        var digits = whole.magnitude.description
        if let precision = spec.precision, digits.utf8.count < precision {
          digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
        }
        return spec.assemble(digits, isNegative: whole.isNegative, zeroFilled: isZero && !isLeft)
      case "x", "X", "o":
        guard let whole = value.integer else {
          if case .undefined(let undefined) = value { throw undefined.error }
          throw TemplateError(.type, "%\(type) format: an integer is required, not \(value.typeName)")
        }
        var digits = whole.magnitude.text(radix: type == "o" ? 8 : 16)
        if let precision = spec.precision, digits.utf8.count < precision {
          digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
        }
        if type == "X" { digits = CaseMapping.upper(digits) }
        return spec.assemble(
          digits, isNegative: whole.isNegative, prefix: spec.isAlternate ? "0\(type)" : "",
          zeroFilled: isZero && !isLeft)
      case "e", "E", "f", "F", "g", "G":
        guard let number = try value.double() ?? value.object(as: DecimalObject.self)?.number.double else {
          if case .undefined(let undefined) = value { throw undefined.error }
          throw TemplateError(.type, "must be real number, not \(value.typeName)")
        }
        spec.type = type
        let digits = spec.digits(of: number.magnitude)
        return spec.assemble(
          digits, isNegative: number.sign == .minus && !number.isNaN,
          zeroFilled: isZero && !isLeft && number.isFinite)
      default:
        throw TemplateError(
          .value,
          "unsupported format character '\(type)' (0x\(String(type.value, radix: 16))) at index \(typeIndex)")
      }
    }
  }
}
