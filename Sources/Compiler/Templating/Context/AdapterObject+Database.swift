import Jinja
import ProjectModel
import Warehouse

extension AdapterObject {
  /// The methods that ask or change the database.
  func databaseMethod(_ name: String) -> Value? {
    switch name {
    case "execute":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["sql", "auto_begin", "fetch", "limit"], required: 1)
        return try self.execute(
          try bound[0]?.text() ?? "", begins: try bound[1]?.isTrue() ?? false,
          fetch: try bound[2]?.isTrue() ?? false, limit: bound[3]?.intValue)
      }
    case "get_relation":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["database", "schema", "identifier"], required: 3)
        return try self.relation(
          try Self.part(bound[0]), try Self.part(bound[1]) ?? "", try Self.part(bound[2]) ?? "")
      }
    case "load_relation":
      return .function(name) { arguments, _ in
        guard let relation = arguments.value(0, "relation")?.object(as: RelationObject.self) else {
          return .none
        }
        return try self.relation(
          relation.state.database, relation.state.schema ?? "", relation.state.identifier ?? "")
      }
    case "already_exists":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["schema", "name"], required: 2)
        let found = try self.relation(
          self.context.settings.database, try Self.part(bound[0]) ?? "", try Self.part(bound[1]) ?? "")
        return .bool(!found.isNone)
      }
    case "list_relations":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["database", "schema"], required: 2)
        let schema = SchemaName(database: try Self.part(bound[0]), schema: try Self.part(bound[1]) ?? "")
        return .list(try self.relations(in: schema).map { .object(RelationObject($0)) })
      }
    case "list_relations_without_caching":
      return .function(name) { arguments, _ in
        let state = arguments.value(0, "schema_relation")?.object(as: RelationObject.self)?.state
        let schema = SchemaName(
          database: state?.database ?? self.context.settings.database,
          schema: state?.schema ?? self.context.settings.schema)
        return .list(try self.freshRelations(in: schema).map { .object(RelationObject($0)) })
      }
    case "list_schemas":
      return .function(name) { _, call in
        let table = try self.run(
          "list_schemas", arguments: [("database", .string(self.context.settings.database))], call)
        return .list(table.object(as: TableObject.self)?.rows.map { $0.values[0] } ?? [])
      }
    case "check_schema_exists":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["database", "schema"], required: 2)
        let information = RelationObject(
          RelationName(
            database: try Self.part(bound[0]), schema: try Self.part(bound[1]),
            identifier: "INFORMATION_SCHEMA"))
        let table = try self.run(
          "check_schema_exists",
          arguments: [("information_schema", .object(information)), ("schema", bound[1] ?? .none)], call)
        return .bool((table.object(as: TableObject.self)?.rows.first?.values.first?.intValue ?? 0) > 0)
      }
    case "get_columns_in_relation":
      return .function(name) { arguments, call in
        try self.columns(of: arguments.value(0, "relation") ?? .none, call)
      }
    case "get_columns_in_table":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["schema", "identifier"], required: 2)
        let relation = RelationName(
          database: self.context.settings.database, schema: try Self.part(bound[0]),
          identifier: try Self.part(bound[1]) ?? "", quoting: self.context.settings.quoting)
        return try self.columns(of: .object(RelationObject(relation)), call)
      }
    case "get_missing_columns":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["from_relation", "to_relation"], required: 2)
        let present = Set(try self.columnObjects(of: bound[1] ?? .none, call).map(\.column))
        return .list(
          try self.columnObjects(of: bound[0] ?? .none, call).filter { !present.contains($0.column) }
            .map(Value.object))
      }
    case "expand_target_column_types":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["from_relation", "to_relation"], required: 2)
        let wanted = try self.columnObjects(of: bound[0] ?? .none, call)
        for own in try self.columnObjects(of: bound[1] ?? .none, call) {
          guard let other = wanted.first(where: { $0.column == own.column }), own.canExpand(to: other) else {
            continue
          }
          _ = try self.run(
            "alter_column_type",
            arguments: [
              ("relation", bound[1] ?? .none), ("column_name", .string(own.column)),
              ("new_column_type", .string(ColumnObject.stringType(other.stringSize))),
            ], call)
        }
        return .none
      }
    case "get_column_schema_from_query":
      return .function(name) { arguments, _ in
        let sql = try arguments.value(0, "sql")?.text() ?? ""
        let session = try self.session(for: "adapter.\(name)()")
        let columns = try self.asking(sql) { () throws(WarehouseError) in try session.describe(sql) }
        return .list(try columns.map { .object(try ColumnObject($0.name, describedAs: $0.type)) })
      }
    case "create_schema", "drop_schema":
      return .function(name) { arguments, call in
        guard let relation = arguments.value(0, "relation")?.object(as: RelationObject.self) else {
          throw TemplateError(.type, "\(name)() takes a relation")
        }
        _ = try self.run(
          name,
          arguments: [
            (
              "relation",
              .object(
                relation.changed {
                  $0.include.identifier = false
                  $0.identifier = nil
                })
            )
          ], call)
        if name == "drop_schema" {
          self.context.runtime.cache.removeSchema(
            SchemaName(database: relation.state.database, schema: relation.state.schema ?? ""))
        }
        return .none
      }
    case "drop_relation", "truncate_relation":
      return .function(name) { arguments, call in
        guard let relation = arguments.value(0, "relation")?.object(as: RelationObject.self) else {
          throw TemplateError(.type, "\(name)() takes a relation")
        }
        if name == "drop_relation" {
          guard relation.state.type != nil else {
            throw HostFailure(
              "relation-without-type", "drop_relation() of \(relation.render()), whose type is not known")
          }
          try self.forget(relation.relationName)
        }
        return try self.run(name, arguments: [("relation", .object(relation))], call)
      }
    case "rename_relation":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["from_relation", "to_relation"], required: 2)
        guard let from = bound[0]?.object(as: RelationObject.self),
          let to = bound[1]?.object(as: RelationObject.self)
        else { throw TemplateError(.type, "rename_relation() takes two relations") }
        self.context.runtime.cache.rename(from.relationName, to: to.relationName)
        return try self.run(
          name, arguments: [("from_relation", .object(from)), ("to_relation", .object(to))], call)
      }
    case "alter_column_type":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["relation", "column_name", "new_column_type"], required: 3)
        return try self.run(
          name,
          arguments: zip(["relation", "column_name", "new_column_type"], bound).map { ($0, $1 ?? .none) },
          call)
      }
    case "valid_snapshot_target", "assert_valid_snapshot_target_given_strategy":
      return .function(name) { arguments, call in
        try self.checkSnapshot(arguments, call)
        return .none
      }
    case "commit":
      return .function(name) { _, _ in
        self.context.runtime.transaction?.isOpen = false
        guard let session = self.context.runtime.session, session.isInTransaction else { return .string("") }
        _ = try self.asking("commit") { () throws(WarehouseError) in try session.run("commit") }
        return .string("")
      }
    case "add_query":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(
          name, ["sql", "auto_begin", "bindings", "abridge_sql_log"], required: 1)
        var sql = try bound[0]?.text() ?? ""
        if let values = bound[2], !values.isNone { sql = try BoundQuery.text(sql, try values.items()) }
        return try self.execute(
          sql, begins: try bound[1]?.isTrue() ?? true, fetch: false, limit: nil)
      }
    case "get_partitions_metadata":
      return .function(name) { arguments, call in
        try self.run(
          "get_partitions_metadata", arguments: [("table", arguments.value(0, "table") ?? .none)], call)
      }
    case "get_catalog_integration":
      return .function(name) { arguments, _ in
        throw HostFailure(
          "no-catalog", "there is no catalog integration '\(try arguments.value(0, "name")?.text() ?? "")'",
          help: "PostgreSQL and Redshift have none")
      }
    case "run_sql_for_tests":
      return .function(name) { arguments, _ in
        try self.execute(try arguments.value(0, "sql")?.text() ?? "", fetch: true, limit: nil)
      }
    default: return nil
    }
  }

  // MARK: - Asking

  private func session(for what: String) throws -> any Session {
    if let session = context.runtime.session { return session }
    throw HostFailure(
      "needs-database",
      "\(what) needs a connection, and there is none while '\(context.subject.name)' is compiled",
      help: "put what asks the database inside {% if execute %}, or compile with a connection")
  }

  private func asking<Result>(_ sql: String, _ body: () throws(WarehouseError) -> Result) throws -> Result {
    do throws(WarehouseError) {
      return try body()
    } catch {
      throw HostFailure(error, statement: sql).placed(error, in: sql, context.runtime.compiled)
    }
  }

  private func execute(_ sql: String, begins: Bool = false, fetch: Bool, limit: Int?) throws -> Value {
    let session = try session(for: "a query")
    if let transaction = context.runtime.transaction {
      if transaction.isFresh || (begins && !transaction.isOpen), !session.isInTransaction {
        _ = try asking("begin") { () throws(WarehouseError) in try session.run("begin") }
      }
      context.runtime.transaction?.isFresh = false
      if begins { context.runtime.transaction?.isOpen = true }
    }
    let commented = try context.commented(sql)
    var result = try asking(commented) { () throws(WarehouseError) in try session.run(commented) }
    if let limit { result.rows = Array(result.rows.prefix(limit)) }
    let response = ResponseObject(
      message: result.tag, code: result.tag.prefix { !$0.isNumber }.trimmed,
      rowsAffected: result.rowsAffected ?? -1)
    return .tuple([.object(response), .object(fetch ? try TableObject(result) : .empty)])
  }

  private func relation(_ database: String?, _ schema: String, _ identifier: String) throws -> Value {
    let quoting = context.settings.quoting
    let name = RelationName(
      database: database ?? context.settings.database, schema: quoting.schema ? schema : schema.lowercased(),
      identifier: quoting.identifier ? identifier : identifier.lowercased())
    let known = try relations(in: SchemaName(database: name.database, schema: name.schema ?? ""))
    if let found = known.first(where: { $0.name.identifier == name.identifier }) {
      return .object(RelationObject(found))
    }
    if let near = known.first(where: { $0.name.identifier.lowercased() == name.identifier.lowercased() }) {
      throw HostFailure(
        "ambiguous-relation",
        "\(RelationObject(near).render()) is there, \(RelationObject(name).render()) is asked for: they differ in case",
        help: "rename one of them, or set quoting")
    }
    return .none
  }

  /// Takes a relation out of the cache before it is dropped, and the views that fall with it.
  private func forget(_ relation: RelationName) throws {
    let cache = context.runtime.cache
    guard cache.relation(relation) != nil else { return }
    cache.remove(relation)
    let session = try session(for: "adapter.drop_relation()")
    let views = try asking("views that read \(relation.identifier)") { () throws(WarehouseError) in
      try session.dependentViews(of: [relation])
    }
    for var view in views.values.joined().map(\.name) {
      view.database = relation.database
      cache.remove(view)
    }
  }

  private func relations(in schema: SchemaName) throws -> [RelationState] {
    if let known = context.runtime.cache.relations(in: schema) { return known }
    let found = try freshRelations(in: schema)
    context.runtime.cache.fill([schema], with: found)
    return found
  }

  private func freshRelations(in schema: SchemaName) throws -> [RelationState] {
    let session = try session(for: "looking for a relation")
    return try asking("relations of schema \(schema.schema)") { () throws(WarehouseError) in
      try session.relations(in: [schema])
    }
  }

  private func columns(of relation: Value, _ call: CallContext) throws -> Value {
    guard relation.object(as: RelationObject.self) != nil else {
      throw TemplateError(.type, "get_columns_in_relation() takes a relation, not \(relation.typeName)")
    }
    return try run("get_columns_in_relation", arguments: [("relation", relation)], call)
  }

  private func columnObjects(of relation: Value, _ call: CallContext) throws -> [ColumnObject] {
    try RenderContext.items(of: try columns(of: relation, call)).compactMap {
      $0.object(as: ColumnObject.self)
    }
  }

  private func checkSnapshot(_ arguments: Arguments, _ call: CallContext) throws {
    let relation = arguments.value(0, "relation") ?? .none
    // A caller that knows the columns already hands them over.
    let columns =
      try arguments.value(3, "columns").map { try RenderContext.items(of: $0) }?
      .compactMap { $0.object(as: ColumnObject.self) } ?? columnObjects(of: relation, call)
    let names = Set(columns.map { $0.column.lowercased() })
    var wanted = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"]
    if case .dict(let strategy)? = arguments.value(2, "strategy"),
      strategy["hard_deletes"]?.stringValue == "new_record"
    {
      wanted.append("dbt_is_deleted")
    }
    if case .dict(let given)? = arguments.value(1, "column_names") {
      wanted = try wanted.map { try given[$0]?.text() ?? $0 }
    }
    let missing = wanted.filter { !names.contains($0.lowercased()) }
    guard missing.isEmpty else {
      throw HostFailure(
        "not-a-snapshot",
        "\(try relation.text()) is no snapshot: it has no column \(missing.joined(separator: ", "))",
        help: "give the snapshot another name, or drop the table")
    }
  }

  /// What a snapshot does with rows that left its source; the older `invalidate_hard_deletes` still counts.
  func hardDeletes(_ config: Value, _ call: CallContext) throws -> Value {
    func value(_ key: String) throws -> Value {
      try call.call(try call.interpreter.attribute("get", of: config), Arguments([.string(key)]))
    }
    let (legacy, chosen) = (try value("invalidate_hard_deletes"), try value("hard_deletes"))
    if chosen.isNone { return .string(try !legacy.isNone && legacy.isTrue() ? "invalidate" : "ignore") }
    guard legacy.isNone else {
      throw HostFailure(
        "bad-value", "'hard_deletes' and 'invalidate_hard_deletes' are both set", help: "keep 'hard_deletes'")
    }
    guard let word = chosen.stringValue, ["ignore", "invalidate", "new_record"].contains(word) else {
      throw HostFailure(
        "bad-value",
        "'hard_deletes' must be 'ignore', 'invalidate' or 'new_record', not '\(try chosen.text())'")
    }
    return .string(word)
  }

  /// The text of a part of a name; nil when it is not given.
  private static func part(_ value: Value?) throws -> String? {
    guard let value, !value.isNone, !value.isUndefined else { return nil }
    return try value.text()
  }

  /// Runs the macro that does a work of the adapter, so that a project's own one is used.
  private func run(_ name: String, arguments: [(String, Value)], _ call: CallContext) throws -> Value {
    guard let macro = context.library.adapterMacro(name) else {
      throw HostFailure("unknown-macro", "the macro '\(name)' that adapter.\(name)() runs is not there")
    }
    return try call.call(
      context.function(of: macro), Arguments([], named: arguments.map { (name: $0.0, value: $0.1) }))
  }
}

extension HostFailure {
  /// What the database refused, with the statement that was sent.
  init(_ error: WarehouseError, statement: String) {
    switch error {
    case .cannotConnect(let host, let port, let message, _):
      self.init("cannot-connect", "cannot connect to \(host):\(port): \(message)")
    case .statement(let message):
      self.init(
        "database-error", "\(message.message) (SQLSTATE \(message.sqlState))", help: message.hint,
        notes: message.detail.map { [$0] } ?? [], statement: message.statement)
    case .connectionLost(let message):
      self.init("connection-lost", "the connection broke: \(message)", statement: statement)
    case .cancelled:
      self.init("cancelled", "the query was cancelled", statement: statement)
    }
  }
}
