/// An object of the host that templates can use: look up, call, loop over, print, compare.
///
/// Every requirement has a default, that of a plain Python object; nil from a lookup means
/// that there is no such thing, and the interpreter makes the undefined value or the error.
public protocol JinjaObject: AnyObject {
  /// The name of the type in messages.
  var typeName: String { get }
  /// The same with its module, where Jinja's messages show it.
  var qualifiedTypeName: String { get }
  var isCallable: Bool { get }
  var isMapping: Bool { get }
  var isSequence: Bool { get }
  var isIterable: Bool { get }
  /// The attribute of this name: `object.name`.
  func attribute(_ name: String) throws -> Value?
  /// The element of this key: `object[key]`.
  func item(_ key: Value) throws -> Value?
  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value
  /// A new iterator, or nil when the object cannot be looped over.
  func makeIterator() throws -> (any ValueIterator)?
  /// The number of elements, or nil when the object has no length.
  func count() throws -> Int?
  /// Python's truth of the object.
  func isTrue() throws -> Bool
  /// What printing the object gives: Python's `str()`.
  func text() throws -> String
  /// Python's `repr()`.
  func representation() throws -> String
  func isEqual(to other: Value) throws -> Bool
  /// A hash that agrees with ``isEqual(to:)``, or nil when the object cannot be a key.
  func hash() throws -> Int?
  /// Negative, zero or positive as the object comes before, with or after the other; nil: no order.
  func compare(to other: Value) throws -> Int?
  /// The result of `self operator other`, or of `other operator self` when reflected; nil: not supported.
  func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value?
  /// Whether `value in object` holds, or nil to find out by looping.
  func contains(_ value: Value) throws -> Bool?
}

extension JinjaObject {
  public var typeName: String { "object" }
  public var qualifiedTypeName: String { typeName }
  public var isCallable: Bool { false }
  public var isMapping: Bool { false }
  public var isSequence: Bool { false }
  public var isIterable: Bool { isMapping || isSequence }
  public func attribute(_ name: String) throws -> Value? { nil }
  public func item(_ key: Value) throws -> Value? { nil }
  public func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    throw TemplateError(.type, "'\(typeName)' object is not callable")
  }
  public func makeIterator() throws -> (any ValueIterator)? { nil }
  public func count() throws -> Int? { nil }
  public func isTrue() throws -> Bool { try count().map { $0 != 0 } ?? true }
  public func text() throws -> String { try representation() }
  public func representation() throws -> String { "<\(qualifiedTypeName) object>" }
  public func isEqual(to other: Value) throws -> Bool {
    if case .object(let object) = other { return object === self }
    return false
  }
  public func hash() throws -> Int? { ObjectIdentifier(self).hashValue }
  public func compare(to other: Value) throws -> Int? { nil }
  public func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value? { nil }
  public func contains(_ value: Value) throws -> Bool? { nil }
}

/// Gives the elements of a value one after the other.
public protocol ValueIterator: AnyObject {
  func next() throws -> Value?
}

/// A Swift function that templates can call.
public final class FunctionObject: JinjaObject {
  public let name: String
  let body: (Arguments, CallContext) throws -> Value
  /// What a message calls the function's type.
  public let typeName: String
  let shownAs: String

  public init(
    name: String, typeName: String = "function", shownAs: String? = nil,
    body: @escaping (Arguments, CallContext) throws -> Value
  ) {
    self.name = name
    self.body = body
    self.typeName = typeName
    self.shownAs = shownAs ?? "<function \(name)>"
  }

  public var isCallable: Bool { true }

  public func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    try body(arguments, context)
  }

  public func representation() -> String { shownAs }
}
