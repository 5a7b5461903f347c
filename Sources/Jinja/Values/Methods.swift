/// A method of a built-in type: the receiver, the arguments, the place of the call.
typealias Method = @Sendable (Value, Arguments, CallContext) throws -> Value

/// The methods of Python's built-in types by name.
enum Methods {
  static func find(_ name: String, of value: Value) -> Method? {
    switch value {
    case .string, .markup: StringMethods.table[name]
    case .list: ListMethods.table[name]
    case .tuple: ListMethods.tupleTable[name]
    case .dict: DictMethods.table[name]
    case .set: SetMethods.table[name]
    case .int, .bool, .bigInt, .double:
      NumberMethods.table[name].flatMap { $0.applies(value) ? $0.method : nil }
    default: nil
    }
  }

  /// The method as a value of its own, or an attribute that is no method.
  static func bound(_ name: String, of value: Value) -> Value? {
    if let method = find(name, of: value) {
      return .object(
        FunctionObject(
          name: name, typeName: "builtin_function_or_method",
          shownAs: "<built-in method \(name) of \(value.typeName) object>"
        ) { arguments, context in try method(value, arguments, context) })
    }
    return NumberMethods.attribute(name, of: value)
  }

  /// Whether Python's type has an attribute of this name that begins with an underscore.
  static func exists(internal name: String, on value: Value) -> Bool {
    if common.contains(name) { return true }
    switch value {
    case .string, .list, .tuple, .dict, .markup, .set: return container.contains(name)
    case .int, .bool, .double, .bigInt: return number.contains(name)
    default: return false
    }
  }

  private static let common: Set<String> = [
    "__class__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__", "__ge__", "__getattribute__",
    "__getstate__", "__gt__", "__hash__", "__init__", "__init_subclass__", "__le__", "__lt__", "__ne__",
    "__new__", "__reduce__", "__reduce_ex__", "__repr__", "__setattr__", "__sizeof__", "__str__",
    "__subclasshook__",
  ]
  private static let container: Set<String> = [
    "__len__", "__iter__", "__contains__", "__getitem__", "__add__", "__mul__", "__rmul__", "__getnewargs__",
    "__setitem__", "__delitem__", "__reversed__", "__mod__", "__rmod__", "__or__", "__ior__",
  ]
  private static let number: Set<String> = [
    "__abs__", "__add__", "__bool__", "__ceil__", "__divmod__", "__float__", "__floor__", "__floordiv__",
    "__int__", "__mod__", "__mul__", "__neg__", "__pos__", "__pow__", "__radd__", "__round__", "__rsub__",
    "__sub__", "__truediv__", "__trunc__",
  ]
}

extension DictObject {
  /// Whether Python's dictionaries have a method of this name.
  public static func hasMethod(_ name: String) -> Bool { DictMethods.table[name] != nil }

  /// A method of the dictionary, bound to it; nil when dictionaries have none of this name.
  public func method(_ name: String) -> Value? { Methods.bound(name, of: .dict(self)) }
}

/// Methods and attributes of numbers.
enum NumberMethods {
  struct Entry: Sendable {
    let applies: @Sendable (Value) -> Bool
    let method: Method
  }

  static let table: [String: Entry] = [
    "bit_length": Entry(applies: isInteger) { value, _, _ in .int(value.integer?.bitWidth ?? 0) },
    "bit_count": Entry(applies: isInteger) { value, _, _ in
      .int((value.integer?.limbs ?? []).reduce(0) { $0 + $1.nonzeroBitCount })
    },
    "conjugate": Entry(applies: { _ in true }) { value, _, _ in value },
    "is_integer": Entry(applies: isFloat) { value, _, _ in
      guard case .double(let number) = value else { return .bool(false) }
      return .bool(number.isFinite && number == number.rounded())
    },
    "as_integer_ratio": Entry(applies: { _ in true }) { value, _, _ in
      if let whole = value.integer { return .tuple([Value(whole), .int(1)]) }
      guard case .double(let number) = value, number.isFinite else {
        throw TemplateError(.value, "cannot convert NaN to integer ratio")
      }
      var numerator = number
      var shift = 0
      while numerator != numerator.rounded() {
        numerator *= 2
        shift += 1
      }
      return .tuple([Value(BigInteger(truncating: numerator)), Value(BigInteger(2).power(shift))])
    },
    "hex": Entry(applies: isFloat) { value, _, _ in .string(value.representationOrPlaceholder) },
  ]

  @Sendable private static func isInteger(_ value: Value) -> Bool { value.integer != nil }
  @Sendable private static func isFloat(_ value: Value) -> Bool {
    if case .double = value { true } else { false }
  }

  static func attribute(_ name: String, of value: Value) -> Value? {
    guard value.isNumber else { return nil }
    switch name {
    case "real": return value.intValue.map { .int($0) } ?? value
    case "imag": return isFloat(value) ? .double(0) : .int(0)
    case "numerator": return isInteger(value) ? value.integer.map { Value($0) } : nil
    case "denominator": return isInteger(value) ? .int(1) : nil
    default: return nil
    }
  }
}
