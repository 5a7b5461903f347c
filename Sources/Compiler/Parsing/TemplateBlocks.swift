/// Blocks with a name and an end that stand in a file: `{% snapshot x %} … {% endsnapshot %}`, `{% docs x %} …`.
struct TemplateBlock {
  var name: String
  /// The text between the tags.
  var contents: String
  /// 0-based byte offset of the contents in the file's text.
  var offset: Int
  /// 0-based byte offset of the opening tag.
  var tagOffset: Int
}

enum TemplateBlocks {
  enum Failure: Error {
    /// A block that is never closed.
    case unclosed(name: String, offset: Int)
    /// An opening tag without a name.
    case nameless(offset: Int)
  }

  /// The blocks of one kind, in order; comments and raw blocks are passed over.
  static func find(_ keyword: String, in text: String) throws(Failure) -> [TemplateBlock] {
    let bytes = Array(text.utf8)
    let keyword = Array(keyword.utf8)
    let endKeyword = Array("end".utf8) + keyword
    var result: [TemplateBlock] = []
    var index = 0
    while let open = next(bytes, from: index) {
      if bytes[open + 1] == UInt8(ascii: "#") {
        index =
          find(bytes, [UInt8(ascii: "#"), UInt8(ascii: "}")], from: open + 2).map { $0 + 2 } ?? bytes.count
        continue
      }
      guard let tag = Tag(bytes, at: open) else {
        index = open + 2
        continue
      }
      index = tag.end
      if tag.word == Array("raw".utf8) {
        index = end(of: Array("endraw".utf8), bytes, from: index)?.end ?? bytes.count
      } else if tag.word == keyword {
        guard !tag.rest.isEmpty else { throw .nameless(offset: open) }
        let name = String(decoding: tag.rest, as: UTF8.self)
        guard let close = end(of: endKeyword, bytes, from: tag.end) else {
          throw .unclosed(name: name, offset: open)
        }
        result.append(
          TemplateBlock(
            name: name, contents: String(decoding: bytes[tag.end..<close.start], as: UTF8.self),
            offset: tag.end,
            tagOffset: open))
        index = close.end
      }
    }
    return result
  }

  private struct Tag {
    var start: Int
    var end: Int
    var word: [UInt8]
    /// What stands behind the word, up to the first character that is not part of a name.
    var rest: [UInt8]

    init?(_ bytes: [UInt8], at open: Int) {
      start = open
      guard let close = TemplateBlocks.find(bytes, [UInt8(ascii: "%"), UInt8(ascii: "}")], from: open + 2)
      else {
        return nil
      }
      end = close + 2
      var inside = bytes[(open + 2)..<close]
      if inside.first == UInt8(ascii: "-") || inside.first == UInt8(ascii: "+") { inside.removeFirst() }
      if inside.last == UInt8(ascii: "-") || inside.last == UInt8(ascii: "+") { inside.removeLast() }
      inside = inside.drop { Self.isSpace($0) }
      word = Array(inside.prefix { !Self.isSpace($0) })
      rest = Array(inside.dropFirst(word.count).drop { Self.isSpace($0) }.prefix { !Self.isSpace($0) })
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  }

  /// The next `{%` or `{#`.
  private static func next(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "{"),
        bytes[index + 1] == UInt8(ascii: "%") || bytes[index + 1] == UInt8(ascii: "#")
      {
        return index
      }
      index += 1
    }
    return nil
  }

  private static func end(of keyword: [UInt8], _ bytes: [UInt8], from start: Int) -> Tag? {
    var index = start
    while let open = next(bytes, from: index) {
      if bytes[open + 1] == UInt8(ascii: "%"), let tag = Tag(bytes, at: open), tag.word == keyword {
        return tag
      }
      index = open + 2
    }
    return nil
  }

  fileprivate static func find(_ bytes: [UInt8], _ pair: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == pair[0], bytes[index + 1] == pair[1] { return index }
      index += 1
    }
    return nil
  }
}
