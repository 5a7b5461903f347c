import Diagnostics
import OrderedCollections
import ProjectModel

/// Finds what `ref` and `source` mean, by dbt's order of packages.
struct ReferenceResolver {
  enum Resolution: Equatable {
    case found(NodeID)
    case disabled(NodeID)
    case ambiguous([NodeID])
    case missing
  }

  private let rootPackage: String
  /// Whether a package's own nodes come before those of the root project with the same name.
  let prefersOwn: Bool
  /// By name, and by `name.v2` for a version; each package has at most one.
  private var refables: [String: [(package: String, id: NodeID)]] = [:]
  private var disabledRefables: [String: [(package: String, id: NodeID)]] = [:]
  private var functions: [String: [(package: String, id: NodeID)]] = [:]
  private var disabledFunctions: [String: [(package: String, id: NodeID)]] = [:]
  private var sources: [String: [(package: String, id: NodeID)]] = [:]
  private var disabledSources: [String: [(package: String, id: NodeID)]] = [:]

  /// - Parameter flags: of the root project's dbt_project.yml.
  init(rootPackage: String, flags: OrderedDictionary<String, PlainValue> = [:]) {
    self.rootPackage = rootPackage
    prefersOwn = flags["require_ref_searches_node_package_before_root"]?.bool ?? false
  }

  mutating func add(_ node: Node, isEnabled: Bool) {
    if node.resourceType == .function {
      if isEnabled {
        functions[node.name, default: []].append((node.packageName, node.id))
      } else {
        disabledFunctions[node.name, default: []].append((node.packageName, node.id))
      }
    }
    guard [.model, .seed, .snapshot].contains(node.resourceType) else { return }
    var keys = [node.name]
    if let version = node.version {
      keys = [node.name + ".v" + version.pythonText]
      if node.latestVersion == version { keys.append(node.name) }
    }
    for key in keys {
      if isEnabled {
        refables[key, default: []].append((node.packageName, node.id))
      } else {
        disabledRefables[key, default: []].append((node.packageName, node.id))
      }
    }
  }

  mutating func add(_ source: SourceDefinition, isEnabled: Bool) {
    let key = source.sourceName + "." + source.name
    if isEnabled {
      sources[key, default: []].append((source.packageName, source.id))
    } else {
      disabledSources[key, default: []].append((source.packageName, source.id))
    }
  }

  func resolve(_ call: RefCall, from package: String) -> Resolution {
    let key = call.version.map { call.name + ".v" + $0 } ?? call.name
    return find(key, refables, disabledRefables, candidates(package, wanted: call.package))
  }

  func resolve(_ call: SourceCall, from package: String) -> Resolution {
    find(call.source + "." + call.table, sources, disabledSources, candidates(package, wanted: nil))
  }

  /// What `function('name')` or `function('package', 'name')` means.
  func resolve(function words: [String], from package: String) -> Resolution {
    find(
      words.last ?? "", functions, disabledFunctions,
      candidates(package, wanted: words.count > 1 ? words[0] : nil))
  }

  /// What a function that leads nowhere is called in a message.
  func diagnostic(
    function words: [String], _ resolution: Resolution, severity: Severity, at span: SourceSpan,
    of title: String
  ) -> Diagnostic {
    let name = words.joined(separator: ".")
    if case .disabled = resolution {
      return Diagnostic(
        "disabled-function", severity: severity, "\(title) calls function '\(name)', which is disabled",
        at: span)
    }
    return Diagnostic(
      "unknown-function", severity: severity,
      "function '\(name)' is not in this project",
      meant: NearMiss(words.last ?? "", among: functions.keys.sorted()), at: span,
      help: "functions lie in the function paths, one SQL file each")
  }

  /// nil stands for any package.
  private func candidates(_ package: String, wanted: String?) -> [String?] {
    if let wanted { return [wanted] }
    if package == rootPackage { return [rootPackage, nil] }
    return prefersOwn ? [package, rootPackage, nil] : [rootPackage, package, nil]
  }

  private func find(
    _ key: String, _ enabled: [String: [(package: String, id: NodeID)]],
    _ disabled: [String: [(package: String, id: NodeID)]], _ candidates: [String?]
  ) -> Resolution {
    let known = enabled[key] ?? []
    for package in candidates {
      if let package {
        if let match = known.first(where: { $0.package == package }) { return .found(match.id) }
      } else if known.count == 1 {
        return .found(known[0].id)
      } else if known.count > 1 {
        return .ambiguous(known.map(\.id))
      }
    }
    for package in candidates {
      if let match = disabled[key]?.first(where: { package == nil || $0.package == package }) {
        return .disabled(match.id)
      }
    }
    return .missing
  }

  // MARK: Messages

  /// What a ref that leads nowhere is called in a message.
  func diagnostic(_ call: RefCall, _ resolution: Resolution, severity: Severity, wanting title: String)
    -> Diagnostic
  {
    let version = call.version.map { " version \($0)" } ?? ""
    switch resolution {
    case .ambiguous(let ids):
      return Diagnostic(
        "ambiguous-ref", severity: severity, "'\(call.name)' is in more than one package", at: call.span,
        label: "could be " + ids.map { "'\($0)'" }.joined(separator: " or "),
        help: "name the package: ref('\(ids.first?.packageName ?? "package")', '\(call.name)')")
    case .disabled(let id):
      return Diagnostic(
        "disabled-ref", severity: severity, "\(title) reads '\(call.name)'\(version), which is disabled",
        at: call.span,
        label: "'\(id)' has 'enabled: false'", help: "enable it, or disable what reads it, too")
    default: break
    }
    let kind = call.package.map { "package '\($0)'" } ?? "this project"
    if call.version != nil,
      refables[call.name] != nil || refables.keys.contains(where: { $0.hasPrefix(call.name + ".v") })
    {
      let versions = refables.keys.filter { $0.hasPrefix(call.name + ".v") }.map {
        $0.dropFirst(call.name.count + 1)
      }.sorted()
      return Diagnostic(
        "unknown-ref", severity: severity, "model '\(call.name)' has no\(version)", at: call.span,
        label: versions.isEmpty ? "it has no versions" : "it has " + versions.joined(separator: ", "))
    }
    let others = (refables[call.name] ?? []).map(\.package)
    if let wanted = call.package, !others.isEmpty {
      return Diagnostic(
        "unknown-ref", severity: severity, "model '\(call.name)' is not in package '\(wanted)'",
        at: call.span,
        label: "it is in '\(others[0])'")
    }
    let names = refables.keys.filter { !$0.contains(".v") }.sorted()
    let isDisabledNear = disabledRefables.keys.sorted()
    var diagnostic = Diagnostic(
      "unknown-ref", severity: severity,
      "model '\(call.name)' is not in \(kind)", meant: NearMiss(call.name, among: names), at: call.span,
      label: "no model, seed or snapshot has this name")
    if diagnostic.meant == nil,
      let near = NearMiss.best(for: call.name, among: isDisabledNear)
    {
      diagnostic.help = "'\(near)' has nearly this name and is disabled"
    } else {
      diagnostic.help = listing(call.name, names)
    }
    return diagnostic
  }

  func diagnostic(_ call: SourceCall, _ resolution: Resolution, severity: Severity, wanting title: String)
    -> Diagnostic
  {
    let name = call.source + "." + call.table
    if case .disabled = resolution {
      return Diagnostic(
        "disabled-source", severity: severity, "\(title) reads source '\(name)', which is disabled",
        at: call.span,
        label: "'enabled: false' on the source or its table")
    }
    let tables = sources.keys.sorted()
    let own = tables.filter { $0.hasPrefix(call.source + ".") }
    let meant = NearMiss(name, among: tables)
    if own.isEmpty {
      return Diagnostic(
        "unknown-source", severity: severity, "source '\(call.source)' is not in this project",
        meant: meant, at: call.span, label: "no properties file defines it",
        help: "sources are declared under 'sources:' in a properties file")
    }
    return Diagnostic(
      "unknown-source", severity: severity,
      "source '\(call.source)' has no table '\(call.table)'", meant: meant, at: call.span,
      label: "it has "
        + own.prefix(8).map { "'\($0.dropFirst(call.source.count + 1))'" }.joined(separator: ", ")
        + (own.count > 8 ? " and \(own.count - 8) more" : ""))
  }

  /// How to see the models whose names begin alike.
  private func listing(_ name: String, _ names: [String]) -> String? {
    guard let mark = name.utf8.firstIndex(of: UInt8(ascii: "_")), mark > name.startIndex else { return nil }
    let prefix = name[...mark]
    let count = names.count { $0.hasPrefix(prefix) }
    guard count > 0 else { return nil }
    return
      "'whc ls --select \"\(prefix)*\"' lists the \(count == 1 ? "model that begins" : "\(count) models that begin")"
      + " with \(prefix)"
  }
}

extension NodeID {
  /// The second part of the id.
  var packageName: String {
    let parts = rawValue.utf8.split(separator: UInt8(ascii: "."), maxSplits: 2)
    return parts.count > 1 ? String(Substring(parts[1])) : ""
  }
}
