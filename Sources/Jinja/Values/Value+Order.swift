extension Value {
  /// Whether a comparison other than `in` holds, as Python decides it.
  ///
  /// - Throws: a type error for values that have no order.
  public func compares(_ operation: Comparison, to other: Value) throws -> Bool {
    switch operation {
    case .equal: return try isEqual(to: other)
    case .notEqual: return try !isEqual(to: other)
    case .isIn: return try other.contains(self)
    case .notIn: return try !other.contains(self)
    default: break
    }
    guard let order = try order(to: other, operation) else { return false }
    switch operation {
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    default: return order >= 0
    }
  }

  /// Whether the value sorts before the other: Python's `<`.
  func isLess(than other: Value) throws -> Bool { try compares(.less, to: other) }

  /// The order, or nil where nothing of it holds, as with NaN.
  private func order(to other: Value, _ operation: Comparison) throws -> Int? {
    switch (self, other) {
    case (.string(let a), .string(let b)), (.string(let a), .markup(let b)),
      (.markup(let a), .string(let b)), (.markup(let a), .markup(let b)):
      return Value.order(a, b)
    case (.tuple(let a), .tuple(let b)): return try Value.order(a, b, operation)
    case (.list(let a), .list(let b)): return try Value.order(a.items, b.items, operation)
    case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.error
    case (.set(let a), .set(let b)): return try Value.order(a, b)
    case (.object(let a), _):
      if let order = try a.compare(to: other) { return order }
      if case .object(let b) = other, let order = try b.compare(to: self) { return -order }
    case (_, .object(let b)):
      if let order = try b.compare(to: self) { return -order }
    default:
      if isNumber, other.isNumber { return Value.numericOrder(self, other) }
    }
    throw TemplateError(
      .type,
      "'\(operation.rawValue)' not supported between instances of '\(typeName)' and '\(other.typeName)'")
  }

  var isNumber: Bool {
    switch self {
    case .int, .bool, .bigInt, .double: true
    default: false
    }
  }

  static func order(_ a: String, _ b: String) -> Int {
    if a.utf8.elementsEqual(b.utf8) { return 0 }
    // The order of UTF-8 bytes is the order of code points.
    return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
  }

  private static func order(_ a: [Value], _ b: [Value], _ operation: Comparison) throws -> Int? {
    if StackLimit(reserve: 96 * 1024).isExhausted {
      throw TemplateError(.recursion, "maximum recursion depth exceeded in comparison")
    }
    for (x, y) in zip(a, b) where try !x.isEqual(to: y) {
      guard let order = try x.order(to: y, operation) else { return nil }
      return order
    }
    return a.count < b.count ? -1 : a.count == b.count ? 0 : 1
  }

  /// Sets are ordered by inclusion.
  private static func order(_ a: SetObject, _ b: SetObject) throws -> Int? {
    let aInB = try a.items.allSatisfy { try b.contains($0) }
    let bInA = try b.items.allSatisfy { try a.contains($0) }
    return aInB && bInA ? 0 : aInB ? -1 : bInA ? 1 : nil
  }

  /// Python's `value in self`.
  public func contains(_ value: Value) throws -> Bool {
    switch self {
    case .string(let text), .markup(let text):
      guard let part = value.stringValue else {
        throw TemplateError(
          .type, "'in <string>' requires string as left operand, not \(value.typeName)")
      }
      return StringSearch.find(part, in: text) != nil
    case .list(let list): return try Value.contains(list.items, value)
    case .tuple(let items): return try Value.contains(items, value)
    case .dict(let dict): return try dict.value(for: value) != nil
    case .set(let set): return try set.contains(value)
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      return false
    case .object(let object):
      if let answer = try object.contains(value) { return answer }
      if let iterator = try object.makeIterator() {
        while let item = try iterator.next() { if try item.isEqual(to: value) { return true } }
        return false
      }
    default: break
    }
    throw TemplateError(.type, "argument of type '\(typeName)' is not iterable")
  }

  private static func contains(_ items: [Value], _ value: Value) throws -> Bool {
    for item in items where try item.isEqual(to: value) { return true }
    return false
  }

  /// Python's truth of the value.
  public func isTrue() throws -> Bool {
    switch self {
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      return false
    case .none: return false
    case .bool(let value): return value
    case .int(let value): return value != 0
    case .bigInt: return true
    case .double(let value): return value != 0
    case .string(let text), .markup(let text): return !text.isEmpty
    case .list(let list): return !list.items.isEmpty
    case .tuple(let items): return !items.isEmpty
    case .dict(let dict): return !dict.isEmpty
    case .set(let set): return set.count > 0
    case .object(let object): return try object.isTrue()
    }
  }

  /// Python's `len()`; nil for a value that has none.
  public func count() throws -> Int? {
    switch self {
    case .string(let text), .markup(let text): return text.unicodeScalars.count
    case .list(let list): return list.items.count
    case .tuple(let items): return items.count
    case .dict(let dict): return dict.count
    case .set(let set): return set.count
    case .object(let object): return try object.count()
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      return 0
    default: return nil
    }
  }
}
