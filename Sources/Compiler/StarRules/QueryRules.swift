public import Diagnostics
public import ProjectModel
public import StarModel

/// Rules about the queries that read a star: fan and chasm traps, sums that mean nothing, joins that multiply rows.
///
/// Models and analyses of the project itself that name a declared fact or dimension are read as they are written,
/// before rendering. What cannot be read so is left alone: these rules would rather miss a mistake than see one that
/// is none.
public struct QueryRules {
  let star: Star
  let manifest: Manifest

  public init(_ star: Star, _ manifest: Manifest) {
    self.star = star
    self.manifest = manifest
  }

  /// What is found, each weighed by the `star_rules` of the model it is in, in order of the manifest.
  public func check() -> [Diagnostic] {
    let known = Set(star.facts.keys).union(star.dimensions.keys)
    guard !known.isEmpty else { return [] }
    return manifest.nodes.values.flatMap { node -> [Diagnostic] in
      guard node.resourceType == .model || node.resourceType == .analysis,
        node.packageName == manifest.projectName, node.language == "sql",
        node.dependsOn.contains(where: known.contains), let tokens = QueryScanner.tokens(of: node.rawCode)
      else { return [] }
      var reader = QueryReader(rules: self, node: node)
      reader.read(QueryOutline(tokens[...]), tables: [:])
      return reader.found
    }
  }

  /// The declared fact or dimension that a `ref()` in `node` leads to.
  func target(_ name: String, package: String?, from node: Node) -> QueryReader.Meaning.Subject? {
    let call = node.dependsOn.first { id in
      guard let other = manifest.nodes[id] else { return false }
      return other.name == name && (package == nil || other.packageName == package)
    }
    guard let call else { return nil }
    if let fact = star.facts[call] { return .fact(fact) }
    if let dimension = star.dimensions[call] { return .dimension(dimension) }
    return [star.dateDimensions.keys, star.timeDimensions.keys, star.junkDimensions.keys].allSatisfy {
      !$0.contains(call)
    } ? nil : .dates(call)
  }
}

/// Goes through one model's query.
struct QueryReader {
  /// What a member of `from` stands for, row by row.
  struct Meaning {
    enum Subject {
      case fact(Fact)
      case dimension(Dimension)
      case dates(NodeID)
    }

    var subject: Subject
    /// What its rows were filtered by on the way.
    var filters: [QueryToken] = []
    /// Names that were given to columns on the way, which may hide those of the table.
    var renamed: Set<String> = []

    var fact: Fact? { if case .fact(let fact) = subject { fact } else { nil } }
    var dimension: Dimension? { if case .dimension(let dimension) = subject { dimension } else { nil } }
    var isDates: Bool { if case .dates = subject { true } else { false } }
  }

  typealias Tables = [String: Meaning]

  let rules: QueryRules
  let node: Node
  private(set) var found: [Diagnostic] = []

  init(rules: QueryRules, node: Node) {
    self.rules = rules
    self.node = node
  }

  mutating func read(_ query: QueryOutline, tables outer: Tables) {
    let tables = self.tables(query, outer)
    var known = outer
    for table in query.tables {
      read(table.query, tables: known)
      known[table.name] = tables[table.name]
    }
    for block in query.blocks {
      for inner in block.inner { read(inner, tables: tables) }
      for item in block.items {
        if case .query(let inner) = item.source { read(inner, tables: tables) }
      }
      let members = block.items.map { (item: $0, meaning: meaning($0, tables)) }
      joins(block, members)
      naturalKeys(block, members)
      sums(block, members)
    }
  }

  private func tables(_ query: QueryOutline, _ outer: Tables) -> Tables {
    var tables = outer
    for table in query.tables { tables[table.name] = meaning(table.query, tables) }
    return tables
  }

  // MARK: What rows stand for

  private func meaning(_ item: QueryItem, _ tables: Tables) -> Meaning? {
    switch item.source {
    case .reference(let name, let package):
      rules.target(name, package: package, from: node).map { Meaning(subject: $0) }
    case .named(let name): tables[name]
    case .query(let inner): meaning(inner, tables)
    case .other: nil
    }
  }

  /// A query gives the rows of what it reads when it neither groups nor joins, but to dimensions.
  private func meaning(_ query: QueryOutline, _ outer: Tables) -> Meaning? {
    guard query.blocks.count == 1, let block = query.blocks.first, !block.isDistinct, !block.hasGrouping,
      !Self.aggregates(block.columns)
    else { return nil }
    let tables = tables(query, outer)
    let meanings = block.items.map { meaning($0, tables) }
    guard let first = meanings.first, meanings.count == 1 || !meanings.contains(where: { $0 == nil }) else {
      return nil
    }
    let facts = meanings.compactMap { $0?.fact == nil ? nil : $0 }
    guard var result = facts.count == 1 ? facts[0] : meanings.count == 1 ? first : nil else { return nil }
    result.filters += block.filter + meanings.flatMap { $0?.filters ?? [] }
    result.renamed.formUnion(Self.renamed(block.columns))
    return result
  }

  private static let aggregateNames: Set<String> = [
    "sum", "count", "avg", "min", "max", "array_agg", "string_agg",
  ]

  private static func aggregates(_ tokens: QueryTokens) -> Bool {
    tokens.indices.contains { index in
      tokens[index].kind == .word && aggregateNames.contains(tokens[index].text)
        && index + 1 < tokens.endIndex && tokens[index + 1].isSign("(")
        && QueryOutline.inside(tokens[(index + 1)...]).1.first?.isWord("over") != true
    }
  }

  /// Names after `as` that are not the column's own.
  private static func renamed(_ tokens: QueryTokens) -> Set<String> {
    var names: Set<String> = []
    for index in tokens.indices.dropFirst().dropLast() where tokens[index].isWord("as") {
      if tokens[index - 1].text != tokens[index + 1].text { names.insert(tokens[index + 1].text) }
    }
    return names
  }

  // MARK: Two facts

  private typealias Members = [(item: QueryItem, meaning: Meaning?)]

  private mutating func joins(_ block: QueryBlock, _ members: Members) {
    let facts = members.filter { $0.meaning?.fact != nil }
    guard let first = facts.first, let one = first.meaning?.fact else { return }
    for member in facts.dropFirst() {
      guard let other = member.meaning?.fact, other.node != one.node else { continue }
      let conditions = Self.conditions(block)
      if Self.meetsByGrain(first, member, one.grain, other.grain, conditions) { continue }
      let shared = members.first { dimension in
        dimension.meaning != nil && dimension.meaning?.fact == nil
          && Self.mentions(conditions, dimension.item.alias)
          && Self.compares(conditions, dimension.item.alias, member.item.alias)
          && Self.compares(conditions, dimension.item.alias, first.item.alias)
      }
      let isShared = shared != nil && !Self.compares(conditions, first.item.alias, member.item.alias)
      let startsAtDimension = members.first?.meaning.map { $0.fact == nil } ?? false
      let byNames = !member.item.using.isEmpty && startsAtDimension
      if isShared || byNames {
        report(
          .chasmTrap, "\(one.name) and \(other.name) are both joined to \((shared ?? members[0]).item.alias)",
          member.item.range, "each row of \(other.name) meets each of \(one.name) that has the same key",
          help: "aggregate each fact in a query of its own, then join the results on the shared attributes")
      } else {
        report(
          .factToFactJoin, "\(other.name) is joined to \(one.name), and both are facts", member.item.range,
          "rows of one are repeated for rows of the other, and sums with them",
          help: "aggregate each fact to the grain you want in a query of its own, then join the results")
      }
    }
  }

  /// All conditions of a block together, those of old joins in `where` among them.
  private static func conditions(_ block: QueryBlock) -> [QueryToken] {
    // A sign between them keeps the end of one from being read with the beginning of the next.
    let bar = QueryToken(kind: .sign, text: ";", range: 0..<0)
    return block.items.flatMap { Array($0.condition) + [bar] } + block.filter
  }

  /// Pairs `a.x = b.y` as (a, x, b, y).
  private static func equalities(_ tokens: [QueryToken]) -> [(String, String, String, String)] {
    guard tokens.count >= 7 else { return [] }
    return (0...(tokens.count - 7)).compactMap { index in
      let t = tokens[index..<index + 7].map(\.self)
      guard t[0].isName, t[1].isSign("."), t[2].isName, t[3].isSign("="), t[4].isName, t[5].isSign("."),
        t[6].isName
      else { return nil }
      return (t[0].text, t[2].text, t[4].text, t[6].text)
    }
  }

  private static func compares(_ tokens: [QueryToken], _ one: String, _ other: String) -> Bool {
    equalities(tokens).contains { ($0.0 == one && $0.2 == other) || ($0.0 == other && $0.2 == one) }
  }

  private static func mentions(_ tokens: some Sequence<QueryToken>, _ name: String) -> Bool {
    tokens.contains { $0.isName && $0.text == name }
  }

  /// One row of each: nothing is repeated.
  private static func meetsByGrain(
    _ first: Members.Element, _ second: Members.Element, _ grain: [String], _ otherGrain: [String],
    _ conditions: [QueryToken]
  ) -> Bool {
    let using = Set(second.item.using)
    if !using.isEmpty { return using.isSuperset(of: grain) && using.isSuperset(of: otherGrain) }
    let (one, other) = (first.item.alias, second.item.alias)
    var columns: Set<String> = []
    var otherColumns: Set<String> = []
    for (a, x, b, y) in equalities(conditions) {
      if a == one && b == other {
        columns.insert(x)
        otherColumns.insert(y)
      } else if a == other && b == one {
        columns.insert(y)
        otherColumns.insert(x)
      }
    }
    return columns.isSuperset(of: grain) && otherColumns.isSuperset(of: otherGrain)
  }

  // MARK: Versions

  private mutating func naturalKeys(_ block: QueryBlock, _ members: Members) {
    guard members.count > 1, !block.isDistinct else { return }
    let conditions = Self.conditions(block)
    for member in members {
      guard let meaning = member.meaning, let dimension = meaning.dimension, dimension.isVersioned,
        // Queries that give dimensions another shape may have seen to it.
        meaning.renamed.isDisjoint(with: dimension.naturalKey)
      else { continue }
      let times = [
        dimension.columns.validFrom, dimension.columns.validTo, dimension.columns.isCurrent,
        dimension.surrogateKey.name, dimension.durableKey,
      ].compactMap(\.self)
      if times.contains(where: { Self.mentions(conditions + meaning.filters, $0) }) { continue }
      if !Set(member.item.using).isDisjoint(with: times) { continue }
      let alias = member.item.alias
      let byName = dimension.naturalKey.first(where: member.item.using.contains)
      let joined = Self.equalities(conditions).first { a, x, b, y in
        func isKey(_ table: String, _ column: String, _ other: String) -> Bool {
          table == alias && dimension.naturalKey.contains(column)
            && members.first { $0.item.alias == other }?.meaning?.dimension?.node != dimension.node
        }
        return isKey(a, x, b) || isKey(b, y, a)
      }
      guard byName != nil || joined != nil else { continue }
      report(
        .naturalKeyJoin, "\(dimension.name) is joined on its natural key, and has a row for each version",
        member.item.range,
        "each row meets all versions of its \(dimension.naturalKey.joined(separator: ", "))",
        help: "join on \(dimension.surrogateKey.name), or add the time: "
          + "'\(dimension.columns.isCurrent)', or '>= \(dimension.columns.validFrom)' and '< \(dimension.columns.validTo)'"
      )
    }
  }

  // MARK: Sums

  private mutating func sums(_ block: QueryBlock, _ members: Members) {
    let facts = members.compactMap { member in
      member.meaning.flatMap { meaning in meaning.fact.map { (member.item.alias, meaning, $0) } }
    }
    guard !facts.isEmpty else { return }
    let columns = QueryOutline.split(block.columns) { block.columns[$0].isSign(",") }
    for column in columns {
      // An average over time divides a sum.
      let divides = column.contains { $0.isSign("/") }
      for index in column.indices where column[index].isWord("sum") {
        guard let (alias, name, range) = Self.summed(column[index...]) else { continue }
        let owners = facts.filter { fact in
          (alias == nil || alias == fact.0) && !fact.1.renamed.contains(name)
            && fact.2.measures.contains { $0.name == name }
        }
        guard owners.count == 1, let (_, meaning, fact) = owners.first,
          let measure = fact.measures.first(where: { $0.name == name })
        else { continue }
        switch measure.additivity {
        case .additive: break
        case .non:
          report(
            .nonAdditiveSum, "\(name) of \(fact.name) is summed, and is not additive", range,
            "the sum of it means nothing",
            help: "sum what it is made from, or take an average, a minimum or a maximum")
        case .semi where !divides:
          if keeps(measure, fact, block, columns, members, meaning) { break }
          report(
            .semiAdditiveSum,
            "\(name) of \(fact.name) is summed over \(measure.over.joined(separator: ", ")), "
              + "over which it is not additive", range, "the same thing is counted once for each of them",
            help: "group by it, keep one of it with 'where', or divide by how many there are")
        case .semi: break
        }
      }
    }
  }

  /// `sum(x)` or `sum(f.x)`, and nothing else inside.
  private static func summed(_ tokens: QueryTokens) -> (String?, String, Range<Int>)? {
    let t = tokens.prefix(8).map(\.self)
    func isPlain(_ index: Int) -> Bool {
      !(t.count > index && (t[index].isWord("over") || t[index].isWord("filter")))
    }
    if t.count >= 4, t[1].isSign("("), t[2].isName, t[3].isSign(")"), isPlain(4) {
      return (nil, t[2].text, t[0].range.lowerBound..<t[3].range.upperBound)
    }
    if t.count >= 6, t[1].isSign("("), t[2].isName, t[3].isSign("."), t[4].isName, t[5].isSign(")"),
      isPlain(6)
    {
      return (t[2].text, t[4].text, t[0].range.lowerBound..<t[5].range.upperBound)
    }
    return nil
  }

  /// Whether the query groups by what the measure is not additive over, or keeps some of it only.
  private func keeps(
    _ measure: Fact.Measure, _ fact: Fact, _ block: QueryBlock, _ columns: [QueryTokens],
    _ members: Members, _ meaning: Meaning
  ) -> Bool {
    var names: Set<String> = []
    var over: Set<NodeID> = []
    for (edge, target) in rules.star.lookups(of: fact, rules.manifest) {
      let key = edge.foreignKey(target.surrogateKey.name)
      let stem = key.hasSuffix("_key") ? String(key.dropLast(4)) : key
      guard !Set(measure.over).isDisjoint(with: [edge.role ?? "", target.name, key, stem]) else { continue }
      names.formUnion([key, target.surrogateKey.name])
      names.formUnion(target.naturalKey)
      over.insert(target.node)
      if target.isDate {
        names.formUnion([fact.eventTime].compactMap(\.self))
        if fact.periodic != nil {
          names.formUnion([PeriodicSnapshot.startColumn, PeriodicSnapshot.endColumn])
        }
      }
    }
    names.formUnion(measure.over)
    var grouping = Array(block.grouping)
    for number in block.grouping where number.kind == .number {
      if let position = Int(number.text), (1...max(1, columns.count)).contains(position) {
        grouping += columns[position - 1]
      }
    }
    if grouping.contains(where: { $0.isWord("all") || $0.kind == .template }) { return true }
    // A filter on the dimension, or on a column that stands for it, may leave one of it.
    let filters = Array(block.filter) + meaning.filters
    if filters.contains(where: { $0.kind == .template }) { return true }
    let aliases = members.filter { member in
      switch member.meaning?.subject {
      case .dates(let id): over.contains(id)
      case .dimension(let dimension): over.contains(dimension.node)
      default: member.meaning == nil
      }
    }.map(\.item.alias)
    return (grouping + filters).contains { $0.isName && names.contains($0.text) }
      || filters.contains { $0.isName && aliases.contains($0.text) }
      || members.contains { Self.mentions($0.item.condition, "is_last_day_of_month") }
  }

  // MARK: Reports

  private mutating func report(
    _ rule: StarRule, _ summary: String, _ range: Range<Int>, _ label: String, help: String
  ) {
    let span = node.span(ofBytes: range)
    guard let finding = node.weighed(rule, summary, at: span, label: label, help: help),
      !found.contains(finding)
    else { return }
    found.append(finding)
  }
}

extension Node {
  /// The place of bytes of the node's own text in its file.
  fileprivate func span(ofBytes range: Range<Int>) -> SourceSpan {
    var line = self.firstLine
    var column = 1
    for byte in self.rawCode.utf8.prefix(range.lowerBound) {
      if byte == 0x0a {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return SourceSpan(file: self.originalFilePath, line: line, column: column, length: range.count)
  }
}
