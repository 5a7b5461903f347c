/// What a field of a seed means: null, true or false, or the text for COPY.
enum SeedValue {
  /// Nothing, or the word null in any case.
  @inline(__always)
  static func isNull(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    if value.isEmpty { return true }
    guard value.count == 4 else { return false }
    return value[0] | 0x20 == 0x6E && value[1] | 0x20 == 0x75 && value[2] | 0x20 == 0x6C
      && value[3] | 0x20 == 0x6C
  }

  /// `true` and `false` in any case; commas do not matter, as agate reads booleans.
  static func boolean(_ value: UnsafeBufferPointer<UInt8>) -> Bool? {
    guard value.count >= 4 else { return nil }
    var letters: (UInt64, Int) = (0, 0)
    for byte in value where byte != UInt8(ascii: ",") {
      letters = (letters.0 << 8 | UInt64(byte | 0x20), letters.1 + 1)
      if letters.1 > 5 { return nil }
      // Setting the bit also turns other bytes into letters, which none of the two words may hold.
      if byte < 0x41 { return nil }
    }
    if letters == (0x7472_7565, 4) { return true }
    return letters == (0x66_616C_7365, 5) ? false : nil
  }

  /// Appends a value as CSV: NULL is nothing, text that could be misread stands in quotes.
  static func append(
    _ raw: UnsafeBufferPointer<UInt8>, of type: SeedType, delimiter: UInt8, to output: inout [UInt8]
  ) {
    let value = PythonText.stripped(raw)
    if isNull(value) { return }
    switch type {
    case .text: appendQuoted(raw, delimiter, to: &output)
    case .boolean: output.append(boolean(value) == true ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    case .integer, .number: SeedNumber.append(value, isInteger: type == .integer, to: &output)
    case .date: SeedDate.date(value)?.append(to: &output)
    case .timestamp:
      (SeedDate.timestamp(value) ?? ISOTime.timestamp(value))?.append(to: &output)
    }
  }

  private static func appendQuoted(
    _ raw: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8, to output: inout [UInt8]
  ) {
    let quote = UInt8(ascii: "\"")
    var isPlain = true
    for byte in raw where byte == delimiter || byte == quote || byte == 0x0A || byte == 0x0D || byte == 0x5C {
      isPlain = false
      break
    }
    if isPlain {
      output.append(contentsOf: raw)
      return
    }
    output.append(quote)
    for byte in raw {
      if byte == quote { output.append(quote) }
      output.append(byte)
    }
    output.append(quote)
  }
}
