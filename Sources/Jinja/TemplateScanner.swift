/// Finds the blocks at the top level of a file without parsing what is in them.
///
/// So a file of macros is cut into its macros: each block can be parsed alone, when it is needed.
public struct TemplateScanner {
  /// A block such as `{% macro name(…) %}…{% endmacro %}`.
  public struct Block: Sendable, Hashable {
    /// The tag: `macro`, `test`, `materialization`.
    public let tag: String
    /// The word after the tag.
    public let name: String
    /// 0-based bytes of the whole block, both tags included.
    public let range: Range<Int>
    /// 0-based bytes between the tags.
    public let content: Range<Int>
    /// 0-based bytes of the opening tag.
    public let header: Range<Int>
  }

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The blocks of these tags, in the order of the text.
  ///
  /// - Throws: a syntax error for a block inside an `if` or `for`, and for one that is not closed.
  public static func blocks(
    in bytes: [UInt8],
    tags: Set<String> = ["macro", "materialization", "test", "data_test", "snapshot", "docs"],
    name: String = "<file>"
  ) throws(TemplateError) -> [Block] {
    var scanner = TemplateScanner(bytes)
    return try scanner.scan(tags, name)
  }

  private struct Tag {
    let word: String
    let name: String
    let range: Range<Int>
  }

  private mutating func scan(_ tags: Set<String>, _ file: String) throws(TemplateError) -> [Block] {
    let bytes = self.bytes
    func fail(_ message: String, at offset: Int) -> TemplateError {
      TemplateError(
        .syntax, message,
        at: TemplateText(bytes, name: file, keepTrailingNewline: true).location(of: offset))
    }
    var blocks: [Block] = []
    var open: Tag?
    var control: [Tag] = []
    while let tag = try nextTag(fail) {
      if let current = open {
        let isEnd = tag.word == "end" + current.word || current.word == "test" && tag.word == "enddata_test"
        if isEnd {
          blocks.append(
            Block(
              tag: current.word, name: current.name, range: current.range.lowerBound..<tag.range.upperBound,
              content: current.range.upperBound..<tag.range.lowerBound, header: current.range))
          open = nil
        }
        continue
      }
      if tags.contains(tag.word) {
        if let outer = control.last {
          throw fail(
            "Got a block definition inside control flow at line \(line(outer.range.lowerBound)). All dbt"
              + " block definitions must be at the top level", at: tag.range.lowerBound)
        }
        open = tag
        continue
      }
      switch tag.word {
      case "if", "for": control.append(tag)
      case "endif", "endfor":
        let expected = String(tag.word.dropFirst(3))
        if control.last?.word == expected {
          control.removeLast()
        } else {
          throw fail("Got an unexpected control flow end tag, got \(tag.word)", at: tag.range.lowerBound)
        }
      default: break
      }
    }
    if let open {
      throw fail(
        "Reached EOF without finding a close tag for \(open.word)"
          + " (searched from line \(line(open.range.lowerBound)))",
        at: open.range.lowerBound)
    }
    return blocks
  }

  private func line(_ offset: Int) -> Int {
    bytes[..<offset].reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  }

  /// The next `{% … %}`; comments, raw blocks and printed expressions are passed over.
  private mutating func nextTag(
    _ fail: (String, Int) -> TemplateError
  ) throws(TemplateError) -> Tag? {
    while position + 1 < bytes.count {
      guard bytes[position] == UInt8(ascii: "{") else {
        position += 1
        continue
      }
      switch bytes[position + 1] {
      case UInt8(ascii: "#"):
        guard let end = find("#}", from: position + 2) else {
          throw fail("unexpected EOF, expected #}", position)
        }
        position = end + 2
      case UInt8(ascii: "{"):
        position = try skipTag(from: position + 2, isBlock: false, fail)
      case UInt8(ascii: "%"):
        let start = position
        var index = start + 2
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
          index += 1
        }
        index = Bytes.skipSpace(bytes, from: index)
        let (word, wordEnd) = self.word(at: index)
        let end = try skipTag(from: wordEnd, isBlock: true, fail)
        position = end
        if word == "raw" {
          position = try skipRaw(from: end, start, fail)
          continue
        }
        let (name, _) = self.word(at: Bytes.skipSpace(bytes, from: wordEnd))
        return Tag(word: word, name: name, range: start..<end)
      default: position += 1
      }
    }
    return nil
  }

  private func word(at start: Int) -> (String, Int) {
    var end = start
    while end < bytes.count, Bytes.isNameByte(bytes[end]) || bytes[end] >= 0x80 { end += 1 }
    return (String(decoding: bytes[start..<end], as: UTF8.self), end)
  }

  private func find(_ word: StaticString, from start: Int) -> Int? {
    let first = word.utf8Start[0]
    let second = word.utf8Start[1]
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == first, bytes[index + 1] == second { return index }
      index += 1
    }
    return nil
  }

  /// The end of a tag, text in quotes and brackets passed over.
  private func skipTag(
    from start: Int, isBlock: Bool, _ fail: (String, Int) -> TemplateError
  ) throws(TemplateError) -> Int {
    let closing = isBlock ? UInt8(ascii: "%") : UInt8(ascii: "}")
    var index = start
    var braces = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        index += 1
        while index < bytes.count, bytes[index] != byte {
          index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
      case UInt8(ascii: "{"): braces += 1
      case closing
      where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "}") && (isBlock || braces == 0):
        return index + 2
      case UInt8(ascii: "}"): braces = max(0, braces - 1)
      default: break
      }
      index += 1
    }
    throw fail("unexpected EOF, expected \(isBlock ? "%}" : "}}")", start)
  }

  private func skipRaw(
    from start: Int, _ opening: Int, _ fail: (String, Int) -> TemplateError
  ) throws(TemplateError) -> Int {
    var index = start
    while let found = find("{%", from: index) {
      var inner = found + 2
      if inner < bytes.count, bytes[inner] == UInt8(ascii: "-") || bytes[inner] == UInt8(ascii: "+") {
        inner += 1
      }
      let (word, end) = self.word(at: Bytes.skipSpace(bytes, from: inner))
      if word == "endraw" { return try skipTag(from: end, isBlock: true, fail) }
      index = found + 2
    }
    throw fail("unexpected EOF, expected {% endraw %}", opening)
  }
}
