import OrderedCollections
import ProjectModel

/// What comes of reading the changed files again.
extension ManifestUpdate {
  /// - Parameters:
  ///   - builder: has read the changed files and their like again.
  ///   - properties: the changed properties files, whose tests, sources and unit tests are made anew.
  func merge(_ builder: inout ManifestBuilder, properties: Set<FileKey>) -> Manifest? {
    let read = builder.manifest
    guard read.disabled.isEmpty, read.disabledOthers.isEmpty, read.disabledExposures.isEmpty,
      !turnsOffOthers(in: properties),
      !manifest.disabled.values.joined().contains(where: {
        isFrom($0, properties) || read.nodes[$0.id] != nil
      })
    else { return nil }
    var result = manifest
    var changesEdges = false
    let resolver = ReferenceResolver(manifest)
    for node in read.nodes.values where node.test == nil {
      guard let old = manifest.nodes[node.id], Self.looksTheSame(old, node),
        let parents = parents(of: node, before: old.dependsOn, resolver)
      else { return nil }
      var node = node
      node.dependsOn = parents
      node.primaryKey = properties.isEmpty ? old.primaryKey : []
      changesEdges = changesEdges || parents != old.dependsOn
      result.nodes[node.id] = node
    }
    // Every node of a file that was read again must have come out of it.
    let files = Set(
      builder.project.packages.flatMap { package in
        package.files.map { FileKey(package: package.name, path: $0.originalFilePath) }
      })
    let expected = manifest.nodes.values.count { !$0.isGenericTest && files.contains(Self.origin($0)) }
    guard expected == read.nodes.values.count(where: { $0.test == nil }) else { return nil }

    if !properties.isEmpty {
      guard let nodes = replacingTests(in: result.nodes, by: read, properties, resolver) else { return nil }
      result.nodes = nodes
      PrimaryKeys.infer(into: &result.nodes, disabled: result.disabled)
    }
    if changesEdges || !properties.isEmpty, !Cycles.find(in: result.nodes).isEmpty { return nil }
    guard replaceSources(in: &result, by: read, properties), followModels(in: &result, read) else {
      return nil
    }
    return replaceUnitTests(in: &result, by: &builder, properties, resolver) ? result : nil
  }

  /// Whether one of the files has something turned off that is no node: the semantic layer, unit tests, exposures.
  private func turnsOffOthers(in files: Set<FileKey>) -> Bool {
    manifest.disabledExposures.values.joined().contains {
      files.contains(FileKey(package: $0.packageName, path: $0.originalFilePath))
    }
      || manifest.disabledOthers.values.joined().compactMap(\.mapping).contains {
        files.contains(
          FileKey(
            package: $0["package_name"]?.string ?? "", path: $0["original_file_path"]?.string ?? ""))
      }
  }

  private static func origin(_ node: Node) -> FileKey {
    FileKey(package: node.packageName, path: node.originalFilePath)
  }

  private func isFrom(_ node: Node, _ files: Set<FileKey>) -> Bool { files.contains(Self.origin(node)) }

  /// Whether nothing that other nodes look at has changed.
  private static func looksTheSame(_ old: Node, _ new: Node) -> Bool {
    old.name == new.name && old.resourceType == new.resourceType && old.fqn == new.fqn
      && old.version == new.version && old.latestVersion == new.latestVersion
      && old.relation == new.relation && old.relation?.quoting == new.relation?.quoting
      && old.access == new.access && old.group == new.group && old.isRelational == new.isRelational
      && old.config["event_time"] == new.config["event_time"]
      && keepsStarTests(old, new) && isPlain(old) && isPlain(new)
  }

  /// The tests of facts and bridges are made of what they declare, and point there.
  private static func keepsStarTests(_ old: Node, _ new: Node) -> Bool {
    !["fact", "bridge"].contains(new.config.materialized)
      || (old.config.values == new.config.values && old.config.origins == new.config.origins)
  }

  /// Whether later steps of a whole parse have nothing to say to the node or, because of it, to others: tests of a
  /// dimension leave its member rows out; contracts, keys, batches and functions are looked through in the end.
  private static func isPlain(_ node: Node) -> Bool {
    !["dimension", "date_dimension", "time_dimension", "audit_dimension", "junk_dimension", "mini_dimension"]
      .contains(node.config.materialized)
      && !node.isMicrobatch
      && node.constraints.isEmpty && node.columns.values.allSatisfy(\.constraints.isEmpty)
      && node.functions.isEmpty && node.metrics.isEmpty && node.contractChecksum == nil
      && node.deprecationDate == nil
      && node.config["contract"]?.mapping?["enforced"]?.bool != true && node.language == "sql"
  }

  /// nil when one of them is not there or may not be read.
  private func parents(of node: Node, before: [NodeID], _ resolver: ReferenceResolver) -> [NodeID]? {
    if node.resourceType == .seed { return [] }
    var result: [NodeID] = []
    let found =
      node.sources.map { resolver.resolve($0, from: node.packageName) }
      + node.refs.map { resolver.resolve($0, from: node.packageName) }
    for resolution in found {
      guard case .found(let id) = resolution else { return nil }
      if result.contains(id) { continue }
      result.append(id)
      if let parent = manifest.nodes[id], !before.contains(id),
        parent.access == "private" || parent.packageName != node.packageName
      {
        return nil
      }
    }
    return result
  }

  /// The nodes with the tests of changed properties in the place of those that were there before.
  private func replacingTests(
    in nodes: OrderedDictionary<NodeID, Node>, by read: Manifest, _ properties: Set<FileKey>,
    _ resolver: ReferenceResolver
  ) -> OrderedDictionary<NodeID, Node>? {
    var tests: [TestOrigin: [Node]] = [:]
    for test in read.nodes.values where test.test != nil && isFrom(test, properties) {
      guard let parents = parents(of: test, before: [], resolver), !test.isRelational else { return nil }
      var test = test
      test.dependsOn = parents
      tests[TestOrigin(test), default: []].append(test)
    }
    let stays = nodes.values.filter { $0.test == nil || !isFrom($0, properties) }
    var result = OrderedDictionary<NodeID, Node>(minimumCapacity: nodes.count)
    for node in nodes.values {
      if node.test == nil || !isFrom(node, properties) {
        result[node.id] = node
      } else {
        for test in tests.removeValue(forKey: TestOrigin(node)) ?? [] { result[test.id] = test }
      }
    }
    let made = read.nodes.values.count { $0.test != nil && isFrom($0, properties) }
    // Tests where there were none have no place yet; one that exists elsewhere would be a duplicate.
    guard tests.isEmpty, result.count == stays.count + made else { return nil }
    let levels = project.packages.contains { $0.definition.configs["data_tests"] != nil }
    // Whether a config of tests is used may have changed with them.
    if levels, Array(result.keys) != Array(nodes.keys) { return nil }
    return result
  }

  /// A properties file's tests of nodes stand together in the manifest, and so do those of its sources.
  private struct TestOrigin: Hashable {
    var file: FileKey
    var isOfSource: Bool

    init(_ test: Node) {
      file = ManifestUpdate.origin(test)
      isOfSource = test.test?.fileKeyName?.hasPrefix("sources.") ?? false
    }
  }

  // MARK: Sources

  /// - Returns: false when a changed file has other sources than before, or ones that change what is said of others.
  private func replaceSources(in result: inout Manifest, by read: Manifest, _ properties: Set<FileKey>)
    -> Bool
  {
    func isFrom(_ source: SourceDefinition) -> Bool {
      properties.contains(FileKey(package: source.packageName, path: source.path))
    }
    guard !read.disabledSources.values.joined().contains(where: isFrom),
      !manifest.disabledSources.values.joined().contains(where: isFrom)
    else { return false }
    let new = read.sources.values.filter(isFrom)
    guard new.map(\.id) == manifest.sources.values.filter(isFrom).map(\.id) else { return false }
    for source in new {
      // Batches are cut out of what has an event time.
      guard source.config["event_time"] == manifest.sources[source.id]?.config["event_time"] else {
        return false
      }
      result.sources[source.id] = source
    }
    return true
  }

  // MARK: Unit tests

  /// Gives unit tests the new text of their models.
  ///
  /// - Returns: false when something else about a model matters to its tests.
  private func followModels(in result: inout Manifest, _ read: Manifest) -> Bool {
    let isIncremental = NodeID("macro.dbt.is_incremental")
    for (id, test) in manifest.unitTests {
      guard let model = read.nodes[test.model], let old = manifest.nodes[test.model] else { continue }
      guard model.macroDependsOn.contains(isIncremental) == old.macroDependsOn.contains(isIncremental) else {
        return false
      }
      result.unitTests[id]?.node.rawCode = model.rawCode
      result.unitTests[id]?.node.firstLine = model.firstLine
    }
    return true
  }

  /// - Returns: false when a changed file has other unit tests than before.
  private func replaceUnitTests(
    in result: inout Manifest, by builder: inout ManifestBuilder, _ properties: Set<FileKey>,
    _ resolver: ReferenceResolver
  ) -> Bool {
    let old = manifest.unitTests.values.filter { isFrom($0.node, properties) }.map(\.node.id)
    builder.settleUnitTests(in: properties, among: result.nodes, resolver)
    guard builder.manifest.unitTests.values.map(\.node.id) == old else { return false }
    for (id, test) in builder.manifest.unitTests {
      result.unitTests[id] = test
      result.opaque[.unitTest]?[id] = builder.manifest.opaque[.unitTest]?[id]
    }
    return true
  }
}

extension ManifestBuilder {
  /// Ties the unit tests of some files to their models in a whole manifest's nodes.
  fileprivate mutating func settleUnitTests(
    in files: Set<ManifestUpdate.FileKey>, among nodes: OrderedDictionary<NodeID, Node>,
    _ resolver: ReferenceResolver
  ) {
    manifest.nodes = nodes
    self.resolver = resolver
    unitTestEntries = unitTestEntries.filter {
      files.contains(
        ManifestUpdate.FileKey(package: $0.file.packageName, path: $0.file.originalFilePath))
    }
    settleUnitTests()
  }
}

extension ReferenceResolver {
  /// What a whole manifest's nodes and sources can be called.
  fileprivate init(_ manifest: Manifest) {
    self.init(rootPackage: manifest.projectName)
    for node in manifest.nodes.values { add(node, isEnabled: true) }
    for node in manifest.disabled.values.joined() { add(node, isEnabled: false) }
    for source in manifest.sources.values { add(source, isEnabled: true) }
    for source in manifest.disabledSources.values.joined() { add(source, isEnabled: false) }
  }
}
