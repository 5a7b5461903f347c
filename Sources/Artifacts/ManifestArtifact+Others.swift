import OrderedCollections
import ProjectModel

/// Sources, exposures, macros, docs blocks and groups.
extension ManifestArtifact {
  func write(_ source: SourceDefinition, to json: inout JSONWriter) {
    json.beginObject()
    json.field("database", source.relation.database)
    json.field("schema", source.relation.schema ?? "")
    json.head(
      name: source.name, "source", package: source.packageName, path: source.path, file: source.path,
      id: source.id)
    json.field("fqn", source.fqn)
    json.field("source_name", source.sourceName)
    json.field("source_description", source.sourceDescription)
    json.field("loader", source.loader)
    json.field("identifier", source.relation.identifier)
    json.beginObject("quoting")
    for part in ["database", "schema", "identifier", "column"] {
      json.field(named: part, source.statedQuoting[part] ?? .null)
    }
    json.endObject()
    json.field("loaded_at_field", source.loadedAtField)
    json.field("loaded_at_query", source.loadedAtQuery)
    json.field("freshness", source.freshness ?? SourceFreshness.none)
    json.field("external", source.external ?? .null)
    json.field("description", source.description)
    writeColumns(source.columns, to: &json)
    json.field("meta", source.config["meta"]?.mapping ?? [:])
    json.field("source_meta", source.sourceMeta)
    json.field("tags", source.tags)
    ConfigShape.of(.source).write("config", source.config.values, to: &json)
    json.field("patch_path", .null)
    json.field("unrendered_config", source.unrenderedConfig)
    json.field("relation_name", source.relation.written)
    json.field("created_at", parsedAt)
    json.field("unrendered_database", source.unrenderedDatabase)
    json.field("unrendered_schema", source.unrenderedSchema)
    json.field("doc_blocks", source.docBlocks)
    json.endObject()
  }

  func write(_ exposure: Exposure, to json: inout JSONWriter) {
    json.beginObject()
    json.head(
      name: exposure.name, "exposure", package: exposure.packageName, path: exposure.path,
      file: exposure.originalFilePath.isEmpty ? exposure.path : exposure.originalFilePath, id: exposure.id)
    json.field("fqn", exposure.fqn)
    json.field("type", exposure.type)
    json.field("owner", exposure.owner.values)
    json.field("description", exposure.description)
    json.field("label", exposure.label)
    json.field("maturity", exposure.maturity)
    json.field("meta", exposure.meta)
    json.field("tags", exposure.tags)
    ConfigShape.of(.exposure).write("config", exposure.config.values, to: &json)
    json.field("unrendered_config", exposure.unrenderedConfig)
    json.field("url", exposure.url)
    writeDependsOn(macros: [], nodes: exposure.dependsOn, to: &json)
    writeReferences(exposure.refs, exposure.sources, exposure.metrics, to: &json)
    json.field("created_at", parsedAt)
    json.endObject()
  }

  func write(_ macro: MacroDefinition, to json: inout JSONWriter) {
    json.beginObject()
    json.head(
      name: macro.name, "macro", package: macro.packageName, path: macro.path, file: macro.originalFilePath,
      id: macro.id)
    json.field("macro_sql", macro.text)
    json.beginObject("depends_on")
    json.field("macros", macro.dependsOn)
    json.endObject()
    json.field("description", macro.description)
    json.field("meta", macro.meta)
    let given = macro.docs?.mapping
    let docs: OrderedDictionary<String, PlainValue> = [
      "show": given?["show"] ?? true, "node_color": given?["node_color"] ?? .null,
    ]
    json.field("docs", docs)
    ConfigShape.of(.macro).write(
      "config", ["meta": .mapping(macro.meta), "docs": .mapping(docs)], to: &json)
    json.field("patch_path", macro.patchPath)
    json.field("arguments", .list(macro.arguments))
    json.field("created_at", parsedAt)
    json.field("supported_languages", macro.supportedLanguages.map { .list($0.map { .string($0) }) } ?? .null)
    json.endObject()
  }

  func write(_ block: DocBlock, to json: inout JSONWriter) {
    json.beginObject()
    json.head(
      name: block.name, "doc", package: block.packageName, path: block.path, file: block.originalFilePath,
      id: block.id)
    json.field("block_contents", block.contents)
    json.endObject()
  }

  func write(_ group: Group, to json: inout JSONWriter) {
    json.beginObject()
    json.head(
      name: group.name, "group", package: group.packageName, path: group.path,
      file: group.originalFilePath.isEmpty ? group.path : group.originalFilePath, id: group.id)
    json.field("owner", group.owner.values)
    json.field("description", group.description.isEmpty ? nil : group.description)
    ConfigShape.of(.group).write("config", group.config, to: &json)
    json.endObject()
  }
}
