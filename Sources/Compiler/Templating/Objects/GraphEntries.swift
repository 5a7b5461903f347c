import Jinja
import OrderedCollections
import ProjectModel

/// What `graph` shows of everything that is no node: the manifest's entries with dbt's keys.
enum GraphEntries {
  // MARK: Sources

  static let sourceKeys = [
    "database", "schema", "name", "resource_type", "package_name", "path", "original_file_path", "unique_id",
    "fqn", "source_name", "source_description", "loader", "identifier", "quoting", "loaded_at_field",
    "loaded_at_query", "freshness", "external", "description", "columns", "meta", "source_meta", "tags",
    "config", "patch_path", "unrendered_config", "relation_name", "created_at", "unrendered_database",
    "unrendered_schema", "doc_blocks",
  ]

  static func value(_ key: String, of source: SourceDefinition, _ settings: TemplateSettings) -> Value? {
    switch key {
    case "name": return .string(source.name)
    case "identifier": return .string(source.relation.identifier)
    case "source_name": return .string(source.sourceName)
    case "resource_type": return .string("source")
    case "package_name": return .string(source.packageName)
    case "unique_id": return .string(source.id.rawValue)
    case "database": return Value(optional: source.relation.database)
    case "schema": return Value(optional: source.relation.schema)
    case "relation_name": return .string(RelationObject(source.relation).render())
    case "fqn": return .strings(source.fqn)
    case "path", "original_file_path": return .string(source.path)
    case "root_path": return .string(source.rootPath)
    case "description": return .string(source.description)
    case "source_description": return .string(source.sourceDescription)
    case "source_meta": return Value(source.sourceMeta)
    case "loader": return .string(source.loader)
    case "tags": return .strings(source.tags)
    case "meta": return source.config["meta"].map { Value($0) } ?? .dict([])
    case "config": return Value(source.config.values)
    case "unrendered_config": return Value(source.unrenderedConfig)
    case "columns": return .dict(source.columns.map { ($0.key, NodeDictionary.column($0.value)) })
    case "loaded_at_field": return Value(optional: source.loadedAtField)
    case "loaded_at_query": return Value(optional: source.loadedAtQuery)
    case "freshness": return source.freshness.map { Value($0) } ?? Value.none
    case "external": return source.external.map { Value($0) } ?? Value.none
    case "quoting":
      return .dict(
        ["database", "schema", "identifier", "column"].map { part in
          (part, source.statedQuoting[part].map { Value($0) } ?? .none)
        })
    case "patch_path": return Value.none
    case "created_at": return .double(settings.runStartedAt)
    case "unrendered_database": return Value(optional: source.unrenderedDatabase)
    case "unrendered_schema": return Value(optional: source.unrenderedSchema)
    case "doc_blocks": return .strings(source.docBlocks.map(\.rawValue))
    default: return nil
    }
  }

  // MARK: Exposures

  static let exposureKeys = [
    "name", "resource_type", "package_name", "path", "original_file_path", "unique_id", "fqn", "type",
    "owner", "description", "label", "maturity", "meta", "tags", "config", "unrendered_config", "url",
    "depends_on", "refs", "sources", "metrics", "created_at",
  ]

  static func value(_ key: String, of exposure: Exposure, _ settings: TemplateSettings) -> Value? {
    switch key {
    case "name": return .string(exposure.name)
    case "resource_type": return .string("exposure")
    case "package_name": return .string(exposure.packageName)
    case "unique_id": return .string(exposure.id.rawValue)
    case "path": return .string(exposure.path)
    case "original_file_path": return .string(exposure.originalFilePath)
    case "fqn": return .strings(exposure.fqn)
    case "type": return .string(exposure.type)
    case "owner": return Value(exposure.owner.values)
    case "label": return Value(optional: exposure.label)
    case "maturity": return Value(optional: exposure.maturity)
    case "url": return Value(optional: exposure.url)
    case "description": return .string(exposure.description)
    case "tags": return .strings(exposure.tags)
    case "meta": return Value(exposure.meta)
    case "config": return Value(exposure.config.values)
    case "unrendered_config": return Value(exposure.unrenderedConfig)
    case "depends_on":
      return .dict([("macros", .list([])), ("nodes", .strings(exposure.dependsOn.map(\.rawValue)))])
    case "refs":
      return .list(
        exposure.refs.map {
          .dict([
            ("name", .string($0.name)), ("package", Value(optional: $0.package)),
            ("version", Value(optional: $0.version)),
          ])
        })
    case "sources": return .list(exposure.sources.map { .strings([$0.source, $0.table]) })
    case "metrics": return .list(exposure.metrics.map { .strings($0) })
    case "created_at": return .double(settings.runStartedAt)
    default: return nil
    }
  }

  // MARK: Groups

  static func group(_ group: Group) -> Value {
    .dict([
      ("name", .string(group.name)), ("resource_type", .string("group")),
      ("package_name", .string(group.packageName)), ("path", .string(group.path)),
      ("original_file_path", .string(group.originalFilePath)), ("unique_id", .string(group.id.rawValue)),
      ("owner", Value(group.owner.values)),
      ("description", group.description.isEmpty ? .none : .string(group.description)),
      ("config", .dict([("meta", group.config["meta"].map { Value($0) } ?? .dict([]))])),
    ])
  }

}

extension NodeObject {
  convenience init(_ source: SourceDefinition, _ settings: TemplateSettings) {
    self.init(keys: GraphEntries.sourceKeys) { GraphEntries.value($0, of: source, settings) }
  }

  convenience init(_ exposure: Exposure, _ settings: TemplateSettings) {
    self.init(keys: GraphEntries.exposureKeys) { GraphEntries.value($0, of: exposure, settings) }
  }
}
