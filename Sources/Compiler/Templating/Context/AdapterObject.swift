import Jinja
import ProjectModel
import Warehouse

/// `adapter`: questions to the database and its catalogue, and the rules of dispatch.
///
/// While a project is parsed the methods that need a database give nothing.
final class AdapterObject: JinjaObject {
  unowned let context: RenderContext

  init(_ context: RenderContext) { self.context = context }

  var typeName: String { context.isExecuting ? "RuntimeDatabaseWrapper" : "ParseDatabaseWrapper" }

  func attribute(_ name: String) throws -> Value? {
    if !context.isExecuting, let placeholder = Self.placeholders[name] {
      return .function(name) { _, _ in Self.value(of: placeholder) }
    }
    if !Self.repeatableMethods.contains(name) { context.noteRun() }
    return plainMethod(name) ?? databaseMethod(name)
  }

  /// Methods that answer the same in every run of a project.
  private static let repeatableMethods: Set<String> = [
    "dispatch", "type", "quote", "quote_as_configured", "quote_seed_column", "config", "Relation", "Column",
    "valid_incremental_strategies", "get_incremental_strategy_macro", "get_hard_deletes_behavior",
    "verify_database", "parse_index", "convert_type", "render_raw_columns_constraints",
    "render_raw_model_constraints", "build_catalog_relation", "date_function", "nice_connection_name",
  ]

  private enum Placeholder { case none, emptyList, no, noResult }

  private static let placeholders: [String: Placeholder] = [
    "execute": .noResult, "get_relation": .none, "load_relation": .none,
    "get_columns_in_relation": .emptyList,
    "get_columns_in_table": .emptyList, "get_missing_columns": .emptyList,
    "expand_target_column_types": .none,
    "create_schema": .none, "drop_schema": .none, "drop_relation": .none, "rename_relation": .none,
    "truncate_relation": .none, "list_relations": .emptyList, "list_relations_without_caching": .emptyList,
    "list_schemas": .emptyList, "check_schema_exists": .no, "already_exists": .no,
    "get_column_schema_from_query": .emptyList, "valid_snapshot_target": .none,
    "assert_valid_snapshot_target_given_strategy": .none, "get_incremental_strategy_macro": .none,
    "get_hard_deletes_behavior": .none, "alter_column_type": .none, "add_query": .noResult,
  ]

  private static func value(of placeholder: Placeholder) -> Value {
    switch placeholder {
    case .none: .none
    case .emptyList: .list([])
    case .no: .bool(false)
    case .noResult:
      .tuple([.object(ResponseObject(message: "", code: nil, rowsAffected: nil)), .object(TableObject.empty)])
    }
  }

  // MARK: - Without a database

  private func plainMethod(_ name: String) -> Value? {
    switch name {
    case "dispatch": return .function(name) { arguments, _ in try self.dispatch(arguments) }
    case "type": return .function(name) { _, _ in .string(self.context.settings.adapterType) }
    case "quote":
      return .function(name) { arguments, _ in
        .string("\"\(try arguments.bind(name, ["identifier"], required: 1)[0]?.text() ?? "")\"")
      }
    case "quote_as_configured":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["identifier", "quote_key"], required: 2)
        let text = try bound[0]?.text() ?? ""
        let quoting = self.context.settings.quoting
        switch bound[1]?.stringValue {
        case "database": return .string(quoting.database ? "\"\(text)\"" : text)
        case "schema": return .string(quoting.schema ? "\"\(text)\"" : text)
        case "identifier": return .string(quoting.identifier ? "\"\(text)\"" : text)
        default: return .string(text)
        }
      }
    case "quote_seed_column":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["column", "quote_config"], required: 1)
        let text = try bound[0]?.text() ?? ""
        switch bound[1] {
        case .bool(false)?: return .string(text)
        case nil, .some(.none), .bool(true)?: return .string("\"\(text)\"")
        case .some(let other):
          throw HostFailure(
            "bad-config-value", "quote_columns must be true or false, it is \(other.typeName)")
        }
      }
    case "behavior": return .object(BehaviorObject(context.settings))
    case "config": return .dict([("project_name", .string(context.settings.projectName))])
    case "Relation": return context.relationFactory
    case "Column": return .object(ColumnFactory())
    case "valid_incremental_strategies":
      return .function(name) { _, _ in .strings(Self.strategies) }
    case "get_incremental_strategy_macro":
      return .function(name) { arguments, _ in try self.strategyMacro(arguments) }
    case "get_hard_deletes_behavior":
      return .function(name) { arguments, call in
        try self.hardDeletes(arguments.value(0, "config") ?? .none, call)
      }
    case "verify_database":
      return .function(name) { arguments, _ in
        let given = try arguments.value(0, "database")?.text().trimming(while: { $0 == "\"" }) ?? ""
        let own = self.context.settings.database
        let isRedshift = self.context.settings.adapterType == "redshift"
        if isRedshift, self.isSet("ra3_node") || self.isSet("datasharing") { return .string("") }
        guard given.lowercased() == own.lowercased() else {
          if isRedshift {
            throw HostFailure(
              "other-database", "'\(given)' is not the database of this connection, which is '\(own)'",
              help: "'ra3_node: true' or 'datasharing: true' in the profile allow others")
          }
          throw HostFailure(
            "other-database", "'\(given)' is not the database of this connection, which is '\(own)'",
            help: "PostgreSQL reaches one database at a time; leave `database` away")
        }
        return .string("")
      }
    case "parse_index": return .function(name) { arguments, _ in try IndexObject.parse(arguments) }
    case "convert_type":
      return .function(name) { arguments, _ in
        guard let table = arguments.value(0, "agate_table")?.object(as: TableObject.self),
          let column = arguments.value(1, "col_idx")?.intValue, table.columnTypes.indices.contains(column)
        else { throw TemplateError(.type, "convert_type() takes a table and the index of a column") }
        return .string(table.sqlType(of: column))
      }
    case "render_raw_columns_constraints":
      return .function(name) { arguments, _ in
        .strings(try ConstraintText.columns(arguments.value(0, "raw_columns") ?? .none))
      }
    case "render_raw_model_constraints":
      return .function(name) { arguments, _ in
        .strings(try ConstraintText.model(arguments.value(0, "raw_constraints") ?? .none))
      }
    case "build_catalog_relation": return .function(name) { _, _ in .none }
    case "standardize_grants_dict":
      return .function(name) { arguments, _ in
        guard let table = arguments.value(0, "grants_table")?.object(as: TableObject.self) else {
          return .dict([])
        }
        let grants = DictObject()
        for row in table.rows {
          guard let privilege = try row.item(.string("privilege_type")),
            let grantee = try row.item(.string("grantee"))
          else { continue }
          if case .list(let grantees)? = try grants.value(for: privilege) {
            grantees.items.append(grantee)
          } else {
            try grants.set(privilege, .list([grantee]))
          }
        }
        return .dict(grants)
      }
    case "cache_added", "cache_dropped", "cache_renamed":
      return .function(name) { arguments, _ in
        let relations = (arguments.positional + arguments.named.map(\.value)).compactMap {
          $0.object(as: RelationObject.self)
        }
        let cache = self.context.runtime.cache
        guard let first = relations.first else {
          throw HostFailure("bad-cache-call", "adapter.\(name)() was called with no relation")
        }
        switch name {
        case "cache_added": cache.add(first.relationState)
        case "cache_dropped": cache.remove(first.relationName)
        default: if relations.count == 2 { cache.rename(first.relationName, to: relations[1].relationName) }
        }
        return .string("")
      }
    case "date_function":
      let function = context.settings.adapterType == "redshift" ? "getdate()" : "now()"
      return .function(name) { _, _ in .string(function) }
    case "drop_without_cascade":
      guard context.settings.adapterType == "redshift" else { return nil }
      return .function(name) { _, _ in .bool(self.isSet(name)) }
    case "use_show_apis", "use_grants_extended":
      // Of dbt-redshift's adapter; whc reads PG tables, and grants as by default.
      guard context.settings.adapterType == "redshift" else { return nil }
      return .function(name) { _, _ in .bool(false) }
    case "nice_connection_name": return .function(name) { _, _ in .string(self.context.subject.name) }
    case "submit_python_job":
      return .function(name) { _, _ in throw HostFailure("python-model", "models in Python cannot run here") }
    default: return nil
    }
  }

  private static let strategies = ["append", "delete+insert", "merge", "microbatch"]

  /// Whether a key of the profile is true.
  private func isSet(_ key: String) -> Bool { context.settings.target[key]?.bool ?? false }

  private func dispatch(_ arguments: Arguments) throws -> Value {
    let bound = try arguments.bind("dispatch", ["macro_name", "macro_namespace", "packages"], required: 1)
    let name = try bound[0]?.text() ?? ""
    if let dot = name.firstIndex(of: ".") {
      throw HostFailure(
        "bad-dispatch", "adapter.dispatch('\(name)') has a package in the macro's name",
        help:
          "write adapter.dispatch('\(name[name.index(after: dot)...])', macro_namespace='\(name[..<dot])')")
    }
    if let packages = bound[2], !packages.isNone {
      throw HostFailure(
        "bad-dispatch", "adapter.dispatch('\(name)') no longer takes packages",
        help: "name the package as macro_namespace")
    }
    var namespace: String?
    if let value = bound[1], !value.isNone {
      guard let text = value.stringValue else {
        throw HostFailure(
          "bad-dispatch",
          "the macro_namespace in adapter.dispatch('\(name)') is \(value.typeName), not a string")
      }
      namespace = text
    }
    if let macro = context.library.dispatch(name, namespace: namespace, from: context.package) {
      return context.function(of: macro)
    }
    // dbt gives tests the macros of all packages by their bare names.
    if namespace == nil, context.subject.resourceType == .test,
      let macro = context.library.dispatchAnywhere(name)
    {
      return context.function(of: macro)
    }
    let tried = context.library.dispatchCandidates(name, namespace: namespace).map {
      ($0.package.map { $0 + "." } ?? "") + $0.name
    }
    throw HostFailure(
      "unknown-macro",
      "In dispatch: No macro named '\(name)' found" + (namespace.map { " in namespace '\($0)'" } ?? ""),
      notes: ["searched for " + tried.joined(separator: ", ")])
  }

  private func strategyMacro(_ arguments: Arguments) throws -> Value {
    let bound = try arguments.bind("get_incremental_strategy_macro", ["model_context", "strategy"])
    let strategy = try bound[1].flatMap { $0.isNone ? nil : try $0.text() } ?? "default"
    if strategy == "insert_overwrite" {
      throw HostFailure(
        "bad-config-value",
        "the incremental strategy '\(strategy)' is not there on \(context.settings.adapterType)",
        help: "use one of " + Self.strategies.joined(separator: ", "))
    }
    let name = "get_incremental_\(strategy.replacing("+", with: "_"))_sql"
    guard let macro = try context.value(named: name) else {
      throw HostFailure(
        "unknown-macro", "the incremental strategy '\(strategy)' has no macro '\(name)'",
        help: "define it, or use one of " + Self.strategies.joined(separator: ", "))
    }
    return macro
  }
}

extension RelationObject {
  /// For the cache.
  var relationState: RelationState {
    let kind: RelationState.Kind
    switch state.type {
    case "table": kind = .table
    case "view": kind = .view
    case "materialized_view": kind = .materializedView
    default: kind = .other
    }
    return RelationState(name: relationName, kind: kind)
  }
}

extension TableObject {
  /// The type of the database for a column of a table.
  func sqlType(of column: Int) -> String {
    switch columnTypes[column] {
    case .integer: return "integer"
    case .number:
      let hasFraction = rows.contains { row in
        guard let text = try? row.values[column].text() else { return false }
        return text.contains(".") && text.drop { $0 != "." }.dropFirst().contains { $0 != "0" }
      }
      return hasFraction ? "float8" : "integer"
    case .boolean: return "boolean"
    case .date: return "date"
    case .timestamp: return "timestamp without time zone"
    case .text: return "text"
    }
  }
}

/// `adapter.behavior`: dbt's behaviour flags, as far as macros ask for them.
final class BehaviorObject: JinjaObject {
  private let settings: TemplateSettings

  init(_ settings: TemplateSettings) { self.settings = settings }

  var typeName: String { "Behavior" }

  func attribute(_ name: String) -> Value? {
    let isOn = settings.behavior(name.uppercased())
    return .dict([("no_warn", .bool(isOn)), ("setting", .bool(isOn))])
  }
}
