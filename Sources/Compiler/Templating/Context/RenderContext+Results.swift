import Jinja

extension RenderContext {
  /// `load_result`, `store_result` and `store_raw_result`: what statements leave for later.
  func resultFunction(_ name: String) -> Value? {
    switch name {
    case "load_result":
      return .function(name) { [unowned self] arguments, _ in
        let key = try arguments.bind(name, ["name"], required: 1)[0]?.text() ?? ""
        guard let result = self.results[key] else { return .none }
        if key == "main" { return result }
        guard !result.isNone else {
          throw HostFailure(
            "result-taken", "the result of statement '\(key)' was loaded already",
            help: "keep it in a variable: {% set result = load_result('\(key)') %}")
        }
        self.results[key] = Value.none
        return result
      }
    case "store_result":
      return .function(name) { [unowned self] arguments, _ in
        let bound = try arguments.bind(name, ["name", "response", "agate_table"], required: 2)
        self.store(try bound[0]?.text() ?? "", bound[1] ?? .none, bound[2])
        return .string("")
      }
    case "store_raw_result":
      return .function(name) { [unowned self] arguments, _ in
        let bound = try arguments.bind(
          name, ["name", "message", "code", "rows_affected", "agate_table"], required: 1)
        let response = ResponseObject(
          message: try bound[1]?.text() ?? "", code: try bound[2].flatMap { $0.isNone ? nil : try $0.text() },
          rowsAffected: bound[3]?.intValue)
        self.store(try bound[0]?.text() ?? "", .object(response), bound[4])
        return .string("")
      }
    case "_sql_results": return .dict(results.map { ($0.key, $0.value) })
    default: return nil
    }
  }

  private func store(_ name: String, _ response: Value, _ table: Value?) {
    let table = table?.object(as: TableObject.self) ?? .empty
    results[name] = .dict([
      ("response", response), ("data", .list(table.rows.map { .tuple($0.values) })),
      ("table", .object(table)),
    ])
  }
}

/// What the database answered to a statement: dbt's `AdapterResponse`.
final class ResponseObject: JinjaObject {
  let message: String
  let code: String?
  let rowsAffected: Int?

  init(message: String, code: String?, rowsAffected: Int?) {
    self.message = message
    self.code = code
    self.rowsAffected = rowsAffected
  }

  var typeName: String { "AdapterResponse" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "_message", "message": return .string(message)
    case "code": return Value(optional: code)
    case "rows_affected": return rowsAffected.map(Value.int) ?? Value.none
    case "query_id": return Value.none
    default: return nil
    }
  }

  func text() -> String { message }
  func representation() -> String {
    "AdapterResponse(_message=\(Value.representation(of: message)), code=\(code.map(Value.representation) ?? "None"), "
      + "rows_affected=\(rowsAffected.map(String.init) ?? "None"))"
  }
}
