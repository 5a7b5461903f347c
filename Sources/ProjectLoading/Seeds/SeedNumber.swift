/// Numbers as agate reads them: a percent sign, a currency sign and commas do not matter, the rest is what Python's
/// `Decimal` takes.
enum SeedNumber {
  /// Digits before and after the point, trailing zeros aside; nil when the value is no number.
  static func places(_ value: UnsafeBufferPointer<UInt8>) -> (whole: Int, decimals: Int)? {
    if let whole = plainInteger(value) { return (whole, 0) }
    var parser = Decimal()
    guard parser.read(value) else { return nil }
    return parser.places
  }

  /// The count of digits when the value is a minus and 1 to 18 digits, the usual case.
  @inline(__always)
  private static func plainInteger(_ value: UnsafeBufferPointer<UInt8>) -> Int? {
    var index = 0
    if value[0] == UInt8(ascii: "-") { index = 1 }
    let count = value.count - index
    guard count > 0, count <= 18 else { return nil }
    var zeros = 0
    var isLeading = true
    while index < value.count {
      let byte = value[index]
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      if isLeading, byte == 0x30 { zeros += 1 } else { isLeading = false }
      index += 1
    }
    return max(1, count - zeros)
  }

  /// Whether a number that the server reads as it stands has a point; nil for any other text.
  static func plain(_ value: UnsafeBufferPointer<UInt8>) -> Bool? {
    guard let start = value.baseAddress, let number = Plain(start, limit: value.count),
      number.length == value.count
    else { return nil }
    return number.hasPoint
  }

  /// A number of up to 18 digits, with or without a minus and a point between digits, at the start of a text.
  struct Plain {
    var length: Int
    var places: (whole: Int, decimals: Int)
    var hasPoint = false

    /// - Parameter limit: How many bytes may be read.
    @inline(__always)
    init?(_ bytes: UnsafePointer<UInt8>, limit: Int = 21) {
      var index = bytes[0] == UInt8(ascii: "-") ? 1 : 0
      let start = index
      while index < limit, bytes[index] == 0x30 { index += 1 }
      let significant = index
      while index < limit, bytes[index] &- 0x30 <= 9 { index += 1 }
      let point = index
      guard point > start, point - start <= 18 else { return nil }
      places = (max(1, point - significant), 0)
      if point < limit, bytes[point] == UInt8(ascii: ".") {
        index += 1
        var last = point
        while index < limit, bytes[index] &- 0x30 <= 9 {
          if bytes[index] != 0x30 { last = index }
          index += 1
        }
        guard index > point + 1, index - start <= 19 else { return nil }
        hasPoint = true
        places.decimals = last - point
      }
      length = index
    }
  }

  /// Appends the number as PostgreSQL reads it.
  static func append(_ value: UnsafeBufferPointer<UInt8>, isInteger: Bool, to output: inout [UInt8]) {
    if plainInteger(value) != nil {
      output.append(contentsOf: value)
      return
    }
    var parser = Decimal()
    guard parser.read(value) else { return }
    parser.append(isInteger: isInteger, to: &output)
  }

  /// Python's `Decimal(text) * sign` in a context of 28 digits.
  private struct Decimal {
    var isNegative = false
    /// Without leading zeros; a single 0 for zero.
    var digits: [UInt8] = []
    var exponent = 0
    /// `NaN` or `Infinity`.
    var special: String?

    var places: (whole: Int, decimals: Int) {
      guard special == nil else { return (1, 0) }
      var (digits, exponent) = (digits, exponent)
      while digits.count > 1, digits.last == 0x30 {
        digits.removeLast()
        exponent += 1
      }
      if digits == [0x30] { exponent = 0 }
      return (digits.count + exponent, max(0, -exponent))
    }

    mutating func append(isInteger: Bool, to output: inout [UInt8]) {
      if isNegative { output.append(UInt8(ascii: "-")) }
      if let special {
        output.append(contentsOf: special.utf8)
        return
      }
      if isInteger, exponent <= 0 {
        // All decimals are zeros, or the column would not be one of integers.
        let whole = digits.count + exponent
        output.append(contentsOf: whole > 0 ? digits[..<whole] : [0x30])
      } else if isInteger, exponent <= 40 {
        output.append(contentsOf: digits)
        output.append(contentsOf: repeatElement(0x30, count: digits == [0x30] ? 0 : exponent))
      } else {
        output.append(contentsOf: digits)
        if exponent != 0 { output.append(contentsOf: "e\(exponent)".utf8) }
      }
    }

    /// False when the text is no number.
    mutating func read(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
      var text = value[...]
      Self.strip(&text, [UInt8(ascii: "%")])
      var isMinus = false
      if text.first == UInt8(ascii: "-") {
        isMinus = true
        text.removeFirst()
      }
      if let first = text.first, let last = text.last,
        first >= 0x80 || last >= 0x80 || first == UInt8(ascii: "$") || last == UInt8(ascii: "$")
      {
        for symbol in Self.currencySymbols { Self.strip(&text, symbol) }
      }
      let cleaned = text.filter { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "_") }
      let trimmed = cleaned.withUnsafeBufferPointer { Array($0[PythonText.inside($0)]) }
      guard parse(trimmed[...]) else { return false }
      if isMinus { isNegative.toggle() }
      round()
      return true
    }

    private mutating func parse(_ text: ArraySlice<UInt8>) -> Bool {
      var rest = text
      if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isNegative = sign == UInt8(ascii: "-")
        rest.removeFirst()
      }
      guard let first = rest.first else { return false }
      if first | 0x20 == UInt8(ascii: "i") || first | 0x20 == UInt8(ascii: "n") { return parseSpecial(rest) }
      let whole = rest.prefix(while: Self.isDigit)
      rest = rest[whole.endIndex...]
      var fraction: ArraySlice<UInt8> = []
      if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        fraction = rest.prefix(while: Self.isDigit)
        rest = rest[fraction.endIndex...]
      }
      guard !whole.isEmpty || !fraction.isEmpty else { return false }
      exponent = -fraction.count
      if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
        rest.removeFirst()
        var isDown = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
          isDown = sign == UInt8(ascii: "-")
          rest.removeFirst()
        }
        let power = rest.prefix(while: Self.isDigit)
        rest = rest[power.endIndex...]
        // Powers beyond this end dbt's own load; such a text is no number.
        guard !power.isEmpty, let number = Int(String(decoding: power, as: UTF8.self)), number < 900_000
        else {
          return false
        }
        exponent += isDown ? -number : number
      }
      guard rest.isEmpty else { return false }
      digits = Array((Array(whole) + Array(fraction)).drop { $0 == 0x30 })
      if digits.isEmpty {
        digits = [0x30]
      }
      return true
    }

    private mutating func parseSpecial(_ text: ArraySlice<UInt8>) -> Bool {
      let word = String(decoding: text.map { $0 | 0x20 }, as: UTF8.self)
      if word == "inf" || word == "infinity" {
        special = "Infinity"
        return true
      }
      guard word.hasPrefix("nan"), text.dropFirst(3).allSatisfy(Self.isDigit) else { return false }
      special = "NaN"
      isNegative = false
      return true
    }

    /// To 28 digits, half to even.
    private mutating func round() {
      guard special == nil, digits.count > 28 else { return }
      let tail = digits[28...]
      exponent += tail.count
      let isHalf = tail.first == 0x35 && tail.dropFirst().allSatisfy { $0 == 0x30 }
      let isUp = isHalf ? digits[27] & 1 == 1 : (tail.first ?? 0x30) >= 0x35
      digits.removeLast(tail.count)
      guard isUp else { return }
      var index = digits.count - 1
      while index >= 0, digits[index] == 0x39 {
        digits[index] = 0x30
        index -= 1
      }
      if index >= 0 {
        digits[index] += 1
      } else {
        digits.insert(0x31, at: 0)
        digits.removeLast()
        exponent += 1
      }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func strip(_ text: inout Slice<UnsafeBufferPointer<UInt8>>, _ symbol: [UInt8]) {
      while text.starts(with: symbol) { text.removeFirst(symbol.count) }
      while text.count >= symbol.count, text.suffix(symbol.count).elementsEqual(symbol) {
        text.removeLast(symbol.count)
      }
    }

    private static let currencySymbols = [
      "؋", "$", "ƒ", "៛", "¥", "₡", "₱", "£", "€", "¢", "﷼", "₪", "₩", "₭", "₮", "₦", "฿", "₤", "₫",
    ].map { Array($0.utf8) }
  }
}
