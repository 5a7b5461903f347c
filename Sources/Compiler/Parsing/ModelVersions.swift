import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// The versions that a model's properties declare, each with what it takes over from the model.
struct ModelVersions {
  struct Version {
    var patch: NodePatch
    /// The name of the version's file without extension.
    var fileName: String
    var isLatest: Bool
    var columns: [ColumnEntry]
    var tests: [YAMLNode]
  }

  private(set) var versions: [Version] = []

  init(_ entry: PropertiesEntry, _ nodes: [YAMLNode], _ reader: inout PropertiesReader) {
    let numbers = nodes.compactMap { $0["v"]?.scalar }
    let latest = entry.node["latest_version"]?.scalar ?? numbers.max(by: Self.isBefore) ?? .null
    if let stated = entry.node["latest_version"], !numbers.contains(latest) {
      reader.report(
        "bad-value", "'latest_version' of '\(entry.name)' is none of its versions", at: stated,
        label: "versions are " + numbers.map(\.pythonText).joined(separator: ", "))
    }
    var seen: Set<String> = []
    for node in nodes {
      reader.checkKeys(node, known: PropertyKeys.version, in: "a version")
      guard let number = node["v"]?.scalar, !number.isNull else {
        reader.report("bad-value", "a version of '\(entry.name)' has no 'v'", at: node)
        continue
      }
      if !seen.insert(number.pythonText).inserted {
        reader.report(
          "duplicate-name", "version \(number.pythonText) of '\(entry.name)' is declared twice", at: node)
        continue
      }
      versions.append(version(number, latest, node, entry, &reader))
    }
  }

  private func version(
    _ number: PlainValue, _ latest: PlainValue, _ node: YAMLNode, _ entry: PropertiesEntry,
    _ reader: inout PropertiesReader
  ) -> Version {
    var own = entry
    let (config, spans) = reader.config(node, moving: ["docs", "access"], PropertyKeys.version)
    ConfigRules.deepMerge(config, into: &own.config)
    own.configSpans.merge(spans) { _, new in new }
    if let description = reader.text(node, "description"), !description.isEmpty {
      own.description = description
    }
    let columns = columns(node, entry, &reader)
    // One that is null is not stated.
    let hasTests = (node["data_tests"] ?? node["tests"]).map { !$0.isNull } ?? false
    let constraints = PropertiesReader.constraints(node, ofModel: true)
    return Version(
      patch: NodePatch(
        entry: own, file: reader.file, version: number, latestVersion: latest,
        columns: ManifestBuilder.columns(columns),
        constraints: constraints.isEmpty
          ? PropertiesReader.constraints(entry.node, ofModel: true) : constraints,
        deprecationDate: reader.deprecationDate(node)),
      fileName: reader.text(node, "defined_in") ?? "\(entry.name)_v\(number.pythonText)",
      isLatest: number == latest,
      columns: columns, tests: hasTests ? reader.tests(node) : entry.tests)
  }

  /// The model's columns as `include` and `exclude` choose them, then the version's own.
  private func columns(_ node: YAMLNode, _ entry: PropertiesEntry, _ reader: inout PropertiesReader)
    -> [ColumnEntry]
  {
    var result = entry.columns
    for item in node["columns"]?.sequence ?? [] where item["include"] != nil || item["exclude"] != nil {
      let excluded = item["exclude"]?.plain.strings ?? []
      let included = item["include"]?.plain
      let all = included == nil || included?.string == "*" || included?.string == "all"
      result = entry.columns.filter { column in
        let name = column.properties.name
        return (all || included?.strings?.contains(name) == true) && !excluded.contains(name)
      }
    }
    return result + reader.columns(node)
  }

  /// As numbers where both are, else as text.
  private static func isBefore(_ left: PlainValue, _ right: PlainValue) -> Bool {
    if let a = Double(left.pythonText), let b = Double(right.pythonText) { return a < b }
    return left.pythonText < right.pythonText
  }
}
