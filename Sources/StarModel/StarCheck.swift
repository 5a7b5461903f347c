public import ProjectModel

/// Something that a declaration promises of a relation's rows, and that a test of its own asks for.
///
/// Tests of checks are generic tests in the namespace `whc`. A load audits the same before it publishes; then the
/// audits are the test's answer.
public struct StarCheck: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Of facts and bridges: no NULL in the grain, and no two rows of one.
    case grain
    /// Of facts and bridges: each key is that of a row of its dimension.
    case foreignKey = "foreign_key"
    /// Of a lookup with `max_unknown`.
    case unknownShare = "unknown_share"
    /// Of accumulating snapshots.
    case milestoneOrder = "milestone_order"
    /// Of all kinds of dimensions: no NULL, and none twice.
    case surrogateKey = "surrogate_key"
    /// Of dimensions: no NULL, and none twice at one time.
    case naturalKey = "natural_key"
    /// Of dimensions: versions of a key neither overlap nor end before they begin, and only the newest is current.
    case history
    /// Of dates and times: each once.
    case calendar
    /// Of junk and mini-dimensions: each combination once.
    case combinations
    /// Of bridges: weights add up to one.
    case weights
    /// Of bridges: no member twice at one time.
    case intervals
  }

  public var kind: Kind
  /// The key's column, where a relation has several checks of a kind.
  public var column: String?

  public init(_ kind: Kind, of column: String? = nil) {
    self.kind = kind
    self.column = column
  }

  /// The namespace of tests of checks.
  public static let namespace = "whc"

  /// The check that a node is the test of; nil for any other node.
  public init?(_ node: Node) {
    guard node.isNamespacedTest, let test = node.test, test.namespace == Self.namespace,
      let kind = Kind(rawValue: test.name)
    else {
      return nil
    }
    self.init(kind, of: test.arguments["column"]?.string)
  }
}

/// How a load makes sure of a check.
public enum StarEvidence: Sendable, Hashable {
  /// Its audits, which have passed when the load is published.
  case audited
  /// It cannot be otherwise, and why.
  case proved(String)

  /// What the result of the check's test says.
  public var message: String {
    switch self {
    case .audited: "checked by the load before it was published"
    case .proved(let why): "proved: \(why)"
    }
  }
}
