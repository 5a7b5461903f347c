import Jinja

/// How the indexes of a materialized view differ from those of its config. An index is its columns as a set, its kind and
/// its uniqueness; its name says nothing.
struct IndexChanges {
  private struct Shape: Hashable {
    var columns: Set<String>
    var type: String
    var isUnique: Bool
  }

  private var dropped: [(name: String, shape: Shape)] = []
  private var created: [(columns: [String], shape: Shape)] = []

  /// - Parameters:
  ///   - results: what `describe_materialized_view` gives: a table of the indexes under `indexes`.
  ///   - model: the node, whose config has `indexes`.
  init(results: Value, model: Value) throws {
    var existing: [(name: String, shape: Shape)] = []
    let table = (try Self.entry("indexes", of: results))?.object(as: TableObject.self) ?? .empty
    for row in table.rows {
      func text(_ column: String) throws -> String {
        try table.columnNames.firstIndex(of: column).map { try row.values[$0].text() } ?? ""
      }
      existing.append(
        (
          try text("name"),
          Shape(
            columns: Set(try text("column_names").lowercased().split(separator: ",").map(String.init)),
            type: try text("method"), isUnique: try text("unique") == "True")
        ))
    }
    let config = try Self.entry("config", of: model) ?? .none
    var wanted: [(columns: [String], shape: Shape)] = []
    if case .list(let list)? = try Self.entry("indexes", of: config) {
      for item in list.items {
        guard case .dict(let index) = item, case .list(let names)? = index["columns"] else { continue }
        let columns = try names.items.map { try $0.text() }
        wanted.append(
          (
            columns,
            Shape(
              columns: Set(columns.map { $0.lowercased() }),
              type: try index["type"].flatMap { $0.isNone ? nil : try $0.text() } ?? "btree",
              isUnique: try index["unique"]?.isTrue() ?? false)
          ))
      }
    }
    dropped = existing.filter { old in !wanted.contains { $0.shape == old.shape } }
    created = wanted.filter { new in !existing.contains { $0.shape == new.shape } }
  }

  /// dbt's collection of changes: what goes before what comes; none where nothing differs.
  var value: Value {
    guard !(dropped.isEmpty && created.isEmpty) else { return .none }
    let drops = dropped.map {
      Self.change("drop", name: $0.name, columns: $0.shape.columns.sorted(), $0.shape)
    }
    let creations = created.map { Self.change("create", name: nil, columns: $0.columns, $0.shape) }
    return .dict([
      ("indexes", .list(drops + creations)), ("requires_full_refresh", .bool(false)),
      ("has_changes", .bool(true)),
    ])
  }

  private static func change(_ action: String, name: String?, columns: [String], _ shape: Shape) -> Value {
    let entry: Value = .dict([
      ("columns", .strings(columns)), ("unique", .bool(shape.isUnique)), ("type", .string(shape.type)),
    ])
    return .dict([
      ("action", .string(action)),
      (
        "context",
        .dict([
          ("name", Value(optional: name)), ("column_names", .strings(columns)),
          ("unique", .bool(shape.isUnique)), ("method", .string(shape.type)), ("as_node_config", entry),
        ])
      ),
    ])
  }

  private static func entry(_ name: String, of value: Value) throws -> Value? {
    if case .dict(let dict) = value { return dict[name] }
    guard case .object(let object) = value else { return nil }
    return try object.item(.string(name)) ?? object.attribute(name)
  }
}
