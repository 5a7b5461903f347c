/// Floating-point numbers as Python writes them.
enum FloatText {
  /// Python's `repr()`: the fewest digits that give the number back.
  static func representation(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    let (digits, exponent) = shortest(value)
    var result = value < 0 ? "-" : ""
    let text = String(decoding: digits, as: UTF8.self)
    if exponent < -4 || exponent >= 16 {
      result += String(decoding: digits.prefix(1), as: UTF8.self)
      if digits.count > 1 { result += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
      let magnitude = abs(exponent)
      result += exponent < 0 ? "e-" : "e+"
      result += magnitude < 10 ? "0\(magnitude)" : "\(magnitude)"
    } else if exponent < 0 {
      result += "0." + String(repeating: "0", count: -exponent - 1) + text
    } else if digits.count <= exponent + 1 {
      result += text + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
    } else {
      result += String(decoding: digits.prefix(exponent + 1), as: UTF8.self)
      result += "." + String(decoding: digits.dropFirst(exponent + 1), as: UTF8.self)
    }
    return result
  }

  /// The shortest digits of a finite number that is not zero, and the decimal exponent of the first.
  static func shortest(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var exponent = 0
    var point: Int?
    var iterator = value.magnitude.description.utf8.makeIterator()
    while let byte = iterator.next() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte | 32 == UInt8(ascii: "e") {
        var rest: [UInt8] = []
        while let next = iterator.next() { if next != UInt8(ascii: "+") { rest.append(next) } }
        exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
      } else {
        digits.append(byte)
      }
    }
    exponent += (point ?? digits.count) - 1
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    if leading > 0, leading < digits.count {
      digits.removeFirst(leading)
      exponent -= leading
    }
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
  }
}
