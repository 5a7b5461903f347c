import Jinja
import OrderedCollections
import ProjectModel

extension Value {
  init(_ plain: PlainValue) {
    switch plain {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .list(let items): self = .list(items.map(Value.init))
    case .mapping(let entries): self = Value(entries)
    }
  }

  init(_ entries: OrderedDictionary<String, PlainValue>) {
    let dict = DictObject()
    for (key, value) in entries { dict[key] = Value(value) }
    self = .dict(dict)
  }

  init(optional text: String?) {
    self = text.map(Value.string) ?? .none
  }

  /// False for what YAML cannot say: relations, adapters, functions and decimals, also inside of lists and mappings.
  var isData: Bool {
    switch self {
    case .list(let list): list.items.allSatisfy(\.isData)
    case .tuple(let items): items.allSatisfy(\.isData)
    case .set(let set): set.items.allSatisfy(\.isData)
    case .dict(let dict): dict.pairs.allSatisfy { $0.0.isData && $0.1.isData }
    case .object(let object): ["datetime.date", "datetime.datetime"].contains(object.typeName)
    default: true
    }
  }

  /// The value as YAML would hold it: sets and tuples become lists, other objects their text.
  func plain() throws -> PlainValue {
    switch self {
    case .undefined, .none: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .bigInt(let value): return .string(String(describing: value))
    case .double(let value): return .double(value)
    case .string(let value), .markup(let value): return .string(value)
    case .list(let list): return .list(try list.items.map { try $0.plain() })
    case .tuple(let items): return .list(try items.map { try $0.plain() })
    case .set(let set): return .list(try set.items.map { try $0.plain() })
    case .dict(let dict):
      var entries: OrderedDictionary<String, PlainValue> = [:]
      for (key, value) in dict.pairs {
        let name = try key.plain()
        let text = try name.string ?? key.text()
        entries[text] = try value.plain()
      }
      return .mapping(entries)
    case .object(let object): return .string(try object.text())
    }
  }
}
