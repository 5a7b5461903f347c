import Jinja
import ProjectModel

/// One hook of a config: its template and where it runs.
struct HookDefinition {
  var sql: String
  var inTransaction = true

  /// The hooks of a config's value: texts, mappings with `sql` and `transaction`, or texts that hold such a mapping as JSON.
  static func list(_ value: PlainValue?) -> [HookDefinition] {
    switch value {
    case nil, .null: return []
    case .list(let items): return items.flatMap { list($0) }
    case .string(let text): return [HookDefinition(parsing: text)]
    case .mapping(let entries):
      guard let sql = entries["sql"]?.string else { return [] }
      return [HookDefinition(sql: sql, inTransaction: entries["transaction"]?.bool ?? true)]
    default: return []
    }
  }

  init(sql: String, inTransaction: Bool = true) {
    self.sql = sql
    self.inTransaction = inTransaction
  }

  /// `before_begin` and `after_commit` leave such JSON in the config.
  init(parsing text: String) {
    if text.contains("\"transaction\""), case .dict(let dict)? = JSONText.parse(text.trimmed),
      let sql = dict["sql"]?.stringValue
    {
      self.init(sql: sql, inTransaction: (try? dict["transaction"]?.isTrue()) ?? true)
    } else {
      self.init(sql: text)
    }
  }
}
