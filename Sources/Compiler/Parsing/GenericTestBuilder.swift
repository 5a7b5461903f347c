import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// What a generic test is declared on.
struct TestTarget {
  enum Kind {
    case model, node
    case source(name: String, table: String)
  }

  var kind: Kind
  /// The model's, seed's or snapshot's name; for a source's table `source_table`.
  var name: String
  var version: PlainValue?
  var file: PropertiesFile
  /// `models`, `seeds`, `snapshots`, `sources`.
  var key: String
  /// Name after the key in `file_key_name`: the source's for a source.
  var keyName: String
  var packageName: String { file.packageName }
}

/// Makes test nodes from the `data_tests` of properties.
struct GenericTestBuilder {
  typealias Values = OrderedDictionary<String, PlainValue>

  let engine: TemplateEngine
  let packages: [LoadedPackage]
  /// `flags: require_generic_test_arguments_property`, on in dbt 1.11.
  let takesArguments: Bool
  let renderers: [YAMLRenderer]
  private(set) var diagnostics: [Diagnostic] = []
  /// What `engine.macroID` said, by package and name.
  private var macroIDs: [String: NodeID?] = [:]
  private var reachedMacros: [NodeID: Set<NodeID>] = [:]

  init(engine: TemplateEngine, packages: [LoadedPackage], takesArguments: Bool, renderers: [YAMLRenderer]) {
    self.engine = engine
    self.packages = packages
    self.takesArguments = takesArguments
    self.renderers = renderers
  }

  /// - Parameter quotesColumns: `quote_columns` of the node.
  /// - Returns: nil when the declaration makes no test; why is among the diagnostics.
  mutating func test(
    _ node: YAMLNode, on target: TestTarget, column: ColumnProperties?, quotesColumns: Bool?, tags: [String]
  ) -> NodeDraft? {
    let span = target.file.span(node)
    guard var declared = declaration(node, target, span) else { return nil }
    var columnName: String?
    if let column {
      let quotes = column.quote ?? quotesColumns ?? false
      columnName = quotes ? "\"\(column.name)\"" : column.name
    }
    if let columnName { declared.arguments["column_name"] = .string(columnName) }
    takeArguments(&declared, target, span)
    if declared.arguments["model"] != nil {
      report("bad-value", "a test's own target cannot be given as argument 'model'", at: span)
      return nil
    }
    declared.arguments["model"] = .string("{{ get_where_subquery(\(Self.reference(to: target))) }}")

    guard let (namespace, type) = Self.split(declared.name) else {
      report("bad-value", "'\(declared.name)' is no name of a test", at: span)
      return nil
    }
    guard var config = config(&declared, target, span) else { return nil }
    let description = declared.arguments.removeValue(forKey: "description")?.pythonText ?? ""
    let names = names(&declared, &config, target, namespace: namespace, type: type)
    return draft(
      declared, config, target, names: names, namespace: namespace, type: type, description: description,
      columnName: columnName, tags: tags, span: span)
  }

  // MARK: Reading a declaration

  private struct Declaration {
    var name: String
    var arguments: Values
  }

  /// `unique`, `{unique: {…}}` or `{test_name: unique, …}`.
  private mutating func declaration(_ node: YAMLNode, _ target: TestTarget, _ span: SourceSpan)
    -> Declaration?
  {
    if let name = node.string { return Declaration(name: name, arguments: [:]) }
    guard let entries = node.mapping else {
      report("bad-value", "a test must be a name or a mapping, not \(node.kindName)", at: span)
      return nil
    }
    if let name = node["test_name"]?.string, case .mapping(var arguments) = node.plain {
      arguments.removeValue(forKey: "test_name")
      return Declaration(name: name, arguments: arguments)
    }
    guard entries.count == 1 else {
      diagnostics.append(
        Diagnostic(
          "bad-value", "a test must be a mapping with one key, its name; this one has \(entries.count)",
          at: span,
          label: entries.isEmpty ? nil : "keys " + entries.map { "'\($0.key)'" }.joined(separator: ", "),
          help: "indent the arguments below the test's name"))
      return nil
    }
    let entry = entries[0]
    if entry.value.isNull { return Declaration(name: entry.key, arguments: [:]) }
    guard case .mapping(let arguments) = entry.value.plain else {
      report(
        "bad-value", "the arguments of test '\(entry.key)' must be a mapping, not \(entry.value.kindName)",
        at: target.file.span(entry.value))
      return nil
    }
    return Declaration(name: entry.key, arguments: arguments)
  }

  private mutating func takeArguments(_ declared: inout Declaration, _ target: TestTarget, _ span: SourceSpan)
  {
    guard takesArguments else {
      if declared.arguments["arguments"] != nil {
        deprecate(
          "arguments-property-in-generic-test",
          "test '\(declared.name)' has an argument 'arguments', which will be the place of all arguments",
          span,
          help: "set 'require_generic_test_arguments_property: true' under 'flags:', or rename it",
          facts: ["test_name": declared.name])
      }
      return
    }
    let nested = declared.arguments.removeValue(forKey: "arguments")?.mapping ?? [:]
    for key in declared.arguments.keys where Self.legacyConfigs.contains(key) {
      deprecate(
        "property-moved-to-config", "Found `\(key)` as a top-level property of test '\(declared.name)'", span,
        help: "move it under 'config:'",
        facts: [
          "key": key, "file": target.file.originalFilePath, "key_path": "data_tests.\(declared.name).\(key)",
        ])
    }
    let isBare = declared.arguments.keys.contains {
      !Self.besideArguments.contains($0) && !Self.legacyConfigs.contains($0)
    }
    if nested.isEmpty, isBare {
      deprecate(
        "missing-arguments-property-in-generic-test",
        "the arguments of test '\(declared.name)' on '\(target.name)' do not stand under 'arguments'", span,
        help: "put 'arguments:' above them", facts: ["test_name": declared.name])
    }
    for (key, value) in nested { declared.arguments[key] = value }
  }

  /// What stands beside the arguments of a test and is none.
  private static let besideArguments: Set<String> = ["config", "column_name", "description", "name"]

  private mutating func deprecate(
    _ code: DiagnosticCode, _ summary: String, _ span: SourceSpan, help: String, facts: [String: String]
  ) {
    diagnostics.append(
      Diagnostic(code, severity: .warning, summary, at: span, help: help, facts: facts))
  }

  /// Configs that may stand beside the arguments, in the order in which dbt takes them.
  private static let legacyConfigs = [
    "severity", "tags", "enabled", "where", "limit", "warn_if", "error_if", "fail_calc", "store_failures",
    "store_failures_as", "meta", "database", "schema", "alias",
  ]

  private mutating func config(_ declared: inout Declaration, _ target: TestTarget, _ span: SourceSpan)
    -> Values?
  {
    guard declared.arguments.count > 1 || declared.arguments["config"] != nil else { return [:] }
    var nested = declared.arguments.removeValue(forKey: "config")?.mapping ?? [:]
    var result: Values = [:]
    for key in Self.legacyConfigs {
      var value = declared.arguments.removeValue(forKey: key) ?? .null
      if Self.isTrue(value), nested[key] != nil {
        report("bad-value", "'\(key)' stands both in 'config' and beside it", at: span)
        return nil
      }
      if !Self.isTrue(value), let inside = nested.removeValue(forKey: key) { value = inside }
      if let rendered = rendered(value, target, span), !rendered.isNull { result[key] = rendered }
    }
    for (key, value) in nested {
      if let rendered = rendered(value, target, span), !rendered.isNull { result[key] = rendered }
    }
    return result
  }

  private mutating func rendered(_ value: PlainValue, _ target: TestTarget, _ span: SourceSpan) -> PlainValue?
  {
    guard let text = value.string, YAMLNode.isChangedByRendering(text) else { return value }
    do throws(DiagnosticsError) { return try renderers[target.file.package].render(text, at: span) } catch {
      diagnostics += error.diagnostics
      return nil
    }
  }

  /// Python's truth.
  private static func isTrue(_ value: PlainValue) -> Bool {
    switch value {
    case .null, .bool(false), .int(0), .double(0): false
    case .string(let text): !text.isEmpty
    case .list(let items): !items.isEmpty
    case .mapping(let entries): !entries.isEmpty
    default: true
    }
  }

  // MARK: Names

  private static func split(_ name: String) -> (namespace: String?, type: String)? {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts.contains(where: { $0.isEmpty }) else { return nil }
    return parts.count == 1 ? (nil, name) : (String(Substring(parts[0])), String(Substring(parts[1])))
  }

  private static func reference(to target: TestTarget) -> String {
    switch target.kind {
    case .model:
      target.version.map { "ref('\(target.name)', version='\($0.pythonText)')" } ?? "ref('\(target.name)')"
    case .node: "ref('\(target.name)')"
    case .source(let name, let table): "source('\(name)', '\(table)')"
    }
  }

  private func names(
    _ declared: inout Declaration, _ config: inout Values, _ target: TestTarget, namespace: String?,
    type: String
  ) -> TestName {
    if let given = declared.arguments.removeValue(forKey: "name") {
      return TestName(given: given.pythonText)
    }
    var kind = type
    var targetName = target.name
    if case .source = target.kind { kind = "source_" + kind }
    if let version = target.version { targetName += "_v" + version.pythonText }
    if let namespace { kind = namespace + "_" + kind }
    let names = TestName(type: kind, target: targetName, arguments: declared.arguments)
    if names.short != names.full, config["alias"] == nil { config["alias"] = .string(names.short) }
    return names
  }

  // MARK: The node

  private mutating func draft(
    _ declared: Declaration, _ config: Values, _ target: TestTarget, names: TestName, namespace: String?,
    type: String, description: String, columnName: String?, tags: [String], span: SourceSpan
  ) -> NodeDraft? {
    let file = target.file
    let called = namespace.map { "\($0).test_\(type)" } ?? "test_\(type)"
    guard let macro = macro(called, package: file.packageName) else {
      diagnostics.append(unknownTest(type, namespace: namespace, at: span))
      return nil
    }
    let hash = TestName.idHash(
      name: names.full, type: type, namespace: namespace, arguments: declared.arguments)
    var folders = NodeFileParser.folders(Self.withoutFirstFolder(file.originalFilePath), file.packageName)
    folders.append(names.full)
    var contents = NodeContents(
      id: NodeID("test.\(file.packageName).\(names.full).\(hash)"), resourceType: .test, name: names.full,
      packageName: file.packageName, path: names.short + ".sql", originalFilePath: file.originalFilePath,
      rootPath: packages[file.package].definition.rootPath, fqn: folders, alias: names.full,
      config: NodeConfig(), details: NodeDetails(rawCode: Self.rawCode(called, config), checksum: ""))
    contents.details.checksumName = "none"
    contents.details.description = description
    contents.details.patchSpan = span
    contents.details.test = TestMetadata(
      name: type, namespace: namespace, arguments: declared.arguments, columnName: columnName,
      attachedNode: nil,
      fileKeyName: target.key + "." + target.keyName)
    var own = tags
    for tag in config["tags"]?.strings ?? [] { own.append(tag) }
    contents.tags = own.count < 2 ? own : Array(Set(own)).sorted()
    contents.details.macroDependsOn = [macro]

    var draft = NodeDraft(node: Node(contents), package: file.package, file: file.display)
    draft.call = config
    refer(&draft, macro: macro, type: type, target: target, span: span)
    return draft
  }

  /// What the test reads. The four tests that everybody uses are known; the others are rendered to see.
  private mutating func refer(
    _ draft: inout NodeDraft, macro: NodeID, type: String, target: TestTarget, span: SourceSpan
  ) {
    let isBuiltIn = macro.rawValue.hasPrefix("macro.dbt.")
    if isBuiltIn, type == "not_null" || type == "unique" {
      referToTarget(&draft, target, span)
      return
    }
    // dbt renders the config that stands in the test's own code on top of the same config.
    if isBuiltIn, type == "accepted_values" || type == "relationships", referToArguments(&draft, span) {
      referToTarget(&draft, target, span)
      draft.node.macroDependsOn.append(NodeID("macro.dbt.get_where_subquery"))
      let config = draft.call
      ConfigRules.mergeCalls(config, into: &draft.call)
      return
    }
    var source = TemplateSource(
      text: draft.node.rawCode, file: draft.file, resourceType: .test, packageName: draft.node.packageName,
      name: draft.node.name)
    source.firstLine = span.start.line
    source.fqn = draft.node.fqn
    source.testArguments = draft.node.test?.arguments
    do throws(DiagnosticsError) {
      let parsed = try engine.parse(source)
      let (config, macros) = (draft.call, draft.node.macroDependsOn)
      draft.take(parsed)
      draft.call = config
      ConfigRules.mergeCalls(parsed.config, into: &draft.call)
      let known = reached(from: macro)
      draft.node.macroDependsOn = macros + parsed.macros.filter { !macros.contains($0) && known.contains($0) }
      for index in draft.node.refs.indices { draft.node.refs[index].span = span }
      for index in draft.node.sources.indices { draft.node.sources[index].span = span }
    } catch {
      diagnostics += error.diagnostics
    }
  }

  private func referToTarget(_ draft: inout NodeDraft, _ target: TestTarget, _ span: SourceSpan) {
    switch target.kind {
    case .source(let name, let table):
      draft.node.sources.append(SourceCall(source: name, table: table, span: span))
    case .model, .node:
      draft.node.refs.append(RefCall(name: target.name, version: target.version?.pythonText, span: span))
    }
  }

  /// False when an argument holds more than a plain `ref` or `source`.
  private func referToArguments(_ draft: inout NodeDraft, _ span: SourceSpan) -> Bool {
    for (key, value) in draft.node.test?.arguments ?? [:] where key != "model" && key != "column_name" {
      guard case .string(let text) = value else {
        if Self.holdsTemplate(value) { return false }
        continue
      }
      switch ReferenceText(text, span: span) {
      case .ref(let call): draft.node.refs.append(call)
      case .source(let call): draft.node.sources.append(call)
      case .metric, nil: if YAMLNode.holdsTemplate(text) || Self.looksLikeCall(text) { return false }
      }
    }
    return true
  }

  private static func holdsTemplate(_ value: PlainValue) -> Bool {
    switch value {
    case .string(let text): YAMLNode.holdsTemplate(text) || looksLikeCall(text)
    case .list(let items): items.contains(where: holdsTemplate)
    case .mapping(let entries): entries.values.contains(where: holdsTemplate)
    default: false
    }
  }

  /// dbt renders arguments that begin like a call of one of these as templates.
  private static func looksLikeCall(_ text: String) -> Bool {
    let start = text.utf8.drop { $0 == 0x20 }
    return ["env_var(", "ref(", "var(", "source(", "doc("].contains { start.starts(with: $0.utf8) }
      || ["env_var (", "ref (", "var (", "source (", "doc ("].contains { start.starts(with: $0.utf8) }
  }

  /// The macros that an argument may call while dbt reads a test: those that the test's own macro reaches. dbt notes
  /// others only when the test runs.
  private mutating func reached(from macro: NodeID) -> Set<NodeID> {
    if let known = reachedMacros[macro] { return known }
    let found = engine.macros(reachedFrom: [macro, NodeID("macro.dbt.get_where_subquery")])
    reachedMacros[macro] = found
    return found
  }

  private mutating func macro(_ name: String, package: String) -> NodeID? {
    let key = package + "\u{0}" + name
    if let known = macroIDs[key] { return known }
    let found = engine.macroID(named: name, from: package)
    macroIDs[key] = .some(found)
    return found
  }

  private static func rawCode(_ macro: String, _ config: Values) -> String {
    let call = "{{ \(macro)(**_dbt_generic_test_kwargs) }}"
    guard !config.isEmpty else { return call }
    let parts = config.map { key, value -> String in
      guard case .string(let text) = value else { return "\(key)=\(value.pythonRepresentation)" }
      return "\(key)=\""
        + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
    }
    return call + "{{ config(" + parts.joined(separator: ",") + ") }}"
  }

  private static func withoutFirstFolder(_ path: String) -> String {
    guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  // MARK: Messages

  private mutating func report(_ code: DiagnosticCode, _ summary: String, at span: SourceSpan) {
    diagnostics.append(Diagnostic(code, summary, at: span))
  }

  private func unknownTest(_ type: String, namespace: String?, at span: SourceSpan) -> Diagnostic {
    let prefix = "test_"
    let known = engine.resolvedMacros().filter { namespace == nil || $0.packageName == namespace }.compactMap
    {
      $0.name.hasPrefix(prefix) ? String($0.name.dropFirst(prefix.count)) : nil
    }
    let name = namespace.map { "\($0).\(type)" } ?? type
    return Diagnostic(
      "unknown-test", "there is no test '\(name)'", meant: NearMiss(type, among: known), at: span,
      label: "no macro 'test_\(type)'" + (namespace.map { " in package '\($0)'" } ?? ""),
      help: "a test is a block {% test \(type)(model, column_name) %} in a macro file or in tests/generic")
  }
}

extension TestName {
  /// A name that the user gave.
  init(given name: String) {
    short = name
    full = name
  }
}
