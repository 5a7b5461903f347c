/// Questions about single bytes and about the scalars they encode.
enum Bytes {
  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  @inline(__always)
  static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 32) &- 97 < 26 || byte == 95
  }

  /// White space of ASCII as Python's `\s` has it.
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 32 || byte &- 9 < 5 || byte &- 28 < 4
  }

  /// The scalar that begins at `index` and its length; the replacement character for broken bytes.
  static func scalar(_ bytes: [UInt8], at index: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = bytes[index]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    guard length > 1, index + length <= bytes.count else { return ("\u{FFFD}", 1) }
    var value = UInt32(first) & (0xFF >> UInt32(length + 1))
    for offset in 1..<length {
      guard bytes[index + offset] & 0xC0 == 0x80 else { return ("\u{FFFD}", 1) }
      value = value << 6 | UInt32(bytes[index + offset] & 0x3F)
    }
    return Unicode.Scalar(value).map { ($0, length) } ?? ("\u{FFFD}", length)
  }

  /// The position after any white space that begins at `index`.
  static func skipSpace(_ bytes: [UInt8], from index: Int) -> Int {
    var index = index
    while index < bytes.count {
      if isSpace(bytes[index]) {
        index += 1
      } else if bytes[index] >= 0x80 {
        let (scalar, length) = scalar(bytes, at: index)
        guard isSpace(scalar) else { break }
        index += length
      } else {
        break
      }
    }
    return index
  }

  /// The end of `bytes[start..<end]` without the white space at its end.
  static func trimEnd(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
    var end = end
    while end > start {
      if isSpace(bytes[end - 1]) {
        end -= 1
      } else if bytes[end - 1] >= 0x80 {
        var begin = end - 1
        while begin > start, bytes[begin] & 0xC0 == 0x80 { begin -= 1 }
        guard isSpace(scalar(bytes, at: begin).scalar) else { break }
        end = begin
      } else {
        break
      }
    }
    return end
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return isSpace(UInt8(scalar.value)) }
    return scalar.value == 0x85 || scalar.properties.isWhitespace
  }

  /// Whether Python's `\w` matches the scalar.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return isNameByte(UInt8(scalar.value)) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }
}
