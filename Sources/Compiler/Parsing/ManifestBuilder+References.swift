import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

extension ManifestBuilder {
  /// Turns every `ref` and `source` into an edge, and says which lead nowhere and which lead in a circle.
  mutating func resolveReferences() {
    var dropped: [NodeID] = []
    for index in manifest.nodes.values.indices {
      if manifest.nodes.values[index].resourceType == .seed {
        checkHooks(ofSeed: manifest.nodes.values[index])
        continue
      }
      let (parents, isWhole) = edges(of: manifest.nodes.values[index])
      manifest.nodes.values[index].dependsOn = parents
      if !isWhole { dropped.append(manifest.nodes.values[index].id) }
    }
    // dbt turns a test off when what it reads is not there, and leaves it among the nodes.
    for id in dropped where manifest.nodes[id]?.resourceType == .test {
      manifest.nodes[id]?.config["enabled"] = false
    }
    for index in manifest.exposures.values.indices {
      let exposure = manifest.exposures.values[index]
      manifest.exposures.values[index].dependsOn =
        edges(
          exposure.refs, exposure.sources, of: exposure.name, package: exposure.packageName,
          title: "exposure '\(exposure.name)'",
          severity: .error
        ).parents
    }
    reportCycles()
    reportForbiddenReferences()
    reportUnknownGroups()
  }

  private mutating func checkHooks(ofSeed seed: Node) {
    guard let call = seed.refs.first else { return }
    diagnostics.append(
      Diagnostic(
        "bad-value",
        "a hook of seed '\(seed.name)' refers to '\(call.name)', and seeds cannot depend on other nodes",
        at: seed.config.origins["post-hook"] ?? seed.config.origins["pre-hook"] ?? place(of: seed),
        help: "make it a hook of a model that reads the seed, or one of on-run-end"))
  }

  private mutating func edges(of node: Node) -> (parents: [NodeID], isWhole: Bool) {
    if node.refs.isEmpty, node.sources.isEmpty, node.functions.isEmpty { return ([], true) }
    let severity: Severity = node.resourceType == .test ? .warning : .error
    var found = edges(
      node.refs, node.sources, of: node.name, package: node.packageName,
      title: "\(node.resourceType.rawValue) '\(node.name)'", severity: severity)
    for words in node.functions {
      let resolution = resolver.resolve(function: words, from: node.packageName)
      if case .found(let id) = resolution {
        if !found.parents.contains(id) { found.parents.append(id) }
        continue
      }
      found.isWhole = false
      diagnostics.append(
        resolver.diagnostic(
          function: words, resolution, severity: severity, at: node.patchSpan ?? place(of: node),
          of: "\(node.resourceType.rawValue) '\(node.name)'"))
    }
    return found
  }

  mutating func edges(
    _ refs: [RefCall], _ sources: [SourceCall], of name: String, package: String,
    title: @autoclosure () -> String,
    severity: Severity
  ) -> (parents: [NodeID], isWhole: Bool) {
    var parents: [NodeID] = []
    parents.reserveCapacity(refs.count + sources.count)
    var isWhole = true
    // dbt resolves sources first; the order of parents is part of its manifest.
    for call in sources {
      let resolution = resolver.resolve(call, from: package)
      if case .found(let id) = resolution {
        if !parents.contains(id) { parents.append(id) }
        continue
      }
      isWhole = false
      if severity == .warning, case .disabled = resolution { continue }
      diagnostics.append(resolver.diagnostic(call, resolution, severity: severity, wanting: title()))
    }
    for call in refs {
      let resolution = resolver.resolve(call, from: package)
      if case .found(let id) = resolution {
        let root = manifest.projectName
        if package != root, call.package != root, id.packageName == root, !resolver.prefersOwn {
          diagnostics.append(
            Diagnostic(
              "package-reads-root", severity: .warning,
              "\(title()) of package '\(package)' reads '\(id)' of the root project", at: call.span,
              help: "the flag require_ref_searches_node_package_before_root looks into the package first",
              facts: [
                "node_name": name, "package_name": package, "root_project_unique_id": id.rawValue,
              ]))
        }
        if !parents.contains(id) { parents.append(id) }
        continue
      }
      isWhole = false
      // A test on something disabled goes with it, without a word.
      if severity == .warning, case .disabled = resolution { continue }
      diagnostics.append(resolver.diagnostic(call, resolution, severity: severity, wanting: title()))
    }
    return (parents, isWhole)
  }

  private mutating func reportCycles() {
    for cycle in Cycles.find(in: manifest.nodes) {
      diagnostics.append(
        Cycles.diagnostic(cycle, in: manifest.nodes) { node, parent in
          for call in node.refs where resolver.resolve(call, from: node.packageName) == .found(parent) {
            return call.span
          }
          return nil
        })
    }
  }

  /// Members of groups that no properties declare.
  private mutating func reportUnknownGroups() {
    let known = Set(manifest.groups.values.map(\.name)).sorted()
    func check(_ kind: ResourceType, _ name: String, _ group: String?, at span: SourceSpan?) -> Diagnostic? {
      guard let group, !known.contains(group) else { return nil }
      return Diagnostic(
        "unknown-group",
        "\(kind.rawValue.replacing("_", with: " ")) '\(name)' is in group '\(group)', which is not declared",
        meant: NearMiss(group, among: known), at: span,
        help: known.isEmpty
          ? "declare it under 'groups:' of a properties file" : "groups are " + known.joined(separator: ", "))
    }
    for node in manifest.nodes.values where node.test?.attachedNode == nil {
      check(
        node.resourceType, node.name, node.group, at: node.config.origins["group"] ?? place(of: node)
      ).map { diagnostics.append($0) }
    }
    for type in [ResourceType.metric, .semanticModel, .savedQuery] {
      for (id, entry) in manifest.opaque[type] ?? [:] {
        let values = entry.mapping ?? [:]
        check(type, values["name"]?.string ?? "", values["group"]?.string, at: semanticSpans[id])
          .map { diagnostics.append($0) }
      }
    }
  }

  /// Private models are for their group, protected ones of a package that restricts access for that package.
  private mutating func reportForbiddenReferences() {
    guard
      manifest.nodes.values.contains(where: {
        $0.access == "private" || $0.access == "protected" && $0.packageName != manifest.projectName
      })
    else { return }
    let restricted = Set(project.packages.filter(\.definition.restrictAccess).map(\.name))
    func check(_ reader: String, _ package: String, group: String?, _ refs: [RefCall], _ parents: [NodeID])
      -> [Diagnostic]
    {
      parents.compactMap { parent in
        guard let target = manifest.nodes[parent], let access = target.access else { return nil }
        let isBarred = package != target.packageName && restricted.contains(target.packageName)
        let isForbidden =
          access == "private"
          ? group == nil || group != target.group || isBarred
          : access == "protected" && isBarred
        guard isForbidden else { return nil }
        let call = refs.first { resolver.resolve($0, from: package) == .found(parent) }
        let isPrivate = access == "private"
        return Diagnostic(
          "forbidden-ref",
          isPrivate
            ? "model '\(target.name)' is private "
              + (target.group.map { "to group '\($0)'" } ?? "and belongs to no group")
            : "model '\(target.name)' is protected by package '\(target.packageName)'",
          at: call?.span, label: "'\(reader)' is outside",
          help: isPrivate ? "put '\(reader)' into the group, or make the model public" : nil)
      }
    }
    for node in manifest.nodes.values {
      diagnostics += check(node.name, node.packageName, group: node.group, node.refs, node.dependsOn)
    }
    for exposure in manifest.exposures.values {
      // An exposure belongs to no group.
      diagnostics += check(
        exposure.name, exposure.packageName, group: nil, exposure.refs, exposure.dependsOn)
    }
  }
}
