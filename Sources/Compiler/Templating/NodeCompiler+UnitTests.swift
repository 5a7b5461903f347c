public import Diagnostics
import Jinja
public import ProjectModel
public import Warehouse

extension NodeCompiler {
  /// The tested model's query with a CTE of made-up rows in the place of each input.
  ///
  /// - Parameters:
  ///   - columns: the columns of relations that exist now, by relation: those of the inputs give the rows their types.
  ///   - runtime: its session is asked by what the model's template asks itself.
  /// - Throws: also `unknown-input` and `missing-relation` for inputs that cannot be.
  public func compile(
    _ test: UnitTest, columns: (RelationName) throws -> [ColumnDescription], runtime: TemplateRuntime
  ) throws -> CompiledNode {
    let inputs = try test.inputs.map { input throws(DiagnosticsError) in try self.input(input, of: test) }
    var names = UnitTestNames(test: test)
    for input in inputs { names.inputs[input.id] = input.expression }
    if test.inputs.contains(where: { $0.name == "this" }) { names.this = test.model }

    let context = context(test.node, runtime, file: manifest.nodes[test.model].map { file(of: $0) })
    context.take(names)
    let text = try mappedText(of: test.node, in: context)
    var expressions: [CommonTableExpressions.Expression] = []
    // dbt looks at the rows for 'this' first, and whether the model reads them or not.
    for id in [names.this].compactMap(\.self) + context.ephemerals.filter({ $0 != names.this }) {
      guard let input = inputs.first(where: { $0.id == id }) else { continue }
      expressions.append(
        CommonTableExpressions.Expression(
          name: RelationObject.ephemeralPrefix + input.expression,
          query: try rows(of: input, in: test, columns: columns, runtime: runtime)))
    }
    let whole = CommonTableExpressions.inject(expressions, into: text)
    return CompiledNode(id: test.node.id, sql: whole.text, sourceMap: whole.sourceMap)
  }

  /// The query that gives what the model returns and what is expected, told apart by `actual_or_expected`.
  ///
  /// - Parameter columns: what the compiled query gives.
  public func comparison(
    of test: UnitTest, compiled: CompiledNode, columns: [ColumnDescription], runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> String {
    let context = context(test.node, runtime, file: test.node.originalFilePath)
    var quoted: [(String, Value)] = []
    var types: [(String, Value)] = []
    for column in columns {
      let name = column.name.lowercased()
      quoted.append((name, .string("\"\(column.name)\"")))
      types.append((name, .string(column.type)))
    }
    var expectedNames = columns.map { $0.name.lowercased() }
    if case .values(let rows) = test.expected, let first = rows.first {
      expectedNames = first.keys.map { $0.lowercased() }
    }
    let shown = expectedNames.map { name in quoted.first { $0.0 == name }?.1 ?? .string("\"\(name)\"") }
    let expected: Value
    switch test.expected {
    case .query(let text): expected = .string(text)
    case .values(let rows):
      expected = try call(
        "get_expected_sql",
        [
          ("rows", Self.value(of: rows)), ("column_name_to_data_types", .dict(types)),
          ("column_name_to_quoted", .dict(quoted)),
        ], in: context)
    }
    let query = try call(
      "get_unit_test_sql",
      [
        ("main_sql", .string(compiled.sql)), ("expected_fixture_sql", expected),
        ("expected_column_names", .list(shown)),
      ], in: context)
    do throws(TemplateError) { return try query.renderedText() } catch { throw context.failure(error) }
  }

  // MARK: Inputs

  private func input(_ input: UnitTest.Input, of test: UnitTest) throws(DiagnosticsError)
    -> UnitTestNames.Input
  {
    let package = test.node.packageName
    func node(_ node: Node) -> UnitTestNames.Input {
      UnitTestNames.Input(
        id: node.id, name: node.name, relation: node.relation, packageName: node.packageName,
        expression: node.alias, rows: input.rows)
    }
    if input.name.trimmed == "this", let model = manifest.nodes[test.model] { return node(model) }
    switch ReferenceText(input.name) {
    case .ref(let call):
      if let found = index.node(for: call, from: package) { return node(found) }
    case .source(let call):
      if let found = index.source(for: call, from: package) {
        return UnitTestNames.Input(
          id: found.id, name: found.name, relation: found.relation, packageName: found.packageName,
          expression: found.sourceName + "__" + found.name, rows: input.rows)
      }
    case .metric, nil:
      throw DiagnosticsError(
        Diagnostic(
          "unknown-input", "the input \(input.name) of unit test '\(test.node.name)' cannot be read",
          at: test.node.patchSpan, help: "write ref('…'), source('…', '…') or this"))
    }
    throw DiagnosticsError(
      Diagnostic(
        "unknown-input", "the input \(input.name) of unit test '\(test.node.name)' is not in this project",
        at: test.node.patchSpan))
  }

  private func rows(
    of input: UnitTestNames.Input, in test: UnitTest, columns: (RelationName) throws -> [ColumnDescription],
    runtime: TemplateRuntime
  ) throws -> MappedText {
    var node = test.node
    node.resourceType = .model
    node.name = input.name
    node.alias = input.relation?.identifier ?? input.name
    node.relation = input.relation
    node.packageName = input.packageName
    let context = context(node, runtime, file: test.node.originalFilePath)
    switch input.rows {
    case .query(let text):
      return MappedText(plain: try render(text, named: context.subject.file, in: context), in: context)
    case .values(let rows):
      var known = try input.relation.map { try columns($0) } ?? []
      // One that is not built here has the columns of its counterpart in the environment that is deferred to.
      if known.isEmpty, let other = index.deferral.counterparts[input.id] { known = try columns(other) }
      guard !known.isEmpty else { throw missingRelation(of: input, in: test) }
      let types = known.map { ($0.name, Value.string($0.type)) }
      let value = try call(
        "get_fixture_sql",
        [("rows", Self.value(of: rows)), ("column_name_to_data_types", .dict(types))], in: context)
      return MappedText(plain: try value.renderedText(), in: context)
    }
  }

  private func missingRelation(of input: UnitTestNames.Input, in test: UnitTest) -> DiagnosticsError {
    let relation = input.relation.map { RelationObject($0).render() } ?? "'\(input.name)'"
    let isEphemeral = manifest.nodes[input.id]?.isEphemeral ?? false
    return DiagnosticsError(
      Diagnostic(
        "missing-relation",
        "the columns of \(relation) are not known for unit test '\(test.node.name)', because the relation "
          + "does not exist", at: test.node.patchSpan,
        help: isEphemeral
          ? "an ephemeral model has no relation: give its rows with 'format: sql'"
          : "build its parents first: whc run --select +\(test.modelName) --exclude \(test.modelName) --empty"
      ))
  }

  private func call(
    _ name: String, _ arguments: [(String, Value)], in context: RenderContext
  ) throws(DiagnosticsError) -> Value {
    guard case .macro(let macro)? = engine.library.find(name, from: context.package) else {
      throw DiagnosticsError(Diagnostic("unknown-macro", "no macro is named '\(name)'"))
    }
    do throws(TemplateError) {
      return try context.interpreter.call(
        context.function(of: macro),
        Arguments([], named: arguments.map { (name: $0.0, value: $0.1) }))
    } catch {
      throw context.failure(error)
    }
  }

  private static func value(of rows: [UnitTest.Row]) -> Value {
    .list(rows.map { Value($0) })
  }
}
