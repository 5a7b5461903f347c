/// Python's `range`.
final class RangeObject: JinjaObject {
  let start: Int
  let stop: Int
  let step: Int

  init(_ start: Int, _ stop: Int, _ step: Int) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  var length: Int {
    if step > 0 { return start < stop ? (stop - start - 1) / step + 1 : 0 }
    return start > stop ? (start - stop - 1) / -step + 1 : 0
  }

  var typeName: String { "range" }
  var isSequence: Bool { true }

  func item(_ key: Value) throws -> Value? {
    guard var index = key.intValue else { return nil }
    if index < 0 { index += length }
    return index >= 0 && index < length ? .int(start + index * step) : nil
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "start": .int(start)
    case "stop": .int(stop)
    case "step": .int(step)
    case "index":
      .function("index") { [self] arguments, _ in
        let value = arguments.positional.first ?? .none
        guard contains(value) == true, let number = value.intValue else {
          throw TemplateError(.value, "\(value.representationOrPlaceholder) is not in range")
        }
        return .int((number - start) / step)
      }
    case "count":
      .function("count") { [self] arguments, _ in
        .int(contains(arguments.positional.first ?? .none) == true ? 1 : 0)
      }
    default: nil
    }
  }

  func makeIterator() -> (any ValueIterator)? {
    var position = 0
    let (count, start, step) = (length, start, step)
    return GeneratedIterator {
      guard position < count else { return nil }
      defer { position += 1 }
      return .int(start + position * step)
    }
  }

  func count() -> Int? { length }

  func contains(_ value: Value) -> Bool? {
    var number = value.intValue
    if case .double(let float) = value { number = Int(exactly: float) }
    guard let number else { return false }
    return (step > 0 ? number >= start && number < stop : number <= start && number > stop)
      && (number - start) % step == 0
  }

  func representation() -> String {
    step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))"
  }

  func isEqual(to other: Value) -> Bool {
    guard let other = other.object(as: RangeObject.self), other.length == length else { return false }
    return length == 0 || other.start == start && (length == 1 || other.step == step)
  }

  func slice(_ from: Value, _ to: Value, _ by: Value) throws -> RangeObject {
    let bounds = try SliceRange(from, to, by, count: length)
    return RangeObject(start + bounds.start * step, start + bounds.stop * step, step * bounds.step)
  }

  /// `range(stop)`, `range(start, stop)` or `range(start, stop, step)`.
  static func make(_ arguments: Arguments, isSandboxed: Bool) throws -> RangeObject {
    if let first = arguments.named.first {
      _ = first
      throw TemplateError(.type, "range() takes no keyword arguments")
    }
    let values = arguments.positional
    if values.isEmpty { throw TemplateError(.type, "range expected at least 1 argument, got 0") }
    if values.count > 3 {
      throw TemplateError(.type, "range expected at most 3 arguments, got \(values.count)")
    }
    let numbers = try values.map { value in
      if case .undefined(let undefined) = value { throw undefined.error }
      guard let number = value.intValue else {
        if case .bigInt = value { throw tooBig }
        throw TemplateError(.type, "'\(value.typeName)' object cannot be interpreted as an integer")
      }
      return number
    }
    let range: RangeObject
    switch numbers.count {
    case 1: range = RangeObject(0, numbers[0], 1)
    case 2: range = RangeObject(numbers[0], numbers[1], 1)
    default:
      if numbers[2] == 0 { throw TemplateError(.value, "range() arg 3 must not be zero") }
      range = RangeObject(numbers[0], numbers[1], numbers[2])
    }
    if numbers.contains(where: { $0.magnitude > 1 << 61 }) || isSandboxed && range.length > maximum {
      throw tooBig
    }
    return range
  }

  private static let maximum = 100_000
  private static let tooBig = TemplateError(
    .overflow, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).")
}
