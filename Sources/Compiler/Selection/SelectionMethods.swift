import Diagnostics
import OrderedCollections
import ProjectModel

/// Finds the members that one criterion names, before graph operators and tests come in.
struct MemberMatcher: Sendable {
  var manifest: Manifest
  var members: [GraphMember]
  var state: PreviousState?

  /// - Parameter warnings: gets what is worth saying about the comparison with an earlier state.
  func members(
    matching criterion: SelectionCriterion, _ warnings: inout [Diagnostic]
  ) throws(DiagnosticsError) -> MemberSet {
    let matches = try predicate(criterion, &warnings)
    return MemberSet(capacity: members.count, members.indices.filter { matches(members[$0]) })
  }

  private func predicate(
    _ criterion: SelectionCriterion, _ warnings: inout [Diagnostic]
  ) throws(DiagnosticsError) -> (GraphMember) -> Bool {
    let text = criterion.value.string ?? ""
    let glob = Glob(text)
    switch criterion.method {
    case .fqn:
      if text == "*" { return { $0.resourceType != .source && !$0.fqn.isEmpty } }
      let name = QualifiedName(text)
      return { $0.resourceType != .source && name.matches($0) }
    case .tag:
      return { $0.tags?.contains(where: glob.matches) ?? false }
    case .group:
      return { member in
        guard member.isExecutable || member.resourceType == .metric else { return false }
        return member.config["group"]?.string.map(glob.matches) ?? false
      }
    case .access:
      return { $0.resourceType == .model && $0.access == text }
    case .source:
      let parts = try dotted(text, atMost: 3, method: "source", form: "package.source.table")
      return { member in
        guard member.resourceType == .source, let source = member.sourceName else { return false }
        switch parts.count {
        case 1: return parts[0].matches(source)
        case 2: return parts[0].matches(source) && parts[1].matches(member.name)
        default:
          return parts[0].matches(member.packageName) && parts[1].matches(source)
            && parts[2].matches(member.name)
        }
      }
    case .exposure: return try named(text, type: .exposure)
    case .metric: return try named(text, type: .metric)
    case .semanticModel: return try named(text, type: .semanticModel)
    case .savedQuery: return try named(text, type: .savedQuery)
    case .unitTest: return try named(text, type: .unitTest)
    case .path:
      let paths = PathPattern(text)
      let existing = rootPaths
      return { member in
        let isOfRoot = member.packageName == manifest.projectName
        return paths.matches(member.originalFilePath) { isOfRoot || existing.contains($0) }
          || paths.matchesFile(member.patchPath?.afterScheme) { isOfRoot || existing.contains($0) }
      }
    case .file:
      return { member in
        let file = member.originalFilePath.split(separator: "/").last.map(String.init) ?? ""
        return glob.matches(file) || glob.matches(file.withoutExtension)
      }
    case .package:
      let package = text == "this" ? Glob(manifest.projectName) : glob
      return { package.matches($0.packageName) }
    case .config:
      return { $0.isExecutable || $0.resourceType == .source ? configMatches($0, criterion) : false }
    case .resourceType:
      guard let type = ResourceType(rawValue: text) else {
        throw DiagnosticsError(
          .invalidValue(
            text, of: "resource_type", allowed: ResourceType.allCases.map(\.rawValue).sorted()))
      }
      return { $0.resourceType == type }
    case .testName:
      return { member in
        switch member.resourceType {
        case .test: member.testName.map(glob.matches) ?? false
        case .unitTest: glob.matches(member.name)
        default: false
        }
      }
    case .testType:
      switch text {
      case "generic", "schema": return { $0.resourceType == .test && $0.testName != nil }
      case "singular": return { $0.resourceType == .test && $0.testName == nil }
      case "data": return { $0.resourceType == .test }
      case "unit": return { $0.resourceType == .unitTest }
      default:
        throw DiagnosticsError(
          .invalidValue(text, of: "test_type", allowed: ["generic", "singular", "unit", "data"]))
      }
    case .version:
      return try version(text)
    case .selector:
      throw DiagnosticsError(
        Diagnostic(
          "unknown-selector", "selector '\(text)' is used where no selectors are defined",
          help: "define it in selectors.yml, above the place"))
    case .state:
      guard let previous = state?.manifest else { throw DiagnosticsError(.noPreviousManifest) }
      let comparison = StateComparison(
        current: manifest, previous: previous, comparesWrittenNames: state?.comparesWrittenNames ?? false)
      let change = try comparison.change(text)
      let broken = comparison.brokenContracts(text) + comparison.largeSeeds(text)
      if broken.contains(where: { $0.severity == .error }) { throw DiagnosticsError(broken) }
      warnings += broken.filter { !warnings.contains($0) }
      return { change($0.id) }
    case .result:
      guard let results = state?.results else { throw DiagnosticsError(.noPreviousResults) }
      return { results[$0.id] == text }
    case .sourceStatus:
      guard let times = state?.sourceTimes else { throw DiagnosticsError(.noPreviousSources) }
      guard text == "fresher" else { return { _ in false } }
      return { member in
        guard let current = times.current[member.id] else { return false }
        return times.previous[member.id].map { current > $0 } ?? true
      }
    }
  }

  private func version(_ text: String) throws(DiagnosticsError) -> (GraphMember) -> Bool {
    func compare(_ member: GraphMember, _ isOrdered: (Version, Version) -> Bool) -> Bool {
      guard let version = member.version, let latest = member.latestVersion else { return false }
      return isOrdered(Version(text: version), Version(text: latest))
    }
    switch text {
    case "latest":
      return { $0.resourceType == .model && $0.version != nil && $0.version == $0.latestVersion }
    case "prerelease": return { $0.resourceType == .model && compare($0) { $1 < $0 } }
    case "old": return { $0.resourceType == .model && compare($0) { $0 < $1 } }
    case "none": return { $0.resourceType == .model && $0.version == nil }
    default:
      throw DiagnosticsError(
        .invalidValue(text, of: "version", allowed: ["latest", "prerelease", "old", "none"]))
    }
  }

  /// `name` or `package.name`.
  private func named(_ text: String, type: ResourceType) throws(DiagnosticsError) -> (GraphMember) -> Bool {
    let parts = try dotted(text, atMost: 2, method: type.rawValue, form: "package.name")
    return { member in
      guard member.resourceType == type else { return false }
      return parts.count == 1
        ? parts[0].matches(member.name)
        : parts[0].matches(member.packageName) && parts[1].matches(member.name)
    }
  }

  private func dotted(
    _ text: String, atMost count: Int, method: String, form: String
  ) throws(DiagnosticsError) -> [Glob] {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Glob(String($0)) }
    guard parts.count <= count else {
      throw DiagnosticsError(
        Diagnostic(
          "selection-value", "'\(method):\(text)' has \(parts.count) parts, it can have \(count)",
          help: "write \(form), leaving out from the left"))
    }
    return parts
  }

  private func configMatches(_ member: GraphMember, _ criterion: SelectionCriterion) -> Bool {
    var value = PlainValue.mapping(member.config)
    for (depth, key) in criterion.arguments.enumerated() {
      guard let mapping = value.mapping,
        let next = mapping[key] ?? (depth == 0 ? mapping[key.replacing("_", with: "-")] : nil)
      else { return false }
      value = next
    }
    let wanted = criterion.value
    let ignoresCase = criterion.arguments == ["severity"]
    func equals(_ value: PlainValue) -> Bool {
      if value == wanted { return true }
      guard let wanted = wanted.string ?? wanted.bool.map({ $0 ? "true" : "false" }) else { return false }
      switch value {
      case .bool(let flag): return wanted.lowercased() == (flag ? "true" : "false")
      case .string(let text): return ignoresCase && text.uppercased() == wanted.uppercased()
      default: return false
      }
    }
    return value.list?.contains(where: equals) ?? equals(value)
  }

  /// Files and folders of the root project as far as the manifest knows them: a path criterion is about
  /// what lies there, also when it finds nodes of a package at the same place.
  private var rootPaths: Set<String> {
    var paths: Set<String> = []
    let files =
      members.lazy.filter { $0.packageName == manifest.projectName }.map(\.originalFilePath)
    for file in files {
      var path = Substring(file)
      while !path.isEmpty, paths.insert(String(path)).inserted {
        path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
      }
    }
    return paths
  }
}

/// A dotted name with wildcards as the `fqn` method takes it.
private struct QualifiedName {
  private let text: String
  private let parts: [String]
  /// From which part on the rest is one pattern.
  private let firstWildcard: Int?
  private let rest: Glob
  private let whole: Glob

  init(_ text: String) {
    self.text = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    firstWildcard = parts.firstIndex(where: Glob.hasWildcard)
    rest = Glob(parts[(firstWildcard ?? 0)...].joined(separator: "."))
    whole = Glob(text)
  }

  /// With the package in front or without.
  func matches(_ member: GraphMember) -> Bool {
    let isVersioned = member.version != nil
    return matches(member.fqn[...], isVersioned) || matches(member.fqn.dropFirst(), isVersioned)
  }

  private func matches(_ fqn: ArraySlice<String>, _ isVersioned: Bool) -> Bool {
    guard let last = fqn.last else { return false }
    let name = isVersioned && fqn.count > 1 ? fqn[fqn.endIndex - 2] : last
    if name == text { return true }
    if isVersioned, fqn.suffix(2).joined(separator: "_") == parts.suffix(2).joined(separator: "_") {
      return true
    }
    // A dot in a model's name divides it like a folder does.
    let flat =
      fqn.contains { $0.utf8.contains(UInt8(ascii: ".")) }
      ? fqn.flatMap { $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }
      : Array(fqn)
    guard flat.count >= parts.count else { return false }
    let literal = firstWildcard ?? parts.count
    for index in 0..<literal where flat[index] != parts[index] { return false }
    guard let firstWildcard else { return true }
    if rest.matches(flat[firstWildcard...].joined(separator: ".")) { return true }
    return parts.count == 1 && whole.matches(name)
  }
}

/// A path with wildcards, each part of it matched on its own; `**` is any number of folders.
private struct PathPattern {
  private let parts: [Glob?]

  init(_ text: String) {
    parts = text.split(separator: "/").filter { $0 != "." }.map { $0 == "**" ? nil : Glob(String($0)) }
  }

  /// The file itself or one of its folders is meant and there.
  func matches(_ file: String, isThere: (String) -> Bool) -> Bool {
    let components = file.split(separator: "/").map(String.init)
    return (0...components.count).contains { length in
      matches(components[..<length], isFolder: length < components.count)
        && (length == 0 || isThere(components[..<length].joined(separator: "/")))
    }
  }

  func matchesFile(_ file: String?, isThere: (String) -> Bool) -> Bool {
    guard let file else { return false }
    return matches(file.split(separator: "/").map(String.init)[...], isFolder: false) && isThere(file)
  }

  private func matches(_ components: ArraySlice<String>, isFolder: Bool) -> Bool {
    func match(_ part: Int, _ at: Int) -> Bool {
      guard part < parts.count else { return at == components.endIndex }
      guard let glob = parts[part] else {
        if part == parts.count - 1 { return isFolder }
        return (at...components.endIndex).contains { match(part + 1, $0) }
      }
      return at < components.endIndex && glob.matches(components[at]) && match(part + 1, at + 1)
    }
    return match(0, components.startIndex)
  }
}

/// Versions compare as numbers where both are, else as text.
private struct Version: Comparable {
  var text: String

  static func < (left: Version, right: Version) -> Bool {
    if let one = Double(left.text), let two = Double(right.text) { return one < two }
    return left.text < right.text
  }
}

extension String {
  /// `models/schema.yml` of `shop://models/schema.yml`.
  fileprivate var afterScheme: String { firstRange(of: "://").map { String(self[$0.upperBound...]) } ?? self }

  /// A leading dot belongs to the name, as Python's `Path.stem` has it.
  fileprivate var withoutExtension: String {
    guard let dot = lastIndex(of: "."), dot != startIndex, index(after: dot) != endIndex else { return self }
    return String(self[..<dot])
  }
}

extension Diagnostic {
  fileprivate static func invalidValue(_ text: String, of method: String, allowed: [String]) -> Diagnostic {
    Diagnostic(
      "selection-value", "'\(text)' is not a value of the selection method '\(method)'",
      help: "values are \(allowed.joined(separator: ", "))")
  }

  fileprivate static let noPreviousManifest = Diagnostic(
    "no-state", "'state:' compares with an earlier manifest, and there is none",
    help: "give the folder of an earlier run's artifacts with --state")

  fileprivate static let noPreviousResults = Diagnostic(
    "no-state", "'result:' looks at an earlier run's results, and there are none",
    help: "give the folder of an earlier run's artifacts with --state")

  fileprivate static let noPreviousSources = Diagnostic(
    "no-state", "'source_status:' compares with an earlier sources.json, and there is none",
    help: "run 'source freshness' before and give the folder of its artifacts with --state")
}
