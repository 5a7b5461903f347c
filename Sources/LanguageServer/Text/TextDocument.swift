import Diagnostics

/// How positions count the characters of a line.
enum PositionEncoding: String, Sendable {
  case utf8 = "utf-8"
  case utf16 = "utf-16"
}

/// A text as the editor has it, saved or not.
struct TextDocument: Sendable {
  let uri: String
  private(set) var version: Int?
  private(set) var source: SourceText
  let encoding: PositionEncoding

  var bytes: [UInt8] { source.bytes }

  init(uri: String, version: Int?, text: String, encoding: PositionEncoding) {
    self.init(uri: uri, version: version, source: SourceText(text), encoding: encoding)
  }

  init(uri: String, version: Int?, source: SourceText, encoding: PositionEncoding) {
    self.uri = uri
    self.version = version
    self.source = source
    self.encoding = encoding
  }

  mutating func apply(_ changes: [LSP.Changed.Change], version: Int?) {
    self.version = version
    for change in changes {
      guard let range = change.range else {
        source = SourceText(change.text)
        continue
      }
      let (start, end) = (offset(of: range.start), offset(of: range.end))
      var bytes = source.bytes
      bytes.replaceSubrange(start..<max(start, end), with: change.text.utf8)
      source = SourceText(bytes)
    }
  }

  /// The byte at a position; behind the end of a line: its end.
  func offset(of position: LSP.Position) -> Int {
    guard position.line >= 0 else { return 0 }
    guard position.line < source.lineStarts.count else { return source.bytes.count }
    let line = source.line(position.line + 1)
    var byte = line.startIndex
    var units = 0
    while byte < line.endIndex, units < position.character {
      let length = Self.length(line[byte])
      units += encoding == .utf8 ? length : length == 4 ? 2 : 1
      byte += length
    }
    return min(byte, line.endIndex)
  }

  func position(of offset: Int) -> LSP.Position {
    let place = source.position(of: offset)
    let start = source.lineStarts[place.line - 1]
    let end = min(start + place.column - 1, source.bytes.count)
    guard encoding == .utf16 else { return LSP.Position(line: place.line - 1, character: end - start) }
    var units = 0
    for byte in source.bytes[start..<end] where byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
    return LSP.Position(line: place.line - 1, character: units)
  }

  func range(_ bytes: Range<Int>) -> LSP.Range {
    LSP.Range(start: position(of: bytes.lowerBound), end: position(of: bytes.upperBound))
  }

  /// What a diagnostic marks; one that marks a single byte marks the name there, with
  /// what stands behind its dots.
  func range(_ span: SourceSpan) -> LSP.Range {
    let start = source.offset(of: span.start)
    let end = source.offset(of: span.end)
    return range(start..<max(end <= start + 1 ? pathEnd(from: start) : end, start))
  }

  /// The letters, digits and underscores around a byte.
  func word(at offset: Int) -> Range<Int> {
    var start = offset
    while start > 0, bytes[start - 1].isWord { start -= 1 }
    return start..<wordEnd(from: offset)
  }

  private func pathEnd(from offset: Int) -> Int {
    var end = wordEnd(from: offset)
    while end > offset, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), bytes[end + 1].isWord {
      end = wordEnd(from: end + 1)
    }
    return end
  }

  private func wordEnd(from offset: Int) -> Int {
    var end = offset
    while end < bytes.count, bytes[end].isWord { end += 1 }
    return end
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Bytes of a character by its first one.
  private static func length(_ first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }
}

extension UInt8 {
  /// Part of a name: a letter of any script, a digit, `_` or `$`.
  var isWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
