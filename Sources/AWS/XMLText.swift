/// The few values that are wanted of a service's XML, each found by its element's name.
struct XMLText {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What stands in the first element of this name that has no attributes.
  subscript(_ name: String) -> String? {
    guard let start = bytes.firstRange(of: Array("<\(name)>".utf8)),
      let end = bytes[start.upperBound...].firstRange(of: Array("</\(name)>".utf8))
    else { return nil }
    return Self.unescaped(bytes[start.upperBound..<end.lowerBound])
  }

  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    var rest = bytes
    while let mark = rest.firstIndex(of: UInt8(ascii: "&")),
      let end = rest[mark...].firstIndex(of: UInt8(ascii: ";"))
    {
      result += rest[..<mark]
      let name = String(decoding: rest[(mark + 1)..<end], as: UTF8.self)
      result += character(name).map { Array(String($0).utf8) } ?? Array(rest[mark...end])
      rest = rest[(end + 1)...]
    }
    return String(decoding: result + rest, as: UTF8.self)
  }

  private static func character(_ name: String) -> Character? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard name.hasPrefix("#") else { return nil }
      let isHexadecimal = name.dropFirst().first == "x"
      return UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10)
        .flatMap { Unicode.Scalar($0) }.map { Character($0) }
    }
  }
}
