import ProjectModel

/// What a plain scalar means in YAML 1.1, by the patterns that PyYAML's resolver uses.
enum YAMLScalar {
  enum Kind { case null, bool, int, float, timestamp, merge, value, text }

  static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> PlainValue {
    switch kind(of: text) {
    case .null: return .null
    case .bool: return .bool(isTrue(text))
    case .int: return int(text) ?? .string(string(text))
    case .float: return .double(double(text))
    case .timestamp: return .string(timestamp(text))
    case .merge, .value, .text: return .string(string(text))
    }
  }

  static func kind(of text: UnsafeBufferPointer<UInt8>) -> Kind {
    guard let first = text.first else { return .null }
    switch first {
    case UInt8(ascii: "~"): return text.count == 1 ? .null : .text
    case UInt8(ascii: "<"): return equals(text, "<<") ? .merge : .text
    case UInt8(ascii: "="): return text.count == 1 ? .value : .text
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      if equals(text, "null") || equals(text, "Null") || equals(text, "NULL") { return .null }
      return isBoolean(text) ? .bool : .text
    case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"),
      UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"):
      return isBoolean(text) ? .bool : .text
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      if isFloat(text) { return .float }
      if isInteger(text) { return .int }
      return isTimestamp(text) ? .timestamp : .text
    default: return .text
    }
  }

  private static let booleans = [
    "yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE", "on", "On",
    "ON",
    "off", "Off", "OFF",
  ]

  private static func isBoolean(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.count <= 5 && booleans.contains { equals(text, $0) }
  }

  private static func isTrue(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch text[0] | 0x20 {
    case UInt8(ascii: "y"), UInt8(ascii: "t"): true
    case UInt8(ascii: "o"): text.count == 2
    default: false
    }
  }

  private static func equals(_ text: UnsafeBufferPointer<UInt8>, _ word: String) -> Bool {
    text.count == word.utf8.count && text.elementsEqual(word.utf8)
  }

  private static func string(_ text: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: text, as: UTF8.self)
  }

  // MARK: Numbers

  /// Binary, octal with a leading 0, decimal, hexadecimal, and base 60 with colons.
  private static func isInteger(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var scan = Scan(text)
    scan.skip { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    guard let first = scan.peek else { return false }
    if first == UInt8(ascii: "0") {
      scan.index += 1
      guard let second = scan.peek else { return true }
      if second == UInt8(ascii: "b") {
        scan.index += 1
        return scan.all { $0 == 0x30 || $0 == 0x31 || $0 == 0x5F }
      }
      if second == UInt8(ascii: "x") {
        scan.index += 1
        return scan.all { hexadecimal($0) != nil || $0 == 0x5F }
      }
      return scan.all { (0x30...0x37).contains($0) || $0 == 0x5F }
    }
    guard (0x31...0x39).contains(first) else { return false }
    scan.run { isDigit($0) || $0 == 0x5F }
    if scan.isAtEnd { return true }
    return sexagesimal(&scan) && scan.isAtEnd
  }

  private static func sexagesimal(_ scan: inout Scan) -> Bool {
    var parts = 0
    while scan.peek == UInt8(ascii: ":") {
      scan.index += 1
      let start = scan.index
      scan.run(isDigit)
      let count = scan.index - start
      guard count == 1 || (count == 2 && scan.text[start] <= UInt8(ascii: "5")) else { return false }
      parts += 1
    }
    return parts > 0
  }

  private static func isFloat(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if equals(text, ".nan") || equals(text, ".NaN") || equals(text, ".NAN") { return true }
    var scan = Scan(text)
    let isSigned = scan.skip { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    guard let first = scan.peek else { return false }
    if first == UInt8(ascii: ".") {
      let rest = UnsafeBufferPointer(rebasing: text[scan.index...])
      if equals(rest, ".inf") || equals(rest, ".Inf") || equals(rest, ".INF") { return true }
      if isSigned { return false }
      scan.index += 1
      guard let digit = scan.peek, isDigit(digit) else { return false }
      scan.run { isDigit($0) || $0 == 0x5F }
      return exponent(&scan)
    }
    guard isDigit(first) else { return false }
    scan.run { isDigit($0) || $0 == 0x5F }
    if scan.peek == UInt8(ascii: ":") {
      guard sexagesimal(&scan), scan.peek == UInt8(ascii: ".") else { return false }
      scan.index += 1
      return scan.all(orNone: true) { isDigit($0) || $0 == 0x5F }
    }
    guard scan.peek == UInt8(ascii: ".") else { return false }
    scan.index += 1
    scan.run { isDigit($0) || $0 == 0x5F }
    return exponent(&scan)
  }

  /// An exponent needs its sign: `1.0e5` is text in YAML 1.1.
  private static func exponent(_ scan: inout Scan) -> Bool {
    if scan.isAtEnd { return true }
    guard let letter = scan.peek, letter | 0x20 == UInt8(ascii: "e") else { return false }
    scan.index += 1
    guard scan.skip({ $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }) else { return false }
    return scan.all(isDigit)
  }

  private static func int(_ text: UnsafeBufferPointer<UInt8>) -> PlainValue? {
    var digits = text.filter { $0 != 0x5F }
    var sign = 1
    if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? -1 : 1
      digits.removeFirst()
    }
    if digits.contains(UInt8(ascii: ":")) {
      var total = 0
      for part in digits.split(separator: UInt8(ascii: ":")) {
        guard let value = number(part, radix: 10) else { return nil }
        let (scaled, over) = total.multipliedReportingOverflow(by: 60)
        if over { return nil }
        total = scaled + value
      }
      return .int(sign * total)
    }
    var radix = 10
    if digits.count > 1, digits[0] == UInt8(ascii: "0") {
      switch digits[1] {
      case UInt8(ascii: "b"): (radix, digits) = (2, Array(digits.dropFirst(2)))
      case UInt8(ascii: "x"): (radix, digits) = (16, Array(digits.dropFirst(2)))
      default: (radix, digits) = (8, Array(digits.dropFirst()))
      }
    }
    return number(digits[...], radix: radix).map { .int(sign * $0) }
  }

  private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> Int? {
    guard !digits.isEmpty else { return nil }
    var result = 0
    for byte in digits {
      guard let digit = hexadecimal(byte), digit < radix else { return nil }
      let (scaled, over) = result.multipliedReportingOverflow(by: radix)
      let (sum, carry) = scaled.addingReportingOverflow(digit)
      if over || carry { return nil }
      result = sum
    }
    return result
  }

  private static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double {
    let word = String(decoding: text.filter { $0 != 0x5F }, as: UTF8.self)
    switch word.lowercased() {
    case ".nan": return .nan
    case ".inf", "+.inf": return .infinity
    case "-.inf": return -.infinity
    default: break
    }
    guard word.contains(":") else { return Double(word) ?? Double("0" + word) ?? Double(word + "0") ?? 0 }
    let isNegative = word.hasPrefix("-")
    let parts = word.drop { $0 == "-" || $0 == "+" }.split(separator: ":")
    let total = parts.reduce(0.0) { $0 * 60 + (Double($1) ?? Double("\($1)0") ?? 0) }
    return isNegative ? -total : total
  }

  // MARK: Dates

  private static func isTimestamp(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    timestampParts(text) != nil
  }

  private struct Timestamp {
    var year = 0
    var month = 0
    var day = 0
    var hasTime = false
    var clock = (hour: 0, minute: 0, second: 0)
    var fraction: [UInt8] = []
    /// Minutes east of UTC; nil without a zone.
    var zone: Int?
  }

  private static func timestampParts(_ text: UnsafeBufferPointer<UInt8>) -> Timestamp? {
    var scan = Scan(text)
    var result = Timestamp()
    func number(_ digits: ClosedRange<Int>) -> Int? {
      let start = scan.index
      scan.run(isDigit)
      guard digits.contains(scan.index - start) else { return nil }
      return text[start..<scan.index].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    func take(_ byte: Character) -> Bool {
      guard let wanted = byte.asciiValue, scan.peek == wanted else { return false }
      scan.index += 1
      return true
    }
    guard let year = number(4...4), take("-"), let month = number(1...2), take("-"), let day = number(1...2)
    else { return nil }
    (result.year, result.month, result.day) = (year, month, day)
    if scan.isAtEnd { return text.count == 10 ? result : nil }
    if let separator = scan.peek, separator | 0x20 == UInt8(ascii: "t") {
      scan.index += 1
    } else {
      let start = scan.index
      scan.run { $0 == 0x20 || $0 == 0x09 }
      guard scan.index > start else { return nil }
    }
    guard let hour = number(1...2), take(":"), let minute = number(2...2), take(":"),
      let second = number(2...2)
    else { return nil }
    result.hasTime = true
    result.clock = (hour, minute, second)
    if take(".") {
      let start = scan.index
      scan.run(isDigit)
      result.fraction = Array(text[start..<scan.index])
    }
    scan.run { $0 == 0x20 || $0 == 0x09 }
    if scan.isAtEnd { return result }
    if take("Z") {
      result.zone = 0
      return scan.isAtEnd ? result : nil
    }
    let isWest = scan.peek == UInt8(ascii: "-")
    guard take("-") || take("+"), let hours = number(1...2) else { return nil }
    var minutes = 0
    if take(":") {
      guard let value = number(2...2) else { return nil }
      minutes = value
    }
    result.zone = (hours * 60 + minutes) * (isWest ? -1 : 1)
    return scan.isAtEnd ? result : nil
  }

  /// As Python's `isoformat` writes it.
  private static func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> String {
    guard let parts = timestampParts(text) else { return string(text) }
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let year = String(repeating: "0", count: max(0, 4 - String(parts.year).utf8.count)) + String(parts.year)
    var result = "\(year)-\(two(parts.month))-\(two(parts.day))"
    guard parts.hasTime else { return result }
    result += "T\(two(parts.clock.hour)):\(two(parts.clock.minute)):\(two(parts.clock.second))"
    var micros = Array(parts.fraction.prefix(6))
    while micros.count < 6 { micros.append(0x30) }
    if micros.contains(where: { $0 != 0x30 }) { result += "." + String(decoding: micros, as: UTF8.self) }
    if let zone = parts.zone {
      result += (zone < 0 ? "-" : "+") + two(abs(zone) / 60) + ":" + two(abs(zone) % 60)
    }
    return result
  }

  // MARK: Bytes

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func hexadecimal(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte - 0x30)
    case 0x61...0x66: Int(byte - 0x61) + 10
    case 0x41...0x46: Int(byte - 0x41) + 10
    default: nil
    }
  }

  private struct Scan {
    let text: UnsafeBufferPointer<UInt8>
    var index = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var peek: UInt8? { index < text.count ? text[index] : nil }
    var isAtEnd: Bool { index == text.count }

    @discardableResult
    mutating func skip(_ condition: (UInt8) -> Bool) -> Bool {
      guard let byte = peek, condition(byte) else { return false }
      index += 1
      return true
    }

    mutating func run(_ condition: (UInt8) -> Bool) {
      while index < text.count, condition(text[index]) { index += 1 }
    }

    /// Whether the rest, at least one byte unless said otherwise, is of this kind.
    mutating func all(orNone: Bool = false, _ condition: (UInt8) -> Bool) -> Bool {
      let start = index
      run(condition)
      return isAtEnd && (orNone || index > start)
    }
  }
}
