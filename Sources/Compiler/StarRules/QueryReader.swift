import Diagnostics
import ProjectModel
import SQLAnalysis
import StarModel

/// Goes through one model's query.
struct QueryReader {
  typealias Name = QueryOutline.Name

  /// What a member of FROM stands for, row by row.
  struct Meaning: Sendable {
    enum Subject: Sendable {
      case fact(Fact)
      case dimension(Dimension)
      /// A dimension without versions and attributes of the project's own: dates, times, flags.
      case dates(NodeID)
    }

    var subject: Subject
    /// What its rows were filtered by on the way.
    var filters: [Name] = []
    /// Columns that were named or computed on the way: the subject's own column, or nil for any other value.
    var columns: [String: String?] = [:]
    /// Whether something that was computed on the way decided which rows stay: the newest of each key, say.
    var isNarrowed = false
    /// Whether the columns that are not named stand there under their own names.
    var isOpen = true

    var fact: Fact? { if case .fact(let fact) = subject { fact } else { nil } }
    var dimension: Dimension? { if case .dimension(let dimension) = subject { dimension } else { nil } }
    var node: NodeID {
      switch subject {
      case .fact(let fact): fact.node
      case .dimension(let dimension): dimension.node
      case .dates(let id): id
      }
    }

    /// Whether the name is that of a value that was computed on the way.
    func isComputed(_ name: String) -> Bool { columns[name].map { $0 == nil } ?? false }

    /// The subject's own column that stands under this name.
    func own(_ name: String) -> String? { columns[name] ?? (isOpen ? name : nil) }
  }

  typealias Tables = [String: Meaning]
  private typealias Members = [(item: QueryOutline.Item, meaning: Meaning?)]

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

  private func meaning(_ item: QueryOutline.Item, _ tables: Tables) -> Meaning? {
    switch item.source {
    case .table(let name): name.schema == nil ? tables[name.name] : rules.meaning(name, from: node)
    case .query(let inner): meaning(inner, tables)
    case .other: nil
    }
  }

  /// A query gives the rows of what it reads when it neither groups nor joins, but to dimensions.
  func meaning(_ query: QueryOutline, _ outer: Tables) -> Meaning? {
    guard query.blocks.count == 1, let block = query.blocks.first, !block.isDistinct, !block.hasGrouping,
      !block.isAggregate
    else { return nil }
    let tables = tables(query, outer)
    let members = block.items.map { (item: $0, meaning: meaning($0, tables)) }
    guard !members.isEmpty, members.count == 1 || !members.contains(where: { $0.meaning == nil }) else {
      return nil
    }
    let facts = members.filter { $0.meaning?.fact != nil }
    let chosen = facts.count == 1 ? facts[0] : members[0]
    guard facts.count == 1 || members.count == 1, var result = chosen.meaning else { return nil }
    result.filters += block.filter.names + members.flatMap { $0.meaning?.filters ?? [] }
    let before = result
    if block.filter.names.contains(where: { before.isComputed($0.name) }) { result.isNarrowed = true }
    result.columns = [:]
    result.isOpen = false
    for column in block.columns {
      switch column.value {
      case .all(let alias) where alias == nil || alias == chosen.item.alias:
        result.isOpen = before.isOpen
        result.columns.merge(before.columns) { new, _ in new }
      case .all: break
      case .column(let name) where name.qualifier == nil || name.qualifier == chosen.item.alias:
        if let given = column.name { result.columns.updateValue(before.own(name.name), forKey: given) }
      case .column, .other:
        if let given = column.name { result.columns.updateValue(nil, forKey: given) }
      }
    }
    return result
  }

  // MARK: Two facts

  private mutating func joins(_ block: QueryOutline.Block, _ members: Members) {
    let facts = members.filter { $0.meaning?.fact != nil }
    guard let first = facts.first, let one = first.meaning?.fact else { return }
    // What only rendering tells may hold the rows of both together.
    guard !Self.conditions(block).calls.contains(QueryText.expression) else { return }
    let equalities = Self.equalities(block)
    for member in facts.dropFirst() {
      guard let other = member.meaning?.fact, other.node != one.node else { continue }
      if Self.meetsByGrain(first, member, equalities) { continue }
      let shared = members.first { dimension in
        dimension.meaning != nil && dimension.meaning?.fact == nil
          && Self.compares(equalities, dimension.item.alias, member.item.alias)
          && Self.compares(equalities, dimension.item.alias, first.item.alias)
      }
      let isShared = shared != nil && !Self.compares(equalities, first.item.alias, member.item.alias)
      let startsAtDimension = members.first?.meaning.map { $0.fact == nil } ?? false
      let byNames = !member.item.using.isEmpty && startsAtDimension
      if isShared || byNames {
        report(
          .chasmTrap, "\(one.name) and \(other.name) are both joined to \((shared ?? members[0]).item.alias)",
          member.item.offset, "each row of \(other.name) meets each of \(one.name) that has the same key",
          help: "aggregate each fact in a query of its own, then join the results on the shared attributes")
      } else {
        report(
          .factToFactJoin, "\(other.name) is joined to \(one.name), and both are facts", member.item.offset,
          "rows of one are repeated for rows of the other, and sums with them",
          help: "aggregate each fact to the grain you want in a query of its own, then join the results")
      }
    }
  }

  /// Those of all conditions of a block, of old joins in WHERE among them.
  private static func equalities(_ block: QueryOutline.Block) -> [QueryOutline.Equality] {
    block.items.flatMap(\.condition.equalities) + block.filter.equalities
  }

  private static func conditions(_ block: QueryOutline.Block) -> (
    names: [Name], calls: Set<String>
  ) {
    let parts = block.items.map(\.condition) + [block.filter]
    return (parts.flatMap(\.names), Set(parts.flatMap(\.calls)))
  }

  private static func compares(_ equalities: [QueryOutline.Equality], _ one: String, _ other: String) -> Bool
  {
    equalities.contains {
      ($0.left.qualifier == one && $0.right.qualifier == other)
        || ($0.left.qualifier == other && $0.right.qualifier == one)
    }
  }

  /// One row of each: nothing is repeated.
  private static func meetsByGrain(
    _ first: Members.Element, _ second: Members.Element, _ equalities: [QueryOutline.Equality]
  ) -> Bool {
    guard let one = first.meaning, let other = second.meaning, let grain = one.fact?.grain,
      let otherGrain = other.fact?.grain
    else { return false }
    var columns = Set(second.item.using.compactMap(one.own))
    var otherColumns = Set(second.item.using.compactMap(other.own))
    for equality in equalities {
      for (a, b) in [(equality.left, equality.right), (equality.right, equality.left)]
      where a.qualifier == first.item.alias && b.qualifier == second.item.alias {
        columns.formUnion([one.own(a.name)].compactMap(\.self))
        otherColumns.formUnion([other.own(b.name)].compactMap(\.self))
      }
    }
    return columns.isSuperset(of: grain) && otherColumns.isSuperset(of: otherGrain)
  }

  // MARK: Versions

  private mutating func naturalKeys(_ block: QueryOutline.Block, _ members: Members) {
    guard members.count > 1, !block.isDistinct else { return }
    let (conditions, calls) = Self.conditions(block)
    guard !calls.contains(QueryText.expression) else { return }
    let equalities = Self.equalities(block)
    for member in members {
      guard let meaning = member.meaning, let dimension = meaning.dimension, dimension.isVersioned,
        !meaning.isNarrowed
      else { continue }
      let alias = member.item.alias
      if conditions.contains(where: { [nil, alias].contains($0.qualifier) && meaning.isComputed($0.name) }) {
        continue
      }
      let times = Set(
        [
          dimension.columns.validFrom, dimension.columns.validTo, dimension.columns.isCurrent,
          dimension.surrogateKey.name, dimension.durableKey,
        ].compactMap(\.self))
      func isTime(_ name: String) -> Bool {
        times.contains(name) || meaning.own(name).map(times.contains) == true
      }
      if (conditions + meaning.filters).contains(where: { isTime($0.name) }) { continue }
      if member.item.using.contains(where: isTime) { continue }
      func isKey(_ name: String) -> Bool { meaning.own(name).map(dimension.naturalKey.contains) == true }
      let joined = equalities.contains { equality in
        [(equality.left, equality.right), (equality.right, equality.left)].contains { own, other in
          own.qualifier == member.item.alias && isKey(own.name)
            && members.first { $0.item.alias == other.qualifier }?.meaning?.node != dimension.node
        }
      }
      guard joined || member.item.using.contains(where: isKey) else { continue }
      report(
        .naturalKeyJoin, "\(dimension.name) is joined on its natural key, and has a row for each version",
        member.item.offset,
        "each row meets all versions of its \(dimension.naturalKey.joined(separator: ", "))",
        help: "join on \(dimension.surrogateKey.name), or add the time: "
          + "'\(dimension.columns.isCurrent)', or '>= \(dimension.columns.validFrom)' and '< \(dimension.columns.validTo)'"
      )
    }
  }

  // MARK: Sums

  private mutating func sums(_ block: QueryOutline.Block, _ members: Members) {
    let facts = members.compactMap { member in
      member.meaning.flatMap { meaning in meaning.fact.map { (alias: member.item.alias, meaning, $0) } }
    }
    guard !facts.isEmpty else { return }
    for column in block.columns {
      for sum in column.parts.sums {
        let owners = facts.compactMap { alias, meaning, fact -> (Meaning, Fact, Fact.Measure)? in
          guard sum.of.qualifier == nil || sum.of.qualifier == alias, let name = meaning.own(sum.of.name),
            let measure = fact.measures.first(where: { $0.name == name })
          else { return nil }
          return (meaning, fact, measure)
        }
        guard owners.count == 1, let (meaning, fact, measure) = owners.first else { continue }
        switch measure.additivity {
        case .additive: break
        case .non:
          report(
            .nonAdditiveSum, "\(measure.name) of \(fact.name) is summed, and is not additive", sum.offset,
            "the sum of it means nothing",
            help: "sum what it is made from, or take an average, a minimum or a maximum")
        // An average over time divides a sum.
        case .semi where !column.parts.divides && !keeps(measure, fact, block, members, meaning):
          report(
            .semiAdditiveSum,
            "\(measure.name) of \(fact.name) is summed over \(measure.over.joined(separator: ", ")), "
              + "over which it is not additive", sum.offset,
            "the same thing is counted once for each of them",
            help: "group by it, keep one of it with 'where', or divide by how many there are")
        case .semi: break
        }
      }
    }
  }

  /// Whether the query groups by what the measure is not additive over, or keeps some of it only.
  private func keeps(
    _ measure: Fact.Measure, _ fact: Fact, _ block: QueryOutline.Block, _ members: Members, _ meaning: Meaning
  ) -> Bool {
    var names = Set(measure.over)
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
    // A filter on the dimension, or on a column that stands for it, may leave one of it. What an unknown relation is
    // joined for may do the same.
    let aliases = members.filter { member in
      member.meaning.map { over.contains($0.node) } ?? true
    }.map(\.item.alias)
    let filters = block.filter.names + meaning.filters
    if meaning.isNarrowed || block.filter.names.contains(where: { meaning.isComputed($0.name) }) {
      return true
    }
    // What only rendering tells may do so, too.
    if block.grouping.calls.union(block.filter.calls).contains(QueryText.expression) { return true }
    return (block.grouping.names + filters).contains { name in
      names.contains(name.name) || meaning.own(name.name).map(names.contains) == true
    } || filters.contains { $0.qualifier.map(aliases.contains) == true }
  }

  // MARK: Reports

  private mutating func report(
    _ rule: StarRule, _ summary: String, _ offset: Int?, _ label: String, help: String
  ) {
    guard let finding = node.weighed(rule, summary, at: span(offset), label: label, help: help),
      !found.contains(finding)
    else { return }
    found.append(finding)
  }

  /// The place in the model's file: offsets of the query are those of the model's text.
  private func span(_ offset: Int?) -> SourceSpan {
    let bytes = Array(node.rawCode.utf8)
    guard let offset, offset < bytes.count else {
      return SourceSpan(file: node.originalFilePath, line: node.firstLine, column: 1)
    }
    let start = (bytes[..<offset].lastIndex(of: 0x0a) ?? -1) + 1
    let line = bytes[..<start].count { $0 == 0x0a }
    return SourceSpan(
      file: node.originalFilePath, line: node.firstLine + line, column: offset - start + 1,
      length: Self.length(of: bytes[offset...].prefix { $0 != 0x0a }))
  }

  /// Of a template's expression up to its end, of a call up to its parenthesis, of a name the name.
  private static func length(of text: ArraySlice<UInt8>) -> Int {
    let bytes = Array(text)
    if bytes.starts(with: "{{".utf8) {
      for index in bytes.indices.dropLast()
      where bytes[index] == UInt8(ascii: "}") && bytes[index + 1] == bytes[index] {
        return index + 2
      }
    }
    let word = bytes.prefix {
      $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 >= 0x80
        || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
    }.count
    let blank = bytes.dropFirst(word).prefix { $0 == 0x20 }.count
    guard bytes.indices.contains(word + blank), bytes[word + blank] == UInt8(ascii: "("),
      let close = bytes.firstIndex(of: UInt8(ascii: ")"))
    else { return max(1, word) }
    return close + 1
  }
}
