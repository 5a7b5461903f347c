/// The patterns of a `.dbtignore` file, which are those of `.gitignore`.
public struct IgnoreRules: Sendable {
  private struct Rule {
    /// The pattern's parts between slashes; `**` stands for any number of folders.
    var parts: [[UInt8]]
    var isNegated: Bool
    /// `build/` names folders only.
    var isFolderOnly: Bool
  }

  private var rules: [Rule] = []

  public init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      if let rule = Self.rule(line) { rules.append(rule) }
    }
  }

  public var isEmpty: Bool { rules.isEmpty }

  /// Whether a file, as a path below the project, is left out; the last pattern that fits decides.
  public func ignores(_ path: String) -> Bool {
    guard !rules.isEmpty else { return false }
    let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    var ignored = false
    for rule in rules where rule.isNegated == ignored {
      let longest = rule.isFolderOnly ? parts.count - 1 : parts.count
      guard longest > 0 else { continue }
      // A pattern that fits a folder takes everything below it.
      if (1...longest).contains(where: { Self.matches(rule.parts[...], parts[..<$0]) }) { ignored.toggle() }
    }
    return ignored
  }

  private static func rule(_ line: Substring) -> Rule? {
    var pattern = line
    while pattern.hasSuffix(" "), !pattern.hasSuffix("\\ ") { pattern.removeLast() }
    guard !pattern.isEmpty, !pattern.hasPrefix("#") else { return nil }
    let isNegated = pattern.hasPrefix("!")
    if isNegated { pattern.removeFirst() }
    if pattern.hasPrefix("\\#") || pattern.hasPrefix("\\!") { pattern.removeFirst() }
    let isFolderOnly = pattern.hasSuffix("/")
    if isFolderOnly { pattern.removeLast() }
    let isAnchored = pattern.contains("/")
    var parts = pattern.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    guard !parts.isEmpty else { return nil }
    if !isAnchored { parts.insert(Array("**".utf8), at: 0) }
    return Rule(parts: parts, isNegated: isNegated, isFolderOnly: isFolderOnly)
  }

  private static func matches(_ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == Array("**".utf8) {
      let rest = pattern.dropFirst()
      if rest.isEmpty { return !path.isEmpty }
      return (path.startIndex...path.endIndex).contains { matches(rest, path[$0...]) }
    }
    guard let name = path.first, matchesName(first[...], name[...]) else { return false }
    return matches(pattern.dropFirst(), path.dropFirst())
  }

  private static func matchesName(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    switch first {
    case UInt8(ascii: "*"):
      let rest = pattern.dropFirst()
      return (name.startIndex...name.endIndex).contains { matchesName(rest, name[$0...]) }
    case UInt8(ascii: "?"): return !name.isEmpty && matchesName(pattern.dropFirst(), name.dropFirst())
    case UInt8(ascii: "["):
      guard let byte = name.first, let close = pattern.dropFirst(2).firstIndex(of: UInt8(ascii: "]")) else {
        return false
      }
      var set = pattern[pattern.index(after: pattern.startIndex)..<close]
      let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
      if isNegated { set.removeFirst() }
      return contains(set, byte) != isNegated && matchesName(pattern[(close + 1)...], name.dropFirst())
    case UInt8(ascii: "\\") where pattern.count > 1:
      let escaped = pattern.dropFirst()
      return name.first == escaped.first && matchesName(escaped.dropFirst(), name.dropFirst())
    default: return name.first == first && matchesName(pattern.dropFirst(), name.dropFirst())
    }
  }

  private static func contains(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
    var index = set.startIndex
    while index < set.endIndex {
      if index + 2 < set.endIndex, set[index + 1] == UInt8(ascii: "-") {
        if set[index] <= byte, byte <= set[index + 2] { return true }
        index += 3
      } else {
        if set[index] == byte { return true }
        index += 1
      }
    }
    return false
  }
}
