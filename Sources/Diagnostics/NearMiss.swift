/// A name that is not known, and the known one that it most likely means.
///
/// ```swift
/// NearMiss("stg_order", among: ["stg_orders", "stg_items"])?.right  // "stg_orders"
/// ```
public struct NearMiss: Sendable, Hashable {
  /// As it stands in the text.
  public var wrong: String
  /// What may stand in its place.
  public var right: String

  public init(wrong: String, right: String) {
    self.wrong = wrong
    self.right = right
  }

  /// nil when none of the candidates is near enough to be meant; see ``best(for:among:)``.
  public init?(_ name: String, among candidates: some Sequence<String>) {
    guard let best = Self.best(for: name, among: candidates) else { return nil }
    self.init(wrong: name, right: best)
  }

  /// The tail of a message about an unknown name.
  public var suffix: String { "; did you mean '\(right)'?" }

  /// The candidate nearest to `name`, or nil when none is near enough to be meant.
  ///
  /// A candidate that differs in case alone wins; else the smallest number of insertions, deletions,
  /// replacements and swaps of neighbours, at most a third of the name's length; the first of equals wins.
  public static func best(for name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    let folded = wanted.map(lowercased)
    let limit = max(1, wanted.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != name {
      let other = Array(candidate.utf8)
      let otherFolded = other.map(lowercased)
      if otherFolded == folded { return candidate }
      let bound = min(limit, (best?.distance ?? limit + 1) - 1)
      guard bound > 0, abs(other.count - wanted.count) <= bound else { continue }
      if let distance = distance(folded, otherFolded, atMost: bound) { best = (candidate, distance) }
    }
    return best?.name
  }

  /// `; did you mean 'stg_orders'?`, or nothing, where the message is no diagnostic's.
  public static func suffix(for name: String, among candidates: some Sequence<String>) -> String {
    NearMiss(name, among: candidates)?.suffix ?? ""
  }

  /// Edit distance in which swapping two neighbours counts as one; nil when it is above `limit`.
  static func distance(_ left: [UInt8], _ right: [UInt8], atMost limit: Int) -> Int? {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      current.reserveCapacity(right.count + 1)
      for column in 0..<right.count {
        let same = left[row] == right[column]
        var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (same ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      if let smallest = current.min(), smallest > limit { return nil }
      beforeLast = last
      last = current
    }
    return last[right.count] <= limit ? last[right.count] : nil
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}
