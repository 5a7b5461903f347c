/// Python's format specification: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
struct FormatSpec {
  var fill: Unicode.Scalar = " "
  var align: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var isAlternate = false
  var isZeroPadded = false
  var width = 0
  var grouping: Unicode.Scalar?
  var precision: Int?
  var type: Unicode.Scalar?

  init() {}

  /// - Throws: a value error for a specification that Python does not know.
  init(_ text: String, for value: Value) throws {
    let scalars = Array(text.unicodeScalars)
    var index = 0
    func isAlign(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "<" || scalar == ">" || scalar == "^" || scalar == "="
    }
    if scalars.count > 1, isAlign(scalars[1]) {
      fill = scalars[0]
      align = scalars[1]
      index = 2
    } else if let first = scalars.first, isAlign(first) {
      align = first
      index = 1
    }
    func peek() -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
    if let scalar = peek(), scalar == "+" || scalar == "-" || scalar == " " {
      sign = scalar
      index += 1
    }
    if peek() == "z" { index += 1 }
    if peek() == "#" {
      isAlternate = true
      index += 1
    }
    if peek() == "0" {
      isZeroPadded = true
      if align == nil {
        fill = "0"
        align = value.isNumber || value.object(as: DecimalObject.self) != nil ? "=" : "<"
      }
      index += 1
    }
    func number() -> Int? {
      var result: Int?
      while let scalar = peek(), let digit = Int(String(scalar)) {
        result = min((result ?? 0) * 10 + digit, 1 << 30)
        index += 1
      }
      return result
    }
    width = number() ?? 0
    if let scalar = peek(), scalar == "," || scalar == "_" {
      grouping = scalar
      index += 1
    }
    if peek() == "." {
      index += 1
      guard let digits = number() else { throw TemplateError(.value, "Format specifier missing precision") }
      precision = digits
    }
    if let scalar = peek() {
      type = scalar
      index += 1
    }
    if index < scalars.count {
      throw TemplateError(
        .value,
        "Invalid format specifier '\(text)' for object of type '\(value.typeName)'")
    }
  }

  /// The value in this format: Python's `format(value, spec)`.
  static func format(_ value: Value, _ text: String) throws -> String {
    if case .object(let object) = value, let formatted = try (object as? any FormattableObject)?.format(text)
    {
      return formatted
    }
    if text.isEmpty { return try value.text() }
    switch value {
    case .undefined(let undefined):
      if undefined.behaviour != .strict {
        throw TemplateError(.type, "unsupported format string passed to Undefined.__format__")
      }
      throw undefined.error
    case .string, .markup:
      var spec = try FormatSpec(text, for: value)
      return try spec.format(text: value.text(), of: value)
    case .int, .bigInt, .bool:
      let spec = try FormatSpec(text, for: value)
      if case .bool = value, spec.type == nil, spec.width == 0 { return try value.text() }
      return try spec.format(integer: value.integer ?? .zero, value)
    case .double(let number):
      return try FormatSpec(text, for: value).format(double: number, value)
    default:
      throw TemplateError(.type, "unsupported format string passed to \(value.typeName).__format__")
    }
  }

  private mutating func format(text: String, of value: Value) throws -> String {
    if let type, type != "s" { throw unknown(type, value) }
    if sign != "-" { throw TemplateError(.value, "Sign not allowed in string format specifier") }
    if align == "=" {
      throw TemplateError(.value, "'=' alignment not allowed in string format specifier")
    }
    var text = text
    if let precision { text = String(text.unicodeScalars.prefix(precision)) }
    align = align ?? "<"
    return pad(text)
  }

  private func unknown(_ type: Unicode.Scalar, _ value: Value) -> TemplateError {
    TemplateError(
      .value, "Unknown format code '\(type)' for object of type '\(value.typeName)'")
  }

  private func format(integer: BigInteger, _ value: Value) throws -> String {
    var digits: String
    var prefix = ""
    switch type {
    case nil, "d", "n": digits = integer.magnitude.description
    case "x", "X", "o", "b":
      let radix = type == "o" ? 8 : type == "b" ? 2 : 16
      digits = integer.magnitude.text(radix: radix)
      if isAlternate, let type { prefix = "0\(type)" }
      if type == "X" { digits = CaseMapping.upper(digits) }
    case "c":
      guard let code = integer.int, let scalar = Unicode.Scalar(UInt32(clamping: code)) else {
        throw TemplateError(.overflow, "%c arg not in range(0x110000)")
      }
      var spec = self
      spec.align = align ?? "<"
      return spec.pad(String(scalar))
    case "e", "E", "f", "F", "g", "G", "%":
      return try format(double: try value.double() ?? 0, value)
    case .some(let type): throw unknown(type, value)
    }
    if precision != nil {
      throw TemplateError(.value, "Precision not allowed in integer format specifier")
    }
    let size = type == nil || type == "d" || type == "n" ? 3 : 4
    return assemble(digits, isNegative: integer.isNegative, prefix: prefix, groupSize: size)
  }

  private func format(double: Double, _ value: Value) throws -> String {
    switch type {
    case nil, "e", "E", "f", "F", "g", "G", "%", "n": break
    case .some(let type): throw unknown(type, value)
    }
    return assemble(
      digits(of: double.magnitude), isNegative: double.sign == .minus && !double.isNaN)
  }

  /// The digits of a number that is not negative, by the type and the precision.
  func digits(of number: Double) -> String {
    let isUpper = type == "E" || type == "F" || type == "G"
    if number.isNaN { return isUpper ? "NAN" : type == "%" ? "nan%" : "nan" }
    if number.isInfinite { return isUpper ? "INF" : type == "%" ? "inf%" : "inf" }
    var text: String
    switch type {
    case "e", "E": text = CFormat.format(number, conversion: "e", precision: precision ?? 6)
    case "f", "F": text = CFormat.format(number, conversion: "f", precision: precision ?? 6)
    case "%": text = CFormat.format(number * 100, conversion: "f", precision: precision ?? 6) + "%"
    case "g", "G", "n": text = CFormat.format(number, conversion: "g", precision: max(precision ?? 6, 1))
    default:
      guard let precision else { return FloatText.representation(number) }
      text = general(number, max(precision, 1))
    }
    return isUpper ? CaseMapping.upper(text) : text
  }

  /// As `g`, with at least one digit after the point.
  private func general(_ number: Double, _ precision: Int) -> String {
    let scientific = CFormat.format(number, conversion: "e", precision: precision - 1)
    let exponent = scientific.split(separator: "e").last.flatMap { Int($0) } ?? 0
    var text = CFormat.format(number, conversion: "g", precision: precision)
    if exponent >= precision - 1 && exponent >= -4, precision > 0,
      exponent > precision - 1 || !text.contains(".")
    {
      // Python's repr-like style switches to an exponent one digit earlier than %g.
      if exponent >= precision - 1, !text.contains("e"), !text.contains(".") {
        if exponent == precision - 1 {
          text = trimmedScientific(scientific)
        } else {
          text += ".0"
        }
      }
    } else if !text.contains("."), !text.contains("e") {
      text += ".0"
    }
    return text
  }

  private func trimmedScientific(_ text: String) -> String {
    let parts = text.split(separator: "e", maxSplits: 1).map(String.init)
    var mantissa = parts[0]
    if mantissa.contains(".") {
      while mantissa.hasSuffix("0") { mantissa.removeLast() }
      if mantissa.hasSuffix(".") { mantissa.removeLast() }
    }
    return mantissa + "e" + (parts.count > 1 ? parts[1] : "+00")
  }

  // MARK: - Assembly

  /// Sign, prefix and digits, grouped and padded.
  func assemble(
    _ digits: String, isNegative: Bool, prefix: String = "", groupSize: Int = 3, zeroFilled: Bool = false
  ) -> String {
    let signText = isNegative ? "-" : sign == "-" ? "" : String(sign)
    let lead = signText + prefix
    let zeros = zeroFilled || fill == "0" && align == "="
    var body = digits
    if let grouping {
      body = group(
        digits, by: groupSize, with: grouping, minimum: zeros ? width - lead.unicodeScalars.count : 0)
    }
    let count = lead.unicodeScalars.count + body.unicodeScalars.count
    if zeros, count < width { return lead + String(repeating: "0", count: width - count) + body }
    if align == "=", count < width {
      return lead + String(repeating: String(fill), count: width - count) + body
    }
    var spec = self
    spec.align = align == "=" ? ">" : align ?? ">"
    return spec.pad(lead + body)
  }

  private func group(_ digits: String, by size: Int, with separator: Unicode.Scalar, minimum: Int) -> String {
    let scalars = Array(digits.unicodeScalars)
    let wholeCount = scalars.prefix {
      $0.value < 128 && (Bytes.isNameByte(UInt8($0.value))) && $0 != "e" || size == 4 && $0 != "."
    }.count
    var whole = Array(scalars[..<wholeCount])
    let rest = String(scalars[wholeCount...])
    // Zeros that fill the width are grouped too.
    func grouped(_ count: Int) -> Int { count + (count - 1) / size }
    while grouped(whole.count) + rest.unicodeScalars.count < minimum { whole.insert("0", at: 0) }
    if minimum > 0, grouped(whole.count) + rest.unicodeScalars.count > minimum, whole.count > wholeCount,
      whole.count % size == 1
    {
      // A separator would stand in front; Python then lets the number grow by one digit.
    }
    var result = String.UnicodeScalarView()
    for (index, scalar) in whole.enumerated() {
      if index > 0, (whole.count - index) % size == 0 { result.append(separator) }
      result.append(scalar)
    }
    return String(result) + rest
  }

  func pad(_ text: String) -> String {
    let missing = width - text.unicodeScalars.count
    if missing <= 0 { return text }
    let filler = String(fill)
    switch align {
    case "<": return text + String(repeating: filler, count: missing)
    case "^":
      return String(repeating: filler, count: missing / 2) + text
        + String(repeating: filler, count: missing - missing / 2)
    default: return String(repeating: filler, count: missing) + text
    }
  }
}

/// A host object that knows format specifications of its own, as dates do.
protocol FormattableObject: JinjaObject {
  func format(_ spec: String) throws -> String?
}

/// Python's `str.format`, as Jinja's sandbox allows it.
struct FieldFormat {
  private let interpreter: Interpreter
  private let escapes: Bool

  init(_ interpreter: Interpreter, escapes: Bool) {
    self.interpreter = interpreter
    self.escapes = escapes
  }

  func format(_ text: String, _ positional: [Value], _ named: Value) throws -> String {
    var automatic = 0
    return try format(Array(text.unicodeScalars), positional, named, &automatic, depth: 2)
  }

  private func format(
    _ format: [Unicode.Scalar], _ positional: [Value], _ named: Value, _ automatic: inout Int, depth: Int
  ) throws -> String {
    if depth < 0 { throw TemplateError(.value, "Max string recursion exceeded") }
    var result = String.UnicodeScalarView()
    var index = 0
    while index < format.count {
      let scalar = format[index]
      index += 1
      if scalar == "}" {
        guard index < format.count, format[index] == "}" else {
          throw TemplateError(.value, "Single '}' encountered in format string")
        }
        index += 1
        result.append("}")
        continue
      }
      guard scalar == "{" else {
        result.append(scalar)
        continue
      }
      guard index < format.count else {
        throw TemplateError(.value, "Single '{' encountered in format string")
      }
      if format[index] == "{" {
        index += 1
        result.append("{")
        continue
      }
      var level = 1
      let start = index
      while index < format.count {
        if format[index] == "{" { level += 1 }
        if format[index] == "}" {
          level -= 1
          if level == 0 { break }
        }
        index += 1
      }
      guard level == 0 else { throw TemplateError(.value, "expected '}' before end of string") }
      let field = Array(format[start..<index])
      index += 1
      result.append(
        contentsOf: try self.field(field, positional, named, &automatic, depth: depth).unicodeScalars)
    }
    return String(result)
  }

  private func field(
    _ field: [Unicode.Scalar], _ positional: [Value], _ named: Value, _ automatic: inout Int, depth: Int
  ) throws -> String {
    var nameEnd = 0
    var bracket = 0
    while nameEnd < field.count {
      if field[nameEnd] == "[" { bracket += 1 }
      if field[nameEnd] == "]" { bracket -= 1 }
      if bracket == 0, field[nameEnd] == "!" || field[nameEnd] == ":" { break }
      nameEnd += 1
    }
    var conversion: Unicode.Scalar?
    var rest = nameEnd
    if rest < field.count, field[rest] == "!" {
      guard rest + 1 < field.count else {
        throw TemplateError(.value, "end of string while looking for conversion specifier")
      }
      conversion = field[rest + 1]
      rest += 2
      if rest < field.count, field[rest] != ":" {
        throw TemplateError(.value, "expected ':' after conversion specifier")
      }
    }
    let spec = rest < field.count ? Array(field[(rest + 1)...]) : []
    var value = try lookup(Array(field[..<nameEnd]), positional, named, &automatic)
    switch conversion {
    case nil: break
    case "r": value = .string(try value.representation())
    case "s": value = .string(try value.text())
    case "a": value = .string(JSONText.escapedASCII(try value.representation()))
    case .some(let other):
      throw TemplateError(.value, "Unknown conversion specifier '\(other)'")
    }
    let specText = try format(spec, positional, named, &automatic, depth: depth - 1)
    if escapes {
      if case .markup(let text) = value, specText.isEmpty { return text }
      return Escaping.html(try FormatSpec.format(value, specText))
    }
    return try FormatSpec.format(value, specText)
  }

  private func lookup(
    _ name: [Unicode.Scalar], _ positional: [Value], _ named: Value, _ automatic: inout Int
  ) throws -> Value {
    let firstEnd = name.firstIndex { $0 == "." || $0 == "[" } ?? name.count
    let first = String(name[..<firstEnd])
    var value: Value
    if first.isEmpty || first.utf8.allSatisfy(Bytes.isDigit) {
      var position = automatic
      if first.isEmpty {
        if automatic < 0 {
          throw TemplateError(
            .value, "cannot switch from manual field specification to automatic field numbering")
        }
        automatic += 1
      } else {
        if automatic > 0 {
          throw TemplateError(
            .value, "cannot switch from automatic field numbering to manual field specification")
        }
        automatic = -1
        position = Int(first) ?? Int.max
      }
      guard position < positional.count else {
        throw TemplateError(.index, "tuple index out of range")
      }
      value = positional[position]
    } else {
      guard let found = try DictAccess.value(of: first, in: named) else {
        throw TemplateError(.key, Value.representation(of: first))
      }
      value = found
    }
    var index = firstEnd
    while index < name.count {
      if name[index] == "." {
        let end = name[(index + 1)...].firstIndex { $0 == "." || $0 == "[" } ?? name.count
        value = try interpreter.attribute(String(name[(index + 1)..<end]), of: value)
        index = end
      } else {
        guard let end = name[index...].firstIndex(of: "]") else {
          throw TemplateError(.value, "Missing ']' in format string")
        }
        let key = String(name[(index + 1)..<end])
        value = try interpreter.item(Int(key).map { .int($0) } ?? .string(key), of: value)
        index = end + 1
      }
    }
    return value
  }
}

enum DictAccess {
  /// The value of a text key in a dictionary or a mapping object.
  static func value(of key: String, in mapping: Value) throws -> Value? {
    switch mapping {
    case .dict(let dict): return dict[key]
    case .object(let object): return try object.item(.string(key))
    default: return nil
    }
  }
}
