/// A version or one bound on versions, as packages and `require-dbt-version` write them: `1.2.3`, `>=1.2.0`,
/// `<2.0.0-rc1`. The order is that of semantic versions (semver.org, item 11).
public struct SemanticVersion: Sendable, Hashable {
  public enum Matcher: String, Sendable { case exact = "=", above = ">", from = ">=", below = "<", to = "<=" }

  public var matcher = Matcher.exact
  public var major: Int
  public var minor: Int
  public var patch: Int
  public var prerelease: String?
  public var build: String?

  /// - Returns: nil when the text is no semantic version of three numbers, a sign before it allowed.
  public init?(_ text: String) {
    var rest = text.utf8[...]
    if let sign = [">=", "<=", ">", "<", "="].first(where: { rest.starts(with: $0.utf8) }) {
      matcher = Matcher(rawValue: sign) ?? .exact
      rest = rest.dropFirst(sign.utf8.count)
    }
    func number() -> Int? {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty, digits.count == 1 || digits.first != 0x30 else { return nil }
      rest = rest.dropFirst(digits.count)
      return Int(String(digits) ?? "")
    }
    func dot() -> Bool {
      guard rest.first == UInt8(ascii: ".") else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let major = number(), dot(), let minor = number(), dot(), let patch = number() else { return nil }
    (self.major, self.minor, self.patch) = (major, minor, patch)
    func identifiers() -> String? {
      let word = rest.prefix { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "-")
          || byte == UInt8(ascii: ".")
      }
      rest = rest.dropFirst(word.count)
      let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      return parts.contains(where: \.isEmpty) ? nil : String(word)
    }
    if let first = rest.first, first != UInt8(ascii: "+") {
      if first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard let text = identifiers() else { return nil }
      prerelease = text
    }
    if rest.first == UInt8(ascii: "+") {
      rest = rest.dropFirst()
      guard let text = identifiers() else { return nil }
      build = text
    }
    guard rest.isEmpty else { return nil }
  }

  /// `>=1.2.0`; an exact version begins with `=`.
  public var text: String { matcher.rawValue + bareText }

  /// Without the sign.
  public var bareText: String {
    "\(major).\(minor).\(patch)" + (prerelease.map { "-" + $0 } ?? "") + (build.map { "+" + $0 } ?? "")
  }

  /// Below zero, zero or above as this comes before, at or after the other; bounds at one version are ordered by
  /// what they let in.
  public func compare(_ other: SemanticVersion) -> Int {
    for (one, two) in [(major, other.major), (minor, other.minor), (patch, other.patch)] where one != two {
      return one < two ? -1 : 1
    }
    switch (prerelease, other.prerelease) {
    case (nil, nil): break
    // Below a release also means: none of its pre-releases.
    case (nil, _?): return matcher == .below ? -1 : 1
    case (_?, nil): return -1
    case (let one?, let two?):
      let order = Self.compare(one, two)
      if order != 0 { return order }
    }
    return boundOrder(other)
  }

  private func boundOrder(_ other: SemanticVersion) -> Int {
    switch (matcher, other.matcher) {
    case (.from, .to), (.to, .from): 0
    case (.below, .to), (.from, .above): -1
    case (.to, .below), (.above, .from): 1
    default:
      if isUpper, other.isLower { -1 } else if isLower, other.isUpper { 1 } else { 0 }
    }
  }

  var isLower: Bool { matcher == .above || matcher == .from }
  var isUpper: Bool { matcher == .below || matcher == .to }
  var isExact: Bool { matcher == .exact }

  /// `rc.2` before `rc.10` before `rc.a`: numbers as numbers, before words.
  private static func compare(_ one: String, _ two: String) -> Int {
    let (left, right) = (one.split(separator: "."), two.split(separator: "."))
    for (a, b) in zip(left, right) {
      switch (Int(a), Int(b)) {
      case (let x?, let y?): if x != y { return x < y ? -1 : 1 }
      case (_?, nil): return -1
      case (nil, _?): return 1
      default: if a != b { return a < b ? -1 : 1 }
      }
    }
    // dbt compares the lengths of the texts here.
    return one.count == two.count ? 0 : one.count < two.count ? -1 : 1
  }
}

/// What several bounds leave open together.
public struct VersionRange: Sendable, Hashable {
  public private(set) var lower: SemanticVersion?
  public private(set) var upper: SemanticVersion?

  /// - Returns: nil when no version can satisfy them all.
  public init?(_ bounds: [SemanticVersion]) {
    // dbt begins with the last one; the result shows in its messages.
    for bound in bounds.suffix(1) + bounds.dropLast() {
      guard let narrowed = narrowed(by: bound) else { return nil }
      self = narrowed
    }
  }

  private init() {}

  public func contains(_ version: SemanticVersion) -> Bool {
    var range = VersionRange()
    for bound in [lower, upper, version].compactMap({ $0 }) {
      guard let narrowed = range.narrowed(by: bound) else { return false }
      range = narrowed
    }
    return true
  }

  /// `>=0.8.0, <0.9.0`
  public var text: String {
    if let lower, lower.isExact { return lower.text }
    let parts = [lower, upper].compactMap { $0?.text }
    return parts.isEmpty ? "any" : parts.joined(separator: ", ")
  }

  private func narrowed(by bound: SemanticVersion) -> VersionRange? {
    var result = self
    if bound.isExact {
      if let lower {
        let order = lower.compare(bound)
        guard lower.isExact ? order == 0 : order < 0 || order == 0 && lower.matcher == .from else {
          return nil
        }
      }
      if let upper, !upper.isExact {
        let order = upper.compare(bound)
        guard order > 0 || order == 0 && upper.matcher == .to else { return nil }
      }
      (result.lower, result.upper) = (bound, bound)
      return result
    }
    if let lower, lower.isExact {
      var open = VersionRange()
      if bound.isLower { open.lower = bound } else { open.upper = bound }
      return open.narrowed(by: lower)
    }
    if bound.isLower {
      if lower.map({ $0.compare(bound) < 0 }) ?? true { result.lower = bound }
    } else if upper.map({ $0.compare(bound) > 0 }) ?? true {
      result.upper = bound
    }
    if let lower = result.lower, let upper = result.upper, lower.compare(upper) > 0 { return nil }
    return result
  }
}
