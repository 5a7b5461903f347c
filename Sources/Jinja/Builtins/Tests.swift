extension Builtins {
  static let typeTests: [String: Environment.Test] = [
    "defined": unary("test_defined") { value, _ in !value.isUndefined },
    "undefined": unary("test_undefined") { value, _ in value.isUndefined },
    "none": unary("test_none") { value, _ in value.isNone },
    "boolean": unary("test_boolean") { value, _ in if case .bool = value { true } else { false } },
    "true": unary("test_true") { value, _ in if case .bool(true) = value { true } else { false } },
    "false": unary("test_false") { value, _ in if case .bool(false) = value { true } else { false } },
    "integer": unary("test_integer") { value, _ in
      switch value {
      case .int, .bigInt: true
      default: false
      }
    },
    "float": unary("test_float") { value, _ in if case .double = value { true } else { false } },
    "number": unary("test_number") { value, _ in
      value.isNumber || value.object(as: DecimalObject.self) != nil
    },
    "string": unary("test_string") { value, _ in
      value.stringValue != nil || value.object(as: MarkedText.self) != nil
    },
    "mapping": unary("test_mapping") { value, _ in
      if case .dict = value { return true }
      return isMappingObject(value)
    },
    "sequence": unary("test_sequence") { value, _ in
      switch value {
      case .string, .markup, .list, .tuple, .dict: return true
      case .object(let object): return object.isSequence || object.isMapping
      case .undefined(let undefined): return undefined.behaviour != .strict
      default: return false
      }
    },
    "iterable": unary("test_iterable") { value, _ in
      switch value {
      case .string, .markup, .list, .tuple, .dict, .set: return true
      case .object(let object): return object.isIterable
      case .undefined(let undefined):
        if undefined.behaviour == .strict { throw undefined.error }
        return true
      default: return false
      }
    },
    "callable": unary("callable") { value, _ in
      switch value {
      case .object(let object): return object.isCallable
      case .undefined: return true
      default: return false
      }
    },
    "escaped": unary("test_escaped") { value, _ in
      if case .markup = value { return true }
      return false
    },
    "odd": unary("test_odd") { value, _ in try remainder(value, .int(2)).isEqual(to: .int(1)) },
    "even": unary("test_even") { value, _ in try remainder(value, .int(2)).isEqual(to: .int(0)) },
    "lower": unary("test_lower") { value, _ in StringTraits.isLower(try value.text()) },
    "upper": unary("test_upper") { value, _ in StringTraits.isUpper(try value.text()) },
    "filter": unary("test_filter", passes: 1) { value, context in
      _ = try value.hash()
      return value.stringValue.map { context.environment.filters[$0] != nil || filters[$0] != nil } ?? false
    },
    "test": unary("test_test", passes: 1) { value, context in
      _ = try value.hash()
      return value.stringValue.map { context.environment.tests[$0] != nil || tests[$0] != nil } ?? false
    },
  ]

  static let comparisonTests: [String: Environment.Test] = {
    var tests: [String: Environment.Test] = [
      "divisibleby": { value, arguments, _ in
        let number = try FilterArguments("test_divisibleby", arguments, ["num"], required: 1)[0] ?? .none
        return try remainder(value, number).isEqual(to: .int(0))
      },
      "sameas": { value, arguments, _ in
        let other = try FilterArguments("test_sameas", arguments, ["other"], required: 1)[0] ?? .none
        return try isSame(value, other)
      },
      "in": { value, arguments, _ in
        let sequence = try FilterArguments("test_in", arguments, ["seq"], required: 1)[0] ?? .none
        return try sequence.contains(value)
      },
    ]
    let operators: [(Comparison, String, [String])] = [
      (.equal, "eq", ["==", "eq", "equalto"]), (.notEqual, "ne", ["!=", "ne"]),
      (.greater, "gt", [">", "gt", "greaterthan"]), (.greaterOrEqual, "ge", [">=", "ge"]),
      (.less, "lt", ["<", "lt", "lessthan"]), (.lessOrEqual, "le", ["<=", "le"]),
    ]
    for (operation, function, names) in operators {
      for name in names {
        tests[name] = { value, arguments, _ in
          guard arguments.positional.count == 1, arguments.named.isEmpty else {
            throw TemplateError(
              .type,
              arguments.named.isEmpty
                ? "\(function) expected 2 arguments, got \(arguments.positional.count + 1)"
                : "\(function)() takes no keyword arguments")
          }
          return try value.compares(operation, to: arguments.positional[0])
        }
      }
    }
    return tests
  }()

  private static func unary(
    _ name: String, passes: Int = 0, _ body: @escaping @Sendable (Value, CallContext) throws -> Bool
  ) -> Environment.Test {
    { value, arguments, context in
      if !arguments.isEmpty, name == "callable" {
        throw TemplateError(.type, "callable() takes exactly one argument (\(arguments.count + 1) given)")
      }
      if !arguments.isEmpty { _ = try FilterArguments(name, arguments, passes: passes) }
      return try body(value, context)
    }
  }

  /// `value % divisor`, with text formatting left out of it: Python formats, then compares with a number.
  private static func remainder(_ value: Value, _ divisor: Value) throws -> Value {
    try value.applying(.modulo, divisor)
  }

  /// Python's `is`.
  private static func isSame(_ a: Value, _ b: Value) throws -> Bool {
    switch (a, b) {
    case (.none, .none): return true
    case (.bool(let x), .bool(let y)): return x == y
    case (.int(let x), .int(let y)): return x == y && (-5...256).contains(x)
    case (.string(let x), .string(let y)): return Value.sameText(x, y)
    case (.list(let x), .list(let y)): return x === y
    case (.dict(let x), .dict(let y)): return x === y
    case (.set(let x), .set(let y)): return x === y
    case (.object(let x), .object(let y)): return x === y
    case (.undefined(let x), .undefined(let y)): return x === y
    case (.tuple(let x), .tuple(let y)): return x.isEmpty && y.isEmpty
    default: return false
    }
  }
}
