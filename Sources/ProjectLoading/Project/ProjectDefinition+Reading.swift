public import Diagnostics
import OrderedCollections
public import ProjectModel

extension ProjectDefinition {
  /// The definition with templates rendered, and what is wrong with it.
  ///
  /// - Parameter render: Renders with `env_var`, `var` and `target`.
  /// - Throws: when a template cannot be rendered or the project has no usable name.
  public static func read(_ raw: RawProject, render: RenderText) throws(DiagnosticsError) -> (
    definition: ProjectDefinition, diagnostics: [Diagnostic]
  ) {
    let file = raw.document.file
    var reader = ValueReader(file: file)
    reader.diagnostics = raw.warnings
    let root = try raw.root.rendered(in: file, renders: rendersNow, with: render)
    reader.checkKeys(root, known: knownKeys, in: "dbt_project.yml")

    var result = ProjectDefinition(
      name: try name(root, raw: raw, reader: &reader), rootPath: raw.folder, file: file)
    result.checksum = raw.checksum
    result.version = reader.string(root, "version")
    checkVersion(root, &reader)
    result.profile = reader.string(root, "profile")
    result.readPaths(root, &reader)
    result.readQuoting(root, &reader)
    result.onRunStart = hooks(root, "on-run-start", &reader)
    result.onRunEnd = hooks(root, "on-run-end", &reader)
    result.requiredVersions = (reader.strings(root, "require-dbt-version", orOne: true) ?? []).flatMap {
      $0.split(separator: ",").map { $0.trimmed }
    }
    result.dispatch = dispatch(root, &reader)
    result.readConfigs(root, raw.root, &reader)
    result.vars = reader.mapping(root, "vars")?.plain.mapping ?? [:]
    result.queryComment = queryComment(root, &reader)
    result.flags = reader.mapping(root, "flags")?.plain.mapping ?? [:]
    result.restrictAccess = reader.bool(root, "restrict-access") ?? false
    reader.diagnostics += result.versionMismatch(root)
    return (result, reader.diagnostics)
  }

  /// The keys of dbt Core 1.11; dbt refuses any other.
  static let knownKeys = [
    "name", "config-version", "version", "profile", "model-paths", "macro-paths", "seed-paths", "test-paths",
    "analysis-paths", "docs-paths", "asset-paths", "function-paths", "snapshot-paths", "target-path",
    "log-path",
    "clean-targets", "packages-install-path", "quoting", "on-run-start", "on-run-end", "require-dbt-version",
    "dispatch", "models", "seeds", "snapshots", "analyses", "sources", "tests", "data_tests", "unit_tests",
    "metrics", "semantic-models", "saved-queries", "exposures", "functions", "vars", "packages",
    "query-comment",
    "restrict-access", "dbt-cloud", "flags", "source-paths", "data-paths", "project-root",
  ]

  /// Hooks and comments are rendered when they are sent, vars when they are asked for.
  private static func rendersNow(_ path: [String]) -> Bool {
    guard let first = path.first else { return true }
    switch first {
    case "on-run-start", "on-run-end", "query-comment", "vars", "name": return false
    case "seeds", "models", "snapshots", "tests", "data_tests":
      return !path.contains { key in
        let bare = key.drop { $0 == "+" || $0 == " " }
        return bare == "pre-hook" || bare == "post-hook" || bare == "pre_hook" || bare == "post_hook"
      }
    default: return true
    }
  }

  private static func name(_ root: YAMLNode, raw: RawProject, reader: inout ValueReader)
    throws(DiagnosticsError)
    -> String
  {
    guard let node = root["name"], let name = node.string else {
      throw DiagnosticsError(
        reader.diagnostics + [
          Diagnostic(
            "bad-value", "the project has no name", at: raw.root.place.span(in: reader.file),
            label: "'name:' is required", help: "add a line like name: my_project")
        ])
    }
    let bytes = Array(name.utf8)
    let isWord = bytes.allSatisfy {
      $0 >= 0x80 || $0 == 0x5F || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39)
    }
    if bytes.isEmpty || !isWord || (bytes[0] >= 0x30 && bytes[0] <= 0x39) {
      reader.report(
        "bad-value", "'\(name)' is no name for a project; letters, digits and underscores make one",
        at: node.place,
        label: "not a name")
    }
    return name
  }

  private mutating func readPaths(_ root: YAMLNode, _ reader: inout ValueReader) {
    func paths(_ key: String, formerly old: String? = nil) -> [String]? {
      if let found = reader.strings(root, key) { return found.map(Self.withoutSlash) }
      guard let old, let found = reader.strings(root, old) else { return nil }
      reader.report(
        DiagnosticCode(rawValue: "project-config-" + old),
        "The `\(old)` config has been renamed to `\(key)`", at: root[old]?.place, severity: .warning,
        label: "the old name")
      return found.map(Self.withoutSlash)
    }
    for (new, old) in [("model-paths", "source-paths"), ("seed-paths", "data-paths")] {
      guard root[new] != nil, let place = root[old]?.place else { continue }
      reader.report(
        "bad-value", "`\(old)` and `\(new)` cannot both be defined: the first is the old name of the second",
        at: place, label: "remove this one")
    }
    modelPaths = paths("model-paths", formerly: "source-paths") ?? modelPaths
    seedPaths = paths("seed-paths", formerly: "data-paths") ?? seedPaths
    macroPaths = paths("macro-paths") ?? macroPaths
    testPaths = paths("test-paths") ?? testPaths
    analysisPaths = paths("analysis-paths") ?? analysisPaths
    snapshotPaths = paths("snapshot-paths") ?? snapshotPaths
    functionPaths = paths("function-paths") ?? functionPaths
    docsPaths = paths("docs-paths")
    assetPaths = paths("asset-paths") ?? []
    targetPath = reader.string(root, "target-path") ?? targetPath
    logPath = reader.string(root, "log-path") ?? logPath
    for (key, standard) in [("target-path", "target"), ("log-path", "logs")] {
      guard let node = root[key], let path = node.string, path != standard else { continue }
      reader.report(
        DiagnosticCode(rawValue: "project-config-" + key),
        "The `\(key)` config in dbt_project.yml has been deprecated, and says '\(path)'", at: node.place,
        severity: .warning, help: "give it as flag --\(key), or as environment variable")
    }
    packagesInstallPath = reader.string(root, "packages-install-path") ?? packagesInstallPath
    cleanTargets = reader.strings(root, "clean-targets") ?? [targetPath]
  }

  private static func withoutSlash(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    while path.hasPrefix("./") { path.removeFirst(2) }
    return String(path)
  }

  private mutating func readQuoting(_ root: YAMLNode, _ reader: inout ValueReader) {
    guard let node = reader.mapping(root, "quoting") else { return }
    reader.checkKeys(
      node, known: ["database", "schema", "identifier", "project", "snowflake_ignore_case"], in: "'quoting'")
    quoting.database = reader.bool(node, "database") ?? reader.bool(node, "project")
    quoting.schema = reader.bool(node, "schema")
    quoting.identifier = reader.bool(node, "identifier")
  }

  /// dbt takes `1.0` and semantic versions; what `dbt-cloud` says is nobody's business here, but a mapping.
  private static func checkVersion(_ root: YAMLNode, _ reader: inout ValueReader) {
    let pattern = /\d+\.\d+(\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)?/
    if let node = root["version"], let text = node.string, text.wholeMatch(of: pattern) == nil {
      reader.report(
        "bad-value", "'\(text)' is no version of a project; write it as 1.0 or 1.0.0", at: node.place)
    }
    if let node = root["dbt-cloud"], !node.isNull, node.mapping == nil {
      reader.report("bad-value", "'dbt-cloud' must be a mapping, not \(node.kindName)", at: node.place)
    }
  }

  private static func hooks(_ root: YAMLNode, _ key: String, _ reader: inout ValueReader) -> [Hook] {
    guard let node = root[key], !node.isNull else { return [] }
    if let sql = node.string { return [Hook(sql: sql, span: reader.span(node))] }
    return (reader.sequence(root, key) ?? []).compactMap { item in
      if let sql = item.string { return Hook(sql: sql, span: reader.span(item)) }
      if let sql = item["sql"]?.string { return Hook(sql: sql, span: reader.span(item)) }
      reader.report("bad-value", "a hook of '\(key)' must be SQL text, not \(item.kindName)", at: item.place)
      return nil
    }
  }

  private static func dispatch(_ root: YAMLNode, _ reader: inout ValueReader) -> [DispatchRule] {
    (reader.sequence(root, "dispatch") ?? []).compactMap { item in
      guard let namespace = item["macro_namespace"]?.string, let order = item["search_order"]?.sequence else {
        reader.report(
          "bad-value", "an entry of 'dispatch' needs 'macro_namespace' and a list 'search_order'",
          at: item.place,
          label: "incomplete")
        return nil
      }
      return DispatchRule(macroNamespace: namespace, searchOrder: order.compactMap(\.string))
    }
  }

  private static func queryComment(_ root: YAMLNode, _ reader: inout ValueReader) -> QueryComment {
    guard let node = root["query-comment"] else { return QueryComment() }
    if node.isNull { return QueryComment(isOff: true) }
    if let text = node.string { return QueryComment(text: text, isOff: text.isEmpty) }
    guard node.mapping != nil else {
      reader.report(
        "bad-value", "'query-comment' must be text or a mapping, not \(node.kindName)", at: node.place)
      return QueryComment()
    }
    reader.checkKeys(node, known: ["comment", "append", "job-label", "job_label"], in: "'query-comment'")
    return QueryComment(
      text: reader.string(node, "comment"), append: reader.bool(node, "append") ?? false,
      jobLabel: reader.bool(node, "job-label") ?? false)
  }

  static let configKeys = [
    "models", "seeds", "snapshots", "analyses", "sources", "data_tests", "unit_tests", "metrics",
    "semantic-models", "saved-queries", "exposures", "functions",
  ]

  private mutating func readConfigs(_ root: YAMLNode, _ unrendered: YAMLNode, _ reader: inout ValueReader) {
    for key in Self.configKeys {
      configs[key] = reader.mapping(root, key)
      unrenderedConfigs[key] = unrendered[key]
    }
    if let old = root["tests"], !old.isNull {
      if configs["data_tests"] != nil {
        reader.report(
          "bad-value", "the project has both 'tests' and 'data_tests'; they are one thing under two names",
          at: old.place, help: "merge them under 'data_tests'")
      } else {
        configs["data_tests"] = reader.mapping(root, "tests")
        unrenderedConfigs["data_tests"] = unrendered["tests"]
      }
    }
  }

  /// The version of dbt whose behaviour is the measure.
  public static let dbtVersion = "1.11.16"

  private func versionMismatch(_ root: YAMLNode) -> [Diagnostic] {
    let span = root["require-dbt-version"]?.place.span(in: file)
    var bounds: [SemanticVersion] = []
    for text in requiredVersions {
      guard let bound = SemanticVersion(text) else {
        return [
          Diagnostic(
            "bad-value", "'\(text)' is no version that 'require-dbt-version' understands", at: span,
            label: "three numbers are expected, like \">=1.6.0\"")
        ]
      }
      bounds.append(bound)
    }
    let required = bounds.map(\.text).joined(separator: ", ")
    guard let range = VersionRange(bounds) else {
      return [
        Diagnostic(
          "version-mismatch", "project '\(name)' requires dbt \(required), which no version can be", at: span,
          label: "nothing lies between these bounds", help: "widen them, or pass --no-version-check")
      ]
    }
    guard let own = SemanticVersion(Self.dbtVersion), !range.contains(own) else { return [] }
    return [
      Diagnostic(
        "version-mismatch",
        "project '\(name)' requires dbt \(required); this is the behaviour of dbt \(Self.dbtVersion)",
        at: span, label: "does not allow \(Self.dbtVersion)",
        help: "widen 'require-dbt-version', or pass --no-version-check")
    ]
  }
}

extension Substring {
  /// Without spaces at both ends.
  var trimmed: String {
    var text = self.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
