/// The CTEs of a template's SQL and the relations that it reads, by their names.
struct QueryOutline: Sendable {
  struct CommonTable: Sendable, Equatable {
    var name: String
    var nameRange: Range<Int>
    /// Between its parentheses.
    var body: Range<Int>
  }

  /// What stands behind FROM or JOIN.
  struct Source: Sendable, Equatable {
    enum Relation: Sendable, Equatable {
      /// A call of `ref` or `source`.
      case call(CallSite)
      /// A CTE, or a relation by its name.
      case name([String])
    }
    var relation: Relation
    /// The name in front of its columns' dots.
    var alias: String?
    var range: Range<Int>
  }

  private(set) var commonTables: [CommonTable] = []
  private(set) var sources: [Source] = []

  init(_ text: TemplateText) {
    let tokens = text.sql
    let bytes = text.bytes
    func word(_ index: Int) -> String? {
      guard tokens.indices.contains(index), tokens[index].kind == .name else { return nil }
      return String(decoding: bytes[tokens[index].range], as: UTF8.self).lowercased()
    }
    for index in tokens.indices {
      if let table = Self.commonTable(tokens, index, bytes, word) { commonTables.append(table) }
      // `from a, b` names two; a comma anywhere else is followed by no relation's call.
      let isFrom = ["from", "join", "using"].contains(word(index) ?? "")
      let isNext = tokens[index].isSymbol(",") && index + 1 < tokens.count && tokens[index + 1].kind == .tag
      if isFrom || isNext, let source = Self.source(tokens, index + 1, text, word) { sources.append(source) }
    }
  }

  /// `name [(columns)] as [[not] materialized] ( … )` behind WITH or a comma.
  private static func commonTable(
    _ tokens: [Token], _ index: Int, _ bytes: [UInt8], _ word: (Int) -> String?
  ) -> CommonTable? {
    guard NamePath.isName(tokens[index]), index > 0,
      tokens[index - 1].isSymbol(",") || ["with", "recursive"].contains(word(index - 1) ?? "")
        || tokens[index - 1].kind == .tag
    else { return nil }
    var next = index + 1
    if next < tokens.count, tokens[next].isSymbol("(") {
      guard let end = Self.closing(tokens, next) else { return nil }
      next = end + 1
    }
    guard word(next) == "as" else { return nil }
    next += 1
    while ["not", "materialized"].contains(word(next) ?? "") { next += 1 }
    guard next < tokens.count, tokens[next].isSymbol("(") else { return nil }
    let end = Self.closing(tokens, next).map { tokens[$0].range.lowerBound } ?? bytes.count
    return CommonTable(
      name: NamePath.text(tokens[index], bytes), nameRange: tokens[index].range,
      body: tokens[next].range.upperBound..<end)
  }

  private static func closing(_ tokens: [Token], _ open: Int) -> Int? {
    var depth = 0
    for index in open..<tokens.count {
      if tokens[index].isSymbol("(") { depth += 1 }
      if tokens[index].isSymbol(")") {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  private static func source(
    _ tokens: [Token], _ index: Int, _ text: TemplateText, _ word: (Int) -> String?
  ) -> Source? {
    guard index < tokens.count else { return nil }
    var last = index
    let relation: Source.Relation
    var name: String?
    if tokens[index].kind == .tag, let tag = text.tags.first(where: { $0.range == tokens[index].range }) {
      let calls = CallSite.all(in: text.tokens(of: tag), of: text.bytes)
      guard let call = calls.first(where: { ["ref", "source"].contains($0.name) }) else { return nil }
      relation = .call(call)
      name = call.positional.last?.literal
    } else if NamePath.isName(tokens[index]) {
      while last + 2 < tokens.count, tokens[last + 1].isSymbol("."), NamePath.isName(tokens[last + 2]) {
        last += 2
      }
      let path = NamePath(tokens, at: last, of: text.bytes)
      relation = .name(path.names)
      name = path.names.last
    } else {
      return nil
    }
    var alias = last + 1
    if word(alias) == "as" { alias += 1 }
    if tokens.indices.contains(alias), NamePath.isName(tokens[alias]),
      !Self.clauses.contains(word(alias) ?? "")
    {
      name = NamePath.text(tokens[alias], text.bytes)
    }
    return Source(
      relation: relation, alias: name,
      range: tokens[index].range.lowerBound..<tokens[last].range.upperBound)
  }

  /// Words that may follow a relation and are no alias.
  private static let clauses: Set<String> = [
    "where", "group", "order", "having", "limit", "offset", "union", "intersect", "except", "join", "left",
    "right", "full", "inner", "cross", "natural", "on", "using", "window", "qualify", "fetch", "for",
    "lateral",
    "tablesample", "select", "from", "with", "set", "when", "returning",
  ]

  /// The CTE whose body a byte stands in; nil: the query itself.
  func commonTable(around offset: Int) -> CommonTable? {
    commonTables.filter { $0.body.lowerBound <= offset && offset <= $0.body.upperBound }
      .min { $0.body.count < $1.body.count }
  }

  /// The relations of the query, or of the CTE, that a byte stands in.
  func sources(around offset: Int) -> [Source] {
    let home = commonTable(around: offset)
    return sources.filter { commonTable(around: $0.range.lowerBound) == home }
  }

  func commonTable(named name: String) -> CommonTable? {
    commonTables.first { $0.name.lowercased() == name.lowercased() }
  }
}
