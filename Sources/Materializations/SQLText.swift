import ProjectModel

/// Small things about SQL as text.
public enum SQLText {
  /// Where `part` begins in `text`, as a byte offset.
  public static func offset(of part: String, in text: String) -> Int? {
    text.firstRange(of: part).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) }
  }

  /// Without white space around it and without a closing semicolon.
  static func withoutEnd(_ sql: String) -> String {
    var text = sql[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    return String(text)
  }

  /// A dollar-quoted body that holds whatever `body` holds.
  static func dollarQuoted(_ body: String) -> String {
    var tag = "$whc$"
    var number = 1
    while body.contains(tag) {
      number += 1
      tag = "$whc\(number)$"
    }
    return tag + body + tag
  }

  /// A statement that the server refuses with `sqlState` when `condition` holds, in PostgreSQL. What every database
  /// refuses is a ``Plan/Step/audit(_:)``, whose rows undo the group.
  ///
  /// - Parameter why: a literal.
  static func refusal(_ sqlState: String, _ why: String, when condition: String) -> String {
    let body = """

      begin
        if \(condition) then
          raise exception using errcode = '\(sqlState)', message = \(why);
        end if;
      end

      """
    return "do " + dollarQuoted(body)
  }

  /// The statements of a script, each without its semicolon; those that are only space and comments left out.
  ///
  /// Semicolons in strings, quoted names, dollar quotes and comments part nothing. A script with a function
  /// body in SQL's own form (`BEGIN ATOMIC … END`) is taken as one statement.
  static func statements(of script: String) -> [String] {
    guard !script.lowercased().contains("begin atomic") else { return [withoutEnd(script)] }
    let bytes = Array(script.utf8)
    var statements: [String] = []
    var start = 0
    var position = 0
    var hasText = false
    func close(at end: Int) {
      if hasText { statements.append(withoutEnd(String(decoding: bytes[start..<end], as: UTF8.self))) }
      hasText = false
    }
    while position < bytes.count {
      if let next = endOfComment(bytes, position) {
        position = next
        continue
      }
      let byte = bytes[position]
      if byte == UInt8(ascii: ";") {
        close(at: position)
        start = position + 1
      } else if byte > 0x20 {
        hasText = true
        position = endOfQuoted(bytes, position) ?? position + 1
        continue
      }
      position += 1
    }
    close(at: bytes.count)
    return statements
  }

  private static func endOfComment(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard start + 1 < bytes.count else { return nil }
    if bytes[start] == UInt8(ascii: "-"), bytes[start + 1] == UInt8(ascii: "-") {
      return bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    }
    guard bytes[start] == UInt8(ascii: "/"), bytes[start + 1] == UInt8(ascii: "*") else { return nil }
    var depth = 1
    var position = start + 2
    while position < bytes.count, depth > 0 {
      let pair = (bytes[position], position + 1 < bytes.count ? bytes[position + 1] : 0)
      if pair == (UInt8(ascii: "/"), UInt8(ascii: "*")) {
        depth += 1
        position += 1
      } else if pair == (UInt8(ascii: "*"), UInt8(ascii: "/")) {
        depth -= 1
        position += 1
      }
      position += 1
    }
    return min(position, bytes.count)
  }

  /// Where a string, quoted name or dollar quote that begins at `start` ends; nil when none begins there.
  private static func endOfQuoted(_ bytes: [UInt8], _ start: Int) -> Int? {
    let byte = bytes[start]
    if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      // In E'…' a backslash hides the quote after it.
      let before = start > 0 ? bytes[start - 1] | 0x20 : 0
      let escapes =
        byte == UInt8(ascii: "'") && before == UInt8(ascii: "e") && (start < 2 || !isWord(bytes[start - 2]))
      var position = start + 1
      while position < bytes.count, bytes[position] != byte {
        position += escapes && bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      return min(position + 1, bytes.count)
    }
    guard byte == UInt8(ascii: "$"), start == 0 || !isWord(bytes[start - 1]) else { return nil }
    var end = start + 1
    while end < bytes.count, isWord(bytes[end]) { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$"), end == start + 1 || !isDigit(bytes[start + 1])
    else { return nil }
    let tag = bytes[start...end]
    var position = end + 1
    while position + tag.count <= bytes.count {
      if bytes[position] == UInt8(ascii: "$"), bytes[position..<position + tag.count].elementsEqual(tag) {
        return position + tag.count
      }
      position += 1
    }
    return bytes.count
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

extension RenderedHook {
  /// The hook's statements; none when it rendered to nothing.
  public var statements: [Plan.Statement] {
    if isTemplate {
      var statement = Plan.Statement(.hook, sql, span: span)
      statement.isTemplate = true
      return [statement]
    }
    return SQLText.statements(of: sql).map { Plan.Statement(.hook, $0, span: span) }
  }
}

extension Plan.Statement {
  /// The statements that a template came to; the last one stands for the template where rows are counted.
  ///
  /// - Parameter userSQL: the node's own SQL, looked for in them.
  public func rendered(_ text: String, userSQL: String) -> [Plan.Statement] {
    let texts = SQLText.statements(of: text)
    return texts.enumerated().map { position, sql in
      var statement = self
      statement.isTemplate = false
      statement.sql = sql
      statement.userSQLOffset = userSQL.isEmpty ? nil : SQLText.offset(of: userSQL, in: sql)
      if position < texts.count - 1, statement.purpose == .main {
        statement.purpose = .change
        statement.countsRows = false
      }
      return statement
    }
  }
}
