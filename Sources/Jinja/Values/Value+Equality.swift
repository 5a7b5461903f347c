extension Value {
  /// Whether two texts have the same scalars.
  @inline(__always)
  static func sameText(_ a: String, _ b: String) -> Bool {
    // Swift's == takes composed and decomposed forms for the same, Python does not; the
    // lengths in bytes differ in nearly all such pairs and the bytes in all of them.
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }

  /// Python's `==`.
  public func isEqual(to other: Value) throws -> Bool { try isEqual(to: other, depth: 0) }

  func isEqual(to other: Value, depth: Int) throws -> Bool {
    switch (self, other) {
    case (.none, .none): return true
    case (.string(let a), .string(let b)), (.string(let a), .markup(let b)),
      (.markup(let a), .string(let b)), (.markup(let a), .markup(let b)):
      return Value.sameText(a, b)
    case (.int(let a), .int(let b)): return a == b
    case (.bool(let a), .bool(let b)): return a == b
    case (.undefined(let a), _) where a.behaviour == .strict: throw a.error
    case (_, .undefined(let b)) where b.behaviour == .strict: throw b.error
    case (.undefined(let a), .undefined(let b)): return a.behaviour == b.behaviour
    case (.tuple(let a), .tuple(let b)): return try Value.equal(a, b, depth)
    case (.list(let a), .list(let b)):
      return a === b ? true : try Value.equal(a.items, b.items, depth)
    case (.dict(let a), .dict(let b)):
      guard a !== b else { return true }
      guard a.count == b.count else { return false }
      if Value.isTooDeep(depth) { throw Value.comparisonTooDeep }
      for (key, value) in a.pairs {
        guard let match = try b.value(for: key), try value.isEqual(to: match, depth: depth + 1) else {
          return false
        }
      }
      return true
    case (.set(let a), .set(let b)):
      guard a.count == b.count else { return false }
      return try a.items.allSatisfy { try b.contains($0) }
    case (.object(let a), .object(let b)) where a === b: return true
    case (.object(let a), _): return try a.isEqual(to: other)
    case (_, .object(let b)): return try b.isEqual(to: self)
    default:
      return Value.numericOrder(self, other) == .some(0)
    }
  }

  private static let comparisonTooDeep = TemplateError(
    .recursion, "maximum recursion depth exceeded in comparison")

  private static func equal(_ a: [Value], _ b: [Value], _ depth: Int) throws -> Bool {
    guard a.count == b.count else { return false }
    if Value.isTooDeep(depth) { throw comparisonTooDeep }
    for (x, y) in zip(a, b) where try !x.isEqual(to: y, depth: depth + 1) { return false }
    return true
  }

  /// The order of two numbers; nil when either is no number or a NaN.
  static func numericOrder(_ a: Value, _ b: Value) -> Int? {
    if let x = a.intValue, let y = b.intValue { return x < y ? -1 : x == y ? 0 : 1 }
    switch (a, b) {
    case (.double(let x), .double(let y)):
      return x < y ? -1 : x == y ? 0 : x > y ? 1 : nil
    case (.double(let x), _):
      guard let y = b.integer else { return nil }
      return order(x, y)
    case (_, .double(let y)):
      guard let x = a.integer else { return nil }
      return order(y, x).map { -$0 }
    default:
      guard let x = a.integer, let y = b.integer else { return nil }
      return x < y ? -1 : x == y ? 0 : 1
    }
  }

  /// The order of a float and an integer, without rounding either.
  private static func order(_ a: Double, _ b: BigInteger) -> Int? {
    if a.isNaN { return nil }
    if a.isInfinite { return a < 0 ? -1 : 1 }
    let whole = BigInteger(truncating: a)
    if whole != b { return whole < b ? -1 : 1 }
    let fraction = a - a.rounded(.towardZero)
    return fraction < 0 ? -1 : fraction > 0 ? 1 : 0
  }

  /// The integer of an int of any size or of a bool.
  var integer: BigInteger? {
    switch self {
    case .int(let value): BigInteger(value)
    case .bool(let value): BigInteger(value ? 1 : 0)
    case .bigInt(let value): value
    default: nil
    }
  }

  /// The number as a float; nil for anything that is no number.
  ///
  /// - Throws: an overflow error for an integer beyond the largest float.
  func double() throws -> Double? {
    switch self {
    case .double(let value): return value
    case .int(let value): return Double(value)
    case .bool(let value): return value ? 1 : 0
    case .bigInt(let value):
      let result = value.double
      if result.isInfinite { throw TemplateError(.overflow, "int too large to convert to float") }
      return result
    default: return nil
    }
  }

  // MARK: - Hashes

  static func hash(text: String) -> Int {
    // FNV-1a is quicker than the standard hash for the short keys of templates.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }

  /// A hash that agrees with Python's equality.
  ///
  /// - Throws: a type error for lists, dictionaries and sets.
  func hash() throws -> Int {
    switch self {
    case .string(let text), .markup(let text): return Value.hash(text: text)
    case .none: return 0x5f3759df
    case .int(let value): return Value.mix(value)
    case .bool(let value): return Value.mix(value ? 1 : 0)
    case .bigInt(let value): return Value.hash(value.double)
    case .double(let value): return Value.hash(value)
    case .tuple(let items):
      var hash = 31
      for item in items { hash = hash &* 1_000_003 ^ (try item.hash()) }
      return hash
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      return 97
    case .object(let object):
      if let hash = try object.hash() { return hash }
    case .set(let set) where set.isFrozen:
      return try set.items.reduce(7) { $0 ^ (try $1.hash()) }
    default: break
    }
    throw TemplateError(.type, "unhashable type: '\(typeName)'")
  }

  private static func hash(_ value: Double) -> Int {
    if let whole = Int(exactly: value) { return mix(whole) }
    return mix(Int(truncatingIfNeeded: value.bitPattern))
  }

  private static func mix(_ value: Int) -> Int {
    let mixed = UInt64(bitPattern: Int64(value)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed ^ mixed >> 29)
  }
}
