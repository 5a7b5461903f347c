import Diagnostics
import Jinja
import OrderedCollections
import ProjectModel

/// `config`: called, it sets; its methods read what the node's config came to.
final class ConfigObject: JinjaObject {
  private unowned let context: RenderContext

  init(_ context: RenderContext) { self.context = context }

  var typeName: String { context.mode == .parse ? "ParseConfigObject" : "RuntimeConfigObject" }
  var isCallable: Bool { true }

  func call(_ arguments: Arguments, _ call: CallContext) throws -> Value {
    var values: [(String, Value)] = []
    if arguments.positional.count == 1, arguments.named.isEmpty,
      case .dict(let dict) = arguments.positional[0]
    {
      values = try dict.pairs.map { (try $0.key.text(), $0.value) }
    } else if arguments.positional.isEmpty, !arguments.named.isEmpty {
      values = arguments.named.map { ($0.name, $0.value) }
    } else {
      throw HostFailure(
        "bad-config-call", "config() takes keyword arguments, or one mapping",
        help: "write config(materialized='table')")
    }
    guard context.mode == .parse else { return .string("") }
    var noted = ParsedTemplate.ConfigCall(
      values: [:], span: call.template.name == context.subject.file ? context.span(of: call.location) : nil)
    for (key, value) in values { noted.values[key] = try value.plain() }
    try context.noted.add(noted)
    return .string("")
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "get": return lookup(name, meta: false, isRequired: false)
    case "require": return lookup(name, meta: false, isRequired: true)
    case "meta_get": return lookup(name, meta: true, isRequired: false)
    case "meta_require": return lookup(name, meta: true, isRequired: true)
    case "set":
      return .function(name) { [unowned context] arguments, call in
        let bound = try arguments.bind("set", ["name", "value"], required: 2)
        guard let key = bound[0]?.stringValue, let value = bound[1] else { return .string("") }
        if context.mode == .parse {
          return try self.call(Arguments([.dict([(key, value)])]), call)
        }
        context.configChanges[key] = value
        return .string("")
      }
    case "persist_relation_docs": return persistDocs(name, key: "relation")
    case "persist_column_docs": return persistDocs(name, key: "columns")
    case "model":
      return context.subject.node.map { _ in context.modelValue }
    default: return nil
    }
  }

  private func lookup(_ name: String, meta: Bool, isRequired: Bool) -> Value {
    .function(name) { [unowned context] arguments, call in
      let bound = try arguments.bind(
        name, isRequired ? ["name", "validator"] : ["name", "default", "validator"], required: 1)
      let key = try bound[0]?.text() ?? ""
      guard context.mode != .parse else { return .string("") }
      let found = meta ? context.metaValue(key) : context.configValue(key)
      guard let value = found ?? (isRequired ? nil : bound[1] ?? Value.none) else {
        throw HostFailure(
          "missing-config", "'\(context.subject.name)' needs the config '\(key)', which is not set",
          help: "add \(key) to the model's config")
      }
      if let validator = bound[isRequired ? 1 : 2], !validator.isNone, isRequired || bound[1] != nil {
        _ = try call.call(validator, Arguments([value]))
      }
      return value
    }
  }

  private func persistDocs(_ name: String, key: String) -> Value {
    .function(name) { [unowned context] _, _ in
      guard context.mode != .parse else { return .bool(false) }
      guard let docs = context.configValue("persist_docs"), !docs.isNone else { return .bool(false) }
      guard case .dict(let dict) = docs else {
        throw HostFailure(
          "bad-config-value", "persist_docs must be a mapping, it is \(docs.typeName)",
          help: "write persist_docs: {relation: true, columns: true}")
      }
      return dict[key] ?? .bool(false)
    }
  }
}

extension RenderContext {
  /// A config value of the node; nil when nothing is set under the key.
  func configValue(_ key: String) -> Value? {
    if let changed = configChanges[key] { return changed }
    guard let config = subject.node?.config else { return nil }
    if key == "snapshot_table_column_names" { return subject.node.flatMap(Self.snapshotColumnNames) }
    let name = ["pre_hook": "pre-hook", "post_hook": "post-hook"][key] ?? key
    return config[name].map { Value($0) }
  }

  /// The names of a snapshot's own columns, each with its default.
  private static func snapshotColumnNames(of node: Node) -> Value? {
    guard node.resourceType == .snapshot else { return nil }
    let given = node.config["snapshot_meta_column_names"]?.mapping ?? [:]
    let names = ["dbt_valid_from", "dbt_valid_to", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted"]
    return .dict(names.map { ($0, .string(given[$0]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? $0)) })
  }

  func metaValue(_ key: String) -> Value? {
    subject.node?.config["meta"]?.mapping?[key].map { Value($0) }
  }
}

extension ParsedTemplate {
  /// Adds a `config()` call by dbt's rules of merging.
  mutating func add(_ call: ConfigCall) throws {
    var call = call
    for (old, new) in [("pre_hook", "pre-hook"), ("post_hook", "post-hook")] {
      guard let value = call.values.removeValue(forKey: old) else { continue }
      if call.values[new] != nil {
        throw HostFailure(
          "bad-config-call", "config() has both '\(old)' and '\(new)'", help: "keep one of them")
      }
      call.values[new] = value
    }
    configCalls.append(call)
    for (key, value) in call.values {
      config[key] = Self.merged(key, config[key], value)
      configSpans[key] = call.span
    }
  }

  /// Tags and hooks add up, meta and the like merge, grants with a plus add grantees, the rest is replaced.
  private static func merged(_ key: String, _ old: PlainValue?, _ new: PlainValue) -> PlainValue {
    guard let old, !old.isNull else { return new }
    switch key {
    case "tags", "pre-hook", "post-hook", "packages": return .list(items(old) + items(new))
    case "meta", "docs", "quoting", "column_types", "contract", "snapshot_meta_column_names":
      guard var merged = old.mapping, let more = new.mapping else { return new }
      for (key, value) in more { merged[key] = value }
      return .mapping(merged)
    case "grants":
      guard let more = new.mapping, var merged = old.mapping?.mapValues({ PlainValue.list(items($0)) }) else {
        return new
      }
      for (privilege, grantees) in more {
        let before = privilege.hasPrefix("+") ? merged[privilege].map(items) ?? [] : []
        merged[privilege] = .list(before + items(grantees))
      }
      return .mapping(merged)
    default: return new
    }
  }

  private static func items(_ value: PlainValue) -> [PlainValue] {
    switch value {
    case .list(let items): items
    case .null: []
    default: [value]
    }
  }
}
