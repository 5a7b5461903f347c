/// The methods of Python's `list` and `tuple`.
enum ListMethods {
  static let table: [String: Method] = [
    "append": { value, arguments, _ in
      list(value).items.append(try one("append", arguments))
      return .none
    },
    "extend": { value, arguments, _ in
      let items = try one("extend", arguments).items()
      list(value).items += items
      return .none
    },
    "insert": { value, arguments, _ in
      let bound = try StringMethods.positional("insert", arguments, 2...2, type: "list")
      let target = list(value)
      var index = try bound[0].index()
      if index < 0 { index = max(0, index + target.items.count) }
      target.items.insert(bound[1], at: min(index, target.items.count))
      return .none
    },
    "pop": { value, arguments, _ in
      let bound = try StringMethods.positional("pop", arguments, 0...1, type: "list")
      let target = list(value)
      if target.items.isEmpty { throw TemplateError(.index, "pop from empty list") }
      var index = try bound.first?.index() ?? -1
      if index < 0 { index += target.items.count }
      guard target.items.indices.contains(index) else {
        throw TemplateError(.index, "pop index out of range")
      }
      return target.items.remove(at: index)
    },
    "remove": { value, arguments, _ in
      let item = try one("remove", arguments)
      let target = list(value)
      guard let index = try target.items.firstIndex(where: { try $0.isEqual(to: item) }) else {
        throw TemplateError(.value, "list.remove(x): x not in list")
      }
      target.items.remove(at: index)
      return .none
    },
    "reverse": { value, arguments, _ in
      _ = try StringMethods.positional("reverse", arguments, 0...0, type: "list")
      list(value).items.reverse()
      return .none
    },
    "clear": { value, arguments, _ in
      _ = try StringMethods.positional("clear", arguments, 0...0, type: "list")
      list(value).items.removeAll()
      return .none
    },
    "copy": { value, arguments, _ in
      _ = try StringMethods.positional("copy", arguments, 0...0, type: "list")
      return .list(list(value).items)
    },
    "sort": { value, arguments, context in
      if !arguments.positional.isEmpty { throw TemplateError(.type, "sort() takes no positional arguments") }
      let bound = try arguments.bind("sort", ["key", "reverse"])
      let target = list(value)
      var keys = target.items
      if let key = bound[0], !key.isNone { keys = try keys.map { try context.call(key, Arguments([$0])) } }
      target.items = try Sorting.sorted(
        target.items, keys: keys, reverse: try bound[1]?.isTrue() ?? false)
      return .none
    },
    "index": { value, arguments, _ in try index(list(value).items, arguments, "list") },
    "count": { value, arguments, _ in
      let item = try one("count", arguments)
      return .int(try list(value).items.filter { try $0.isEqual(to: item) }.count)
    },
  ]

  static let tupleTable: [String: Method] = [
    "index": { value, arguments, _ in try index(value.items(), arguments, "tuple") },
    "count": { value, arguments, _ in
      let item = try one("count", arguments)
      return .int(try value.items().filter { try $0.isEqual(to: item) }.count)
    },
  ]

  private static func list(_ value: Value) -> ListObject {
    if case .list(let list) = value { return list }
    return ListObject()
  }

  private static func one(_ name: String, _ arguments: Arguments) throws -> Value {
    try StringMethods.positional(name, arguments, 1...1, type: "list")[0]
  }

  private static func index(_ items: [Value], _ arguments: Arguments, _ type: String) throws -> Value {
    let bound = try StringMethods.positional("index", arguments, 1...3, type: type)
    let range = try SliceRange(
      bound.count > 1 ? bound[1] : .none, bound.count > 2 ? bound[2] : .none, .none, count: items.count)
    for index in range.positions where try items[index].isEqual(to: bound[0]) { return .int(index) }
    throw TemplateError(
      .value,
      type == "tuple" ? "tuple.index(x): x not in tuple" : "\(try bound[0].representation()) is not in list")
  }
}

/// The methods of Python's `dict`.
enum DictMethods {
  static let table: [String: Method] = [
    "keys": { value, arguments, _ in try view("keys", value, arguments, .keys) },
    "values": { value, arguments, _ in try view("values", value, arguments, .values) },
    "items": { value, arguments, _ in try view("items", value, arguments, .items) },
    "get": { value, arguments, _ in
      let bound = try StringMethods.positional("get", arguments, 1...2, type: "dict")
      return try dict(value).value(for: bound[0]) ?? (bound.count > 1 ? bound[1] : .none)
    },
    "setdefault": { value, arguments, _ in
      let bound = try StringMethods.positional("setdefault", arguments, 1...2, type: "dict")
      if let found = try dict(value).value(for: bound[0]) { return found }
      let fallback = bound.count > 1 ? bound[1] : .none
      try dict(value).set(bound[0], fallback)
      return fallback
    },
    "pop": { value, arguments, _ in
      let bound = try StringMethods.positional("pop", arguments, 1...2, type: "dict")
      if let removed = try dict(value).remove(bound[0]) { return removed }
      if bound.count > 1 { return bound[1] }
      throw TemplateError(.key, try bound[0].representation())
    },
    "popitem": { value, arguments, _ in
      _ = try StringMethods.positional("popitem", arguments, 0...0, type: "dict")
      guard let (key, item) = dict(value).removeLast() else {
        throw TemplateError(.key, "'popitem(): dictionary is empty'")
      }
      return .tuple([key, item])
    },
    "update": { value, arguments, _ in
      if arguments.positional.count > 1 {
        throw TemplateError(
          .type, "update expected at most 1 argument, got \(arguments.positional.count)")
      }
      if let source = arguments.positional.first { try update(dict(value), from: source) }
      for (name, item) in arguments.named { dict(value)[name] = item }
      return .none
    },
    "clear": { value, arguments, _ in
      _ = try StringMethods.positional("clear", arguments, 0...0, type: "dict")
      dict(value).removeAll()
      return .none
    },
    "copy": { value, arguments, _ in
      _ = try StringMethods.positional("copy", arguments, 0...0, type: "dict")
      return .dict(dict(value).copy())
    },
    "fromkeys": { _, arguments, context in
      guard let function = DictType().attribute("fromkeys") else { return .none }
      return try context.call(function, arguments)
    },
  ]

  private static func dict(_ value: Value) -> DictObject {
    if case .dict(let dict) = value { return dict }
    return DictObject()
  }

  private static func view(
    _ name: String, _ value: Value, _ arguments: Arguments, _ part: DictView.Part
  ) throws -> Value {
    _ = try StringMethods.positional(name, arguments, 0...0, type: "dict")
    return .object(DictView(dict(value), part))
  }

  /// Adds what a mapping or an iterable of pairs has.
  static func update(_ dict: DictObject, from source: Value) throws {
    switch source {
    case .dict(let other): for (key, value) in other.pairs { try dict.set(key, value) }
    case .object(let object) where object.isMapping:
      for key in try source.items() { try dict.set(key, try object.item(key) ?? .none) }
    default:
      if case .undefined(let undefined) = source, undefined.behaviour != .standard { throw undefined.error }
      for (index, element) in try source.items().enumerated() {
        let pair: [Value]
        do {
          pair = try element.items()
        } catch let error as TemplateError where error.kind == .type {
          throw TemplateError(
            .type, "cannot convert dictionary update sequence element #\(index) to a sequence")
        }
        guard pair.count == 2 else {
          throw TemplateError(
            .value,
            "dictionary update sequence element #\(index) has length \(pair.count); 2 is required")
        }
        try dict.set(pair[0], pair[1])
      }
    }
  }
}

/// The methods of Python's `set`.
enum SetMethods {
  static let table: [String: Method] = [
    "add": { value, arguments, _ in
      try set(value).insert(try one("add", arguments))
      return .none
    },
    "discard": { value, arguments, _ in
      try set(value).members.remove(try one("discard", arguments))
      return .none
    },
    "remove": { value, arguments, _ in
      let item = try one("remove", arguments)
      if try set(value).members.remove(item) == nil { throw TemplateError(.key, try item.representation()) }
      return .none
    },
    "pop": { value, _, _ in
      guard let first = set(value).items.first else { throw TemplateError(.key, "'pop from an empty set'") }
      try set(value).members.remove(first)
      return first
    },
    "clear": { value, _, _ in
      set(value).members.removeAll()
      return .none
    },
    "copy": { value, _, _ in .set(try SetObject(set(value).items)) },
    "update": { value, arguments, _ in
      for other in arguments.positional { for item in try other.items() { try set(value).insert(item) } }
      return .none
    },
    "union": { value, arguments, _ in
      let result = try SetObject(set(value).items)
      for other in arguments.positional { for item in try other.items() { try result.insert(item) } }
      return .set(result)
    },
    "intersection": { value, arguments, _ in
      var items = set(value).items
      for other in arguments.positional {
        let members = try SetObject(try other.items())
        items = try items.filter { try members.contains($0) }
      }
      return .set(try SetObject(items))
    },
    "difference": { value, arguments, _ in
      var items = set(value).items
      for other in arguments.positional {
        let members = try SetObject(try other.items())
        items = try items.filter { try !members.contains($0) }
      }
      return .set(try SetObject(items))
    },
    "symmetric_difference": { value, arguments, _ in
      let other = try SetObject(try one("symmetric_difference", arguments).items())
      let mine = set(value)
      return .set(
        try SetObject(
          mine.items.filter { try !other.contains($0) } + other.items.filter { try !mine.contains($0) }))
    },
    "issubset": { value, arguments, _ in
      let other = try SetObject(try one("issubset", arguments).items())
      return .bool(try set(value).items.allSatisfy { try other.contains($0) })
    },
    "issuperset": { value, arguments, _ in
      let mine = set(value)
      return .bool(try one("issuperset", arguments).items().allSatisfy { try mine.contains($0) })
    },
    "isdisjoint": { value, arguments, _ in
      let mine = set(value)
      return .bool(try one("isdisjoint", arguments).items().allSatisfy { try !mine.contains($0) })
    },
  ]

  private static func set(_ value: Value) -> SetObject {
    if case .set(let set) = value { return set }
    return SetObject.empty
  }

  private static func one(_ name: String, _ arguments: Arguments) throws -> Value {
    try StringMethods.positional(name, arguments, 1...1, type: "set")[0]
  }
}
