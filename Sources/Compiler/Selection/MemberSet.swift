/// A set of graph members, one bit for each.
public struct MemberSet: Sendable, Hashable {
  private var words: [UInt64]
  /// How many members the graph has.
  public let capacity: Int

  public init(capacity: Int) {
    self.capacity = capacity
    words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
  }

  public init(capacity: Int, _ members: some Sequence<Int>) {
    self.init(capacity: capacity)
    for member in members { insert(member) }
  }

  public func contains(_ member: Int) -> Bool { words[member >> 6] & (1 << UInt64(member & 63)) != 0 }

  public mutating func insert(_ member: Int) { words[member >> 6] |= 1 << UInt64(member & 63) }

  public mutating func remove(_ member: Int) { words[member >> 6] &= ~(1 << UInt64(member & 63)) }

  public mutating func formUnion(_ other: MemberSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  public mutating func formIntersection(_ other: MemberSet) {
    for index in words.indices { words[index] &= other.words[index] }
  }

  public mutating func subtract(_ other: MemberSet) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  public func union(_ other: MemberSet) -> MemberSet {
    var result = self
    result.formUnion(other)
    return result
  }

  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// The members in rising order.
  public var members: [Int] {
    var result: [Int] = []
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return result
  }
}
