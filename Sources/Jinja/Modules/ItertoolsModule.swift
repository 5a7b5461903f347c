extension PythonModules {
  public static func itertools() -> Value {
    var values: [String: Value] = [:]
    func add(_ name: String, _ body: @escaping (Arguments, CallContext) throws -> any ValueIterator) {
      values[name] = .function(name) { arguments, context in
        .object(IteratorObject(typeName: "itertools.\(name)", try body(arguments, context)))
      }
    }
    add("chain") { arguments, _ in ArrayIterator(try arguments.positional.flatMap { try $0.items() }) }
    add("product") { arguments, _ in
      let pools = try arguments.positional.map { try $0.items() }
      let times = try arguments.named("repeat")?.index() ?? 1
      var rows: [[Value]] = [[]]
      for pool in (0..<max(0, times)).flatMap({ _ in pools }) {
        rows = rows.flatMap { row in pool.map { row + [$0] } }
      }
      return ArrayIterator(rows.map { .tuple($0) })
    }
    add("combinations") { arguments, _ in
      let bound = try arguments.bind("combinations", ["iterable", "r"], required: 2)
      let items = try (bound[0] ?? .none).items()
      return ArrayIterator(
        try choices(items.count, bound[1], isOrdered: false, repeats: false).map {
          .tuple($0.map { items[$0] })
        })
    }
    add("combinations_with_replacement") { arguments, _ in
      let bound = try arguments.bind("combinations_with_replacement", ["iterable", "r"], required: 2)
      let items = try (bound[0] ?? .none).items()
      return ArrayIterator(
        try choices(items.count, bound[1], isOrdered: false, repeats: true).map {
          .tuple($0.map { items[$0] })
        })
    }
    add("permutations") { arguments, _ in
      let bound = try arguments.bind("permutations", ["iterable", "r"], required: 1)
      let items = try (bound[0] ?? .none).items()
      return ArrayIterator(
        try choices(items.count, bound[1] ?? .int(items.count), isOrdered: true, repeats: false)
          .map { .tuple($0.map { items[$0] }) })
    }
    add("repeat") { arguments, _ in
      let bound = try arguments.bind("repeat", ["object", "times"], required: 1)
      var left = try bound[1]?.index() ?? Int.max
      let value = bound[0] ?? .none
      return GeneratedIterator {
        guard left > 0 else { return nil }
        left -= 1
        return value
      }
    }
    add("count") { arguments, _ in
      let bound = try arguments.bind("count", ["start", "step"])
      var next = bound[0] ?? .int(0)
      let step = bound[1] ?? .int(1)
      return GeneratedIterator {
        let value = next
        next = try next.applying(.add, step)
        return value
      }
    }
    add("cycle") { arguments, _ in
      let items = try (arguments.positional.first ?? .none).items()
      var position = 0
      return GeneratedIterator {
        if items.isEmpty { return nil }
        defer { position = (position + 1) % items.count }
        return items[position]
      }
    }
    add("islice") { arguments, _ in
      let values = arguments.positional
      guard values.count > 1 else {
        throw TemplateError(.type, "islice expected at least 2 arguments, got \(values.count)")
      }
      let iterator = try values[0].makeIterator()
      let start = values.count > 2 && !values[1].isNone ? try values[1].index() : 0
      let stopValue = values.count > 2 ? values[2] : values[1]
      let stop = stopValue.isNone ? Int.max : try stopValue.index()
      let step = values.count > 3 && !values[3].isNone ? try values[3].index() : 1
      var position = 0
      var next = start
      return GeneratedIterator {
        while next < stop, let item = try iterator.next() {
          defer { position += 1 }
          if position == next {
            next += step
            return item
          }
        }
        return nil
      }
    }
    add("accumulate") { arguments, context in
      let bound = try arguments.bind("accumulate", ["iterable", "func", "initial"], required: 1)
      var total = bound[2].flatMap { $0.isNone ? nil : $0 }
      var results: [Value] = total.map { [$0] } ?? []
      for item in try (bound[0] ?? .none).items() {
        if let current = total {
          if let function = bound[1], !function.isNone {
            total = try context.call(function, Arguments([current, item]))
          } else {
            total = try current.applying(.add, item)
          }
        } else {
          total = item
        }
        if let total { results.append(total) }
      }
      return ArrayIterator(results)
    }
    add("zip_longest") { arguments, _ in
      let columns = try arguments.positional.map { try $0.items() }
      let filler = arguments.named("fillvalue") ?? .none
      return ArrayIterator(
        (0..<(columns.map(\.count).max() ?? 0)).map { row in
          .tuple(columns.map { row < $0.count ? $0[row] : filler })
        })
    }
    add("groupby") { arguments, context in
      let bound = try arguments.bind("groupby", ["iterable", "key"], required: 1)
      var groups: [(Value, [Value])] = []
      for item in try (bound[0] ?? .none).items() {
        var key = item
        if let function = bound[1], !function.isNone { key = try context.call(function, Arguments([item])) }
        if let last = groups.last, try last.0.isEqual(to: key) {
          groups[groups.count - 1].1.append(item)
        } else {
          groups.append((key, [item]))
        }
      }
      return ArrayIterator(
        groups.map {
          .tuple([$0, .object(IteratorObject(typeName: "itertools._grouper", ArrayIterator($1)))])
        })
    }
    for (name, keeps) in [("takewhile", true), ("dropwhile", false)] {
      add(name) { arguments, context in
        let bound = try arguments.bind(name, ["predicate", "iterable"], required: 2)
        let items = try (bound[1] ?? .none).items()
        let end = try items.firstIndex { try !context.call(bound[0] ?? .none, Arguments([$0])).isTrue() }
        return ArrayIterator(Array(keeps ? items[..<(end ?? items.count)] : items[(end ?? items.count)...]))
      }
    }
    add("compress") { arguments, _ in
      let bound = try arguments.bind("compress", ["data", "selectors"], required: 2)
      let pairs = zip(try (bound[0] ?? .none).items(), try (bound[1] ?? .none).items())
      return ArrayIterator(try pairs.filter { try $0.1.isTrue() }.map(\.0))
    }
    add("starmap") { arguments, context in
      let bound = try arguments.bind("starmap", ["function", "iterable"], required: 2)
      return ArrayIterator(
        try (bound[1] ?? .none).items().map { try context.call(bound[0] ?? .none, Arguments(try $0.items())) }
      )
    }
    return .object(ModuleObject("itertools", values))
  }

  /// Positions of the chosen elements, in Python's order.
  private static func choices(
    _ count: Int, _ size: Value?, isOrdered: Bool, repeats: Bool
  ) throws -> [[Int]] {
    let size = try (size ?? .none).index()
    if size < 0 { throw TemplateError(.value, "r must be non-negative") }
    var rows: [[Int]] = [[]]
    for _ in 0..<min(size, repeats ? size : count + 1) {
      rows = rows.flatMap { row in
        (0..<count).filter { position in
          if isOrdered { return !row.contains(position) }
          guard let last = row.last else { return true }
          return repeats ? position >= last : position > last
        }.map { row + [$0] }
      }
    }
    return rows
  }
}
