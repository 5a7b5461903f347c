import Jinja
import ProjectModel

/// `api.Relation`: makes relations with the project's quoting.
final class RelationFactory: JinjaObject {
  private let quoting: RelationName.Quoting
  private let maximumNameLength: Int

  init(quoting: RelationName.Quoting, maximumNameLength: Int) {
    self.quoting = quoting
    self.maximumNameLength = maximumNameLength
  }

  var typeName: String { "RelationProxy" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "create": return .function(name) { arguments, _ in try self.create(arguments) }
    case "create_from":
      return .function(name) { arguments, _ in try self.create(from: arguments) }
    case "create_ephemeral_from":
      return .function(name) { arguments, _ in
        let node = arguments.value(0, "relation_config")
        let alias =
          try node.flatMap { try Self.member("alias", of: $0) } ?? Self.member("name", of: node ?? .none)
        return .object(RelationObject.ephemeral(try alias?.text() ?? "", limit: nil))
      }
    case "add_ephemeral_prefix":
      return .function(name) { arguments, _ in
        .string(RelationObject.ephemeralPrefix + (try arguments.value(0, "name")?.text() ?? ""))
      }
    case "scd_args":
      return .function(name) { arguments, _ in
        let key = arguments.value(0, "primary_key") ?? .none
        let updated = arguments.value(1, "updated_at") ?? .none
        if case .list(let keys) = key { return .list(keys.items + [updated]) }
        return .list([key, updated])
      }
    case "Table": return .string("table")
    case "View": return .string("view")
    case "CTE": return .string("cte")
    case "External": return .string("external")
    case "MaterializedView": return .string("materialized_view")
    case "PointerTable": return .string("pointer_table")
    case "Function": return .string("function")
    case "get_relation_type":
      return .function(name) { arguments, _ in arguments.value(0, "value") ?? .none }
    default: return nil
    }
  }

  private func create(_ arguments: Arguments) throws -> Value {
    var state = RelationObject.State()
    state.quote = RelationObject.Parts(quoting)
    let bound = try bindCreate(arguments)
    state.database = try Self.part(bound["database"])
    state.schema = try Self.part(bound["schema"])
    state.identifier = try Self.part(bound["identifier"])
    state.type = try Self.part(bound["type"])
    state.limit = bound["limit"]?.intValue
    try Self.apply(bound["quote_policy"], to: &state.quote)
    try Self.apply(bound["include_policy"], to: &state.include)
    return .object(try checked(state))
  }

  private func bindCreate(_ arguments: Arguments) throws -> [String: Value] {
    var bound: [String: Value] = [:]
    for (name, value) in zip(["database", "schema", "identifier", "type"], arguments.positional) {
      bound[name] = value
    }
    for (name, value) in arguments.named { bound[name] = value }
    return bound
  }

  private func create(from arguments: Arguments) throws -> Value {
    guard let node = arguments.value(1, "relation_config") ?? arguments.positional.last else {
      throw TemplateError(.type, "create_from() missing 1 required positional argument: 'relation_config'")
    }
    if let relation = node.object(as: RelationObject.self) { return .object(relation) }
    var state = RelationObject.State()
    state.quote = RelationObject.Parts(quoting)
    state.database = try Self.part(try Self.member("database", of: node))
    state.schema = try Self.part(try Self.member("schema", of: node))
    state.identifier = try Self.part(
      try Self.member("identifier", of: node) ?? Self.member("alias", of: node)
        ?? Self.member("name", of: node))
    state.type = try Self.part(arguments.named("type"))
    return .object(try checked(state))
  }

  private func checked(_ state: RelationObject.State) throws -> RelationObject {
    if state.type != nil, let name = state.identifier, name.utf8.count > maximumNameLength {
      throw HostFailure(
        "name-too-long", "relation name '\(name)' is longer than \(maximumNameLength) bytes",
        help: "give the model a shorter name, or an alias")
    }
    return RelationObject(state, maximumNameLength: maximumNameLength)
  }

  private static func part(_ value: Value?) throws -> String? {
    guard let value, !value.isNone, !value.isUndefined else { return nil }
    return try value.text()
  }

  private static func apply(_ policy: Value?, to parts: inout RelationObject.Parts) throws {
    guard case .dict(let dict)? = policy else { return }
    parts.database = try dict["database"]?.isTrue() ?? parts.database
    parts.schema = try dict["schema"]?.isTrue() ?? parts.schema
    parts.identifier = try dict["identifier"]?.isTrue() ?? parts.identifier
  }

  private static func member(_ name: String, of value: Value) throws -> Value? {
    switch value {
    case .dict(let dict): return dict[name]
    case .object(let object): return try object.item(.string(name)) ?? object.attribute(name)
    default: return nil
    }
  }
}
