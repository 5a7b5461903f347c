/// What the first character of a match may be, so that a search can pass by most places of a text.
///
/// Exact for ASCII; any other character is always worth a try.
struct FirstScalars {
  /// Whether a match may be empty, or begins with something that is only known while matching.
  private(set) var allowsEmpty = false
  private var ascii = [Bool](repeating: false, count: 128)

  init(of node: RegularExpression.Node, flags: RegularExpression.Flags) {
    allowsEmpty = add(node, Matcher([], groupCount: 0, flags: flags))
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    allowsEmpty || scalar.value >= 128 || ascii[Int(scalar.value)]
  }

  /// - Returns: whether the node may match without taking a character, so that what follows it counts too.
  private mutating func add(_ node: RegularExpression.Node, _ matcher: Matcher) -> Bool {
    switch node {
    case .character, .any, .set:
      for value in UInt8(0)..<128 where matcher.accepts(node, Unicode.Scalar(value)) {
        ascii[Int(value)] = true
      }
      return false
    case .sequence(let nodes):
      for node in nodes where !add(node, matcher) { return false }
      return true
    case .alternation(let nodes):
      // Every branch counts, also after one that may be empty.
      return nodes.map { add($0, matcher) }.contains(true)
    case .group(_, let inner), .atomic(let inner): return add(inner, matcher)
    case .repeat(let inner, let least, _, _, _): return add(inner, matcher) || least == 0
    case .flagged(let flags, let inner): return add(inner, Matcher([], groupCount: 0, flags: flags))
    case .conditional(_, let yes, let no):
      let isEmpty = add(yes, matcher)
      return add(no, matcher) || isEmpty
    case .reference: return true
    case .empty, .lineStart, .lineEnd, .textStart, .textEnd, .boundary, .look: return true
    }
  }
}

extension RegularExpression.Node {
  /// How many characters it takes, when that is always the same number.
  var width: Int? {
    switch self {
    case .empty, .lineStart, .lineEnd, .textStart, .textEnd, .boundary, .look: return 0
    case .character, .any, .set: return 1
    case .sequence(let nodes):
      return nodes.reduce(0) { sum, node in
        guard let sum, let width = node.width else { return nil }
        return sum + width
      }
    case .alternation(let nodes):
      let widths = Set(nodes.map(\.width))
      return widths.count == 1 ? widths.first ?? nil : nil
    case .group(_, let inner), .atomic(let inner), .flagged(_, let inner): return inner.width
    case .repeat(let inner, let least, let most, _, _):
      guard least == most, let width = inner.width else { return nil }
      return width * least
    case .conditional(_, let yes, let no): return yes.width == no.width ? yes.width : nil
    case .reference: return nil
    }
  }
}
