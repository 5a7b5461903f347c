/// The escapes in a string literal: Python's, where an unknown one stands for itself.
enum StringEscapes {
  struct Malformed: Error { var message: String }

  static func decode(_ bytes: [UInt8]) throws(Malformed) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < bytes.count else {
        result.append(byte)
        continue
      }
      let escape = bytes[index]
      index += 1
      switch escape {
      case UInt8(ascii: "\n"): break
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(escape)
      case UInt8(ascii: "a"): result.append(7)
      case UInt8(ascii: "b"): result.append(8)
      case UInt8(ascii: "f"): result.append(12)
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "v"): result.append(11)
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        var value = UInt32(escape - 48)
        var digits = 1
        while digits < 3, index < bytes.count, bytes[index] &- 48 < 8 {
          value = value * 8 + UInt32(bytes[index] - 48)
          index += 1
          digits += 1
        }
        append(value, to: &result)
      case UInt8(ascii: "x"):
        append(try hex(bytes, &index, 2, "truncated \\xXX escape"), to: &result)
      case UInt8(ascii: "u"):
        append(try hex(bytes, &index, 4, "truncated \\uXXXX escape"), to: &result)
      case UInt8(ascii: "U"):
        let value = try hex(bytes, &index, 8, "truncated \\UXXXXXXXX escape")
        if value > 0x10FFFF { throw Malformed(message: "illegal Unicode character") }
        append(value, to: &result)
      case UInt8(ascii: "N"):
        try named(bytes, &index, to: &result)
      default:
        result.append(UInt8(ascii: "\\"))
        result.append(escape)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func hex(
    _ bytes: [UInt8], _ index: inout Int, _ count: Int, _ message: String
  ) throws(Malformed) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard index < bytes.count, let digit = Unicode.Scalar(bytes[index]).hexValue else {
        throw Malformed(message: message)
      }
      value = value << 4 | digit
      index += 1
    }
    return value
  }

  private static func named(
    _ bytes: [UInt8], _ index: inout Int, to result: inout [UInt8]
  ) throws(Malformed) {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "{"),
      let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")), end > index + 1
    else { throw Malformed(message: "malformed \\N character escape") }
    let name = String(decoding: bytes[index + 1..<end], as: UTF8.self).uppercased()
    index = end + 1
    // The names are found by walking the planes in use; this is rare enough.
    for value in (0 as UInt32)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      if scalar.properties.name == name || scalar.properties.nameAlias == name {
        append(value, to: &result)
        return
      }
    }
    throw Malformed(message: "unknown Unicode character name")
  }

  private static func append(_ value: UInt32, to result: inout [UInt8]) {
    let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
    result.append(contentsOf: Array(String(scalar).utf8))
  }
}

extension Unicode.Scalar {
  /// The value of a hexadecimal digit.
  var hexValue: UInt32? {
    switch self {
    case "0"..."9": value - 48
    case "a"..."f": value - 87
    case "A"..."F": value - 55
    default: nil
    }
  }
}
