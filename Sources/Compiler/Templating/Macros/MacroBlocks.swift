public import Diagnostics
import Jinja
public import ProjectModel

/// Finds the blocks of a file that define macros: `macro`, `test`, `data_test`, `materialization`.
struct MacroBlocks {
  struct Block {
    var tag: String
    /// From the opening tag to the end of the closing one, with the white space that `{%-` before and `-%}` after
    /// it take.
    var range: Range<Int>
    /// Where the opening tag stands.
    var start: Int
  }

  private let bytes: [UInt8]
  private var position = 0

  static func blocks(in text: String) throws(BlockError) -> [Block] {
    var scanner = MacroBlocks(bytes: Array(text.utf8))
    return try scanner.scan()
  }

  struct BlockError: Error {
    var message: String
    var offset: Int
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private static let tags: Set<String> = ["macro", "test", "data_test", "materialization"]

  private mutating func scan() throws(BlockError) -> [Block] {
    var blocks: [Block] = []
    var previousEnd = 0
    while let tag = try nextTag() {
      guard Self.tags.contains(tag.name) else { continue }
      var end: Int?
      while let inner = try nextTag() {
        if inner.name == "end" + tag.name {
          end = position
          break
        }
        if Self.tags.contains(inner.name), inner.name == tag.name {
          throw BlockError(
            message: "'\(tag.name)' begins inside another one, which is not closed", offset: inner.start)
        }
      }
      guard var end else {
        throw BlockError(message: "'\(tag.name)' is never closed by 'end\(tag.name)'", offset: tag.start)
      }
      var start = tag.start
      if bytes[start + 2] == UInt8(ascii: "-") {
        while start > previousEnd, Self.isSpace(bytes[start - 1]) { start -= 1 }
      }
      if bytes[end - 3] == UInt8(ascii: "-") {
        while end < bytes.count, Self.isSpace(bytes[end]) { end += 1 }
        position = end
      }
      previousEnd = end
      blocks.append(Block(tag: tag.name, range: start..<end, start: tag.start))
    }
    return blocks
  }

  /// The next block tag outside comments, expressions and raw text; `position` is then after it.
  private mutating func nextTag() throws(BlockError) -> (name: String, start: Int)? {
    while position + 1 < bytes.count {
      guard bytes[position] == UInt8(ascii: "{") else {
        position += 1
        continue
      }
      let start = position
      switch bytes[position + 1] {
      case UInt8(ascii: "#"):
        position = find(UInt8(ascii: "#"), UInt8(ascii: "}"), from: position + 2) ?? bytes.count
      case UInt8(ascii: "{"):
        position += 2
        skipExpression(closing: UInt8(ascii: "}"))
      case UInt8(ascii: "%"):
        position += 2
        if position < bytes.count,
          bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+")
        {
          position += 1
        }
        let name = word()
        skipExpression(closing: UInt8(ascii: "%"))
        if name == "raw" {
          skipRaw()
        } else if !name.isEmpty {
          return (name, start)
        }
      default: position += 1
      }
    }
    return nil
  }

  private mutating func word() -> String {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    let start = position
    while position < bytes.count, isWord(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Goes behind `}}` or `%}`, past strings.
  private mutating func skipExpression(closing: UInt8) {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        position += 1
        while position < bytes.count, bytes[position] != byte {
          position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
      } else if byte == closing, position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "}") {
        position += 2
        return
      } else {
        position += 1
      }
    }
    position = min(position, bytes.count)
  }

  private mutating func skipRaw() {
    while position + 1 < bytes.count {
      if bytes[position] == UInt8(ascii: "{"), bytes[position + 1] == UInt8(ascii: "%") {
        position += 2
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        if word() == "endraw" {
          skipExpression(closing: UInt8(ascii: "%"))
          return
        }
      } else {
        position += 1
      }
    }
  }

  private func find(_ first: UInt8, _ second: UInt8, from start: Int) -> Int? {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == first, bytes[index + 1] == second { return index + 2 }
      index += 1
    }
    return nil
  }
}

extension TemplateEngine {
  /// The macros of a file: `{% macro %}`, `{% test %}`, `{% data_test %}` and `{% materialization %}` blocks with their
  /// texts and places.
  ///
  /// - Parameter file: as a ``SourceSpan`` names it; `originalFilePath` is the manifest's, below the package's root.
  ///   With `withArguments`, their parameters stand in `arguments`.
  /// - Throws: when a block is not closed, or its tag cannot be read.
  public static func macros(
    in text: String, file: String, packageName: String, originalFilePath: String, withArguments: Bool = false
  ) throws(DiagnosticsError) -> [ProjectModel.MacroDefinition] {
    let blocks: [MacroBlocks.Block]
    do throws(MacroBlocks.BlockError) {
      blocks = try MacroBlocks.blocks(in: text)
    } catch {
      let (line, column) = position(of: error.offset, in: text)
      throw DiagnosticsError(
        Diagnostic(
          "bad-jinja", error.message, at: SourceSpan(file: file, line: line, column: column, length: 2)))
    }
    var macros: [ProjectModel.MacroDefinition] = []
    let bytes = Array(text.utf8)
    for block in blocks {
      let source = String(decoding: bytes[block.range], as: UTF8.self)
      let (line, column) = position(of: block.range.lowerBound, in: text)
      do throws(TemplateError) {
        let template = try Template(parsing: source, name: file, syntax: DbtJinja.syntax)
        guard let macro = template.macros.first else { continue }
        var definition = ProjectModel.MacroDefinition(
          id: NodeID(.macro, package: packageName, name: macro.name), name: macro.name,
          packageName: packageName,
          path: originalFilePath, originalFilePath: originalFilePath, text: source)
        definition.span = SourceSpan(file: file, line: line, column: column)
        if withArguments {
          definition.arguments = macro.parameters.map {
            ["name": .string($0.name), "type": .null, "description": ""]
          }
        }
        if block.tag == "materialization" { definition.supportedLanguages = supportedLanguages(source) }
        macros.append(definition)
      } catch {
        let place = error.location.map {
          SourceSpan(
            file: file, line: line + $0.line - 1, column: $0.line == 1 ? column + $0.column - 1 : $0.column)
        }
        throw DiagnosticsError(TemplateDiagnostics.diagnostic(for: error, at: place))
      }
    }
    return macros
  }

  static func supportedLanguages(_ text: String) -> [String] {
    let head = text.split(separator: "%}", maxSplits: 1).first ?? ""
    let named = ["sql", "python", "javascript"].filter {
      head.contains("'\($0)'") || head.contains("\"\($0)\"")
    }
    return named.isEmpty ? ["sql"] : named
  }

  private static func position(of offset: Int, in text: String) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in text.utf8.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return (line, column)
  }
}
