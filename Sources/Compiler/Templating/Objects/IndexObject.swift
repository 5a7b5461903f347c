import Jinja
import ProjectModel

/// One entry of a model's `indexes`, as `adapter.parse_index` gives it.
final class IndexObject: JinjaObject {
  let columns: [String]
  let isUnique: Bool
  let type: String?

  init(columns: [String], isUnique: Bool, type: String?) {
    self.columns = columns
    self.isUnique = isUnique
    self.type = type
  }

  var typeName: String { "PostgresIndexConfig" }

  static func parse(_ arguments: Arguments) throws -> Value {
    guard let raw = arguments.value(0, "raw_index"), !raw.isNone else { return .none }
    guard case .dict(let index) = raw else {
      throw HostFailure(
        "bad-index", "an entry of indexes must be a mapping, it is \(raw.typeName)",
        help: "write indexes: [{columns: [id], unique: true}]")
    }
    for key in index.keys where !["columns", "unique", "type"].contains(key.stringValue ?? "") {
      throw HostFailure(
        "bad-index", "an index does not know '\(try key.text())'", help: "columns, unique and type are known")
    }
    guard let columns = index["columns"], case .list(let names) = columns else {
      throw HostFailure("bad-index", "an entry of indexes needs columns, a list of names")
    }
    return .object(
      IndexObject(
        columns: try names.items.map { try $0.text() }, isUnique: try index["unique"]?.isTrue() ?? false,
        type: try index["type"].flatMap { $0.isNone ? nil : try $0.text() }))
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "columns": return .strings(columns)
    case "unique": return .bool(isUnique)
    case "type": return Value(optional: type)
    case "render":
      return .function(name) { arguments, _ in
        let relation = arguments.value(0, "relation")?.object(as: RelationObject.self)?.render() ?? ""
        // The time makes the name new at every run, so that the old table's index is not in the way.
        let parts =
          self.columns + [
            relation, self.isUnique ? "True" : "False", self.type ?? "None",
            try TypedValue.now().text().replacing(" ", with: "T"),
          ]
        return .string(MD5.hexadecimal(parts.joined(separator: "_")))
      }
    default: return nil
    }
  }
}
