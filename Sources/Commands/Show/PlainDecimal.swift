/// A number as the server writes it (`12345.6789`, `1e+20`), taken apart for showing. Exact at any size.
struct PlainDecimal: Equatable {
  var isNegative: Bool
  /// Decimal digits before and after the point, without needless zeros; `whole` holds at least one digit.
  var whole: [UInt8]
  var fraction: [UInt8]

  /// nil for `NaN`, `Infinity` and what is no number.
  init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    isNegative = bytes.first == UInt8(ascii: "-")
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      bytes = bytes.dropFirst()
    }
    var exponent = 0
    if let mark = bytes.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      guard let power = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self)), abs(power) < 1000 else {
        return nil
      }
      exponent = power
      bytes = bytes[..<mark]
    }
    let point = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
    var digits = Array(bytes[..<point])
    var position = digits.count + exponent
    if point < bytes.endIndex { digits += bytes[(point + 1)...] }
    guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    let zero = UInt8(ascii: "0")
    if position < 0 {
      digits = Array(repeating: zero, count: -position) + digits
      position = 0
    }
    if position > digits.count { digits += Array(repeating: zero, count: position - digits.count) }
    whole = Array(digits[..<position].drop { $0 == zero })
    if whole.isEmpty { whole = [zero] }
    fraction = Array(digits[position...])
    while fraction.last == zero { fraction.removeLast() }
  }

  /// With `places` digits after the point, halves rounded to the even digit, thousands set apart by commas.
  func text(places: Int) -> String {
    let zero = UInt8(ascii: "0")
    var kept = Array(fraction.prefix(places))
    kept += Array(repeating: zero, count: places - kept.count)
    var digits = whole + kept
    let cut = fraction.dropFirst(places)
    if let first = cut.first {
      let isHalf = first == UInt8(ascii: "5") && cut.dropFirst().allSatisfy { $0 == zero }
      let isOdd = (digits.last ?? zero) & 1 == 1
      if isHalf ? isOdd : first >= UInt8(ascii: "5") { Self.increment(&digits) }
    }
    let split = digits.count - places
    var text: [UInt8] = isNegative && digits.contains { $0 != zero } ? [UInt8(ascii: "-")] : []
    for (index, digit) in digits[..<split].enumerated() {
      if index > 0, (split - index) % 3 == 0 { text.append(UInt8(ascii: ",")) }
      text.append(digit)
    }
    if places > 0 { text += [UInt8(ascii: ".")] + digits[split...] }
    return String(decoding: text, as: UTF8.self)
  }

  private static func increment(_ digits: inout [UInt8]) {
    for index in digits.indices.reversed() {
      if digits[index] < UInt8(ascii: "9") {
        digits[index] += 1
        return
      }
      digits[index] = UInt8(ascii: "0")
    }
    digits.insert(UInt8(ascii: "1"), at: 0)
  }
}
