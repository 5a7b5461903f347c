/// A value of the template language, with Python's types and Python's meaning.
///
/// Lists, dictionaries, sets and objects are references, as in Python; the rest are plain values.
/// Values belong to one render on one thread.
public enum Value {
  case undefined(Undefined)
  case none
  case bool(Bool)
  case int(Int)
  /// An integer that does not fit 64 bits; never one that does.
  case bigInt(BigInteger)
  case double(Double)
  case string(String)
  /// Text that is safe to put into HTML.
  case markup(String)
  case list(ListObject)
  case tuple([Value])
  case dict(DictObject)
  case set(SetObject)
  case object(any JinjaObject)
}

extension Value {
  public static func list(_ items: [Value]) -> Value { .list(ListObject(items)) }

  /// A dictionary with these entries, in this order; a later one replaces an earlier one.
  public static func dict(_ entries: [(String, Value)]) -> Value {
    let dict = DictObject()
    for (key, value) in entries { dict[key] = value }
    return .dict(dict)
  }

  public static func strings(_ items: some Sequence<String>) -> Value {
    .list(ListObject(items.map(Value.string)))
  }

  /// A host function that templates can call.
  public static func function(
    _ name: String, _ body: @escaping (Arguments, CallContext) throws -> Value
  ) -> Value {
    .object(FunctionObject(name: name, body: body))
  }

  public init(_ constant: Constant) {
    switch constant {
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .bigInt(let value): self = .bigInt(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    }
  }

  /// The integer of any size, in the smallest case that holds it.
  public init(_ integer: BigInteger) {
    if let small = integer.int { self = .int(small) } else { self = .bigInt(integer) }
  }

  /// The text of a string, safe or not.
  @inlinable
  public var stringValue: String? {
    switch self {
    case .string(let text), .markup(let text): return text
    default: return nil
    }
  }

  /// The integer of an int or a bool.
  public var intValue: Int? {
    switch self {
    case .int(let value): return value
    case .bool(let value): return value ? 1 : 0
    default: return nil
    }
  }

  public var isUndefined: Bool { if case .undefined = self { true } else { false } }
  public var isNone: Bool { if case .none = self { true } else { false } }

  /// The host object, when it is one of this class.
  public func object<Object: JinjaObject>(as type: Object.Type) -> Object? {
    if case .object(let object) = self { return object as? Object }
    return nil
  }

  /// The name of the Python type: `str`, `int`, `NoneType`.
  public var typeName: String {
    switch self {
    case .undefined(let undefined): return undefined.behaviour.typeName
    case .none: return "NoneType"
    case .bool: return "bool"
    case .int, .bigInt: return "int"
    case .double: return "float"
    case .string: return "str"
    case .markup: return "Markup"
    case .list: return "list"
    case .tuple: return "tuple"
    case .dict: return "dict"
    case .set(let set): return set.isFrozen ? "frozenset" : "set"
    case .object(let object): return object.typeName
    }
  }

  /// How a message about a missing attribute names the value: `dict object`.
  var typeDescription: String {
    switch self {
    case .none: return "None"
    case .markup: return "markupsafe.Markup object"
    case .undefined(let undefined): return "jinja2.runtime.\(undefined.behaviour.typeName) object"
    case .object(let object): return object.qualifiedTypeName + " object"
    default: return typeName + " object"
    }
  }
}
