import Diagnostics
import ProjectModel

/// `ref(…)`, `source(…)` and `metric(…)` as properties write them: one call with literal arguments.
enum ReferenceText: Hashable {
  case ref(RefCall)
  case source(SourceCall)
  /// A metric's name.
  case metric(String)

  /// nil when the text is not exactly one such call.
  init?(_ text: String, span: SourceSpan? = nil) {
    var scanner = Scanner(Array(text.utf8))
    scanner.skipSpace()
    guard let function = scanner.word(), ["ref", "source", "metric"].contains(function) else { return nil }
    guard scanner.take("("), let arguments = scanner.arguments(), scanner.isAtEnd else { return nil }
    let names = arguments.compactMap { $0.name == nil ? $0.value : nil }
    let keywords = arguments.filter { $0.name != nil }
    if function == "metric" {
      guard (1...2).contains(names.count), keywords.isEmpty else { return nil }
      self = .metric(names[names.count - 1])
      return
    }
    if function == "source" {
      guard names.count == 2, keywords.isEmpty else { return nil }
      self = .source(SourceCall(source: names[0], table: names[1], span: span))
      return
    }
    guard (1...2).contains(names.count), keywords.count <= 1 else { return nil }
    if let keyword = keywords.first, keyword.name != "v", keyword.name != "version" { return nil }
    self = .ref(
      RefCall(
        package: names.count == 2 ? names[0] : nil, name: names[names.count - 1],
        version: keywords.first?.value,
        span: span))
  }

  private struct Scanner {
    let bytes: [UInt8]
    var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return index == bytes.count
      }
    }

    mutating func skipSpace() {
      while index < bytes.count, bytes[index] == 0x20 || (0x09...0x0D).contains(bytes[index]) { index += 1 }
    }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: byte) else { return false }
      index += 1
      return true
    }

    mutating func word() -> String? {
      skipSpace()
      let start = index
      while index < bytes.count,
        bytes[index] == 0x5F || (bytes[index] | 0x20) >= 0x61 && (bytes[index] | 0x20) <= 0x7A
          || (index > start && (0x30...0x39).contains(bytes[index]))
      { index += 1 }
      return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    /// A quoted text without escapes, or a number.
    mutating func literal() -> String? {
      skipSpace()
      guard index < bytes.count else { return nil }
      let quote = bytes[index]
      if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
        guard let end = bytes[(index + 1)...].firstIndex(of: quote) else { return nil }
        let text = bytes[(index + 1)..<end]
        guard !text.contains(UInt8(ascii: "\\")) else { return nil }
        index = end + 1
        return String(decoding: text, as: UTF8.self)
      }
      let start = index
      while index < bytes.count, (0x30...0x39).contains(bytes[index]) || bytes[index] == UInt8(ascii: ".") {
        index += 1
      }
      return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    mutating func arguments() -> [(name: String?, value: String)]? {
      var result: [(String?, String)] = []
      if take(")") { return result }
      while true {
        let name = word()
        if name != nil, !take("=") { return nil }
        guard let value = literal() else { return nil }
        result.append((name, value))
        if take(")") { return result }
        guard take(",") else { return nil }
        if take(")") { return result }
      }
    }
  }
}
