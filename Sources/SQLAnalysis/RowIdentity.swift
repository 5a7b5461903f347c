/// What identifies the rows of a FROM clause, in attributes of its scope.
struct RowIdentity {
  /// Sets of attributes of which no two rows have the same values. An empty set: at most one row.
  var keys: [Set<Int>] = [[]]
  /// Attributes with one value in all rows.
  private(set) var constants: Set<Int> = []
  /// Groups of attributes that are equal in each row.
  private var equal: [Set<Int>] = []

  init(keys: [Set<Int>] = [[]]) { self.keys = keys }

  /// More sets than these are not kept: each join could multiply them.
  private static let most = 16

  /// The attributes that have the same value in each row, this one among them.
  func sameAs(_ attribute: Int) -> Set<Int> { equal.first { $0.contains(attribute) } ?? [attribute] }

  /// Every row of one with every row of the other.
  func joined(_ other: RowIdentity) -> RowIdentity {
    var result = RowIdentity(keys: keys.flatMap { left in other.keys.map { left.union($0) } })
    result.constants = constants.union(other.constants)
    result.equal = equal + other.equal
    result.keys = Self.smallest(result.keys)
    return result
  }

  /// How a join keeps rows apart.
  enum Side { case inner, left, right, full }

  /// Rows of both that the condition brings together.
  ///
  /// - Parameter isOther: whether an attribute is of the other side
  func joined(
    _ other: RowIdentity, on facts: Facts, _ side: Side, isOther: (Int) -> Bool
  ) -> RowIdentity {
    var result = joined(other)
    // What equals something of the same side is not held to one value by a row of the other.
    let across = facts.equalities.filter { isOther($0.0) != isOther($0.1) }
    let pinned = across.flatMap { [$0.0, $0.1] } + facts.constants
    // The other side gives at most one row where the condition pins one of its keys.
    let isOtherUnique = other.keys.contains {
      $0.allSatisfy { key in pinned.contains { other.sameAs(key).contains($0) } }
    }
    let isUnique = keys.contains { $0.allSatisfy { key in pinned.contains { sameAs(key).contains($0) } } }
    if isOtherUnique, side == .inner || side == .left { result.keys += keys }
    if isUnique, side == .inner || side == .right { result.keys += other.keys }
    if side == .inner { result.learn(facts) }
    result.keys = Self.smallest(result.keys)
    return result
  }

  /// Rows that a condition holds for.
  mutating func narrow(_ facts: Facts, partition: (Int) -> Set<Int>?) {
    learn(facts)
    for attribute in facts.ones {
      if let partition = partition(attribute) { keys.append(partition) }
    }
    keys = Self.smallest(keys.map(reduced))
  }

  private mutating func learn(_ facts: Facts) {
    for (left, right) in facts.equalities {
      let merged = sameAs(left).union(sameAs(right))
      equal.removeAll { !$0.isDisjoint(with: merged) }
      equal.append(merged)
    }
    for constant in facts.constants { constants.formUnion(sameAs(constant)) }
    for (left, right) in facts.equalities where constants.contains(left) || constants.contains(right) {
      constants.formUnion(sameAs(left))
    }
    keys = keys.map(reduced)
  }

  /// A key without attributes that are constant, and with one of each group of equal ones.
  private func reduced(_ key: Set<Int>) -> Set<Int> {
    Set(key.subtracting(constants).map { sameAs($0).min() ?? $0 })
  }

  /// The sets of which none contains another.
  static func smallest(_ keys: [Set<Int>]) -> [Set<Int>] {
    var result: [Set<Int>] = []
    for key in keys.sorted(by: { ($0.count, $0.sorted().first ?? 0) < ($1.count, $1.sorted().first ?? 0) })
    where !result.contains(where: { $0.isSubset(of: key) }) && result.count < most {
      result.append(key)
    }
    return result
  }
}

/// What a condition says of the rows that it holds for.
struct Facts {
  /// Attributes that are equal.
  var equalities: [(Int, Int)] = []
  /// Attributes that equal something that is the same for all rows.
  var constants: Set<Int> = []
  /// Attributes that are not NULL.
  var notNull: Set<Int> = []
  /// Attributes that are 1.
  var ones: Set<Int> = []
}
