/// An iterator over a closure.
public final class GeneratedIterator: ValueIterator {
  private let produce: () throws -> Value?

  public init(_ produce: @escaping () throws -> Value?) { self.produce = produce }

  public func next() throws -> Value? { try produce() }
}

/// An iterator over values that are all there.
public final class ArrayIterator: ValueIterator {
  private let items: [Value]
  private var position = 0

  public init(_ items: [Value]) { self.items = items }

  public func next() -> Value? {
    guard position < items.count else { return nil }
    defer { position += 1 }
    return items[position]
  }
}

/// An iterator over a list that sees what happens to the list meanwhile, as Python's does.
private final class ListIterator: ValueIterator {
  private let list: ListObject
  private var position = 0

  init(_ list: ListObject) { self.list = list }

  func next() -> Value? {
    guard position < list.items.count else { return nil }
    defer { position += 1 }
    return list.items[position]
  }
}

/// An iterator over the keys, values or items of a dictionary that notices changes.
final class DictIterator: ValueIterator {
  private let dict: DictObject
  private let part: DictView.Part
  private let version: Int
  private let count: Int
  private var position = 0

  init(_ dict: DictObject, _ part: DictView.Part) {
    self.dict = dict
    self.part = part
    version = dict.version
    count = dict.count
  }

  func next() throws -> Value? {
    if dict.version != version {
      throw TemplateError(
        .runtime,
        dict.count == count
          ? "dictionary keys changed during iteration" : "dictionary changed size during iteration")
    }
    return dict.entry(from: &position).map { part.value($0.key, $0.value) }
  }
}

/// What `dict.keys()`, `dict.values()` and `dict.items()` give.
final class DictView: JinjaObject {
  enum Part: String {
    case keys = "dict_keys"
    case values = "dict_values"
    case items = "dict_items"

    func value(_ key: Value, _ value: Value) -> Value {
      switch self {
      case .keys: key
      case .values: value
      case .items: .tuple([key, value])
      }
    }
  }

  let dict: DictObject
  let part: Part

  init(_ dict: DictObject, _ part: Part) {
    self.dict = dict
    self.part = part
  }

  var typeName: String { part.rawValue }
  var isIterable: Bool { true }
  var items: [Value] { dict.pairs.map { part.value($0.key, $0.value) } }
  func makeIterator() -> (any ValueIterator)? { DictIterator(dict, part) }
  func count() -> Int? { dict.count }
  func representation() throws -> String { "\(typeName)(\(try Value.list(items).representation()))" }
  func hash() throws -> Int? { part == .values ? ObjectIdentifier(self).hashValue : nil }

  func isEqual(to other: Value) throws -> Bool {
    guard part != .values else { return other.object(as: DictView.self) === self }
    guard let others = try setItems(other), others.count == dict.count else { return false }
    return try others.allSatisfy { try contains($0) ?? false }
  }

  private func setItems(_ value: Value) throws -> [Value]? {
    if case .set(let set) = value { return set.items }
    if let view = value.object(as: DictView.self), view.part != .values { return view.items }
    return nil
  }

  func contains(_ value: Value) throws -> Bool? {
    part == .keys ? try dict.value(for: value) != nil : nil
  }

  func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value? {
    guard operation == .subtract, part != .values, !reflected else { return nil }
    let removed = try SetObject(try other.items())
    return .set(try SetObject(items.filter { try !removed.contains($0) }))
  }
}

/// A generator: its elements are made when they are asked for, once.
final class GeneratorObject: JinjaObject, ValueIterator {
  private let iterator: any ValueIterator
  private let name: String

  init(_ name: String, _ iterator: any ValueIterator) {
    self.name = name
    self.iterator = iterator
  }

  var typeName: String { "generator" }
  var isIterable: Bool { true }
  func next() throws -> Value? { try iterator.next() }
  func makeIterator() -> (any ValueIterator)? { self }
  func representation() -> String { "<generator object \(name)>" }
}

extension Value {
  static func generator(_ name: String, _ produce: @escaping () throws -> Value?) -> Value {
    .object(GeneratorObject(name, GeneratedIterator(produce)))
  }

  /// Python's `iter()`.
  ///
  /// - Throws: a type error for a value that cannot be looped over.
  public func makeIterator() throws -> any ValueIterator {
    switch self {
    case .list(let list): return ListIterator(list)
    case .tuple(let items): return ArrayIterator(items)
    case .dict(let dict): return DictIterator(dict, .keys)
    case .set(let set): return ArrayIterator(set.items)
    case .string(let text): return ArrayIterator(text.unicodeScalars.map { .string(String($0)) })
    case .markup(let text): return ArrayIterator(text.unicodeScalars.map { .string(String($0)) })
    case .undefined(let undefined):
      if undefined.behaviour == .strict { throw undefined.error }
      return ArrayIterator([])
    case .object(let object):
      if let iterator = try object.makeIterator() { return iterator }
      if object.isSequence, let count = try object.count() {
        return ArrayIterator(try (0..<count).compactMap { try object.item(.int($0)) })
      }
    default: break
    }
    throw TemplateError(.type, "'\(typeName)' object is not iterable")
  }

  /// All elements: Python's `list()`.
  public func items() throws -> [Value] {
    switch self {
    case .list(let list): return list.items
    case .tuple(let items): return items
    case .dict(let dict): return dict.keys
    case .set(let set): return set.items
    case .object(let object):
      if let view = object as? DictView { return view.items }
    default: break
    }
    let iterator = try makeIterator()
    var items: [Value] = []
    while let item = try iterator.next() { items.append(item) }
    return items
  }
}
