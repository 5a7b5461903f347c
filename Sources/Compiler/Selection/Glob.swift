/// Shell wildcards as Python's `fnmatch` reads them: `*`, `?`, `[a-z]`, `[!a-z]`.
///
/// Case counts, `*` crosses dots and slashes, and an unclosed bracket stands for itself.
struct Glob: Sendable {
  private enum Token: Sendable {
    case any, one
    case scalar(Unicode.Scalar)
    case set([ClosedRange<UInt32>], isInverted: Bool)
  }

  private var tokens: [Token] = []
  private let literal: String?

  init(_ pattern: String) {
    guard Glob.hasWildcard(pattern) else {
      literal = pattern
      return
    }
    literal = nil
    let scalars = Array(pattern.unicodeScalars)
    var at = 0
    while at < scalars.count {
      let scalar = scalars[at]
      at += 1
      switch scalar {
      case "*":
        if case .any? = tokens.last { continue }
        tokens.append(.any)
      case "?": tokens.append(.one)
      case "[":
        guard let (token, end) = Glob.set(scalars, from: at) else {
          tokens.append(.scalar(scalar))
          continue
        }
        tokens.append(token)
        at = end
      default: tokens.append(.scalar(scalar))
      }
    }
  }

  static func hasWildcard(_ text: String) -> Bool {
    text.utf8.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B || $0 == 0x5D }
  }

  func matches(_ text: String) -> Bool {
    if let literal { return literal == text }
    let scalars = Array(text.unicodeScalars)
    var token = 0
    var at = 0
    var retry: (token: Int, at: Int)?
    while at < scalars.count {
      if token < tokens.count {
        if case .any = tokens[token] {
          retry = (token + 1, at)
          token += 1
          continue
        }
        if Glob.matches(tokens[token], scalars[at]) {
          token += 1
          at += 1
          continue
        }
      }
      guard let last = retry else { return false }
      retry = (last.token, last.at + 1)
      token = last.token
      at = last.at + 1
    }
    return tokens[token...].allSatisfy { if case .any = $0 { true } else { false } }
  }

  private static func matches(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
    switch token {
    case .any, .one: true
    case .scalar(let wanted): wanted == scalar
    case .set(let ranges, let isInverted): ranges.contains { $0.contains(scalar.value) } != isInverted
    }
  }

  /// The bracket whose inside starts at `start`, and the place after its end; nil when it is never closed.
  private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Token, Int)? {
    var at = start
    let isInverted = at < scalars.count && scalars[at] == "!"
    if isInverted { at += 1 }
    var close = at
    if close < scalars.count, scalars[close] == "]" { close += 1 }
    while close < scalars.count, scalars[close] != "]" { close += 1 }
    guard close < scalars.count else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    while at < close {
      let low = scalars[at].value
      if at + 2 < close, scalars[at + 1] == "-" {
        let high = scalars[at + 2].value
        if low <= high { ranges.append(low...high) }
        at += 3
      } else {
        ranges.append(low...low)
        at += 1
      }
    }
    return (.set(ranges, isInverted: isInverted), close + 1)
  }
}
