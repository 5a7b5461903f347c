import Jinja

/// Declared constraints as the DDL of a table writes them.
enum ConstraintText {
  /// One text a column: name, type and the column's constraints.
  static func columns(_ columns: Value) throws -> [String] {
    guard case .dict(let columns) = columns else { return [] }
    return try columns.values.map { column in
      guard case .dict(let column) = column else { return "" }
      let name = try column["name"]?.text() ?? ""
      let isQuoted = try column["quote"]?.isTrue() ?? false
      var parts = ["\(isQuoted ? "\"\(name)\"" : name) \(try text(column["data_type"]))"]
      for constraint in try items(column["constraints"]) {
        if let rendered = try self.column(constraint) { parts.append(rendered) }
      }
      return parts.joined(separator: " ")
    }
  }

  /// One text a constraint of the whole table.
  static func model(_ constraints: Value) throws -> [String] {
    try items(constraints).compactMap { try table($0) }
  }

  private static func column(_ constraint: DictObject) throws -> String? {
    let expression = try text(constraint["expression"])
    let rendered: String
    switch try text(constraint["type"]) {
    case "check": rendered = expression.isEmpty ? "" : "check (\(expression))"
    case "not_null": rendered = "not null \(expression)"
    case "unique": rendered = "unique \(expression)"
    case "primary_key": rendered = "primary key \(expression)"
    case "foreign_key": rendered = try reference(constraint).map { "references \($0)" } ?? ""
    case "custom": rendered = expression
    default: rendered = ""
    }
    return rendered.isEmpty ? nil : rendered.trimmed
  }

  private static func table(_ constraint: DictObject) throws -> String? {
    let name = try text(constraint["name"])
    let prefix = name.isEmpty ? "" : "constraint \(name) "
    let expression = try text(constraint["expression"])
    let spaced = expression.isEmpty ? "" : " \(expression)"
    let columns = try names(constraint["columns"])
    switch try text(constraint["type"]) {
    case "check": return expression.isEmpty ? nil : "\(prefix)check (\(expression))"
    case "unique": return "\(prefix)unique\(spaced) (\(columns))"
    case "primary_key": return "\(prefix)primary key\(spaced) (\(columns))"
    case "foreign_key":
      return try reference(constraint).map { "\(prefix)foreign key (\(columns)) references \($0)" }
    case "custom": return expression.isEmpty ? nil : prefix + expression
    default: return nil
    }
  }

  private static func reference(_ constraint: DictObject) throws -> String? {
    let target = try text(constraint["to"])
    let columns = try names(constraint["to_columns"])
    if !target.isEmpty, !columns.isEmpty { return "\(target) (\(columns))" }
    let expression = try text(constraint["expression"])
    return expression.isEmpty ? nil : expression
  }

  private static func items(_ value: Value?) throws -> [DictObject] {
    guard let value, !value.isNone else { return [] }
    return try RenderContext.items(of: value).compactMap {
      if case .dict(let dict) = $0 { dict } else { nil }
    }
  }

  private static func names(_ value: Value?) throws -> String {
    guard let value, !value.isNone else { return "" }
    return try RenderContext.items(of: value).map { try $0.text() }.joined(separator: ", ")
  }

  private static func text(_ value: Value?) throws -> String {
    guard let value, !value.isNone, !value.isUndefined else { return "" }
    return try value.text()
  }
}
