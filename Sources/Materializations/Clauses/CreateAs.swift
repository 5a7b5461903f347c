import Diagnostics
import ProjectModel
import Warehouse

/// The statements that run the user's SQL: `create table … as`, `create view … as`, `insert … select`.
struct CreateAs {
  let input: PlanInput
  /// A query of its own around the user's SQL.
  var frame: (opening: String, closing: String) = ("", "")

  init(input: PlanInput, frame: (opening: String, closing: String)? = nil) {
    self.input = input
    if let frame { self.frame = frame }
  }

  /// The header, the table and its rows. With a contract the table is declared first, its constraints in it.
  func table(_ relation: RelationName) throws(DiagnosticsError) -> [Plan.Statement] {
    let name = input.dialect.render(relation)
    let unlogged =
      input.dialect.kind == .postgres && input.node.config["unlogged"]?.bool == true ? "unlogged " : ""
    guard let contract = try Contract.checked(input) else {
      let opening = "create \(unlogged)table \(name)\(try PhysicalDesign(input).ofTable())\n  as (\n"
      return header + [wrap(opening, "\n  )")]
    }
    let columns = contract.columnNames.joined(separator: ", ")
    return header + [
      Plan.Statement(
        .prepare,
        "create \(unlogged)table \(name) \(contract.definition)\(try PhysicalDesign(input).ofTable())"),
      wrap(
        "insert into \(name) (\(columns))\n  (\n    select \(columns)\n    from (\n",
        "\n    ) as model_subq\n  )"),
    ]
  }

  func view(_ relation: RelationName, orReplace: Bool = false) throws(DiagnosticsError) -> [Plan.Statement] {
    _ = try Contract.checked(input)
    let verb = orReplace ? "create or replace view" : "create view"
    let unbound = input.dialect.kind == .redshift && input.node.config["bind"]?.bool == false
    return header + [
      wrap(
        "\(verb) \(input.dialect.render(relation))\n  as (\n",
        "\n  )" + (unbound ? " with no schema binding" : ""), countsRows: false)
    ]
  }

  /// A table that lives as long as the transaction, holding the query's rows.
  func temporaryTable(_ name: String) -> [Plan.Statement] {
    let quoted = input.dialect.quote(name)
    var main = wrap(
      input.dialect.createTemporary(quoted).dropLast(3) + "\n  as (\n", "\n  )", countsRows: false)
    main.purpose = .prepare
    main.temporaryTable = quoted
    return header + [main]
  }

  /// `opening`, the compiled SQL, `closing`.
  func wrap(_ opening: String, _ closing: String, countsRows: Bool = true) -> Plan.Statement {
    let opening = opening + frame.opening
    let closing = frame.closing + closing
    return Plan.Statement(
      .main, opening + input.compiled.sql + closing, userSQLOffset: opening.utf8.count,
      countsRows: countsRows)
  }

  /// `sql_header`: the user's own statements before the main one.
  var header: [Plan.Statement] {
    guard let text = input.sqlHeader else { return [] }
    return SQLText.statements(of: text).map {
      Plan.Statement(.prepare, $0, span: input.node.span(ofConfig: "sql_header"))
    }
  }
}
