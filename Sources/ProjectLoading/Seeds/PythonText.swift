/// White space as Python's `str.strip` sees it.
enum PythonText {
  static func stripped(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard let first = bytes.first, let last = bytes.last else { return bytes }
    // Nearly every value begins and ends with a letter, a digit or a sign.
    if first > 0x20, first < 0x80, last > 0x20, last < 0x80 { return bytes }
    return UnsafeBufferPointer(rebasing: bytes[inside(bytes)])
  }

  /// The range without white space at both ends.
  static func inside(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    var start = 0
    var end = bytes.count
    while start < end, let length = whiteSpace(bytes, at: start) { start += length }
    while end > start {
      var begin = end - 1
      while begin > start, bytes[begin] & 0xC0 == 0x80 { begin -= 1 }
      guard let length = whiteSpace(bytes, at: begin), begin + length == end else { break }
      end = begin
    }
    return start..<end
  }

  /// Bytes of the white space character at an index, nil when there is none.
  private static func whiteSpace(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
    switch bytes[index] {
    case 0x09...0x0D, 0x1C...0x20: return 1
    case 0xC2:
      return index + 1 < bytes.count && (bytes[index + 1] == 0x85 || bytes[index + 1] == 0xA0) ? 2 : nil
    case 0xE1...0xE3:
      guard index + 2 < bytes.count else { return nil }
      let code =
        UInt32(bytes[index] & 0x0F) << 12 | UInt32(bytes[index + 1] & 0x3F) << 6
        | UInt32(bytes[index + 2] & 0x3F)
      switch code {
      case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return 3
      default: return nil
      }
    default: return nil
    }
  }
}
