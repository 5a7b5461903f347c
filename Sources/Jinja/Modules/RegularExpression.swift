/// A pattern in the language of Python's `re`, matched by backtracking.
struct RegularExpression {
  struct Flags: OptionSet {
    let rawValue: Int
    static let ignoreCase = Flags(rawValue: 2)
    static let multiline = Flags(rawValue: 8)
    static let dotAll = Flags(rawValue: 16)
    static let verbose = Flags(rawValue: 64)
    static let ascii = Flags(rawValue: 256)
  }

  indirect enum Node {
    case empty
    case character(Unicode.Scalar)
    case any(includesNewline: Bool)
    case set([SetItem], isNegated: Bool)
    case lineStart
    case lineEnd
    case textStart
    case textEnd
    case boundary(isNegated: Bool)
    case sequence([Node])
    case alternation([Node])
    case group(Int, Node)
    case reference(Int)
    case `repeat`(Node, least: Int, most: Int, isLazy: Bool, isAtomic: Bool)
    case look(Node, isAhead: Bool, isNegated: Bool)
    case atomic(Node)
    case conditional(Int, Node, Node)
    case flagged(Flags, Node)
  }

  enum SetItem {
    case range(UInt32, UInt32)
    case digit(Bool)
    case word(Bool)
    case space(Bool)
  }

  struct Match {
    /// For each group where it matched; the whole match is group 0.
    var groups: [Range<Int>?]
    var lastGroup: Int?
    var range: Range<Int> { groups[0] ?? 0..<0 }
  }

  let pattern: String
  let flags: Flags
  let groupCount: Int
  let names: [(name: String, index: Int)]
  private let root: Node
  /// What a match may begin with.
  private let firsts: FirstScalars

  init(_ pattern: String, flags: Flags = []) throws {
    var parser = PatternParser(pattern, flags: flags)
    root = try parser.parse()
    self.pattern = pattern
    self.flags = parser.flags
    firsts = FirstScalars(of: root, flags: parser.flags)
    groupCount = parser.groupCount
    names = parser.names
  }

  /// The match that begins at a position, or nil.
  func match(_ text: [Unicode.Scalar], at start: Int, wholly: Bool = false) throws -> Match? {
    let matcher = Matcher(text, groupCount: groupCount, flags: flags)
    let found = try matcher.run(root, start) { !wholly || $0 == text.count }
    return found ? Match(groups: matcher.groups, lastGroup: matcher.lastGroup) : nil
  }

  /// The first match at or after a position.
  ///
  /// - Parameter advancing: an empty match at `start` does not count: there was one already.
  func search(_ text: [Unicode.Scalar], from start: Int, advancing: Bool = false) throws -> Match? {
    guard start <= text.count else { return nil }
    let matcher = Matcher(text, groupCount: groupCount, flags: flags)
    for position in start...text.count {
      if position < text.count {
        if !firsts.contains(text[position]) { continue }
      } else if !firsts.allowsEmpty {
        break
      }
      if try matcher.run(root, position, { !advancing || $0 > start }) {
        return Match(groups: matcher.groups, lastGroup: matcher.lastGroup)
      }
      matcher.reset()
    }
    return nil
  }
}

/// One attempt to match.
final class Matcher {
  typealias Node = RegularExpression.Node

  let text: [Unicode.Scalar]
  var groups: [Range<Int>?]
  var lastGroup: Int?
  private var flags: RegularExpression.Flags
  private var steps = 0
  private let stack = StackLimit(reserve: 128 * 1024)

  init(_ text: [Unicode.Scalar], groupCount: Int, flags: RegularExpression.Flags) {
    self.text = text
    self.flags = flags
    groups = [Range<Int>?](repeating: nil, count: groupCount + 1)
  }

  /// Forgets what an attempt that came to nothing left behind.
  func reset() {
    guard lastGroup != nil || groups.contains(where: { $0 != nil }) else { return }
    lastGroup = nil
    for index in groups.indices { groups[index] = nil }
  }

  func run(_ node: Node, _ start: Int, _ accept: (Int) -> Bool) throws -> Bool {
    try match(node, start) { end in
      guard accept(end) else { return false }
      self.groups[0] = start..<end
      return true
    }
  }

  private func match(_ node: Node, _ at: Int, _ next: (Int) throws -> Bool) throws -> Bool {
    steps += 1
    if steps > 20_000_000 || stack.isExhausted {
      throw TemplateError(.recursion, "regular expression is too complex for this text")
    }
    switch node {
    case .empty: return try next(at)
    case .character, .any, .set: return try at < text.count && accepts(node, text[at]) && next(at + 1)
    case .lineStart:
      let isStart = at == 0 || flags.contains(.multiline) && text[at - 1] == "\n"
      return try isStart && next(at)
    case .lineEnd:
      let isEnd =
        at == text.count || at == text.count - 1 && text[at] == "\n"
        || flags.contains(.multiline) && text[at] == "\n"
      return try isEnd && next(at)
    case .textStart: return try at == 0 && next(at)
    case .textEnd: return try at == text.count && next(at)
    case .boundary(let isNegated):
      let before = at > 0 && isWord(text[at - 1])
      let after = at < text.count && isWord(text[at])
      return try (before != after) != isNegated && next(at)
    case .sequence(let nodes): return try sequence(nodes[...], at, next)
    case .alternation(let nodes):
      for node in nodes where try match(node, at, next) { return true }
      return false
    case .group(let index, let node):
      let old = (groups[index], lastGroup)
      let found = try match(node, at) { end in
        let inner = (self.groups[index], self.lastGroup)
        self.groups[index] = at..<end
        self.lastGroup = index
        if try next(end) { return true }
        (self.groups[index], self.lastGroup) = inner
        return false
      }
      if !found { (groups[index], lastGroup) = old }
      return found
    case .reference(let index):
      guard let range = groups[index] else { return false }
      guard at + range.count <= text.count else { return false }
      for offset in 0..<range.count where !same(text[range.lowerBound + offset], text[at + offset]) {
        return false
      }
      return try next(at + range.count)
    case .repeat(let inner, let least, let most, let isLazy, let isAtomic):
      if isAtomic {
        var end: Int?
        guard
          try loop(
            inner, least, most, false, at, count: 0,
            {
              end = $0; return true
            }), let end
        else {
          return false
        }
        return try next(end)
      }
      return try loop(inner, least, most, isLazy, at, count: 0, next)
    case .look(let inner, let isAhead, let isNegated):
      let saved = groups
      var found = false
      if isAhead {
        found = try match(inner, at) { _ in true }
      } else {
        // Python has only lookbehinds of one width.
        if let width = inner.width, width <= at { found = try match(inner, at - width) { $0 == at } }
      }
      if found == isNegated {
        groups = saved
        return false
      }
      if isNegated { groups = saved }
      return try next(at)
    case .atomic(let inner):
      var end: Int?
      guard
        try match(
          inner, at,
          {
            end = $0; return true
          }), let end
      else { return false }
      return try next(end)
    case .conditional(let index, let yes, let no):
      return try match(groups[index] != nil ? yes : no, at, next)
    case .flagged(let inner, let node):
      let outer = flags
      flags = inner
      defer { flags = outer }
      return try match(node, at) { end in
        let within = self.flags
        self.flags = outer
        defer { self.flags = within }
        return try next(end)
      }
    }
  }

  private func sequence(_ nodes: ArraySlice<Node>, _ at: Int, _ next: (Int) throws -> Bool) throws -> Bool {
    guard let first = nodes.first else { return try next(at) }
    let rest = nodes.dropFirst()
    if rest.isEmpty { return try match(first, at, next) }
    return try match(first, at) { try self.sequence(rest, $0, next) }
  }

  private func loop(
    _ node: Node, _ least: Int, _ most: Int, _ isLazy: Bool, _ at: Int, count: Int,
    _ next: (Int) throws -> Bool
  ) throws -> Bool {
    if isSingle(node) { return try singleLoop(node, least, most, isLazy, at, next) }
    if count < least {
      return try match(node, at) { end in
        try self.loop(node, end == at ? 0 : least, most, isLazy, end, count: count + 1, next)
      }
    }
    if isLazy, try next(at) { return true }
    if count < most {
      let saved = groups
      let found = try match(node, at) { end in
        if end == at { return false }
        return try self.loop(node, least, most, isLazy, end, count: count + 1, next)
      }
      if found { return true }
      groups = saved
    }
    return try !isLazy && next(at)
  }

  private func isSingle(_ node: Node) -> Bool {
    switch node {
    case .character, .any, .set: true
    default: false
    }
  }

  /// Repeats a node of one character without recursion.
  private func singleLoop(
    _ node: Node, _ least: Int, _ most: Int, _ isLazy: Bool, _ at: Int, _ next: (Int) throws -> Bool
  ) throws -> Bool {
    var end = at
    if isLazy {
      while true {
        if end - at >= least, try next(end) { return true }
        guard end - at < most, end < text.count, accepts(node, text[end]) else { return false }
        end += 1
      }
    }
    while end - at < most, end < text.count, accepts(node, text[end]) { end += 1 }
    while end - at >= least {
      if try next(end) { return true }
      end -= 1
    }
    return false
  }

  func accepts(_ node: Node, _ scalar: Unicode.Scalar) -> Bool {
    switch node {
    case .character(let expected): return same(expected, scalar)
    case .any(let includesNewline): return includesNewline || scalar != "\n"
    case .set(let items, let isNegated):
      var found = contains(items, scalar)
      if !found, flags.contains(.ignoreCase) {
        found = variants(scalar).contains { contains(items, $0) }
      }
      return found != isNegated
    default: return false
    }
  }

  private func contains(_ items: [RegularExpression.SetItem], _ scalar: Unicode.Scalar) -> Bool {
    items.contains { item in
      switch item {
      case .range(let low, let high): scalar.value >= low && scalar.value <= high
      case .digit(let expected): isDigit(scalar) == expected
      case .word(let expected): isWord(scalar) == expected
      case .space(let expected):
        (flags.contains(.ascii) ? scalar.value < 128 && Bytes.isSpace(scalar) : Bytes.isSpace(scalar))
          == expected
      }
    }
  }

  private func isWord(_ scalar: Unicode.Scalar) -> Bool {
    flags.contains(.ascii) ? scalar.value < 128 && Bytes.isWord(scalar) : Bytes.isWord(scalar)
  }

  private func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    flags.contains(.ascii)
      ? scalar.value < 128 && Bytes.isDigit(UInt8(scalar.value)) : StringTraits.isDecimal(scalar)
  }

  private func same(_ a: Unicode.Scalar, _ b: Unicode.Scalar) -> Bool {
    if a == b { return true }
    guard flags.contains(.ignoreCase) else { return false }
    if a.value < 128, b.value < 128 {
      return a.value ^ b.value == 0x20 && (UInt32(97)...122).contains(a.value | 0x20)
    }
    return variants(a).contains(b) || variants(b).contains(a)
  }

  /// The other cases of a letter.
  private func variants(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    if scalar.value < 128 {
      let isLetter = (UInt32(97)...122).contains(scalar.value | 0x20)
      return isLetter ? [Unicode.Scalar(UInt8(scalar.value ^ 0x20))] : []
    }
    return [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap {
      let scalars = $0.unicodeScalars
      return scalars.count == 1 ? scalars.first : nil
    }
  }
}
