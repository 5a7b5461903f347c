/// Whose language a query is written in.
public enum SQLLanguage: Sendable, Hashable {
  case postgres, redshift
}

/// A query of Amazon Redshift's as PostgreSQL's parser reads it: words of Redshift's own are written over, nearly all of them
/// byte for byte.
///
/// The text is for looking at alone. It names the same columns in the same clauses, and may give other rows.
struct RedshiftText {
  private(set) var sql: String
  /// What stands in it that cannot be written in PostgreSQL's language, as Redshift calls it; nil when nothing does.
  private(set) var unread: String?

  private var bytes: [UInt8]
  /// Letters that stand in front of a byte of the text as it was, in order of the bytes.
  private var inserted: [(letter: UInt8, place: Int)] = []
  private let tokens: [SQLToken]

  init(_ sql: String) {
    self.sql = sql
    bytes = Array(sql.utf8)
    tokens = SQLToken.all(in: bytes)
    rewrite()
    for (letter, place) in inserted.reversed() { bytes.insert(letter, at: place) }
    self.sql = String(decoding: bytes, as: UTF8.self)
  }

  /// Where a byte of ``sql`` stands in the text as it was.
  func original(_ offset: Int) -> Int {
    offset - inserted.indices.count { inserted[$0].place + $0 < offset }
  }

  /// The clause of a SELECT that was begun last.
  private enum Clause { case list, condition, groups }

  private mutating func rewrite() {
    // One for each parenthesis that is open, and one for the query itself.
    var clauses: [Clause] = [.list]
    for index in tokens.indices {
      let token = tokens[index]
      switch token.kind {
      case .mark(UInt8(ascii: "(")): clauses.append(.list)
      case .mark(UInt8(ascii: ")")): if clauses.count > 1 { clauses.removeLast() }
      case .mark(UInt8(ascii: "#")):
        if ["from", "join"].contains(word(index - 1)), isGlued(index) {
          bytes[token.start] = UInt8(ascii: "_")
        }
      case .word(let word) where !isName(index):
        rewrite(word, at: index, clause: &clauses[clauses.count - 1])
      default: break
      }
    }
  }

  private mutating func rewrite(_ word: String, at index: Int, clause: inout Clause) {
    switch word {
    case "select":
      clause = .list
      let next = ["distinct", "all"].contains(self.word(index + 1)) ? index + 2 : index + 1
      if self.word(next) == "top", isNumber(next + 1) { blank(next...next + 1) }
    case "where": clause = .condition
    case "having": clause = .condition
    case "group":
      clause = .groups
      if self.word(index + 1) == "by", self.word(index + 2) == "all" { unread = "GROUP BY ALL" }
    case "union", "intersect", "except": clause = .list
    case "minus":
      guard self.word(index + 1) == "select" || isMark(index + 1, "(") else { return }
      write("excep", at: tokens[index].start)
      inserted.append((UInt8(ascii: "t"), tokens[index].end))
      clause = .list
    case "qualify":
      write(
        clause == .condition ? "and    " : clause == .groups ? "having " : "where  ", at: tokens[index].start)
      clause = .condition
    case "approximate":
      if ["count", "percentile_disc"].contains(self.word(index + 1)), isMark(index + 2, "(") {
        blank(index...index)
      }
    case "ignore", "respect": if self.word(index + 1) == "nulls" { blank(index...index + 1) }
    case "listagg":
      if isMark(index + 1, "("), self.word(index + 2) == "distinct" { blank(index + 2...index + 2) }
    case _ where Self.stringTypes.contains(word):
      if isMark(index + 1, "("), self.word(index + 2) == "max", isMark(index + 3, ")") {
        blank(index + 1...index + 3)
      }
    case "dateadd", "datediff", "date_add", "date_diff", "date_part", "pgdate_part":
      // The part of a date is a word there, and no column.
      guard isMark(index + 1, "("), self.word(index + 2) != nil, isMark(index + 3, ",") else { return }
      blank(index + 2...index + 2)
      bytes[tokens[index + 2].start] = UInt8(ascii: "1")
    case "pivot", "unpivot", "object_transform":
      if isMark(index + 1, "(") { unread = word.uppercased() }
    case "exclude": if isMark(index - 1, "*") { unread = "* EXCLUDE" }
    case "connect": if self.word(index + 1) == "by" { unread = "CONNECT BY" }
    default: break
    }
  }

  // MARK: Tokens

  private func word(_ index: Int) -> String? {
    guard tokens.indices.contains(index), case .word(let word) = tokens[index].kind else { return nil }
    return word
  }

  private func isMark(_ index: Int, _ mark: Character) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .mark(mark.asciiValue ?? 0)
  }

  private func isNumber(_ index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .number
  }

  private static let stringTypes: Set<String> = [
    "varchar", "nvarchar", "varying", "char", "varbyte", "varbinary",
  ]

  /// Whether a word is surely a name: behind a dot or AS, or in front of a dot.
  private func isName(_ index: Int) -> Bool {
    if isMark(index - 1, ".") || isMark(index + 1, ".") { return true }
    return word(index - 1) == "as" && !Self.stringTypes.contains(word(index) ?? "")
  }

  /// Whether nothing stands between a token and the word behind it.
  private func isGlued(_ index: Int) -> Bool {
    word(index + 1) != nil && tokens[index + 1].start == tokens[index].end
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private mutating func blank(_ range: ClosedRange<Int>) {
    for byte in tokens[range.lowerBound].start..<tokens[range.upperBound].end where !Self.isSpace(bytes[byte])
    {
      bytes[byte] = UInt8(ascii: " ")
    }
  }

  private mutating func write(_ text: StaticString, at start: Int) {
    for index in 0..<text.utf8CodeUnitCount { bytes[start + index] = text.utf8Start[index] }
  }
}
