import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// Works out a node's config from dbt_project.yml, its properties and its own `config()`.
///
/// What was merged once is kept: nodes with the same parts share one dictionary.
struct ConfigResolver {
  typealias Values = OrderedDictionary<String, PlainValue>

  struct Result {
    var values: Values
    var unrendered: Values
    /// Where dbt_project.yml sets a key.
    var projectSpans: [String: SourceSpan]
    /// True for the first node with these parts.
    var isNew = true
  }

  private struct Key: Hashable {
    var type: ResourceType
    var package: Int
    var own: Int
    var root: Int
    var patch: Values
    var call: Values
  }

  private let trees: [[String: ConfigTree]]
  private var known: [Key: Result] = [:]
  /// The levels that some node reached, by package and key; the rest of them are unused.
  private var reached: [[String: Set<Int>]]

  init(_ packages: [LoadedPackage]) {
    trees = packages.map { package in
      var trees: [String: ConfigTree] = [:]
      for key in Self.keys {
        trees[key] = ConfigTree(
          rendered: package.definition.configs[key], unrendered: package.definition.unrenderedConfigs[key],
          file: package.definition.file)
      }
      return trees
    }
    reached = packages.map { _ in [:] }
  }

  static let keys = [
    "models", "seeds", "snapshots", "sources", "data_tests", "unit_tests", "metrics", "semantic-models",
    "saved-queries", "exposures", "functions",
  ]

  /// The key of dbt_project.yml that speaks of a kind of resource.
  static func key(of type: ResourceType) -> String {
    switch type {
    case .seed: "seeds"
    case .snapshot: "snapshots"
    case .source: "sources"
    case .test: "data_tests"
    case .unitTest: "unit_tests"
    case .metric: "metrics"
    case .semanticModel: "semantic-models"
    case .savedQuery: "saved-queries"
    case .exposure: "exposures"
    case .function: "functions"
    default: "models"
    }
  }

  /// - Parameters:
  ///   - package: 0 for the root project, whose configs also go over those of the packages.
  ///   - patch: `config` of the node's properties.
  ///   - call: what the template's own `config()` says.
  mutating func resolve(
    _ type: ResourceType, package: Int, fqn: [String], patch: Values = [:], call: Values = [:]
  ) -> Result {
    let name = Self.key(of: type)
    guard let tree = trees[package][name], let rootTree = trees[0][name] else {
      return Result(values: ConfigRules.defaults(type), unrendered: [:], projectSpans: [:])
    }
    let own = tree.level(fqn)
    let root = package == 0 ? own : rootTree.level(fqn)
    // A group takes configs of models, which does not make them used.
    if type != .group {
      reached[package][name, default: []].insert(own)
      if package != 0 { reached[0][name, default: []].insert(root) }
    }
    let key = Key(type: type, package: package, own: own, root: root, patch: patch, call: call)
    if let result = known[key] { return result }
    var result = merged(
      key, own: tree.chain(own), root: package == 0 ? [] : rootTree.chain(root))
    if type == .function {
      result.unrendered = written(type, package: package, fqn: fqn, patch: patch, call: call)
    }
    result.isNew = false
    // What is noted with a function depends on levels that the key does not name.
    if type != .function { known[key] = result }
    result.isNew = true
    return result
  }

  private func merged(_ key: Key, own: [ConfigTree.Level], root: [ConfigTree.Level]) -> Result {
    var result = Result(
      values: ConfigRules.defaults(key.type),
      unrendered: Self.written(own: own, root: root, patch: key.patch, call: key.call),
      projectSpans: [:])
    func add(_ levels: [ConfigTree.Level]) {
      for level in levels {
        ConfigRules.merge(level.rendered, into: &result.values, of: key.type)
        result.projectSpans.merge(level.spans) { _, new in new }
      }
    }
    add(own)
    ConfigRules.merge(key.patch, into: &result.values, of: key.type)
    ConfigRules.merge(key.call, into: &result.values, of: key.type)
    add(root)
    if key.type == .test { Self.settleStoreFailures(&result.values) }
    Self.takeStarSynonyms(&result.values)
    return result
  }

  /// A node's configs as they were written, with what its properties and its own `config()` are to say.
  ///
  /// dbt 1.11 notes what stands for `models` with a function, so that a change of that makes it `state:modified`.
  func written(_ type: ResourceType, package: Int, fqn: [String], patch: Values, call: Values) -> Values {
    let name = type == .function ? "models" : Self.key(of: type)
    func levels(_ package: Int) -> [ConfigTree.Level] {
      guard let tree = trees[package][name] else { return [] }
      return tree.chain(tree.level(fqn))
    }
    return Self.written(own: levels(package), root: package == 0 ? [] : levels(0), patch: patch, call: call)
  }

  /// The last of a name alone.
  private static func written(
    own: [ConfigTree.Level], root: [ConfigTree.Level], patch: Values, call: Values
  ) -> Values {
    var written: Values = [:]
    for values in own.map(\.unrendered) + [patch, call] + root.map(\.unrendered) {
      for (name, value) in values { written[name] = value }
    }
    return written
  }

  /// `store_failures_as` and `store_failures` say one thing; the first wins.
  private static func settleStoreFailures(_ values: inout Values) {
    if let kind = values["store_failures_as"]?.string {
      values["store_failures"] = .bool(kind != "ephemeral")
    } else if let stores = values["store_failures"]?.bool {
      values["store_failures_as"] = stores ? "table" : "ephemeral"
    }
  }

  /// Keys under `meta: whc:` count as keys of the config, for tools that refuse unknown ones there.
  static func takeStarSynonyms(_ values: inout Values) {
    guard case .mapping(let star)? = values["meta"]?.mapping?["whc"] else { return }
    for (key, value) in star { values[key] = value }
  }

  /// The paths of the root project's configs that no resource lies under; the empty path where there is no resource
  /// of the kind at all.
  func unusedPaths() -> [(key: String, level: ConfigTree.Level)] {
    var result: [(String, ConfigTree.Level)] = []
    for key in Self.keys {
      guard let tree = trees[0][key] else { continue }
      var used: Set<Int> = []
      for level in reached[0][key] ?? [] {
        var current: Int? = level
        while let index = current, used.insert(index).inserted { current = tree.levels[index].parent }
      }
      for (index, level) in tree.levels.enumerated() where !used.contains(index) {
        let hasOwn = !level.rendered.isEmpty
        let isBelowUnused =
          level.parent.map { !used.contains($0) && !tree.levels[$0].rendered.isEmpty } ?? false
        if hasOwn, !isBelowUnused { result.append((key, level)) }
      }
    }
    return result
  }
}
