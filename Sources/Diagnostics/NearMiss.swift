/// The known name that a mistyped one most likely means.
///
/// ```swift
/// NearMiss.best(for: "stg_order", among: ["stg_orders", "stg_items"])  // "stg_orders"
/// ```
public enum NearMiss {
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

  /// `; did you mean 'stg_orders'?`, or nothing: the tail of a message about an unknown name.
  public static func suffix(for name: String, among candidates: some Sequence<String>) -> String {
    guard let best = best(for: name, among: candidates) else { return "" }
    return "; did you mean '\(best)'?"
  }

  /// The name at the end of a message that ``suffix(for:among:)`` has put there, and the one it takes the place of:
  /// of the names in quotes the one that it is like.
  static func replacement(in message: String) -> (wrong: String, right: String)? {
    guard message.hasSuffix("'?"), let tail = message.ranges(of: "; did you mean '").last else { return nil }
    let right = String(message[tail.upperBound...].dropLast(2))
    let quoted = message[..<tail.lowerBound].split(separator: "'", omittingEmptySubsequences: false)
      .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    return best(for: right, among: quoted).map { ($0, right) }
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
