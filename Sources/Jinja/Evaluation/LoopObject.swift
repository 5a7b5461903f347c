/// The `loop` variable: where a loop is, and what is next to it.
final class LoopObject: JinjaObject, ValueIterator {
  private let node: ForStatement
  private let items: Value?
  private var iterator: any ValueIterator
  private let depth0: Int
  private let scope: Scope
  private unowned let interpreter: Interpreter
  private var index0 = -1
  private var length: Int?
  private var after: Value?
  private var current: Value?
  private var before: Value?
  private var lastChanged: [Value]?

  init(
    node: ForStatement, items: Value?, iterator: any ValueIterator, depth: Int, scope: Scope,
    interpreter: Interpreter
  ) {
    self.node = node
    self.items = items
    self.iterator = iterator
    depth0 = depth
    self.scope = scope
    self.interpreter = interpreter
  }

  func next() throws -> Value? {
    let value: Value?
    if let after {
      value = after
      self.after = nil
    } else {
      value = try iterator.next()
    }
    guard let value else { return nil }
    index0 += 1
    before = current
    current = value
    return value
  }

  private func peek() throws -> Value? {
    if after == nil { after = try iterator.next() }
    return after
  }

  private func total() throws -> Int {
    if let length { return length }
    let result: Int
    if let count = try items?.count() {
      result = count
    } else {
      var rest: [Value] = []
      while let item = try iterator.next() { rest.append(item) }
      iterator = ArrayIterator(rest)
      result = rest.count + index0 + 1 + (after == nil ? 0 : 1)
    }
    length = result
    return result
  }

  var typeName: String { "LoopContext" }
  var qualifiedTypeName: String { "jinja2.runtime.LoopContext" }
  var isCallable: Bool { true }
  var isIterable: Bool { true }
  func count() throws -> Int? { try total() }
  func representation() throws -> String { "<LoopContext \(index0 + 1)/\(try total())>" }

  /// Renders the loop's body for other items: the loop must be recursive.
  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    guard node.isRecursive else {
      throw TemplateError(
        .type, "The loop must have the 'recursive' marker to be called recursively.")
    }
    let items = try arguments.bind("LoopContext.__call__", ["iterable"], required: 1)[0] ?? .none
    return try interpreter.recurse(node, over: items, depth: depth0 + 1, scope)
  }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "index": return .int(index0 + 1)
    case "index0": return .int(index0)
    case "first": return .bool(index0 == 0)
    case "last": return .bool(try peek() == nil)
    case "length": return .int(try total())
    case "revindex": return .int(try total() - index0)
    case "revindex0": return .int(try total() - index0 - 1)
    case "depth": return .int(depth0 + 1)
    case "depth0": return .int(depth0)
    case "previtem":
      if index0 == 0 { return interpreter.undefined(hint: "there is no previous item") }
      return before ?? interpreter.undefined(hint: "there is no previous item")
    case "nextitem": return try peek() ?? interpreter.undefined(hint: "there is no next item")
    case "cycle":
      return .function("cycle") { [self] arguments, _ in
        if arguments.positional.isEmpty { throw TemplateError(.type, "no items for cycling given") }
        return arguments.positional[index0 % arguments.positional.count]
      }
    case "changed":
      return .function("changed") { [self] arguments, _ in
        let values = arguments.positional
        if let last = lastChanged, try Value.tuple(last).isEqual(to: .tuple(values)) { return .bool(false) }
        lastChanged = values
        return .bool(true)
      }
    default: return nil
    }
  }
}
