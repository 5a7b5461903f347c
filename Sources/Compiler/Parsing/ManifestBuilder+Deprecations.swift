import Diagnostics
import OrderedCollections
import ProjectModel

/// What still works and will not for ever: models past their date, names and settings that dbt gives up.
extension ManifestBuilder {
  /// A behaviour flag under `flags:` of the root project.
  func flag(_ name: String, otherwise standard: Bool) -> Bool {
    project.root.definition.flags[name]?.bool ?? standard
  }

  /// Models whose time is over, and those that still read them.
  mutating func reportDeprecations() {
    let deprecated = manifest.nodes.values.filter { $0.resourceType == .model && $0.deprecationDate != nil }
    guard !deprecated.isEmpty else { return }
    for node in deprecated {
      guard let written = node.deprecationDate else { continue }
      let date = written.prefix(10)
      let isPast = DeprecationDate(written).map { $0.secondsSince1970 < settings.runStartedAt } ?? false
      let name = node.name + (node.version.map { ".v" + $0.pythonText } ?? "")
      let version = node.version?.pythonText ?? ""
      if isPast {
        diagnostics.append(
          Diagnostic(
            "deprecated-model", severity: .warning,
            "Model \(name) has passed its deprecation date of \(date)", at: node.patchSpan,
            help: "disable it or remove it",
            facts: ["model_name": node.name, "model_version": version, "deprecation_date": String(date)]))
      }
      for child in manifest.nodes.values
      where child.resourceType == .model && child.dependsOn.contains(node.id) {
        let isLatest = node.version == node.latestVersion
        diagnostics.append(
          Diagnostic(
            isPast ? "deprecated-ref" : "upcoming-deprecation", severity: .warning,
            isPast
              ? "model '\(child.name)' reads '\(name)', which was deprecated on \(date)"
              : "model '\(child.name)' reads '\(name)', which will be deprecated on \(date)",
            at: child.refs.first { resolver.resolve($0, from: child.packageName) == .found(node.id) }?.span,
            help: isLatest
              ? nil : "its latest version is \(node.latestVersion?.pythonText ?? ""): read that instead",
            facts: [
              "model_name": child.name, "ref_model_package": node.packageName, "ref_model_name": node.name,
              "ref_model_version": version,
              "ref_model_latest_version": node.latestVersion?.pythonText ?? "",
              "ref_model_deprecation_date": String(date),
            ]))
      }
    }
  }

  /// dbt takes no spaces in names, unless the project's flags say so.
  mutating func checkSpaces() {
    let spaced = manifest.nodes.values.filter { $0.name.utf8.contains(UInt8(ascii: " ")) }
    guard !spaced.isEmpty else { return }
    let isError = flag("require_resource_names_without_spaces", otherwise: true)
    for node in spaced {
      diagnostics.append(
        Diagnostic(
          isError ? "bad-name" : "space-in-name", severity: isError ? .error : .warning,
          "the name of \(node.resourceType.rawValue) '\(node.name)' has a space in it",
          at: node.test == nil ? place(of: node) : node.patchSpan ?? place(of: node),
          help: "write \(node.name.replacing(" ", with: "_"))", facts: ["unique_id": node.id.rawValue]))
    }
    guard !isError else { return }
    diagnostics.append(
      Diagnostic(
        "resource-names-with-spaces", severity: .warning, "Spaces found in \(spaced.count) resource name(s)",
        help: "--debug shows them all", facts: ["count_invalid_names": String(spaced.count)]))
  }

  /// Nodes of different kinds that `ref` cannot tell apart.
  mutating func checkSharedNames() {
    var known: [String: NodeID] = [:]
    let isError = flag("require_unique_project_resource_names", otherwise: false)
    for node in manifest.nodes.values where node.isRelational && node.version == nil {
      guard let other = known.updateValue(node.id, forKey: node.packageName + "." + node.name) else {
        continue
      }
      diagnostics.append(
        Diagnostic(
          isError ? "duplicate-name" : "duplicate-name-distinct-node-types",
          severity: isError ? .error : .warning,
          "\(other.rawValue) and \(node.id.rawValue) have one name, '\(node.name)', in one package",
          at: place(of: node), label: "one of the two",
          secondary: manifest.nodes[other].map { [.init(span: place(of: $0), text: "the other one")] } ?? [],
          help: "rename one of them",
          facts: [
            "resource_name": node.name, "unique_id1": other.rawValue, "unique_id2": node.id.rawValue,
            "package_name": node.packageName,
          ]))
    }
  }

  /// `modules.itertools` in what nodes say and in the macros that they call.
  mutating func reportItertools() {
    var callers: [(id: String, span: SourceSpan?)] = []
    var macros: Set<NodeID> = []
    for node in manifest.nodes.values {
      if node.test == nil, Itertools.isUsed(in: node.rawCode) {
        callers.append((node.id.rawValue, place(of: node)))
      }
      macros.formUnion(node.macroDependsOn)
    }
    for macro in manifest.macros.values where macros.contains(macro.id) && Itertools.isUsed(in: macro.text) {
      callers.append((macro.id.rawValue, macro.span))
    }
    for caller in callers {
      diagnostics.append(
        Diagnostic(
          "modules-itertools-usage", severity: .warning,
          "Usage of itertools modules is deprecated: \(caller.id) has it", at: caller.span,
          help: "use the built-in functions that do the same"))
    }
  }

  /// Materializations of packages that take the place of built-in ones, where the project allows that.
  mutating func reportOverriddenMaterializations(_ engine: TemplateEngine) {
    guard !flag("require_explicit_package_overrides_for_builtin_materializations", otherwise: true) else {
      return
    }
    let names = OrderedSet(manifest.nodes.values.lazy.filter(\.isRelational).map(\.config.materialized))
    for name in names {
      guard let macro = engine.packageMaterialization(named: name) else { continue }
      diagnostics.append(
        Diagnostic(
          "package-materialization-override", severity: .warning,
          "the package '\(macro.packageName)' takes the place of the built-in materialization '\(name)'",
          at: macro.span, help: "define it in the project itself, and call the package's one there",
          facts: ["package_name": macro.packageName, "materialization_name": name]))
    }
  }
}

/// Looks for `modules.itertools` in texts, in steps as long as it where nothing speaks for it.
private enum Itertools {
  private static let name = Array("modules.itertools".utf8)
  /// How far to go on by the byte that stands where the name would end.
  private static let steps: [Int] = {
    var steps = [Int](repeating: name.count, count: 256)
    for (index, byte) in name.dropLast().enumerated() { steps[Int(byte)] = name.count - 1 - index }
    return steps
  }()

  static func isUsed(in text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var end = name.count - 1
      while end < bytes.count {
        let last = bytes[end]
        if last == name[name.count - 1], bytes[(end - name.count + 1)...end].elementsEqual(name) {
          return true
        }
        end += steps[Int(last)]
      }
      return false
    }
  }
}
