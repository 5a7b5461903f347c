public import OrderedCollections

/// A value as YAML and JSON write it: what `vars`, `meta`, test arguments and configs hold.
///
/// Mappings keep the order in which they were written. Dates stay strings, as in dbt's artifacts.
public enum PlainValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([PlainValue])
  case mapping(OrderedDictionary<String, PlainValue>)
}

extension PlainValue {
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var int: Int? { if case .int(let value) = self { value } else { nil } }
  public var list: [PlainValue]? { if case .list(let value) = self { value } else { nil } }
  public var mapping: OrderedDictionary<String, PlainValue>? {
    if case .mapping(let value) = self { value } else { nil }
  }
  public var isNull: Bool { self == .null }

  /// One string, or each string of a list; nil when anything else is in it.
  public var strings: [String]? {
    switch self {
    case .string(let one): return [one]
    case .list(let items):
      let strings = items.compactMap(\.string)
      return strings.count == items.count ? strings : nil
    default: return nil
    }
  }

  /// The word a message uses for this kind of value.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int: "an integer"
    case .double: "a number"
    case .string: "a string"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension PlainValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: PlainValue...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, PlainValue)...) {
    self = .mapping(OrderedDictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}
