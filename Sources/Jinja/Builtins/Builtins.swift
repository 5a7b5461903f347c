/// The filters, tests and globals that Jinja brings along.
public enum Builtins {
  static let filters: [String: Environment.Filter] = [
    textFilters, sequenceFilters, numberFilters, selectionFilters, markupFilters,
  ].reduce(into: [:]) { $0.merge($1) { $1 } }

  static let tests: [String: Environment.Test] = [typeTests, comparisonTests].reduce(into: [:]) {
    $0.merge($1) { $1 }
  }

  public static let filterNames = Set(filters.keys)
  public static let testNames = Set(tests.keys)

  /// A global function of Jinja: `range`, `dict`, `lipsum`, `cycler`, `joiner`, `namespace`.
  static func global(_ name: String) -> Value? {
    switch name {
    case "range":
      return .object(
        FunctionObject(name: "range", typeName: "type", shownAs: "<class 'range'>") { arguments, context in
          .object(try RangeObject.make(arguments, isSandboxed: context.environment.isSandboxed))
        })
    case "dict": return .object(DictType())
    case "namespace":
      return .object(
        FunctionObject(name: "Namespace", typeName: "type", shownAs: "<class 'jinja2.utils.Namespace'>") {
          arguments, _ in .object(NamespaceObject(try makeDict(arguments)))
        })
    case "cycler":
      return .object(
        FunctionObject(name: "Cycler", typeName: "type", shownAs: "<class 'jinja2.utils.Cycler'>") {
          arguments, _ in
          if arguments.positional.isEmpty {
            throw TemplateError(.runtime, "at least one item has to be provided")
          }
          return .object(CyclerObject(arguments.positional))
        })
    case "joiner":
      return .object(
        FunctionObject(name: "Joiner", typeName: "type", shownAs: "<class 'jinja2.utils.Joiner'>") {
          arguments, _ in
          .object(JoinerObject(try arguments.bind("Joiner.__init__", ["sep"])[0] ?? .string(", ")))
        })
    case "lipsum": return .function("generate_lorem_ipsum") { arguments, _ in try Lipsum.generate(arguments) }
    default: return nil
    }
  }

  /// Python's `dict(…)`: of a mapping or of pairs, and of named values.
  static func makeDict(_ arguments: Arguments) throws -> DictObject {
    if arguments.positional.count > 1 {
      throw TemplateError(.type, "dict expected at most 1 argument, got \(arguments.positional.count)")
    }
    let dict = DictObject()
    if let source = arguments.positional.first { try DictMethods.update(dict, from: source) }
    for (name, value) in arguments.named { dict[name] = value }
    return dict
  }
}

/// The type `dict`: makes dictionaries, and has `fromkeys`.
final class DictType: JinjaObject {
  var typeName: String { "type" }
  var isCallable: Bool { true }
  func representation() -> String { "<class 'dict'>" }

  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    .dict(try Builtins.makeDict(arguments))
  }

  func attribute(_ name: String) -> Value? {
    guard name == "fromkeys" else { return nil }
    return .function("fromkeys") { arguments, _ in
      let values = try arguments.bind("fromkeys", ["iterable", "value"], required: 1)
      let dict = DictObject()
      for key in try (values[0] ?? .none).items() { try dict.set(key, values[1] ?? .none) }
      return .dict(dict)
    }
  }
}

/// The arguments of a filter bound to the parameters of Jinja's function.
struct FilterArguments {
  let values: [Value?]

  /// - Parameters:
  ///   - passes: how many parameters come before the value (context, environment).
  ///   - names: the parameters after the value.
  init(
    _ function: String, _ arguments: Arguments, _ names: [String] = [], required: Int = 0, passes: Int = 0
  ) throws {
    if arguments.isEmpty, required == 0 {
      values = [Value?](repeating: nil, count: names.count)
      return
    }
    var all = Arguments([Value](repeating: .none, count: passes + 1) + arguments.positional)
    all.named = arguments.named
    let lead = ["environment", "value"].suffix(passes + 1)
    let bound = try all.bind(function, Array(lead) + names, required: passes + 1 + required)
    values = Array(bound.dropFirst(passes + 1))
  }

  subscript(index: Int) -> Value? { values[index] }

  /// The value, or nil where it was left out or is None.
  func some(_ index: Int) -> Value? {
    if let value = values[index], !value.isNone { return value }
    return nil
  }

  func bool(_ index: Int, default fallback: Bool = false) throws -> Bool {
    try values[index].map { try $0.isTrue() } ?? fallback
  }

  func int(_ index: Int, default fallback: Int) throws -> Int {
    guard let value = values[index] else { return fallback }
    return try value.index()
  }
}

extension Value {
  /// The integer that Python would use as an index or a count.
  func index() throws -> Int {
    if let value = intValue { return value }
    if case .undefined(let undefined) = self { throw undefined.error }
    if case .bigInt = self { throw TemplateError(.overflow, "Python int too large to convert to C ssize_t") }
    throw TemplateError(.type, "'\(typeName)' object cannot be interpreted as an integer")
  }

  /// The text of the value, and whether it is safe: Jinja's `soft_str`.
  func soft() throws -> (text: String, isSafe: Bool) {
    switch self {
    case .markup(let text): return (text, true)
    default: return (try text(), false)
    }
  }

  static func soft(_ text: String, isSafe: Bool) -> Value { isSafe ? .markup(text) : .string(text) }

  /// The value with its text changed; safe text stays safe.
  func mappingText(_ body: (String) throws -> String) throws -> Value {
    let (text, isSafe) = try soft()
    return .soft(try body(text), isSafe: isSafe)
  }
}
