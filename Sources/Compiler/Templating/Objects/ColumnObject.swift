import Jinja
import ProjectModel

/// A column of a relation as templates see it: dbt's `Column` for PostgreSQL.
final class ColumnObject: JinjaObject {
  let column: String
  /// The type without its sizes: `character varying`, `numeric`, `ARRAY`.
  let dataType: String
  let size: Int?
  let precision: Int?
  let scale: Int?

  init(_ column: String, type: String, size: Int? = nil, precision: Int? = nil, scale: Int? = nil) {
    self.column = column
    self.dataType = type
    self.size = size
    self.precision = precision
    self.scale = scale
  }

  /// From a type as it is written in SQL: `numeric(10,2)`.
  convenience init(_ column: String, describedAs text: String) throws {
    guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else {
      self.init(column, type: text)
      return
    }
    let type = String(text[..<open])
    let sizes = text[text.index(after: open)..<close].split(separator: ",").map {
      Int($0.trimming(while: { $0 == " " }))
    }
    guard sizes.allSatisfy({ $0 != nil }), sizes.count <= 2 else {
      throw HostFailure("bad-data-type", "cannot interpret the data type '\(text)'")
    }
    if sizes.count == 2 {
      self.init(column, type: type, precision: sizes[0], scale: sizes[1])
    } else {
      self.init(column, type: type, size: sizes.first ?? nil)
    }
  }

  var isString: Bool { Self.stringTypes.contains(dataType.lowercased()) }
  var isNumeric: Bool { ["numeric", "decimal"].contains(dataType.lowercased()) }
  var isInteger: Bool { Self.integerTypes.contains(dataType.lowercased()) }
  var isFloat: Bool { Self.floatTypes.contains(dataType.lowercased()) }

  /// The type with its sizes, as SQL writes it.
  var fullType: String {
    let lower = dataType.lowercased()
    if lower == "text" || (lower == "character varying" && size == nil) { return dataType }
    if isString { return Self.stringType(stringSize) }
    if isNumeric { return Self.numericType(dataType, precision, scale) }
    return dataType
  }

  var stringSize: Int { dataType == "text" ? 256 : size ?? 256 }

  func canExpand(to other: ColumnObject) -> Bool {
    isString && other.isString && other.stringSize > stringSize
  }

  static func stringType(_ size: Int) -> String { "character varying(\(size))" }

  static func numericType(_ type: String, _ precision: Int?, _ scale: Int?) -> String {
    guard let precision, let scale else { return type }
    return "\(type)(\(precision),\(scale))"
  }

  static func translate(_ type: String) -> String { SQLTypeAlias.resolved(type) }

  private static let stringTypes: Set<String> = ["text", "character varying", "character", "varchar"]
  private static let integerTypes: Set<String> = [
    "smallint", "integer", "bigint", "smallserial", "serial", "bigserial", "int2", "int4", "int8", "serial2",
    "serial4", "serial8",
  ]
  private static let floatTypes: Set<String> = [
    "real", "float4", "float", "double precision", "float8", "double",
  ]
}

extension ColumnObject {
  var typeName: String { "PostgresColumn" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "name", "column": return .string(column)
    case "dtype": return .string(dataType)
    case "char_size": return size.map(Value.int) ?? Value.none
    case "numeric_precision": return precision.map(Value.int) ?? Value.none
    case "numeric_scale": return scale.map(Value.int) ?? Value.none
    case "quoted": return .string("\"\(column)\"")
    case "data_type", "expanded_data_type": return .string(fullType)
    case "is_string": return method(name) { .bool($0.isString) }
    case "is_number": return method(name) { .bool($0.isInteger || $0.isNumeric || $0.isFloat) }
    case "is_float": return method(name) { .bool($0.isFloat) }
    case "is_integer": return method(name) { .bool($0.isInteger) }
    case "is_numeric": return method(name) { .bool($0.isNumeric) }
    case "string_size":
      return method(name) {
        guard $0.isString else {
          throw HostFailure("bad-column-call", "string_size() of column '\($0.column)', which is no string")
        }
        return .int($0.stringSize)
      }
    case "can_expand_to":
      return .function(name) { arguments, _ in
        guard let other = arguments.value(0, "other_column")?.object(as: ColumnObject.self) else {
          throw TemplateError(.type, "can_expand_to() needs a column")
        }
        return .bool(self.canExpand(to: other))
      }
    case "literal":
      return .function(name) { arguments, _ in
        .string("\(try arguments.value(0, "value")?.text() ?? "")::\(self.fullType)")
      }
    default: return ColumnFactory.shared(name)
    }
  }

  func representation() -> String { "<PostgresColumn \(column) (\(fullType))>" }

  func text() -> String { representation() }

  func isEqual(to other: Value) -> Bool {
    guard let other = other.object(as: ColumnObject.self) else { return false }
    return column == other.column && dataType == other.dataType && size == other.size
      && precision == other.precision && scale == other.scale
  }

  private func method(_ name: String, _ body: @escaping (ColumnObject) throws -> Value) -> Value {
    .function(name) { _, _ in try body(self) }
  }
}

/// `api.Column`: makes columns and knows the names of types.
final class ColumnFactory: JinjaObject {
  var typeName: String { "type" }
  var isCallable: Bool { true }

  func attribute(_ name: String) -> Value? { Self.shared(name) }

  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    let bound = try arguments.bind(
      "Column", ["column", "dtype", "char_size", "numeric_precision", "numeric_scale"], required: 2)
    return .object(
      ColumnObject(
        try bound[0]?.text() ?? "", type: try bound[1]?.text() ?? "", size: bound[2]?.intValue,
        precision: bound[3]?.intValue, scale: bound[4]?.intValue))
  }

  /// What can be asked of the class and of a column alike.
  static func shared(_ name: String) -> Value? {
    switch name {
    case "translate_type":
      return .function(name) { arguments, _ in
        .string(ColumnObject.translate(try arguments.value(0, "dtype")?.text() ?? ""))
      }
    case "create":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["name", "label_or_dtype"], required: 2)
        return .object(
          ColumnObject(try bound[0]?.text() ?? "", type: ColumnObject.translate(try bound[1]?.text() ?? "")))
      }
    case "string_type":
      return .function(name) { arguments, _ in
        .string("character varying(\(try arguments.value(0, "size")?.text() ?? ""))")
      }
    case "numeric_type":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["dtype", "precision", "scale"], required: 3)
        let type = try bound[0]?.text() ?? ""
        guard let precision = bound[1], let scale = bound[2], !precision.isNone, !scale.isNone else {
          return .string(type)
        }
        return .string("\(type)(\(try precision.text()),\(try scale.text()))")
      }
    case "from_description":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["name", "raw_data_type"], required: 2)
        return .object(
          try ColumnObject(try bound[0]?.text() ?? "", describedAs: try bound[1]?.text() ?? ""))
      }
    case "TYPE_LABELS": return .dict([("STRING", .string("TEXT"))])
    default: return nil
    }
  }
}

extension StringProtocol {
  func trimming(while isTrimmed: (Character) -> Bool) -> String {
    var slice = Substring(self)
    while let first = slice.first, isTrimmed(first) { slice.removeFirst() }
    while let last = slice.last, isTrimmed(last) { slice.removeLast() }
    return String(slice)
  }

  var trimmed: String { trimming(while: \.isWhitespace) }
}
