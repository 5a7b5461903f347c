import Jinja

/// The rows of a query as templates see them: what agate's `Table` is to dbt.
final class TableObject: JinjaObject {
  /// The type that dbt finds for a column from its values.
  enum ColumnType: String {
    case integer = "Integer"
    case number = "Number"
    case boolean = "Boolean"
    case date = "Date"
    case timestamp = "DateTime"
    case text = "Text"
  }

  let columnNames: [String]
  let columnTypes: [ColumnType]
  let rows: [RowObject]
  private let index: [String: Int]

  // The optimizer of Swift 6.3.1 stops on this initializer: it takes the rows for leaked.
  @_optimize(none)
  init(columnNames: [String], columnTypes: [ColumnType], rows: [[Value]]) {
    self.columnNames = columnNames
    self.columnTypes = columnTypes
    index = Self.index(of: columnNames)
    self.rows = Self.rows(rows, columnNames, index)
  }

  private init(columnNames: [String], columnTypes: [ColumnType], rows: [RowObject]) {
    self.columnNames = columnNames
    self.columnTypes = columnTypes
    self.rows = rows
    index = Self.index(of: columnNames)
  }

  @inline(never)
  private static func rows(_ rows: [[Value]], _ names: [String], _ index: [String: Int]) -> [RowObject] {
    var result: [RowObject] = []
    result.reserveCapacity(rows.count)
    for row in rows { result.append(RowObject(names, index, row)) }
    return result
  }

  /// Each name's first position.
  @inline(never)
  private static func index(of names: [String]) -> [String: Int] {
    var result: [String: Int] = [:]
    for (position, name) in names.enumerated() where result[name] == nil { result[name] = position }
    return result
  }

  static var empty: TableObject { TableObject(columnNames: [], columnTypes: [], rows: [[Value]]()) }

  var typeName: String { "Table" }
  var qualifiedTypeName: String { "agate.table.Table" }
  var isIterable: Bool { true }

  func makeIterator() -> (any ValueIterator)? { ListIterator(rows.map(Value.object)) }
  func count() -> Int? { rows.count }
  func isTrue() -> Bool { !rows.isEmpty }
  func representation() -> String { text() }

  func item(_ key: Value) -> Value? {
    guard case .int(let position) = key else { return nil }
    let row = position < 0 ? rows.count + position : position
    return rows.indices.contains(row) ? .object(rows[row]) : nil
  }

  func columnObject(_ position: Int) -> TableColumnObject {
    TableColumnObject(
      name: columnNames[position], position: position, type: columnTypes[position],
      values: rows.map { $0.values[position] })
  }

  /// agate's listing of columns and types.
  func text() -> String {
    var lines = ["| column | data_type |", "| ------ | --------- |"]
    for (name, type) in zip(columnNames, columnTypes) { lines.append("| \(name) | \(type.rawValue) |") }
    return lines.joined(separator: "\n") + "\n"
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "columns":
      return .object(
        MappedSequence(keys: columnNames, values: columnNames.indices.map { .object(columnObject($0)) }))
    case "rows":
      return .object(MappedSequence(keys: nil, values: rows.map(Value.object)))
    case "column_names": return .tuple(columnNames.map(Value.string))
    case "column_types": return .tuple(columnTypes.map { .object(DataTypeObject($0)) })
    case "row_names": return Value.none
    case "select", "exclude":
      return .function(name) { arguments, _ in
        let wanted = try self.keys(arguments.value(0, "key") ?? .none)
        let positions =
          name == "select"
          ? try wanted.map { try self.position($0) }
          : self.columnNames.indices.filter { !wanted.contains(self.columnNames[$0]) }
        return .object(self.keeping(positions))
      }
    case "where":
      return .function(name) { arguments, call in
        guard let test = arguments.value(0, "test") else {
          throw TemplateError(.type, "where() needs a test")
        }
        return .object(
          self.with(try self.rows.filter { try call.call(test, Arguments([.object($0)])).isTrue() }))
      }
    case "limit":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind("limit", ["start_or_stop", "stop", "step"])
        let first = bound[0]?.intValue ?? 0
        let range = (bound[1]?.intValue.map { first..<max(first, $0) } ?? 0..<first)
          .clamped(to: 0..<self.rows.count)
        let step = max(bound[2]?.intValue ?? 1, 1)
        return .object(
          self.with(stride(from: range.lowerBound, to: range.upperBound, by: step).map { self.rows[$0] }))
      }
    case "distinct":
      return .function(name) { arguments, _ in
        let positions = try arguments.value(0, "key").map { try self.keys($0).map { try self.position($0) } }
        let seen = try SetObject()
        return .object(
          self.with(
            try self.rows.filter { row in
              let key = Value.tuple((positions ?? Array(self.columnNames.indices)).map { row.values[$0] })
              if try seen.contains(key) { return false }
              try seen.insert(key)
              return true
            }))
      }
    case "order_by":
      return .function(name) { arguments, call in
        let bound = try arguments.bind("order_by", ["key", "reverse"], required: 1)
        return .object(
          try self.ordered(by: bound[0] ?? .none, descending: try bound[1]?.isTrue() ?? false, call))
      }
    case "group_by":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["key", "key_name", "key_type"], required: 1)
        return try self.grouped(
          by: bound[0] ?? .none, named: try bound[1].flatMap { $0.isNone ? nil : try $0.text() }, call)
      }
    case "rename":
      return .function(name) { arguments, _ in
        guard let names = arguments.value(0, "column_names") else { return .object(self) }
        return .object(try self.renamed(names))
      }
    case "find":
      return .function(name) { arguments, call in
        guard let test = arguments.value(0, "test") else { throw TemplateError(.type, "find() needs a test") }
        for row in self.rows where try call.call(test, Arguments([.object(row)])).isTrue() {
          return .object(row)
        }
        return .none
      }
    case "to_json", "to_csv":
      return .function(name) { _, _ in
        throw HostFailure("no-files", "a template cannot write files with \(name)()")
      }
    default: return combining(name) ?? printing(name)
    }
  }

  // MARK: - Changed copies

  func with(_ rows: [RowObject]) -> TableObject {
    TableObject(columnNames: columnNames, columnTypes: columnTypes, rows: rows)
  }

  private func keeping(_ positions: [Int]) -> TableObject {
    TableObject(
      columnNames: positions.map { columnNames[$0] }, columnTypes: positions.map { columnTypes[$0] },
      rows: rows.map { row in positions.map { row.values[$0] } })
  }

  private func renamed(_ names: Value) throws -> TableObject {
    let new: [String]
    if case .dict(let dict) = names {
      new = try columnNames.map { try dict[$0]?.text() ?? $0 }
    } else {
      new = try RenderContext.items(of: names).map { try $0.text() }
    }
    guard new.count == columnNames.count else {
      throw TemplateError(.value, "rename() needs a name for every column")
    }
    return TableObject(columnNames: new, columnTypes: columnTypes, rows: rows.map(\.values))
  }

  func keys(_ key: Value) throws -> [String] {
    if let one = key.stringValue { return [one] }
    return try RenderContext.items(of: key).map { try $0.text() }
  }

  func position(_ name: String) throws -> Int {
    guard let position = index[name] else { throw TemplateError(.key, "'\(name)'") }
    return position
  }

  private func ordered(by key: Value, descending: Bool, _ call: CallContext) throws -> TableObject {
    let keyed: [([Value], RowObject)]
    if case .object(let function) = key, function.isCallable {
      keyed = try rows.map { ([try call.call(key, Arguments([.object($0)]))], $0) }
    } else {
      let positions = try keys(key).map { try position($0) }
      keyed = rows.map { row in (positions.map { row.values[$0] }, row) }
    }
    // As agate does, NULL sorts after everything else.
    let sorted = try keyed.enumerated().sorted { left, right in
      for (a, b) in zip(left.element.0, right.element.0) {
        if a.isNone || b.isNone {
          if a.isNone == b.isNone { continue }
          return descending ? a.isNone : b.isNone
        }
        if try a.isEqual(to: b) { continue }
        return try a.compares(descending ? .greater : .less, to: b)
      }
      return left.offset < right.offset
    }
    return with(sorted.map(\.element.1))
  }
}

/// A sequence whose elements can also be had by name: agate's `MappedSequence`.
class MappedSequence: JinjaObject {
  let keys: [Value]?
  let values: [Value]

  init(keyValues: [Value]?, values: [Value]) {
    keys = keyValues
    self.values = values
  }

  convenience init(keys: [String]?, values: [Value]) {
    self.init(keyValues: keys.map { $0.map(Value.string) }, values: values)
  }

  var typeName: String { "MappedSequence" }
  var isSequence: Bool { true }

  func makeIterator() throws -> (any ValueIterator)? { ListIterator(values) }
  func count() throws -> Int? { values.count }

  func item(_ key: Value) throws -> Value? {
    if case .int(let position) = key {
      let index = position < 0 ? values.count + position : position
      return values.indices.contains(index) ? values[index] : nil
    }
    guard let position = try keys?.firstIndex(where: { try $0.isEqual(to: key) }) else { return nil }
    return values[position]
  }

  func contains(_ value: Value) throws -> Bool? { try values.contains { try $0.isEqual(to: value) } }

  func isEqual(to other: Value) throws -> Bool {
    let others: [Value]
    switch other {
    case .list(let list): others = list.items
    case .tuple(let items): others = items
    case .object(let object as MappedSequence): others = object.values
    default: return false
    }
    return try others.count == values.count && zip(values, others).allSatisfy { try $0.isEqual(to: $1) }
  }

  func representation() throws -> String {
    "<agate.\(typeName): (" + (try values.prefix(5).map { try $0.representation() }.joined(separator: ", "))
      + (values.count > 5 ? ", ..." : "") + ")>"
  }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "keys": return .function(name) { _, _ in .tuple(self.keys ?? []) }
    case "values": return .function(name) { _, _ in .tuple(self.values) }
    case "items":
      return .function(name) { _, _ in .tuple(zip(self.keys ?? [], self.values).map { .tuple([$0, $1]) }) }
    case "dict":
      return .function(name) { _, _ in
        let dict = DictObject()
        for (key, value) in zip(self.keys ?? [], self.values) { try dict.set(key, value) }
        return .dict(dict)
      }
    case "get":
      return .function(name) { arguments, _ in
        try self.item(arguments.value(0, "key") ?? .none) ?? arguments.value(1, "default") ?? Value.none
      }
    default: return nil
    }
  }
}

/// One row of a table.
final class RowObject: MappedSequence {
  private let index: [String: Int]

  init(_ names: [String], _ index: [String: Int], _ values: [Value]) {
    self.index = index
    super.init(keyValues: names.map(Value.string), values: values)
  }

  override var typeName: String { "Row" }

  override func item(_ key: Value) throws -> Value? {
    if let name = key.stringValue { return index[name].map { values[$0] } }
    return try super.item(key)
  }
}

/// One column of a table with its values.
final class TableColumnObject: MappedSequence {
  let name: String
  let position: Int
  let type: TableObject.ColumnType

  init(name: String, position: Int, type: TableObject.ColumnType, values: [Value]) {
    self.name = name
    self.position = position
    self.type = type
    super.init(keyValues: nil, values: values)
  }

  override var typeName: String { "Column" }

  override func attribute(_ name: String) throws -> Value? {
    switch name {
    case "name": return .string(self.name)
    case "index": return .int(position)
    case "data_type": return .object(DataTypeObject(type))
    case "values_distinct":
      return .function(name) { _, _ in .tuple(try SetObject(self.values).items) }
    case "values_without_nulls":
      return .function(name) { _, _ in .tuple(self.values.filter { !$0.isNone }) }
    case "values_sorted", "values_without_nulls_sorted":
      return .function(name) { _, _ in
        let known = try self.values.filter { !$0.isNone }.sorted { try $0.compares(.less, to: $1) }
        let unknown = name == "values_sorted" ? self.values.filter(\.isNone) : []
        return .list(known + unknown)
      }
    default: return try super.attribute(name)
    }
  }
}

/// A column's type in a table.
final class DataTypeObject: JinjaObject {
  let type: TableObject.ColumnType

  init(_ type: TableObject.ColumnType) { self.type = type }

  var typeName: String { type.rawValue }
  func representation() -> String { "<agate.data_types.\(type.rawValue)>" }
  func text() -> String { type.rawValue }

  /// How agate writes a value of the type where JSON or CSV is made.
  func attribute(_ name: String) -> Value? {
    guard name == "jsonify" || name == "csvify" else { return nil }
    return .function(name) { [type] arguments, _ in
      let value = try arguments.bind(name, ["d"], required: 1)[0] ?? .none
      guard !value.isNone else { return value }
      switch type {
      case .integer, .boolean: return value
      case .number: return name == "csvify" ? value : try Double(value.text()).map(Value.double) ?? value
      case .timestamp: return .string(try value.text().replacing(" ", with: "T"))
      default: return .string(try value.text())
      }
    }
  }
}
