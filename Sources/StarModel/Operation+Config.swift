import OrderedCollections
import ProjectModel

extension Dimension.Operation {
  static let keys = ["column", "codes", "insert", "update", "delete", "ignore", "at"]

  /// Codes as tools for the capture of changes write them.
  enum Tool: String, CaseIterable {
    case debezium, dms, fivetran

    var codes: (written: [String], deleted: [String], ignored: [String]) {
      switch self {
      case .debezium: (["c", "r", "u"], ["d"], ["t", "m"])
      case .dms: (["I", "U"], ["D"], [])
      case .fivetran: (["false"], ["true"], [])
      }
    }
  }

  /// `operation: op`, or `{column: op, delete: [D], …}`.
  static func read(_ reader: inout ConfigReader, input: Dimension.Input) -> Self? {
    guard let value = reader.value("operation") else { return nil }
    guard input == .changes else {
      reader.report(
        "bad-config-value", "operation of \(reader.node.name) is read only with input: changes",
        at: "operation")
      return nil
    }
    if let column = value.string { return Self(column: column) }
    guard let mapping = value.mapping, let column = mapping["column"]?.string else {
      reader.bad("operation", value, at: "operation", expected: "a column or {column:, delete:}")
      return nil
    }
    reader.refuseUnknown(mapping, known: keys, in: "operation of \(reader.node.name)", at: "operation")
    var operation = Self(column: column)
    if let at = mapping["at"] {
      operation.at = at.string
      if at.string == nil { reader.bad("operation.at", at, at: "operation", expected: "a column") }
    }
    if let word = mapping["codes"] {
      if let list = ["insert", "update", "delete", "ignore"].first(where: { mapping[$0] != nil }) {
        reader.report(
          "bad-config-value", "operation of \(reader.node.name) has 'codes' and '\(list)'", at: "operation",
          help: "'codes' names all of a tool's codes; without it, list them")
      }
      if let tool = reader.word(word, key: "operation.codes", at: "operation", of: Tool.self) {
        (operation.writtenCodes, operation.deleteCodes, operation.ignoredCodes) = tool.codes
      }
      return operation
    }
    func codes(_ key: String) -> [String]? {
      guard let value = mapping[key] else { return nil }
      let words = (value.list ?? [value]).compactMap(\.code)
      if words.count == (value.list?.count ?? 1), !words.isEmpty { return words }
      reader.bad("operation.\(key)", value, at: "operation", expected: "a value or a list of values")
      return nil
    }
    operation.deleteCodes = codes("delete") ?? defaultDeleteCodes
    operation.ignoredCodes = codes("ignore") ?? []
    operation.writtenCodes = (codes("insert") ?? []) + (codes("update") ?? [])
    let all = operation.writtenCodes + operation.deleteCodes + operation.ignoredCodes
    if let twice = all.first(where: { code in all.filter { $0 == code }.count > 1 }) {
      reader.report(
        "bad-config-value", "the code '\(twice)' of \(reader.node.name) means two things", at: "operation",
        help: "a code is an insert, an update, a deletion, or ignored")
    }
    return operation
  }
}

extension PlainValue {
  /// A code as its column's text is.
  fileprivate var code: String? {
    switch self {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): "\(number)"
    default: nil
    }
  }
}
