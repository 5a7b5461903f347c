extension Builtins {
  static let sequenceFilters: [String: Environment.Filter] = [
    "length": length, "count": length,
    "first": { value, arguments, context in
      _ = try FilterArguments("sync_do_first", arguments, passes: 1)
      return try value.makeIterator().next()
        ?? context.interpreter.undefined(hint: "No first item, sequence was empty.")
    },
    "last": { value, arguments, context in
      _ = try FilterArguments("do_last", arguments, passes: 1)
      return try reversed(value).last
        ?? context.interpreter.undefined(hint: "No last item, sequence was empty.")
    },
    "random": { value, arguments, context in
      _ = try FilterArguments("do_random", arguments, passes: 1)
      guard let count = try value.count() else {
        throw TemplateError(.type, "object of type '\(value.typeName)' has no len()")
      }
      context.interpreter.usedChance = true
      if count == 0 { return context.interpreter.undefined(hint: "No random item, sequence was empty.") }
      return try context.interpreter.item(.int(Int.random(in: 0..<count)), of: value)
    },
    "list": { value, arguments, _ in
      _ = try FilterArguments("sync_do_list", arguments)
      return .list(try value.items())
    },
    "reverse": { value, arguments, _ in
      _ = try FilterArguments("do_reverse", arguments)
      if value.stringValue != nil {
        return try value.mappingText { String($0.unicodeScalars.reversed()) }
      }
      do {
        let items = try reversed(value)
        var position = items.count
        let name: String
        switch value {
        case .list: name = "list_reverseiterator"
        case .dict: name = "dict_reversekeyiterator"
        default: name = "reversed"
        }
        return .object(
          IteratorObject(
            typeName: name,
            GeneratedIterator {
              guard position > 0 else { return nil }
              position -= 1
              return items[position]
            }))
      } catch let error as TemplateError where error.kind == .type {
        do {
          return .list(try value.items().reversed())
        } catch let error as TemplateError where error.kind == .type {
          throw TemplateError(.filterArgument, "argument must be iterable")
        }
      }
    },
    "sort": { value, arguments, context in
      let bound = try FilterArguments(
        "do_sort", arguments, ["reverse", "case_sensitive", "attribute"], passes: 1)
      let paths = try AttributePath.several(bound.some(2))
      let isSensitive = try bound.bool(1)
      let items = try value.items()
      let keys = try items.map { item in
        let parts = try paths.map { path in
          let key = try path.value(of: item, context.interpreter)
          return isSensitive ? key : Sorting.ignoringCase(key)
        }
        return Value.list(parts)
      }
      return .list(try Sorting.sorted(items, keys: keys, reverse: try bound.bool(0)))
    },
    "dictsort": { value, arguments, _ in
      let bound = try FilterArguments("do_dictsort", arguments, ["case_sensitive", "by", "reverse"])
      let isSensitive = try bound.bool(0)
      let by = bound[1]?.stringValue ?? (bound[1] == nil ? "key" : "")
      guard by == "key" || by == "value" else {
        throw TemplateError(.filterArgument, "You can only sort by either \"key\" or \"value\"")
      }
      let pairs = try mappingPairs(value)
      let keys = pairs.map { pair in
        let key = by == "key" ? pair.key : pair.value
        return isSensitive ? key : Sorting.ignoringCase(key)
      }
      return .list(
        try Sorting.sorted(
          pairs.map { .tuple([$0.key, $0.value]) }, keys: keys, reverse: try bound.bool(2)))
    },
    "items": { value, arguments, _ in
      _ = try FilterArguments("do_items", arguments)
      if value.isUndefined { return .generator("do_items") { nil } }
      var pairs: [(key: Value, value: Value)]?
      var position = 0
      return .generator("do_items") {
        if pairs == nil {
          if case .dict(let dict) = value {
            pairs = dict.pairs
          } else if isMappingObject(value) {
            pairs = try mappingPairs(value)
          } else {
            throw TemplateError(.type, "Can only get item pairs from a mapping.")
          }
        }
        guard let pairs, position < pairs.count else { return nil }
        defer { position += 1 }
        return .tuple([pairs[position].key, pairs[position].value])
      }
    },
    "unique": { value, arguments, context in
      let bound = try FilterArguments(
        "sync_do_unique", arguments, ["case_sensitive", "attribute"], passes: 1)
      let path = try AttributePath(bound.some(1))
      let isSensitive = try bound.bool(0)
      var iterator: (any ValueIterator)?
      let seen = DictObject()
      let interpreter = context.interpreter
      return .generator("sync_do_unique") {
        let source = try iterator ?? value.makeIterator()
        iterator = source
        while let item = try source.next() {
          var key = try path.value(of: item, interpreter)
          if !isSensitive { key = Sorting.ignoringCase(key) }
          if try seen.value(for: key) == nil {
            try seen.set(key, .none)
            return item
          }
        }
        return nil
      }
    },
    "min": { value, arguments, context in
      try extreme("do_min", value, arguments, context) { try $0.isLess(than: $1) }
    },
    "max": { value, arguments, context in
      try extreme("do_max", value, arguments, context) { try $0.compares(.greater, to: $1) }
    },
    "sum": { value, arguments, context in
      let bound = try FilterArguments("sync_do_sum", arguments, ["attribute", "start"], passes: 1)
      let path = try AttributePath(bound.some(0))
      var total = bound[1] ?? .int(0)
      if total.stringValue != nil {
        throw TemplateError(.type, "sum() can't sum strings [use ''.join(seq) instead]")
      }
      let iterator = try value.makeIterator()
      while let item = try iterator.next() {
        total = try total.applying(.add, path.value(of: item, context.interpreter))
      }
      return total
    },
    "batch": { value, arguments, _ in
      let bound = try FilterArguments("do_batch", arguments, ["linecount", "fill_with"], required: 1)
      let filler = bound.some(1)
      let count = bound[0] ?? .none
      var iterator: (any ValueIterator)?
      var isDone = false
      var held: Value?
      return .generator("do_batch") {
        if isDone { return nil }
        let source = try iterator ?? value.makeIterator()
        iterator = source
        var batch: [Value] = held.map { [$0] } ?? []
        held = nil
        while let item = try source.next() {
          if try Value.int(batch.count).isEqual(to: count) {
            held = item
            return .list(batch)
          }
          batch.append(item)
        }
        isDone = true
        if batch.isEmpty { return nil }
        if let filler, try Value.int(batch.count).isLess(than: count) {
          batch += [Value](repeating: filler, count: try count.index() - batch.count)
        }
        return .list(batch)
      }
    },
    "slice": { value, arguments, _ in
      let bound = try FilterArguments("sync_do_slice", arguments, ["slices", "fill_with"], required: 1)
      let filler = bound.some(1)
      var items: [Value]?
      var number = 0
      var offset = 0
      return .generator("sync_do_slice") {
        let all = try items ?? value.items()
        items = all
        let slices = try (bound[0] ?? .none).index()
        if slices == 0 { throw TemplateError(.zeroDivision, "integer division or modulo by zero") }
        guard number < slices else { return nil }
        let (perSlice, extra) = all.count.quotientAndRemainder(dividingBy: slices)
        let start = offset + number * perSlice
        if number < extra { offset += 1 }
        var slice = Array(all[start..<offset + (number + 1) * perSlice])
        if let filler, number >= extra { slice.append(filler) }
        number += 1
        return .list(slice)
      }
    },
    "groupby": { value, arguments, context in
      let bound = try FilterArguments(
        "sync_do_groupby", arguments, ["attribute", "default", "case_sensitive"], required: 1, passes: 1)
      let path = try AttributePath(bound[0], default: bound.some(1))
      let isSensitive = try bound.bool(2)
      let items = try value.items()
      let keys = try items.map { item in
        let key = try path.value(of: item, context.interpreter)
        return isSensitive ? key : Sorting.ignoringCase(key)
      }
      let order = try Sorting.sorted(items.indices.map { .int($0) }, keys: keys).compactMap(\.intValue)
      var groups: [(key: Value, items: [Value])] = []
      for index in order {
        if let last = groups.last, try last.key.isEqual(to: keys[index]) {
          groups[groups.count - 1].items.append(items[index])
        } else {
          groups.append((keys[index], [items[index]]))
        }
      }
      return .list(
        try groups.map { group in
          let key =
            isSensitive ? group.key : try path.value(of: group.items[0], context.interpreter)
          return .object(
            NamedTuple(typeName: "_GroupTuple", ["grouper", "list"], [key, .list(group.items)]))
        })
    },
  ]

  @Sendable
  private static func length(_ value: Value, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    if !arguments.isEmpty {
      throw TemplateError(
        .type,
        arguments.named.isEmpty
          ? "len() takes exactly one argument (\(arguments.count + 1) given)"
          : "len() takes no keyword arguments")
    }
    guard let count = try value.count() else {
      throw TemplateError(.type, "object of type '\(value.typeName)' has no len()")
    }
    return .int(count)
  }

  /// The elements of something that Python's `reversed` takes, in their own order.
  static func reversed(_ value: Value) throws -> [Value] {
    switch value {
    case .list, .tuple, .dict, .string, .markup: return try value.items()
    case .undefined: return try value.items()
    case .object(let object) where object.isSequence || object is DictView || object.isMapping:
      return try value.items()
    default: throw TemplateError(.type, "'\(value.typeName)' object is not reversible")
    }
  }

  static func isMappingObject(_ value: Value) -> Bool {
    if case .object(let object) = value { return object.isMapping }
    return false
  }

  /// The pairs of anything that has `items()`.
  static func mappingPairs(_ value: Value) throws -> [(key: Value, value: Value)] {
    switch value {
    case .dict(let dict): return dict.pairs
    case .undefined(let undefined): throw undefined.error
    case .object(let object) where object.isMapping:
      return try value.items().map { ($0, try object.item($0) ?? .none) }
    default: throw TemplateError(.attribute, "'\(value.typeName)' object has no attribute 'items'")
    }
  }

  private static func extreme(
    _ function: String, _ value: Value, _ arguments: Arguments, _ context: CallContext,
    _ isBetter: (Value, Value) throws -> Bool
  ) throws -> Value {
    let bound = try FilterArguments(function, arguments, ["case_sensitive", "attribute"], passes: 1)
    let path = try AttributePath(bound.some(1))
    let isSensitive = try bound.bool(0)
    let iterator = try value.makeIterator()
    guard var best = try iterator.next() else {
      return context.interpreter.undefined(hint: "No aggregated item, sequence was empty.")
    }
    func key(_ item: Value) throws -> Value {
      let key = try path.value(of: item, context.interpreter)
      return isSensitive ? key : Sorting.ignoringCase(key)
    }
    var bestKey = try key(best)
    while let item = try iterator.next() {
      let itemKey = try key(item)
      if try isBetter(itemKey, bestKey) {
        best = item
        bestKey = itemKey
      }
    }
    return best
  }
}

/// An iterator as a value.
final class IteratorObject: JinjaObject, ValueIterator {
  private let iterator: any ValueIterator
  let typeName: String

  init(typeName: String, _ iterator: any ValueIterator) {
    self.typeName = typeName
    self.iterator = iterator
  }

  var isIterable: Bool { true }
  func next() throws -> Value? { try iterator.next() }
  func makeIterator() -> (any ValueIterator)? { self }
}

/// A tuple whose elements have names too.
final class NamedTuple: JinjaObject {
  let typeName: String
  private let names: [String]
  let items: [Value]
  private let isShownPlain: Bool

  init(typeName: String, _ names: [String], _ items: [Value], isShownPlain: Bool = true) {
    self.typeName = typeName
    self.names = names
    self.items = items
    self.isShownPlain = isShownPlain
  }

  var isSequence: Bool { true }
  func item(_ key: Value) -> Value? { Value.element(key, items) }
  func attribute(_ name: String) -> Value? {
    names.firstIndex(of: name).map { items[$0] } ?? Methods.bound(name, of: .tuple(items))
  }
  func makeIterator() -> (any ValueIterator)? { ArrayIterator(items) }
  func count() -> Int? { items.count }
  func hash() throws -> Int? { try Value.tuple(items).hash() }

  func representation() throws -> String {
    if isShownPlain { return try Value.tuple(items).representation() }
    let parts = try zip(names, items).map { "\($0)=\(try $1.representation())" }
    return "\(typeName)(\(parts.joined(separator: ", ")))"
  }

  private func elements(_ value: Value) -> [Value]? {
    if case .tuple(let items) = value { return items }
    return value.object(as: NamedTuple.self)?.items
  }

  func isEqual(to other: Value) throws -> Bool {
    guard let others = elements(other) else { return false }
    return try Value.tuple(items).isEqual(to: .tuple(others))
  }

  func compare(to other: Value) throws -> Int? {
    guard let others = elements(other) else { return nil }
    if try isEqual(to: other) { return 0 }
    return try Value.tuple(items).isLess(than: .tuple(others)) ? -1 : 1
  }

  func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value? {
    let mine = Value.tuple(items)
    let theirs = elements(other).map { Value.tuple($0) } ?? other
    return try reflected ? theirs.applying(operation, mine) : mine.applying(operation, theirs)
  }
}
