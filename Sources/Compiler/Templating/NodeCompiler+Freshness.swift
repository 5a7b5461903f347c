public import Diagnostics
import Jinja
public import OrderedCollections
public import ProjectModel

extension NodeCompiler {
  /// What the database said of a source's newest row.
  public struct FreshnessAnswer: Sendable {
    public var freshness: MeasuredFreshness
    /// `_message`, `code` and `rows_affected`; empty when the project's own macro does not give them.
    public var adapterResponse: OrderedDictionary<String, PlainValue> = [:]
  }

  /// Asks how old a source's newest row is, by the macro `collect_freshness` or `collect_freshness_custom_sql`, of
  /// which a project may have its own.
  ///
  /// - Throws: `no-loaded-at` when the source names neither a column nor a query, `bad-freshness` when the answer is
  ///   no moment, and what the database refuses.
  public func freshness(
    of source: SourceDefinition, runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> FreshnessAnswer {
    do throws(DiagnosticsError) {
      return try answer(for: source, runtime)
    } catch {
      // What fails lies in built-in SQL; the user's part of it is the source's entry.
      throw DiagnosticsError(
        error.diagnostics.map { diagnostic in
          var diagnostic = diagnostic
          if diagnostic.span == nil { diagnostic.span = source.span }
          return diagnostic
        })
    }
  }

  private func answer(
    for source: SourceDefinition, _ runtime: TemplateRuntime
  ) throws(DiagnosticsError) -> FreshnessAnswer {
    let relation = Value.object(RelationObject(source.relation))
    let context = freshnessContext(source, relation, runtime)
    let name: String
    var arguments: [(name: String, value: Value)] = [(name: "source", value: relation)]
    if let query = source.loadedAtQuery {
      name = "collect_freshness_custom_sql"
      let sql = try render(query, named: context.subject.file, in: context)
      arguments.append((name: "loaded_at_query", value: .string(sql)))
    } else if let field = source.loadedAtField {
      name = "collect_freshness"
      let filter = FreshnessThreshold(source.freshness)?.filter
      arguments.append((name: "loaded_at_field", value: .string(field)))
      arguments.append((name: "filter", value: Value(optional: filter)))
    } else {
      throw DiagnosticsError(
        Diagnostic(
          "no-loaded-at",
          "source '\(source.sourceName).\(source.name)' names no 'loaded_at_field', and "
            + "\(engine.settings.adapterType) does not know when a table was last changed",
          help: "name the column that tells when a row came, or set 'freshness: null'"))
    }
    guard let macro = engine.library.adapterMacro(name) else {
      throw DiagnosticsError(Diagnostic("unknown-macro", "the macro '\(name)' is not there"))
    }
    do throws(TemplateError) {
      let result = try context.interpreter.call(context.function(of: macro), Arguments([], named: arguments))
      return try Self.answer(result, from: name)
    } catch {
      throw context.failure(error)
    }
  }

  private func freshnessContext(
    _ source: SourceDefinition, _ relation: Value, _ runtime: TemplateRuntime
  ) -> RenderContext {
    let context = RenderContext(
      .operation,
      subject: RenderContext.Subject(
        text: source.loadedAtQuery ?? "", file: source.path, firstLine: source.span?.start.line ?? 1,
        name: source.name, packageName: source.packageName, fqn: source.fqn, resourceType: .source),
      engine: engine, manifest: index, runtime: runtime)
    let entry = Value.object(NodeObject(source, engine.settings))
    context.extras["this"] = relation
    context.extras["source_node"] = entry
    context.extras["model"] = entry
    return context
  }

  private static func answer(_ result: Value, from macro: String) throws(TemplateError) -> FreshnessAnswer {
    var response: ResponseObject?
    var table = result.object(as: TableObject.self)
    if case .dict(let entries) = result {
      response = entries["response"]?.object(as: ResponseObject.self)
      table = entries["table"]?.object(as: TableObject.self)
    }
    guard let table, table.rows.count == 1, table.rows[0].values.count == 2 else {
      throw bad("\(macro)() must give one row with two columns, the newest moment and the present one")
    }
    let values = table.rows[0].values
    let newest = values[0].isNone ? MeasuredFreshness.never : try moment(values[0], "the newest moment")
    var answer = FreshnessAnswer(
      freshness: MeasuredFreshness(
        maxLoadedAt: newest, snapshottedAt: try moment(values[1], "the present moment")))
    if let response {
      answer.adapterResponse = ["_message": .string(response.message)]
      if let code = response.code { answer.adapterResponse["code"] = .string(code) }
      if let count = response.rowsAffected { answer.adapterResponse["rows_affected"] = .int(count) }
    }
    return answer
  }

  private static func moment(_ value: Value, _ what: String) throws(TemplateError) -> Int {
    if let moment = value.object(as: Moment.self)?.utcMicroseconds { return moment }
    throw bad("\(what) must be a timestamp, it is \(value.typeName)")
  }

  private static func bad(_ summary: String) -> TemplateError {
    TemplateError(
      .host, summary,
      underlying: HostFailure(
        "bad-freshness", summary, help: "cast it: 'loaded_at_field: \"my_column::timestamp\"'"))
  }
}
