import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

extension ManifestBuilder {
  mutating func addSource(_ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader) {
    reader.checkKeys(node, known: PropertyKeys.source, in: "a source")
    for table in node["tables"]?.sequence ?? [] {
      guard table.mapping != nil, let tableName = reader.text(table, "name") else {
        reader.report(
          "bad-value", "a table of source '\(name)' has no name", at: table, label: "'name:' is required")
        continue
      }
      reader.checkKeys(table, known: PropertyKeys.sourceTable, in: "a source's table")
      sourceEntries.append(
        SourceEntry(sourceName: name, source: node, table: table, tableName: tableName, file: reader.file))
    }
  }

  /// What the root project says over the sources of a package.
  mutating func apply(_ overrides: [(package: String, source: String, node: YAMLNode, file: PropertiesFile)])
  {
    var first: [String: SourceSpan] = [:]
    for override in overrides {
      var isUsed = false
      let span = override.file.span(override.node["overrides"] ?? override.node)
      if let other = first.updateValue(span, forKey: override.package + "." + override.source) {
        diagnostics.append(
          Diagnostic(
            "duplicate-name",
            "source '\(override.source)' of package '\(override.package)' is overridden twice",
            at: span, label: "the second time", secondary: [.init(span: other, text: "the first time")],
            help: "merge them"))
      }
      for index in sourceEntries.indices
      where sourceEntries[index].sourceName == override.source
        && sourceEntries[index].file.packageName == override.package
      {
        isUsed = true
        sourceEntries[index].patch = override.node
        sourceEntries[index].patchTable = override.node["tables"]?.sequence?.first {
          $0["name"]?.string == sourceEntries[index].tableName
        }
      }
      if !isUsed {
        diagnostics.append(
          Diagnostic(
            "no-node-for-properties", severity: .warning,
            "package '\(override.package)' has no source '\(override.source)' to override",
            at: override.node["overrides"].map(override.file.span), label: "overrides nothing"))
      }
    }
  }

  mutating func makeSourceTests(_ tests: inout GenericTestBuilder) {
    for entry in sourceEntries {
      var reader = PropertiesReader(entry.file)
      let columns =
        entry.tableValue("columns") == nil
        ? []
        : reader.columns(entry.patchTable?["columns"] != nil ? entry.patchTable ?? entry.table : entry.table)
      let target = TestTarget(
        kind: .source(name: entry.sourceName, table: entry.tableName),
        name: entry.sourceName + "_" + entry.tableName, version: nil, file: entry.file, key: "sources",
        keyName: entry.sourceName)
      let own = reader.tests(entry.table)
      guard !own.isEmpty || columns.contains(where: { !$0.tests.isEmpty }) else {
        // What is wrong with the columns is said when the source is made.
        continue
      }
      let tags = Self.textTags(entry.sourceValue("tags")) + Self.textTags(entry.tableValue("tags"))
      let quotesColumns =
        entry.table["quote_columns"] ?? entry.tableValue("quoting")?["column"]
        ?? entry.sourceValue("quoting")?["column"]
      makeTests(columns, own, quotesColumns?.scalar?.bool, target, tags: tags, &tests)
    }
  }

  private static func textTags(_ node: YAMLNode?) -> [String] { node?.plain.strings ?? [] }

  /// Makes the sources' definitions.
  mutating func settleSources() {
    manifest.sources.reserveCapacity(sourceEntries.count)
    for entry in sourceEntries {
      var reader = PropertiesReader(entry.file)
      let source = definition(entry, &reader)
      diagnostics += reader.diagnostics
      if let other = manifest.sources[source.id] {
        diagnostics.append(
          Self.duplicate("source table", source.sourceName + "." + source.name, source.span, other.span))
        continue
      }
      if let value = source.config["enabled"], value.bool == nil {
        diagnostics.append(
          Diagnostic(
            "bad-value",
            "'enabled' of source '\(source.sourceName).\(source.name)' must be true or false, not "
              + "'\(value.pythonText)'", at: source.span))
      }
      resolver.add(source, isEnabled: source.config.enabled)
      if source.config.enabled {
        manifest.sources[source.id] = source
      } else {
        manifest.disabledSources[source.id, default: []].append(source)
      }
    }
  }

  private mutating func definition(_ entry: SourceEntry, _ reader: inout PropertiesReader) -> SourceDefinition
  {
    let file = entry.file
    let fqn =
      NodeFileParser.folders(file.relativePath, file.packageName) + [entry.sourceName, entry.tableName]
    let resolved = configs.resolve(
      .source, package: file.package, fqn: fqn, patch: entry.config(&reader))
    let stated = entry.statedQuoting
    let quoting = RelationName.Quoting(
      database: stated["database"]?.bool ?? settings.quoting.database,
      schema: stated["schema"]?.bool ?? settings.quoting.schema,
      identifier: stated["identifier"]?.bool ?? settings.quoting.identifier)
    let relation = RelationName(
      database: entry.sourceText("database") ?? entry.sourceText("dbname") ?? settings.database,
      schema: entry.sourceText("schema") ?? entry.sourceName,
      identifier: entry.tableText("identifier") ?? entry.tableName, quoting: quoting)
    var source = SourceDefinition(
      id: NodeID("source.\(file.packageName).\(entry.sourceName).\(entry.tableName)"),
      packageName: file.packageName, sourceName: entry.sourceName, name: entry.tableName, relation: relation,
      fqn: fqn, path: file.originalFilePath, rootPath: project.packages[file.package].definition.rootPath)
    source.span = entry.table["name"].map(file.span) ?? file.span(entry.table)
    (source.sourceDescription, _) = describe(
      entry.sourceText("description") ?? "", at: entry.source["description"].map(file.span),
      package: file.package)
    (source.description, source.docBlocks) = describe(
      entry.tableText("description") ?? "", at: entry.table["description"].map(file.span),
      package: file.package)
    source.loader = entry.sourceText("loader") ?? ""
    source.config = NodeConfig(values: resolved.values, origins: resolved.projectSpans)
    source.unrenderedConfig = resolved.unrendered
    let columnsOwner = entry.patchTable?["columns"] != nil ? entry.patchTable ?? entry.table : entry.table
    source.columns = described(Self.columns(reader.columns(columnsOwner)), package: file.package)
    source.sourceMeta = entry.sourceMeta
    source.statedQuoting = stated
    source.unrenderedDatabase = Self.unrendered(entry, "database")
    source.unrenderedSchema = Self.unrendered(entry, "schema")
    source.loadedAtField = resolved.values["loaded_at_field"]?.string
    source.loadedAtQuery = resolved.values["loaded_at_query"]?.string
    source.freshness = resolved.values["freshness"]
    warnAboutMetadataFreshness(of: source)
    source.external = Self.external(entry.tableValue("external")?.plain)
    source.tags = resolved.values["tags"]?.strings ?? []
    return source
  }

  /// Other databases know when a table was last changed; PostgreSQL and Redshift do not.
  private mutating func warnAboutMetadataFreshness(of source: SourceDefinition) {
    guard FreshnessThreshold(source.freshness) != nil, source.loadedAtField == nil,
      source.loadedAtQuery == nil
    else { return }
    diagnostics.append(
      Diagnostic(
        "no-loaded-at", severity: .note,
        "source '\(source.sourceName).\(source.name)' has 'freshness' and no 'loaded_at_field': its freshness "
          + "cannot be found",
        at: source.span, help: "name the column that tells when a row came, or set 'freshness: null'"))
  }

  /// `external` with dbt's keys filled in.
  private static func external(_ value: PlainValue?) -> PlainValue? {
    guard case .mapping(let given)? = value else { return value }
    var result: Values = [
      "location": nil, "file_format": nil, "row_format": nil, "tbl_properties": nil, "partitions": nil,
    ]
    for (key, item) in given { result[key] = item }
    return .mapping(result)
  }

  /// The text as it stands in the file, before templates were rendered.
  private static func unrendered(_ entry: SourceEntry, _ key: String) -> String? {
    let sources = entry.file.written["sources"]?.sequence ?? []
    return sources.first { $0["name"]?.string == entry.sourceName }?[key]?.scalar.flatMap {
      $0.isNull ? nil : $0.pythonText
    }
  }

  /// Columns with their descriptions rendered.
  mutating func described(
    _ columns: OrderedDictionary<String, ColumnProperties>, package: Int
  ) -> OrderedDictionary<String, ColumnProperties> {
    guard columns.values.contains(where: { YAMLNode.holdsTemplate($0.description) }) else { return columns }
    var result = columns
    for (name, column) in columns where YAMLNode.holdsTemplate(column.description) {
      let (description, blocks) = describe(column.description, at: column.span, package: package)
      result[name]?.description = description
      result[name]?.docBlocks = blocks
    }
    return result
  }
}
