import Jinja

// What makes new tables of several, or of groups of rows: agate's `join`, `merge`, `pivot`, `group_by`, `normalize`.
extension TableObject {
  func combining(_ name: String) -> Value? {
    switch name {
    case "join":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(
          name, ["right_table", "left_key", "right_key", "inner", "full_outer"], required: 2)
        guard let right = bound[0]?.object(as: TableObject.self) else {
          throw TemplateError(.type, "join() takes a table")
        }
        let left = try self.keys(bound[1] ?? .none)
        let given = try bound[2].flatMap { $0.isNone ? nil : try self.keys($0) }
        return .object(
          try self.joined(
            right, left, given ?? left, inner: try bound[3]?.isTrue() ?? false,
            fullOuter: try bound[4]?.isTrue() ?? false))
      }
    case "merge":
      return .function(name) { arguments, _ in
        let tables = try RenderContext.items(of: arguments.value(0, "tables") ?? .none)
          .compactMap { $0.object(as: TableObject.self) }
        return .object(try Self.merged(tables))
      }
    case "pivot":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["key", "pivot"])
        let keys = try bound[0].map { $0.isNone ? [] : try self.keys($0) } ?? []
        guard bound[1].map(\.isNone) ?? true else {
          throw HostFailure(
            "no-pivot", "pivot() counts the rows of each key; a second column is not supported")
        }
        return .object(try self.counted(by: keys))
      }
    case "normalize":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(
          name, ["key", "properties", "property_column", "value_column"], required: 2)
        return .object(
          try self.normalized(
            try self.keys(bound[0] ?? .none), try self.keys(bound[1] ?? .none),
            property: try bound[2]?.text() ?? "property", value: try bound[3]?.text() ?? "value"))
      }
    default: return nil
    }
  }

  /// A table set: the tables of each key.
  func grouped(by key: Value, named given: String?, _ call: CallContext) throws -> Value {
    let groups = DictObject()
    var isFunction = false
    if case .object(let function) = key { isFunction = function.isCallable }
    for row in rows {
      let value =
        try isFunction
        ? call.call(key, Arguments([.object(row)])) : row.values[try position(try key.text())]
      if case .list(let list)? = try groups.value(for: value) {
        list.items.append(.object(row))
      } else {
        try groups.set(value, .list([.object(row)]))
      }
    }
    var names: [Value] = []
    var tables: [Value] = []
    for (name, rows) in groups.pairs {
      guard case .list(let list) = rows else { continue }
      names.append(name)
      tables.append(.object(with(list.items.compactMap { $0.object(as: RowObject.self) })))
    }
    let type = isFunction ? ColumnType.text : columnTypes[try position(try key.text())]
    return .object(
      TableSetObject(
        keyName: try given ?? (isFunction ? "group" : key.text()), keyType: type, keys: names,
        tables: tables))
  }

  /// - Parameter right: the columns that are keys there leave the result when their values are those of the left ones.
  private func joined(
    _ right: TableObject, _ leftKeys: [String], _ rightKeys: [String], inner: Bool, fullOuter: Bool
  ) throws -> TableObject {
    let own = try leftKeys.map { try position($0) }
    let others = try rightKeys.map { try right.position($0) }
    let kept = right.columnNames.indices.filter { fullOuter || !others.contains($0) }
    let matches = DictObject()
    for (index, row) in right.rows.enumerated() {
      let key = Value.tuple(others.map { row.values[$0] })
      if case .list(let list)? = try matches.value(for: key) {
        list.items.append(.int(index))
      } else {
        try matches.set(key, .list([.int(index)]))
      }
    }
    var used: Set<Int> = []
    var result: [[Value]] = []
    for row in rows {
      let found = try matches.value(for: .tuple(own.map { row.values[$0] }))
      guard case .list(let list)? = found else {
        if !inner { result.append(row.values + kept.map { _ in Value.none }) }
        continue
      }
      for index in list.items.compactMap(\.intValue) {
        used.insert(index)
        result.append(row.values + kept.map { right.rows[index].values[$0] })
      }
    }
    if fullOuter {
      for (index, row) in right.rows.enumerated() where !used.contains(index) {
        result.append(columnNames.map { _ in Value.none } + kept.map { row.values[$0] })
      }
    }
    return TableObject(
      columnNames: columnNames
        + kept.map {
          columnNames.contains(right.columnNames[$0]) ? right.columnNames[$0] + "2" : right.columnNames[$0]
        },
      columnTypes: columnTypes + kept.map { right.columnTypes[$0] }, rows: result)
  }

  /// The rows of all tables; a column that one does not have is NULL there.
  static func merged(_ tables: [TableObject]) throws -> TableObject {
    var names: [String] = []
    var types: [ColumnType] = []
    for table in tables {
      for (name, type) in zip(table.columnNames, table.columnTypes) where !names.contains(name) {
        names.append(name)
        types.append(type)
      }
    }
    let rows = try tables.flatMap { table in
      try table.rows.map { row in try names.map { try row.item(.string($0)) ?? .none } }
    }
    return TableObject(columnNames: names, columnTypes: types, rows: rows)
  }

  private func counted(by keys: [String]) throws -> TableObject {
    let positions = try keys.map { try position($0) }
    let counts = DictObject()
    for row in rows {
      let key = Value.tuple(positions.map { row.values[$0] })
      let count = try counts.value(for: key)?.intValue ?? 0
      try counts.set(key, .int(count + 1))
    }
    let result = counts.pairs.map { key, count -> [Value] in
      guard case .tuple(let values) = key else { return [count] }
      return values + [count.intValue.map { TypedValue.decimal(String($0)) } ?? count]
    }
    return TableObject(
      columnNames: keys + ["Count"], columnTypes: positions.map { columnTypes[$0] } + [.number], rows: result)
  }

  private func normalized(
    _ keys: [String], _ properties: [String], property: String, value: String
  ) throws -> TableObject {
    let positions = try keys.map { try position($0) }
    let taken = try properties.map { try position($0) }
    let types = Set(taken.map { columnTypes[$0] })
    let result = rows.flatMap { row in
      zip(properties, taken).map { name, position in
        positions.map { row.values[$0] } + [.string(name), row.values[position]]
      }
    }
    return TableObject(
      columnNames: keys + [property, value],
      columnTypes: positions.map { columnTypes[$0] } + [
        .text, types.count == 1 ? types.first ?? .text : .text,
      ],
      rows: result)
  }

  /// A name that was there already gets a number.
  static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.map { name in
      var unique = name
      var number = 2
      while !seen.insert(unique).inserted {
        unique = "\(name)_\(number)"
        number += 1
      }
      return unique
    }
  }
}

/// What `group_by` gives: agate's `TableSet`.
final class TableSetObject: MappedSequence {
  private let keyName: String
  private let keyType: TableObject.ColumnType

  init(keyName: String, keyType: TableObject.ColumnType, keys: [Value], tables: [Value]) {
    self.keyName = keyName
    self.keyType = keyType
    super.init(keyValues: keys, values: tables)
  }

  override var typeName: String { "TableSet" }

  override func attribute(_ name: String) throws -> Value? {
    switch name {
    case "key_name": return .string(keyName)
    case "key_type": return .object(DataTypeObject(keyType))
    case "column_names", "column_types": return table(0)?.attribute(name)
    case "merge":
      return .function(name) { _, _ in .object(try self.merged()) }
    case "select", "exclude", "where", "limit", "distinct", "order_by", "rename", "join":
      return .function(name) { arguments, call in
        let tables = try self.values.map { table -> Value in
          guard let method = table.object(as: TableObject.self)?.attribute(name) else { return table }
          return try call.call(method, arguments)
        }
        return .object(
          TableSetObject(keyName: self.keyName, keyType: self.keyType, keys: self.keys ?? [], tables: tables))
      }
    default: return try super.attribute(name)
    }
  }

  private func table(_ index: Int) -> TableObject? {
    values.indices.contains(index) ? values[index].object(as: TableObject.self) : nil
  }

  /// All rows in one table, each behind its key.
  private func merged() throws -> TableObject {
    guard let first = table(0) else { return .empty }
    var rows: [[Value]] = []
    for (key, value) in zip(keys ?? [], values) {
      for row in value.object(as: TableObject.self)?.rows ?? [] { rows.append([key] + row.values) }
    }
    return TableObject(
      columnNames: TableObject.unique([keyName] + first.columnNames),
      columnTypes: [keyType] + first.columnTypes, rows: rows)
  }
}
