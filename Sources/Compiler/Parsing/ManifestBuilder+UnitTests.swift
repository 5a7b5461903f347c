import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

extension ManifestBuilder {
  /// Ties unit tests to their models, reads their rows, and makes one of each for every version they are for.
  mutating func settleUnitTests() {
    let entries = unitTestEntries
    for entry in entries {
      do throws(DiagnosticsError) {
        try settle(entry)
      } catch {
        diagnostics += error.diagnostics
        manifest.opaque[.unitTest]?[entry.id] = nil
      }
    }
  }

  private mutating func settle(_ entry: UnitTestEntry) throws(DiagnosticsError) {
    let written = entry.written
    var given: [(input: String, fixture: UnitTestFixture)] = []
    for item in entry.node["given"]?.sequence ?? [] {
      guard let input = item["input"]?.string else {
        throw wrong(entry, "an input of unit test '\(entry.name)' has no 'input'", at: item)
      }
      given.append((input, try fixture(item, input: input, entry)))
    }
    guard let expect = entry.node["expect"], expect.mapping != nil else {
      throw wrong(entry, "unit test '\(entry.name)' does not say what it expects", at: entry.node["name"])
    }
    let expected = try fixture(expect, input: nil, entry)
    var shaped = shape(written, entry, given, expected)
    guard entry.isEnabled, let model = try testedModel(of: entry) else {
      manifest.opaque[.unitTest]?[entry.id] = nil
      var config = shaped["config"]?.mapping ?? [:]
      config["enabled"] = false
      shaped["config"] = .mapping(config)
      manifest.disabledOthers[entry.id, default: []].append(.mapping(shaped))
      return
    }
    try checkIncremental(entry, model, inputs: given.map(\.input))
    shaped["schema"] = .string(model.relation?.schema ?? settings.schema)
    let make = UnitTest(
      node: node(of: entry, testing: model), model: model.id,
      modelName: written["model"]?.string ?? model.name,
      inputs: given.map { UnitTest.Input(name: $0.input, rows: $0.fixture.rows) }, expected: expected.rows,
      overrides: Self.overrides(entry.node["overrides"]))
    guard model.version != nil else {
      shaped["depends_on"] = SemanticShapes.dependsOn([model.id])
      manifest.opaque[.unitTest]?[entry.id] = .mapping(shaped)
      manifest.unitTests[entry.id] = make
      return
    }
    manifest.opaque[.unitTest]?[entry.id] = nil
    for version in try versions(of: model, for: entry) {
      var test = make
      let id = NodeID("\(entry.id.rawValue)_v\(version.version?.pythonText ?? "")")
      test.node = node(of: entry, testing: version)
      test.node.id = id
      test.node.fqn = id.rawValue.split(separator: ".").map(String.init)
      test.model = version.id
      shaped["unique_id"] = .string(id.rawValue)
      shaped["depends_on"] = SemanticShapes.dependsOn([version.id])
      shaped["version"] = version.version
      manifest.opaque[.unitTest]?[id] = .mapping(shaped)
      manifest.unitTests[id] = test
    }
  }

  // MARK: The model

  /// nil when the model is disabled, and the test with it.
  private func testedModel(of entry: UnitTestEntry) throws(DiagnosticsError) -> Node? {
    let words = (entry.node["model"]?.string ?? "").split(separator: " ").map(String.init)
    guard let name = words.first else {
      throw wrong(entry, "unit test '\(entry.name)' names no model", at: entry.node["name"])
    }
    let call = RefCall(
      name: name, version: words.count == 2 ? words[1] : nil, span: entry.node["model"].map(entry.file.span))
    let resolution = resolver.resolve(call, from: entry.file.packageName)
    switch resolution {
    case .found(let id):
      guard let node = manifest.nodes[id], node.resourceType == .model else { break }
      return node
    case .disabled: return nil
    case .ambiguous, .missing: break
    }
    throw DiagnosticsError(
      resolver.diagnostic(call, resolution, severity: .error, wanting: "unit test '\(entry.name)'"))
  }

  private func versions(of model: Node, for entry: UnitTestEntry) throws(DiagnosticsError) -> [Node] {
    let wanted = entry.node["versions"]
    let include = wanted?["include"]?.sequence?.map(\.plain)
    let exclude = wanted?["exclude"]?.sequence?.map(\.plain)
    if include?.isEmpty == false, exclude?.isEmpty == false {
      throw wrong(
        entry, "unit test '\(entry.name)' both includes and excludes versions of '\(model.name)'", at: wanted,
        help: "write one of them")
    }
    let all = manifest.nodes.values.filter {
      $0.resourceType == .model && $0.name == model.name && $0.packageName == model.packageName
    }
    let chosen = all.filter { node in
      guard let version = node.version else { return false }
      if let exclude, !exclude.isEmpty { return !exclude.contains(version) }
      if let include, !include.isEmpty { return include.contains(version) }
      return wanted == nil || wanted?.isNull == true
    }
    guard !chosen.isEmpty else {
      throw wrong(
        entry, "unit test '\(entry.name)' is for a version of '\(model.name)' that is not there", at: wanted,
        help: "there are " + all.compactMap { $0.version?.pythonText }.joined(separator: ", "))
    }
    return chosen
  }

  private func checkIncremental(
    _ entry: UnitTestEntry, _ model: Node, inputs: [String]
  ) throws(DiagnosticsError) {
    if model.version == nil, let versions = entry.node["versions"],
      versions["include"]?.sequence?.isEmpty == false || versions["exclude"]?.sequence?.isEmpty == false
    {
      throw wrong(
        entry, "unit test '\(entry.name)' chooses versions of '\(model.name)', which has none", at: versions)
    }
    guard model.macroDependsOn.contains(NodeID("macro.dbt.is_incremental")) else { return }
    guard let isIncremental = entry.node["overrides"]?["macros"]?["is_incremental"]?.scalar?.bool else {
      throw wrong(
        entry,
        "unit test '\(entry.name)' must say whether '\(model.name)' runs incrementally: it asks is_incremental()",
        at: entry.node["overrides"] ?? entry.node["name"],
        help: "add overrides: {macros: {is_incremental: false}}, or true")
    }
    guard isIncremental, !inputs.contains("this") else { return }
    throw wrong(
      entry, "unit test '\(entry.name)' of the incremental model '\(model.name)' gives no rows for 'this'",
      at: entry.node["given"], help: "add an input 'this' with the rows that the table has before the run")
  }

  private func node(of entry: UnitTestEntry, testing model: Node) -> Node {
    let name = entry.name + (model.version.map { "_v" + $0.pythonText } ?? "")
    let folder = entry.file.originalFilePath.split(separator: "/").dropLast().joined(separator: "/")
    var node = Node(
      id: entry.id, resourceType: .unitTest, name: name, packageName: entry.file.packageName,
      path: folder.isEmpty ? name + ".sql" : "\(folder)/\(name).sql",
      originalFilePath: entry.file.originalFilePath, rootPath: model.rootPath,
      fqn: entry.id.rawValue.split(separator: ".").map(String.init), rawCode: model.rawCode, checksum: "",
      alias: name,
      config: NodeConfig(values: ["materialized": "unit", "tags": [], "meta": [:], "enabled": true]))
    node.language = model.language
    node.checksumName = "none"
    node.relation = model.relation
    node.relation?.identifier = name
    node.patchSpan = entry.span
    node.firstLine = model.firstLine
    node.dependsOn = [model.id]
    node.group = model.group
    return node
  }

  // MARK: Rows

  private func fixture(
    _ node: YAMLNode, input: String?, _ entry: UnitTestEntry
  ) throws(DiagnosticsError) -> UnitTestFixture {
    let format = node["format"]?.string ?? "dict"
    let rows = node["rows"].flatMap { $0.isNull ? nil : $0 }
    let file = node["fixture"]?.string
    let kind = input == nil ? "expected" : "input"
    switch format {
    case "dict":
      if rows == nil, file == nil, let input {
        let values = try rowsOfSeed(input, entry, at: node)
        return UnitTestFixture(format: format, file: nil, rows: .values(UnitTestFixture.promoted(values)))
      }
      guard let items = rows?.sequence else { break }
      var values: [UnitTest.Row] = []
      for item in items {
        guard let row = item.plain.mapping else {
          throw wrong(
            entry, "a row of unit test '\(entry.name)' must be a mapping, not \(item.kindName)", at: item)
        }
        values.append(row)
      }
      return UnitTestFixture(format: format, file: file, rows: .values(UnitTestFixture.promoted(values)))
    case "csv":
      guard
        let text = try file.map({ name throws(DiagnosticsError) in try fixtureText(name, entry) })
          ?? rows?.string
      else { break }
      let values = CSVRows.read(text).map { $0.mapValues { $0 == "" ? PlainValue.null : $0 } }
      return UnitTestFixture(format: format, file: file, rows: .values(UnitTestFixture.promoted(values)))
    case "sql":
      guard
        let text = try file.map({ name throws(DiagnosticsError) in try fixtureText(name, entry) })
          ?? rows?.string
      else { break }
      return UnitTestFixture(format: format, file: file, rows: .query(text))
    default:
      throw wrong(
        entry,
        "'\(format)' is no format of rows", meant: NearMiss(format, among: ["dict", "csv", "sql"]),
        at: node["format"], help: "it can be dict, csv or sql")
    }
    throw wrong(
      entry, "the \(kind) rows of unit test '\(entry.name)' do not have the format '\(format)'",
      at: node["rows"] ?? node,
      help: format == "dict"
        ? "dict takes a list of mappings; say 'format: csv' or 'format: sql' for text"
        : "\(format) takes text, or a 'fixture' that names a file")
  }

  private func fixtureText(
    _ name: String, _ entry: UnitTestEntry
  ) throws(DiagnosticsError) -> String {
    let files = project.packages[entry.file.package].files.filter { $0.kind == .fixture && $0.name == name }
    if files.count > 1 {
      throw wrong(
        entry,
        "the fixture '\(name)' of unit test '\(entry.name)' could be each of "
          + files.map(\.relativePath).sorted().joined(separator: ", "), at: entry.node,
        help: "rename all but one of them")
    }
    if let file = files.first { return file.text }
    let names = Set(project.packages[entry.file.package].files.filter { $0.kind == .fixture }.map(\.name))
    throw wrong(
      entry,
      "there is no fixture '\(name)' for unit test '\(entry.name)'",
      meant: NearMiss(name, among: names.sorted()), at: entry.node,
      help: "fixtures lie in the folder fixtures of the test paths")
  }

  /// An input without rows is a seed, and the rows are its file's.
  private func rowsOfSeed(
    _ input: String, _ entry: UnitTestEntry, at node: YAMLNode
  ) throws(DiagnosticsError) -> [UnitTest.Row] {
    guard case .ref(var call)? = ReferenceText(input) else {
      throw wrong(entry, "the input \(input) of unit test '\(entry.name)' has no rows", at: node)
    }
    call.package = call.package ?? entry.file.packageName
    guard case .found(let id) = resolver.resolve(call, from: entry.file.packageName),
      let seed = manifest.nodes[id], seed.resourceType == .seed
    else {
      throw wrong(
        entry, "the input \(input) of unit test '\(entry.name)' has no rows, and is no seed that has them",
        at: node, help: "add 'rows: []' for an empty input")
    }
    return try CSVRows.read(
      path: seed.rootPath + "/" + seed.originalFilePath, displayPath: seed.originalFilePath)
  }

  // MARK: The manifest's entry

  private func shape(
    _ written: Values, _ entry: UnitTestEntry, _ given: [(input: String, fixture: UnitTestFixture)],
    _ expected: UnitTestFixture
  ) -> Values {
    var result: Values = ["model": written["model"] ?? .null]
    result["given"] = .list(
      given.map { item in
        .mapping(
          Values(uniqueKeysWithValues: [("input", PlainValue.string(item.input))] + item.fixture.entry))
      })
    result["expect"] = .mapping(Values(uniqueKeysWithValues: expected.entry))
    result.merge(SemanticShapes.head(written)) { $1 }
    result["description"] = written["description"] ?? ""
    let overrides = written["overrides"]?.mapping.map {
      SemanticShapes.filled($0, ["macros": [:], "vars": [:], "env_vars": [:]])
    }
    result["overrides"] = overrides.map { .mapping($0) } ?? .null
    result["depends_on"] = SemanticShapes.dependsOn([])
    let config = written["config"]?.mapping ?? [:]
    result["config"] = .mapping(
      SemanticShapes.filled(config, ["tags": [], "meta": [:], "enabled": true, "static_analysis": nil]))
    let versions = written["versions"]?.mapping.map {
      SemanticShapes.filled($0, ["include": nil, "exclude": nil])
    }
    result["checksum"] = .string(
      SHA256.hexadecimal(Self.fingerprint(written["model"], given, expected, overrides, versions)))
    result["schema"] = .null
    result["versions"] = versions.map { .mapping($0) } ?? .null
    result["version"] = PlainValue.null
    return result
  }

  /// The text that dbt hashes to see whether a unit test changed.
  private static func fingerprint(
    _ model: PlainValue?, _ given: [(input: String, fixture: UnitTestFixture)], _ expected: UnitTestFixture,
    _ overrides: Values?, _ versions: Values?
  ) -> String {
    func object(_ type: String, _ values: Values?) -> String {
      guard let values else { return "None" }
      return "\(type)("
        + values.map { "\($0.key)=\($0.value.pythonRepresentation)" }.joined(separator: ", ") + ")"
    }
    let inputs = given.map { $0.fixture.representation("UnitTestInputFixture", input: $0.input) }
    let parts = [
      model?.pythonText ?? "", object("UnitTestNodeVersions", versions),
      "[" + inputs.joined(separator: ", ") + "]", expected.representation("UnitTestOutputFixture"),
      object("UnitTestOverrides", overrides),
    ]
    let files = given.filter { $0.fixture.file != nil }.map { "-" + $0.fixture.text }
    return parts.joined(separator: "-") + files.joined()
  }

  private static func overrides(_ node: YAMLNode?) -> UnitTest.Overrides {
    let values = node?.plain.mapping ?? [:]
    return UnitTest.Overrides(
      macros: values["macros"]?.mapping ?? [:], variables: values["vars"]?.mapping ?? [:],
      environment: values["env_vars"]?.mapping ?? [:])
  }

  private func wrong(
    _ entry: UnitTestEntry, _ summary: String, meant: NearMiss? = nil, at node: YAMLNode?, help: String? = nil
  ) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "bad-unit-test", summary, meant: meant, at: node.map(entry.file.span) ?? entry.span, help: help))
  }
}
