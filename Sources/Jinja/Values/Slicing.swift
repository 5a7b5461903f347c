/// The positions that a Python slice takes out of a sequence.
struct SliceRange {
  let start: Int
  let stop: Int
  let step: Int

  /// - Throws: a type or value error for bounds that are no integers or a step of zero.
  init(_ start: Value, _ stop: Value, _ step: Value, count: Int) throws {
    let step = try SliceRange.bound(step) ?? 1
    if step == 0 { throw TemplateError(.value, "slice step cannot be zero") }
    self.step = step
    let lowest = step < 0 ? -1 : 0
    let highest = step < 0 ? count - 1 : count
    func clamp(_ bound: Int?, _ missing: Int) -> Int {
      guard var bound else { return missing }
      if bound < 0 { bound += count }
      return min(max(bound, lowest), highest)
    }
    self.start = clamp(try SliceRange.bound(start), step < 0 ? highest : lowest)
    self.stop = clamp(try SliceRange.bound(stop), step < 0 ? lowest : highest)
  }

  private static func bound(_ value: Value) throws -> Int? {
    if value.isNone { return nil }
    if let bound = value.intValue { return min(max(bound, -(1 << 60)), 1 << 60) }
    if case .bigInt(let big) = value { return big.isNegative ? -(1 << 60) : 1 << 60 }
    if case .undefined(let undefined) = value, undefined.behaviour == .strict { throw undefined.error }
    throw TemplateError(.type, "slice indices must be integers or None or have an __index__ method")
  }

  func select<Element>(_ items: [Element]) -> [Element] {
    if step == 1 { return start < stop ? Array(items[start..<stop]) : [] }
    return positions.map { items[$0] }
  }

  var positions: StrideTo<Int> { stride(from: start, to: stop, by: step) }
}

extension Value {
  /// Python's `self[start:stop:step]`.
  func slice(_ start: Value, _ stop: Value, _ step: Value) throws -> Value {
    switch self {
    case .string(let text): return .string(try Value.slice(text, start, stop, step))
    case .markup(let text): return .markup(try Value.slice(text, start, stop, step))
    case .list(let list):
      return .list(try SliceRange(start, stop, step, count: list.items.count).select(list.items))
    case .tuple(let items):
      return .tuple(try SliceRange(start, stop, step, count: items.count).select(items))
    case .dict: throw TemplateError(.type, "unhashable type: 'slice'")
    case .undefined(let undefined):
      if undefined.behaviour == .chainable || undefined.behaviour == .propagating { return self }
      throw undefined.error
    case .object(let object):
      if let range = object as? RangeObject { return .object(try range.slice(start, stop, step)) }
      if object.isSequence, let count = try object.count() {
        let bounds = try SliceRange(start, stop, step, count: count)
        return .list(try bounds.positions.map { try object.item(.int($0)) ?? .none })
      }
    default: break
    }
    throw TemplateError(.type, "'\(typeName)' object is not subscriptable")
  }

  private static func slice(_ text: String, _ start: Value, _ stop: Value, _ step: Value) throws -> String {
    var text = text
    if let ascii = text.withASCII({ Array($0) }) {
      let bounds = try SliceRange(start, stop, step, count: ascii.count)
      return String(decoding: bounds.select(ascii), as: UTF8.self)
    }
    let scalars = Array(text.unicodeScalars)
    let selected = try SliceRange(start, stop, step, count: scalars.count).select(scalars)
    return String(String.UnicodeScalarView(selected))
  }
}

extension String {
  init(_ scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    for scalar in scalars { view.append(scalar) }
    self = String(view)
  }

  /// Calls `body` with the bytes when all are ASCII, so that positions are characters.
  mutating func withASCII<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result? {
    try withUTF8 { bytes in bytes.allSatisfy { $0 < 0x80 } ? try body(bytes) : nil }
  }
}

/// Searching text by its bytes, which finds the same places as searching by code points.
enum StringSearch {
  /// The byte offset of the first occurrence at or after `start`.
  static func find(_ part: String, in text: String, from start: Int = 0) -> Int? {
    var part = part
    var text = text
    return text.withUTF8 { text in
      part.withUTF8 { part in find(part, in: text, from: start) }
    }
  }

  static func find(
    _ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    guard let first = part.first else { return start <= text.count ? start : nil }
    guard part.count <= text.count else { return nil }
    var index = start
    let last = text.count - part.count
    while index <= last {
      if text[index] == first {
        var offset = 1
        while offset < part.count, text[index + offset] == part[offset] { offset += 1 }
        if offset == part.count { return index }
      }
      index += 1
    }
    return nil
  }

  static func find(_ part: [UInt8], in text: [UInt8], from start: Int) -> Int? {
    text.withUnsafeBufferPointer { text in
      part.withUnsafeBufferPointer { find($0, in: text, from: start) }
    }
  }

  static func findLast(_ part: [UInt8], in text: [UInt8], before end: Int) -> Int? {
    var index = end - part.count
    while index >= 0 {
      if text[index..<index + part.count].elementsEqual(part) { return index }
      index -= 1
    }
    return nil
  }
}

/// HTML escaping as MarkupSafe does it.
enum Escaping {
  static func html(_ text: String) -> String {
    guard
      text.utf8.contains(where: {
        $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">")
          || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'")
      })
    else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count + 16)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): result.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): result.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): result.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): result.append(contentsOf: "&#34;".utf8)
      case UInt8(ascii: "'"): result.append(contentsOf: "&#39;".utf8)
      default: result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The value as safe text: what is safe stays, what has `__html__` gives it, the rest is escaped.
  static func html(_ value: Value) throws -> String {
    switch value {
    case .markup(let text): return text
    case .string(let text): return html(text)
    default: return html(try value.text())
    }
  }
}
