import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// Exposures, groups, and the kinds that are kept as written.
extension ManifestBuilder {
  static let opaqueKinds: [(key: String, type: ResourceType)] = [
    ("metrics", .metric), ("semantic_models", .semanticModel), ("unit_tests", .unitTest),
    ("saved_queries", .savedQuery),
  ]

  mutating func addExposure(
    _ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader, _ engine: TemplateEngine
  ) {
    reader.checkKeys(node, known: PropertyKeys.exposure, in: "an exposure")
    let file = reader.file
    let fqn = NodeFileParser.folders(file.relativePath, file.packageName) + [name]
    let id = NodeID(.exposure, package: file.packageName, name: name)
    guard let type = reader.text(node, "type") else {
      reader.report("bad-value", "exposure '\(name)' has no type", at: node["name"] ?? node)
      return
    }
    let types = ["dashboard", "notebook", "analysis", "ml", "application"]
    if !types.contains(type) {
      reader.report(
        "bad-value", "'\(type)' is no type of exposure", meant: NearMiss(type, among: types),
        at: node["type"] ?? node, label: types.joined(separator: ", "))
    }
    var exposure = Exposure(
      id: id, name: name, packageName: file.packageName, path: file.relativePath, fqn: fqn, type: type)
    exposure.originalFilePath = file.originalFilePath
    exposure.span = file.span(node["name"] ?? node)
    if let strange = name.unicodeScalars.first(where: { !Self.isWord($0) }) {
      diagnostics.append(
        Diagnostic(
          "exposure-name", severity: .warning,
          "the 'name' of an exposure should contain only letters, numbers, and underscores, not '\(strange)'",
          at: exposure.span, help: "give it a simple name, and the words as 'label'",
          facts: ["exposure": name]))
    }
    exposure.owner = Owner(node["owner"]?.plain.mapping ?? [:])
    if exposure.owner.name == nil, exposure.owner.email == nil {
      reader.report(
        "bad-value", "exposure '\(name)' has no owner", at: node["owner"] ?? node["name"] ?? node,
        label: "'owner:' needs a name or an email")
    }
    exposure.label = reader.text(node, "label")
    exposure.maturity = reader.text(node, "maturity")
    exposure.url = reader.text(node, "url")
    (exposure.description, _) = describe(
      reader.text(node, "description") ?? "", at: node["description"].map(file.span), package: file.package)
    let (config, spans) = reader.config(node)
    let resolved = configs.resolve(.exposure, package: file.package, fqn: fqn, patch: config)
    exposure.config = NodeConfig(values: resolved.values, origins: spans)
    exposure.unrenderedConfig = resolved.unrendered
    if let value = config["enabled"], value.bool == nil {
      reader.report(
        "bad-value", "'enabled' of exposure '\(name)' must be true or false, not '\(value.pythonText)'",
        at: node["config"]?["enabled"] ?? node)
    }
    // dbt adds what dbt_project.yml says right under 'exposures', without a '+', whatever lies nearer.
    let common = project.packages[file.package].definition.configs["exposures"]
    let tags = (common?["tags"]?.plain.strings ?? []) + reader.strings(node, "tags") + exposure.config.tags
    exposure.tags = Set(tags).sorted()
    for values in [common?["meta"]?.plain, node["meta"]?.plain, resolved.values["meta"]] {
      exposure.meta.merge(values?.mapping ?? [:]) { $1 }
    }
    exposure.config["tags"] = .list(exposure.tags.map { .string($0) })
    exposure.config["meta"] = .mapping(exposure.meta)
    for item in node["depends_on"]?.sequence ?? [] {
      let span = file.span(item)
      switch item.string.flatMap({ ReferenceText($0, span: span) }) {
      case .ref(let call): exposure.refs.append(call)
      case .source(let call): exposure.sources.append(call)
      case .metric(let name): exposure.metrics.append([name])
      case nil:
        guard let text = item.string else { continue }
        var source = TemplateSource(
          text: "{{ " + text + " }}", file: file.display, resourceType: .exposure,
          packageName: file.packageName,
          name: name)
        source.firstLine = span.start.line
        do throws(DiagnosticsError) {
          let parsed = try engine.parse(source)
          exposure.refs += parsed.refs
          exposure.sources += parsed.sources
          exposure.metrics += parsed.metrics
        } catch {
          diagnostics += error.diagnostics
        }
      }
    }
    guard exposure.config.enabled else {
      manifest.disabledExposures[id, default: []].append(exposure)
      return
    }
    if let other = manifest.exposures[id] {
      diagnostics.append(Self.duplicate("exposure", name, exposure.span, other.span))
      return
    }
    manifest.exposures[id] = exposure
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "-" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  mutating func addGroup(_ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader) {
    reader.checkKeys(node, known: PropertyKeys.group, in: "a group")
    let file = reader.file
    let id = NodeID(.group, package: file.packageName, name: name)
    var group = Group(id: id, name: name, packageName: file.packageName, path: file.relativePath)
    group.originalFilePath = file.originalFilePath
    group.owner = Owner(node["owner"]?.plain.mapping ?? [:])
    group.description = reader.text(node, "description") ?? ""
    group.config = groupConfig(node["config"]?.plain.mapping ?? [:], named: name, file)
    if manifest.groups[id] != nil {
      diagnostics.append(Self.duplicate("group", name, file.span(node["name"] ?? node), nil))
      return
    }
    manifest.groups[id] = group
  }

  /// dbt takes what dbt_project.yml says of models for groups, too, apart from what only a model has.
  private mutating func groupConfig(
    _ stated: OrderedDictionary<String, PlainValue>, named name: String, _ file: PropertiesFile
  ) -> OrderedDictionary<String, PlainValue> {
    let fqn = NodeFileParser.folders(file.relativePath, file.packageName) + [name]
    return configs.resolve(.group, package: file.package, fqn: fqn, patch: stated).values
  }

  /// Keeps an entry as it is written, with what its id and selection need.
  mutating func addOpaque(_ name: String, _ node: YAMLNode, _ type: ResourceType, _ file: PropertiesFile) {
    let entry = node.plain.mapping ?? [:]
    if type == .metric { checkMetric(name, node, file) }
    guard let added = addOpaque(name, entry, type, file, at: file.span(node["name"] ?? node)) else { return }
    let id = added.id
    if type == .unitTest {
      unitTestEntries.append(UnitTestEntry(id: id, node: node, file: file, written: added.values))
    }
    if type == .semanticModel { notePlaces(ofPartsOf: id, node, file) }
    if type == .semanticModel { addMetrics(ofMeasures: id, file, at: file.span(node["name"] ?? node)) }
  }

  /// - Returns: nil for what is turned off, and for a second one of the name. Unit tests that are turned off are looked
  ///   at all the same.
  private mutating func addOpaque(
    _ name: String, _ entry: Values, _ type: ResourceType, _ file: PropertiesFile, at span: SourceSpan
  ) -> (id: NodeID, values: Values)? {
    var fqn = NodeFileParser.folders(file.relativePath, file.packageName)
    var id = NodeID(type, package: file.packageName, name: name)
    if type == .unitTest, let model = entry["model"]?.string {
      fqn.append(model)
      id = NodeID(type, package: file.packageName, name: model + "." + name)
    }
    fqn.append(name)
    var values: Values = [
      "name": .string(name), "resource_type": .string(type.rawValue),
      "package_name": .string(file.packageName),
      "path": .string(file.relativePath), "original_file_path": .string(file.originalFilePath),
      "unique_id": .string(id.rawValue), "fqn": .list(fqn.map { .string($0) }),
    ]
    for (key, value) in entry where values[key] == nil { values[key] = value }
    let resolved = configs.resolve(
      type, package: file.package, fqn: fqn, patch: values["config"]?.mapping ?? [:])
    semanticSpans[id] = span
    var config = resolved.values
    // dbt adds up the tags of everything but metrics.
    if type == .metric, let own = values["config"]?.mapping?["tags"] { config["tags"] = own }
    values["config"] = .mapping(config)
    switch type {
    case .unitTest: break
    // dbt looks for what the project says of these under a key that does not exist.
    case .semanticModel, .savedQuery: values["unrendered_config"] = entry["config"] ?? [:]
    default: values["unrendered_config"] = .mapping(resolved.unrendered)
    }
    guard resolved.values["enabled"]?.bool ?? true else {
      if type == .metric { disabledMetrics.insert(name) }
      if type == .unitTest { return (id, values) }
      manifest.disabledOthers[id, default: []].append(.mapping(values))
      return nil
    }
    if manifest.opaque[type]?[id] != nil {
      diagnostics.append(Self.duplicate(type.rawValue, name, span, nil))
      return nil
    }
    manifest.opaque[type, default: [:]][id] = .mapping(values)
    return (id, values)
  }

  /// A measure with `create_metric: true` is a metric of its name, too.
  private mutating func addMetrics(
    ofMeasures id: NodeID, _ file: PropertiesFile, at span: SourceSpan
  ) {
    let semanticModel = manifest.opaque[.semanticModel]?[id]?.mapping ?? [:]
    let meta = semanticModel["config"]?.mapping?["meta"] ?? [:]
    for measure in semanticModel["measures"]?.list ?? [] {
      guard let measure = measure.mapping, measure["create_metric"]?.bool == true,
        let name = measure["name"]?.string
      else { continue }
      _ = addOpaque(
        name,
        [
          "label": measure["label"] ?? .string(name), "type": "simple",
          "type_params": ["measure": .string(name), "expr": measure["expr"] ?? .string(name)],
          "description": measure["description"] ?? .string("Metric created from measure \(name)"),
          "config": ["enabled": true, "meta": meta],
        ], .metric, file, at: span)
    }
  }
}
