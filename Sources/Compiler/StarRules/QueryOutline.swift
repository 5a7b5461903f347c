typealias QueryTokens = ArraySlice<QueryToken>

/// One `select`.
struct QueryBlock: Sendable {
  var isDistinct = false
  var columns: QueryTokens = []
  var items: [QueryItem] = []
  var filter: QueryTokens = []
  var grouping: QueryTokens = []
  /// Queries inside of its expressions.
  var inner: [QueryOutline] = []

  var hasGrouping: Bool { !grouping.isEmpty }
}

/// One member of `from`, with what joins it to those before.
struct QueryItem: Sendable {
  var source: QuerySource
  var alias: String
  /// The tokens after `on`.
  var condition: QueryTokens = []
  /// The names in `using`.
  var using: [String] = []
  var range: Range<Int>
}

indirect enum QuerySource: Sendable {
  case reference(name: String, package: String?)
  case named(String)
  case query(QueryOutline)
  case other
}

/// A query of a `with`.
struct QueryTable: Sendable {
  var name: String
  var query: QueryOutline
}

/// What a query reads and how it joins it, without understanding its expressions.
struct QueryOutline: Sendable {
  /// Queries of the `with`, in order.
  var tables: [QueryTable] = []
  /// The parts of a union; one of a plain query.
  var blocks: [QueryBlock] = []

  init(_ tokens: QueryTokens) {
    var rest = tokens
    if rest.first?.isWord("with") == true { rest = readTables(rest.dropFirst()) }
    for part in Self.parts(rest) {
      if let first = part.first, first.isSign("(") {
        blocks += QueryOutline(Self.inside(part).0).blocks
      } else if part.first?.isWord("select") == true {
        blocks.append(Self.block(part.dropFirst()))
      }
    }
  }

  // MARK: with

  private mutating func readTables(_ tokens: QueryTokens) -> QueryTokens {
    var rest = tokens
    if rest.first?.isWord("recursive") == true { rest = rest.dropFirst() }
    while let name = rest.first, name.isName {
      guard let open = Self.firstOpen(rest) else { return rest }
      var body = rest[open...]
      // `name (columns) as (…)`
      if !rest[..<open].contains(where: { $0.isWord("as") }) {
        let after = Self.inside(body).1
        guard let second = Self.firstOpen(after) else { return after }
        body = after[second...]
      }
      let (inner, after) = Self.inside(body)
      tables.append(QueryTable(name: name.text, query: QueryOutline(inner)))
      rest = after
      guard rest.first?.isSign(",") == true else { return rest }
      rest = rest.dropFirst()
    }
    return rest
  }

  private static func firstOpen(_ tokens: QueryTokens) -> Int? { tokens.firstIndex { $0.isSign("(") } }

  /// What stands between the parenthesis that `tokens` begins with and its partner, and what follows.
  static func inside(_ tokens: QueryTokens) -> (QueryTokens, QueryTokens) {
    var depth = 0
    for index in tokens.indices {
      if tokens[index].isSign("(") { depth += 1 }
      if tokens[index].isSign(")") {
        depth -= 1
        if depth == 0 { return (tokens[(tokens.startIndex + 1)..<index], tokens[(index + 1)...]) }
      }
    }
    return (tokens.dropFirst(), [])
  }

  /// Cuts at the places where `isCut` says so outside of parentheses; the cutting token is left out.
  static func split(_ tokens: QueryTokens, _ isCut: (Int) -> Bool) -> [QueryTokens] {
    var parts: [QueryTokens] = []
    var start = tokens.startIndex
    var depth = 0
    for index in tokens.indices {
      if tokens[index].isSign("(") { depth += 1 }
      if tokens[index].isSign(")") { depth -= 1 }
      if depth == 0, isCut(index) {
        parts.append(tokens[start..<index])
        start = index + 1
      }
    }
    parts.append(tokens[start..<tokens.endIndex])
    return parts
  }

  private static func parts(_ tokens: QueryTokens) -> [QueryTokens] {
    split(tokens) { ["union", "intersect", "except"].contains(tokens[$0].text) && tokens[$0].kind == .word }
      .map { $0.first?.isWord("all") == true || $0.first?.isWord("distinct") == true ? $0.dropFirst() : $0 }
  }

  // MARK: select

  private static let clauses: Set<String> = [
    "from", "where", "group", "having", "window", "order", "limit", "offset", "fetch", "qualify",
  ]

  private static func block(_ tokens: QueryTokens) -> QueryBlock {
    var block = QueryBlock()
    var clause = "select"
    var start = tokens.startIndex
    func close(_ end: Int) {
      let part = tokens[start..<end]
      switch clause {
      case "select": block.columns = part
      case "from": block.items = items(part)
      case "where", "having": block.filter = block.filter.isEmpty ? part : block.filter + part
      case "group": block.grouping = part.first?.isWord("by") == true ? part.dropFirst() : part
      default: break
      }
    }
    var depth = 0
    for index in tokens.indices {
      let token = tokens[index]
      if token.isSign("(") {
        depth += 1
        if let next = tokens[(index + 1)...].first, next.isWord("select") || next.isWord("with"),
          clause != "from" || !startsItem(tokens, index)
        {
          block.inner.append(QueryOutline(inside(tokens[index...]).0))
        }
      }
      if token.isSign(")") { depth -= 1 }
      guard depth == 0, token.kind == .word, clauses.contains(token.text), !isComparison(tokens, index) else {
        continue
      }
      close(index)
      clause = token.text
      start = index + 1
    }
    close(tokens.endIndex)
    if let first = block.columns.first, first.isWord("distinct") { block.isDistinct = true }
    return block
  }

  /// `is distinct from` begins no clause.
  private static func isComparison(_ tokens: QueryTokens, _ index: Int) -> Bool {
    tokens[index].text == "from" && index > tokens.startIndex && tokens[index - 1].isWord("distinct")
      && index > tokens.startIndex + 1 && (tokens[index - 2].isWord("is") || tokens[index - 2].isWord("not"))
  }

  /// True for a parenthesis that opens a member of `from`, which is read with it.
  private static func startsItem(_ tokens: QueryTokens, _ index: Int) -> Bool {
    guard index > tokens.startIndex else { return false }
    let before = tokens[index - 1]
    return before.isSign(",") || ["from", "join", "lateral"].contains { before.isWord($0) }
  }

  // MARK: from

  private static let joins: Set<String> = [
    "join", "inner", "left", "right", "full", "cross", "natural", "outer",
  ]

  private static func items(_ tokens: QueryTokens) -> [QueryItem] {
    var items: [QueryItem] = []
    var rest = tokens
    while !rest.isEmpty {
      while let token = rest.first, token.isSign(",") || (token.kind == .word && joins.contains(token.text)) {
        rest = rest.dropFirst()
      }
      guard let (item, after) = item(rest) else { break }
      items.append(item)
      rest = after
    }
    return items
  }

  private static func item(_ tokens: QueryTokens) -> (QueryItem, QueryTokens)? {
    var rest = tokens
    while let token = rest.first, token.isWord("lateral") || token.isWord("only") { rest = rest.dropFirst() }
    guard let first = rest.first else { return nil }
    var item = QueryItem(source: .other, alias: "", range: first.range)
    switch first.kind {
    case .reference:
      item.source = .reference(name: first.text, package: first.package)
      item.alias = first.text
      rest = rest.dropFirst()
    case .sign where first.text == "(":
      let (inner, after) = inside(rest)
      if inner.first.map({ $0.isWord("select") || $0.isWord("with") }) == true {
        item.source = .query(QueryOutline(inner))
      }
      rest = after
    case .word, .quoted:
      item.source = .named(first.text)
      item.alias = first.text
      rest = rest.dropFirst()
      while rest.first?.isSign(".") == true {
        item.source = .other
        item.alias = rest.dropFirst().first?.text ?? ""
        rest = rest.dropFirst(2)
      }
      if rest.first?.isSign("(") == true {
        item.source = .other
        rest = inside(rest).1
      }
    default: rest = rest.dropFirst()
    }
    if rest.first?.isWord("as") == true { rest = rest.dropFirst() }
    if let name = rest.first, name.kind == .quoted || (name.kind == .word && !ends.contains(name.text)) {
      item.alias = name.text
      rest = rest.dropFirst()
      if rest.first?.isSign("(") == true { rest = inside(rest).1 }
    }
    if rest.first?.isWord("using") == true {
      let (names, after) = inside(rest.dropFirst())
      item.using = names.filter(\.isName).map(\.text)
      rest = after
    } else if rest.first?.isWord("on") == true {
      rest = rest.dropFirst()
      let end = conditionEnd(rest)
      item.condition = rest[..<end]
      rest = rest[end...]
    } else if let next = rest.first, !next.isSign(","), !(next.kind == .word && joins.contains(next.text)) {
      // Something that is not known here, such as `tablesample`: read on at the next member.
      rest = rest[conditionEnd(rest)...]
    }
    return (item, rest)
  }

  private static let ends: Set<String> = joins.union(["on", "using", "tablesample", "with"])

  /// Where the next member begins.
  private static func conditionEnd(_ tokens: QueryTokens) -> Int {
    var depth = 0
    for index in tokens.indices {
      let token = tokens[index]
      if token.isSign("(") { depth += 1 }
      if token.isSign(")") { depth -= 1 }
      guard depth == 0 else { continue }
      if token.isSign(",") { return index }
      let isCall = index + 1 < tokens.endIndex && tokens[index + 1].isSign("(")
      if token.kind == .word, joins.contains(token.text), !isCall { return index }
    }
    return tokens.endIndex
  }
}
