public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// What `star_tests` says in a model's config of the tests that its declaration brings.
///
/// `star_tests: {foreign_key: {severity: warn}, history: {enabled: false}}`, or `false` for none of them.
public struct StarTestSettings: Sendable {
  /// The config of the tests of each kind.
  public private(set) var configs: [StarCheck.Kind: OrderedDictionary<String, PlainValue>] = [:]
  /// What is wrong with the settings.
  public private(set) var diagnostics: [Diagnostic] = []
  private var isOff = false

  /// Configs of dbt's tests; `where` is not among them, since a check is of all rows.
  static let keys = [
    "severity", "enabled", "tags", "meta", "warn_if", "error_if", "fail_calc", "limit", "store_failures",
    "store_failures_as", "schema", "database", "alias",
  ]

  public init(_ node: Node) {
    var reader = ConfigReader(node)
    defer { diagnostics = reader.diagnostics }
    guard let value = reader.value("star_tests") else { return }
    if let flag = value.bool {
      isOff = !flag
      return
    }
    guard let mapping = value.mapping else {
      reader.bad(
        "star_tests", value, at: "star_tests", expected: "a mapping of checks to configs, or false")
      return
    }
    reader.refuseUnknown(
      mapping, known: StarCheck.Kind.allCases.map(\.rawValue), in: "star_tests of \(node.name)",
      at: "star_tests")
    for (name, value) in mapping {
      guard let kind = StarCheck.Kind(rawValue: name) else { continue }
      if let flag = value.bool {
        configs[kind] = ["enabled": .bool(flag)]
      } else if let config = value.mapping {
        reader.refuseUnknown(
          config, known: Self.keys, in: "star_tests.\(name) of \(node.name)", at: "star_tests")
        configs[kind] = config
      } else {
        reader.bad(
          "star_tests.\(name)", value, at: "star_tests", expected: "a config of a test, or false")
      }
    }
  }

  /// The config of the tests of a kind; nil when the declaration is to bring none.
  public func config(of kind: StarCheck.Kind) -> OrderedDictionary<String, PlainValue>? {
    isOff ? nil : configs[kind] ?? [:]
  }
}
