/// Reads Python's pattern language.
struct PatternParser {
  typealias Node = RegularExpression.Node
  typealias Flags = RegularExpression.Flags

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private(set) var flags: Flags
  private(set) var groupCount = 0
  private(set) var names: [(name: String, index: Int)] = []

  /// Flags for the whole pattern stand before everything else: `(?i)(?s)…`.
  private var globalFlagsEnd = 0

  init(_ pattern: String, flags: Flags) {
    scalars = Array(pattern.unicodeScalars)
    self.flags = flags
  }

  private func fail(_ message: String, at offset: Int? = nil) -> TemplateError {
    TemplateError(.regularExpression, "\(message) at position \(offset ?? position)")
  }

  private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: String) -> Bool {
    let word = Array(word.unicodeScalars)
    guard scalars[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  mutating func parse() throws -> Node {
    let node = try alternation()
    if position < scalars.count { throw fail("unbalanced parenthesis") }
    return node
  }

  private mutating func alternation() throws -> Node {
    depth += 1
    defer { depth -= 1 }
    if depth > 100 { throw fail("pattern is nested too deeply") }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternation(branches)
  }

  private mutating func sequence() throws -> Node {
    var nodes: [Node] = []
    while let scalar = current, scalar != "|", scalar != ")" {
      if flags.contains(.verbose) {
        if Bytes.isSpace(scalar) {
          position += 1
          continue
        }
        if scalar == "#" {
          while let scalar = current, scalar != "\n" { position += 1; _ = scalar }
          continue
        }
      }
      let start = position
      guard let node = try item() else { continue }
      nodes.append(try repeated(node, start))
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func repeated(_ node: Node, _ start: Int) throws -> Node {
    var node = node
    var isRepeated = false
    while let scalar = current {
      var least = 0
      var most = Int.max
      let before = position
      switch scalar {
      case "*": position += 1
      case "+":
        position += 1
        least = 1
      case "?":
        position += 1
        most = 1
      case "{":
        position += 1
        let low = number()
        var high = low
        if take(",") { high = number() ?? Int.max }
        guard take("}"), low != nil || high != nil else {
          position = before
          return node
        }
        least = low ?? 0
        most = high ?? Int.max
        if least > most { throw fail("min repeat greater than max repeat", at: before) }
      default: return node
      }
      if isRepeated { throw fail("multiple repeat", at: before) }
      isRepeated = true
      let isLazy = take("?")
      let isAtomic = !isLazy && take("+")
      node = .repeat(node, least: least, most: most, isLazy: isLazy, isAtomic: isAtomic)
    }
    return node
  }

  private mutating func number() -> Int? {
    var result: Int?
    while let scalar = current, let digit = Int(String(scalar)) {
      result = min((result ?? 0) * 10 + digit, 1 << 30)
      position += 1
    }
    return result
  }

  private mutating func item() throws -> Node? {
    guard let scalar = current else { return nil }
    switch scalar {
    case "*", "+", "?": throw fail("nothing to repeat")
    case ".":
      position += 1
      return .any(includesNewline: flags.contains(.dotAll))
    case "^":
      position += 1
      return .lineStart
    case "$":
      position += 1
      return .lineEnd
    case "(": return try group()
    case "[": return try set()
    case "\\": return try escape()
    default:
      position += 1
      return .character(scalar)
    }
  }

  private mutating func lookbehind(_ start: Int) throws -> Node {
    let node = try closed(alternation(), start)
    if node.width == nil {
      throw TemplateError(.regularExpression, "look-behind requires fixed-width pattern")
    }
    return node
  }

  private mutating func group() throws -> Node? {
    let start = position
    position += 1
    guard take("?") else { return try capture(nil, start) }
    if take(":") { return try closed(alternation(), start) }
    if take("=") { return .look(try closed(alternation(), start), isAhead: true, isNegated: false) }
    if take("!") { return .look(try closed(alternation(), start), isAhead: true, isNegated: true) }
    if take("<=") { return .look(try lookbehind(start), isAhead: false, isNegated: false) }
    if take("<!") { return .look(try lookbehind(start), isAhead: false, isNegated: true) }
    if take(">") { return .atomic(try closed(alternation(), start)) }
    if take("P<") {
      let name = try self.name(upTo: ">")
      if names.contains(where: { $0.name == name }) {
        throw fail("redefinition of group name '\(name)'", at: start + 4)
      }
      return try capture(name, start)
    }
    if take("P=") {
      let name = try self.name(upTo: ")")
      guard let index = names.first(where: { $0.name == name })?.index else {
        throw fail("unknown group name '\(name)'", at: start + 4)
      }
      return .reference(index)
    }
    if take("#") {
      while let scalar = current, scalar != ")" { position += 1; _ = scalar }
      guard take(")") else { throw fail("missing ), unterminated comment", at: start) }
      return nil
    }
    if take("(") {
      let name = try self.name(upTo: ")")
      guard let index = Int(name) ?? names.first(where: { $0.name == name })?.index, index <= groupCount
      else {
        throw fail("unknown group name '\(name)'", at: start + 3)
      }
      let yes = try sequence()
      let no: Node = take("|") ? try sequence() : .empty
      return .conditional(index, try closed(yes, start), no)
    }
    return try inlineFlags(start)
  }

  private mutating func inlineFlags(_ start: Int) throws -> Node? {
    var changed = flags
    var isRemoving = false
    while let scalar = current {
      position += 1
      let flag: Flags
      switch scalar {
      case "i": flag = .ignoreCase
      case "m": flag = .multiline
      case "s": flag = .dotAll
      case "x": flag = .verbose
      case "a": flag = .ascii
      case "u", "L": flag = []
      case "-":
        isRemoving = true
        continue
      case ")":
        if start != globalFlagsEnd {
          throw fail("global flags not at the start of the expression", at: start)
        }
        globalFlagsEnd = position
        flags = changed
        return nil
      case ":":
        let outer = flags
        flags = changed
        let inner = try closed(alternation(), start)
        flags = outer
        return .flagged(changed, inner)
      default: throw fail("unknown extension ?\(scalar)", at: start + 1)
      }
      if isRemoving { changed.remove(flag) } else { changed.insert(flag) }
    }
    throw fail("missing -, : or )")
  }

  private mutating func closed(_ node: Node, _ start: Int) throws -> Node {
    guard take(")") else { throw fail("missing ), unterminated subpattern", at: start) }
    return node
  }

  private mutating func capture(_ name: String?, _ start: Int) throws -> Node {
    groupCount += 1
    let index = groupCount
    if let name { names.append((name, index)) }
    return .group(index, try closed(alternation(), start))
  }

  private mutating func name(upTo end: Unicode.Scalar) throws -> String {
    let start = position
    while let scalar = current, scalar != end { position += 1; _ = scalar }
    let name = String(scalars[start..<position])
    guard take(end) else { throw fail("missing \(end), unterminated name", at: start) }
    if name.isEmpty { throw fail("missing group name", at: start) }
    return name
  }

  // MARK: - Escapes and sets

  private mutating func escape() throws -> Node {
    let start = position
    position += 1
    guard let scalar = current else { throw fail("bad escape (end of pattern)", at: start) }
    position += 1
    switch scalar {
    case "A": return .textStart
    case "Z": return .textEnd
    case "b": return .boundary(isNegated: false)
    case "B": return .boundary(isNegated: true)
    case "1"..."9":
      var index = Int(scalar.value - 48)
      if let next = current, let digit = Int(String(next)) {
        index = index * 10 + digit
        position += 1
      }
      guard index <= groupCount else { throw fail("invalid group reference \(index)", at: start + 1) }
      return .reference(index)
    default:
      if let item = classItem(scalar) { return .set([item], isNegated: false) }
      return .character(try literal(scalar, start))
    }
  }

  private func classItem(_ scalar: Unicode.Scalar) -> RegularExpression.SetItem? {
    switch scalar {
    case "d": .digit(true)
    case "D": .digit(false)
    case "w": .word(true)
    case "W": .word(false)
    case "s": .space(true)
    case "S": .space(false)
    default: nil
    }
  }

  private mutating func literal(_ scalar: Unicode.Scalar, _ start: Int) throws -> Unicode.Scalar {
    switch scalar {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "f": return "\u{C}"
    case "v": return "\u{B}"
    case "a": return "\u{7}"
    case "0": return "\0"
    case "x": return try hex(2, start)
    case "u": return try hex(4, start)
    case "U": return try hex(8, start)
    default:
      if scalar.value < 128, Bytes.isNameByte(UInt8(scalar.value)), scalar != "_" {
        throw fail("bad escape \\\(scalar)", at: start)
      }
      return scalar
    }
  }

  private mutating func hex(_ count: Int, _ start: Int) throws -> Unicode.Scalar {
    guard position + count <= scalars.count,
      let value = UInt32(String(scalars[position..<position + count]), radix: 16),
      let scalar = Unicode.Scalar(value)
    else { throw fail("incomplete escape", at: start) }
    position += count
    return scalar
  }

  private mutating func set() throws -> Node {
    let start = position
    position += 1
    let isNegated = take("^")
    var items: [RegularExpression.SetItem] = []
    var isFirst = true
    while true {
      guard let scalar = current else { throw fail("unterminated character set", at: start) }
      if scalar == "]", !isFirst { break }
      isFirst = false
      let from = position
      position += 1
      var low = scalar
      if scalar == "\\" {
        guard let escaped = current else { throw fail("unterminated character set", at: start) }
        position += 1
        if let item = classItem(escaped) {
          items.append(item)
          continue
        }
        low = escaped == "b" ? "\u{8}" : try literal(escaped, from)
      }
      if current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
        position += 1
        guard var high = current else { throw fail("unterminated character set", at: start) }
        position += 1
        if high == "\\", let escaped = current {
          position += 1
          high = try literal(escaped, from)
        }
        if high < low { throw fail("bad character range \(low)-\(high)", at: from) }
        items.append(.range(low.value, high.value))
      } else {
        items.append(.range(low.value, low.value))
      }
    }
    position += 1
    return .set(items, isNegated: isNegated)
  }
}
