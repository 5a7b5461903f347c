import Jinja
import ProjectModel
import Warehouse

/// A relation as templates see it: dbt's `Relation`. Immutable; its methods give changed copies.
final class RelationObject: JinjaObject {
  /// Which of the three parts something holds for.
  struct Parts: Equatable {
    var database = true
    var schema = true
    var identifier = true

    init(database: Bool = true, schema: Bool = true, identifier: Bool = true) {
      self.database = database
      self.schema = schema
      self.identifier = identifier
    }

    init(_ quoting: RelationName.Quoting) {
      self.init(database: quoting.database, schema: quoting.schema, identifier: quoting.identifier)
    }

    var quoting: RelationName.Quoting {
      RelationName.Quoting(database: database, schema: schema, identifier: identifier)
    }
  }

  struct State {
    var database: String?
    var schema: String?
    var identifier: String?
    /// dbt's word: table, view, materialized_view, cte, external, function.
    var type: String?
    var include = Parts()
    var quote = Parts()
    /// 0 for `--empty`.
    var limit: Int?
    /// The rows that a reference gives are those of a stretch of time.
    var eventTime: EventTimeFilter?
    /// The view of an information schema.
    var informationSchemaView: String?
    var isInformationSchema = false
    /// The names it depends on were not there when the project was parsed.
    var requiresAlias = true
  }

  /// A condition on a column of times, which is written as it stands here.
  struct EventTimeFilter: Equatable {
    var column: String
    var batch: Batch
  }

  let state: State
  /// 63 on PostgreSQL, 127 on Redshift.
  let maximumNameLength: Int

  init(_ state: State, maximumNameLength: Int = 63) {
    self.state = state
    self.maximumNameLength = maximumNameLength
  }

  convenience init(
    _ name: RelationName, type: String? = nil, limit: Int? = nil, eventTime: EventTimeFilter? = nil
  ) {
    var state = State()
    state.database = name.database
    state.schema = name.schema
    state.identifier = name.identifier
    state.quote = Parts(name.quoting)
    state.type = type
    state.limit = limit
    state.eventTime = eventTime
    self.init(state)
  }

  convenience init(_ relation: RelationState) {
    let type: String
    switch relation.kind {
    case .table: type = "table"
    case .view: type = "view"
    case .materializedView: type = "materialized_view"
    case .foreignTable, .other: type = "external"
    }
    self.init(relation.name, type: type)
  }

  /// The reference to an ephemeral model's CTE.
  static func ephemeral(_ name: String, limit: Int?, eventTime: EventTimeFilter? = nil)
    -> RelationObject
  {
    var state = State()
    state.identifier = ephemeralPrefix + name
    state.type = "cte"
    state.quote.identifier = false
    state.limit = limit
    state.eventTime = eventTime
    return RelationObject(state)
  }

  static let ephemeralPrefix = "__dbt__cte__"

  var relationName: RelationName {
    RelationName(
      database: state.database, schema: state.schema, identifier: state.identifier ?? "",
      quoting: state.quote.quoting)
  }

  /// The name as it stands in SQL, without what a limit adds.
  func render() -> String {
    var parts: [String] = []
    func add(_ part: String?, _ isIncluded: Bool, _ isQuoted: Bool) {
      guard isIncluded, let part else { return }
      parts.append(isQuoted ? "\"\(part)\"" : part)
    }
    add(state.database, state.include.database, state.quote.database)
    add(state.schema, state.include.schema, state.quote.schema)
    add(state.identifier, state.include.identifier, state.quote.identifier)
    if let view = state.informationSchemaView { parts.append(view) }
    return parts.joined(separator: ".")
  }

  func changed(_ change: (inout State) -> Void) -> RelationObject {
    var state = state
    change(&state)
    return RelationObject(state, maximumNameLength: maximumNameLength)
  }
}

extension RelationObject {
  var typeName: String { state.isInformationSchema ? "InformationSchema" : "PostgresRelation" }
  /// dbt's relations are mappings to `is mapping`, on which packages rely.
  var isMapping: Bool { true }

  func text() -> String {
    guard state.type != "function" else { return render() }
    var text = render()
    if let limit = state.limit {
      text =
        "(select * from \(text) \(limit == 0 ? "where false limit 0" : "limit \(limit)"))"
        + alias("limit")
    }
    if let filter = state.eventTime {
      let (column, batch) = (filter.column, filter.batch)
      text =
        "(select * from \(text) where \(column) >= '\(batch.start)' and \(column) < '\(batch.end)')"
        + alias("et_filter")
    }
    return text
  }

  /// A subquery's name, where it needs one.
  private func alias(_ kind: String) -> String {
    state.requiresAlias ? " _dbt_\(kind)_subq_\(state.identifier ?? "None")" : ""
  }

  func representation() -> String { "<\(typeName) \(render())>" }
  func isTrue() -> Bool { true }
  func hash() -> Int? { render().hashValue }
  func count() -> Int? { Self.fields.count }
  func item(_ key: Value) -> Value? { key.stringValue.flatMap { property($0) } }

  func isEqual(to other: Value) -> Bool {
    guard let other = other.object(as: RelationObject.self) else { return false }
    return other === self
      || (state.database == other.state.database && state.schema == other.state.schema
        && state.identifier == other.state.identifier && state.type == other.state.type
        && state.include == other.state.include && state.quote == other.state.quote
        && state.limit == other.state.limit)
  }

  func makeIterator() -> (any ValueIterator)? {
    ListIterator(Self.fields.map(Value.string))
  }

  private static let fields = [
    "path", "type", "quote_character", "include_policy", "quote_policy", "dbt_created", "limit",
    "event_time_filter", "require_alias", "catalog",
  ]

  func attribute(_ name: String) -> Value? { property(name) ?? method(name) }

  private func property(_ name: String) -> Value? {
    switch name {
    case "database": return Value(optional: state.database)
    case "schema": return Value(optional: state.schema)
    case "identifier", "name", "table": return Value(optional: state.identifier)
    case "type": return Value(optional: state.type)
    case "limit": return state.limit.map(Value.int) ?? Value.none
    case "quote_character": return .string("\"")
    case "require_alias": return .bool(state.requiresAlias)
    case "dbt_created": return .bool(false)
    case "event_time_filter", "catalog": return Value.none
    case "is_table": return .bool(state.type == "table")
    case "is_view": return .bool(state.type == "view")
    case "is_materialized_view": return .bool(state.type == "materialized_view")
    case "is_cte": return .bool(state.type == "cte")
    case "is_function": return .bool(state.type == "function")
    case "is_pointer": return .bool(state.type == "pointer_table")
    case "can_be_renamed", "can_be_replaced": return .bool(state.type == "table" || state.type == "view")
    case "path":
      return .dict([
        ("database", Value(optional: state.database)), ("schema", Value(optional: state.schema)),
        ("identifier", Value(optional: state.identifier)),
      ])
    case "include_policy": return Self.policy(state.include)
    case "quote_policy": return Self.policy(state.quote)
    case "information_schema_view": return Value(optional: state.informationSchemaView)
    case "Table": return .string("table")
    case "View": return .string("view")
    case "CTE": return .string("cte")
    case "MaterializedView": return .string("materialized_view")
    case "External": return .string("external")
    case "Function": return .string("function")
    default: return nil
    }
  }

  private static func policy(_ parts: Parts) -> Value {
    .dict([
      ("database", .bool(parts.database)), ("schema", .bool(parts.schema)),
      ("identifier", .bool(parts.identifier)),
    ])
  }

  private func method(_ name: String) -> Value? {
    switch name {
    case "render": return .function(name) { _, _ in .string(self.render()) }
    case "include": return changing(name) { $0.include = Self.merged($0.include, $1) }
    case "quote": return changing(name) { $0.quote = Self.merged($0.quote, $1) }
    case "replace_path":
      return .function(name) { arguments, _ in
        .object(self.changed { Self.replacePath(&$0, arguments.named.map { ($0.name, $0.value) }) })
      }
    case "incorporate":
      return .function(name) { arguments, _ in .object(try self.incorporating(arguments)) }
    case "without_identifier":
      return .function(name) { _, _ in
        .object(
          self.changed {
            $0.include.identifier = false
            $0.identifier = nil
          })
      }
    case "information_schema":
      return .function(name) { arguments, _ in
        .object(self.informationSchema(arguments.value(0, "view_name")?.stringValue))
      }
    case "information_schema_only":
      return .function(name) { _, _ in .object(self.informationSchema(nil)) }
    case "quoted":
      return .function(name) { arguments, _ in
        .string("\"\(try arguments.value(0, "identifier")?.text() ?? "")\"")
      }
    case "get_materialized_view_config_change_collection":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["relation_results", "relation_config"], required: 2)
        return try IndexChanges(results: bound[0] ?? .none, model: bound[1] ?? .none).value
      }
    case "matches": return .function(name) { arguments, _ in .bool(try self.matches(arguments)) }
    case "relation_max_name_length": return .function(name) { _, _ in .int(self.maximumNameLength) }
    case "add_ephemeral_prefix":
      return .function(name) { arguments, _ in
        .string(Self.ephemeralPrefix + (try arguments.value(0, "name")?.text() ?? ""))
      }
    case "get":
      return .function(name) { arguments, _ in
        // Packages ask for `metadata` to tell a relation from a plain mapping.
        if arguments.value(0, "key")?.stringValue == "metadata" {
          return .dict([("type", .string(self.typeName))])
        }
        return self.property(arguments.value(0, "key")?.stringValue ?? "")
          ?? arguments.value(1, "default") ?? Value.none
      }
    case "keys": return .function(name) { _, _ in .strings(Self.fields) }
    case "to_dict":
      return .function(name) { _, _ in .dict(Self.fields.map { ($0, self.property($0) ?? .none) }) }
    default: return nil
    }
  }

  private func changing(_ name: String, _ change: @escaping (inout State, [Bool?]) -> Void) -> Value {
    .function(name) { arguments, _ in
      let flags = try arguments.bind(name, ["database", "schema", "identifier"]).map { value -> Bool? in
        guard let value, !value.isNone, !value.isUndefined else { return nil }
        return try value.isTrue()
      }
      return .object(self.changed { change(&$0, flags) })
    }
  }

  private static func merged(_ parts: Parts, _ flags: [Bool?]) -> Parts {
    Parts(
      database: flags[0] ?? parts.database, schema: flags[1] ?? parts.schema,
      identifier: flags[2] ?? parts.identifier)
  }

  private static func replacePath(_ state: inout State, _ entries: [(String, Value)]) {
    for (name, value) in entries {
      let text = value.isNone ? nil : try? value.text()
      switch name {
      case "database": state.database = text
      case "schema": state.schema = text
      case "identifier": state.identifier = text
      default: break
      }
    }
  }

  private func incorporating(_ arguments: Arguments) throws -> RelationObject {
    var state = state
    for (name, value) in arguments.named {
      switch name {
      case "type": state.type = value.isNone ? nil : try value.text()
      case "path":
        if case .dict(let path) = value {
          Self.replacePath(&state, path.pairs.map { ($0.key.stringValue ?? "", $0.value) })
        }
      case "limit": state.limit = value.intValue
      case "quote_policy", "include_policy":
        guard case .dict(let policy) = value else { continue }
        let flags = try ["database", "schema", "identifier"].map { try policy[$0]?.isTrue() }
        if name == "quote_policy" {
          state.quote = Self.merged(state.quote, flags)
        } else {
          state.include = Self.merged(state.include, flags)
        }
      default: break
      }
    }
    return RelationObject(state, maximumNameLength: maximumNameLength)
  }

  private func informationSchema(_ view: String?) -> RelationObject {
    var state = State()
    state.database = self.state.database
    state.identifier = "INFORMATION_SCHEMA"
    state.type = "view"
    state.include = Parts(database: self.state.database != nil, schema: false, identifier: true)
    state.quote = self.state.quote
    state.quote.identifier = false
    state.informationSchemaView = view
    state.isInformationSchema = true
    return RelationObject(state, maximumNameLength: maximumNameLength)
  }

  private func matches(_ arguments: Arguments) throws -> Bool {
    let wanted = try arguments.bind("matches", ["database", "schema", "identifier"])
    let own = [state.database, state.schema, state.identifier]
    for (value, part) in zip(wanted, own) {
      if let text = value?.stringValue, part != text { return false }
    }
    return true
  }
}

/// Goes through values that are already there.
final class ListIterator: ValueIterator {
  private var rest: ArraySlice<Value>

  init(_ values: [Value]) { rest = values[...] }

  func next() -> Value? { rest.popFirst() }
}
