public import Diagnostics
public import ProjectModel

/// A model with `materialized: fact`, its declaration decoded and its defaults filled in.
public struct Fact: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case transaction
    case periodicSnapshot = "periodic_snapshot"
    case accumulatingSnapshot = "accumulating_snapshot"
    case factless
  }

  /// What a key that finds no row gets.
  public enum Missing: String, Sendable, Hashable, CaseIterable {
    case unknown
    case notApplicable = "not_applicable"
    case infer, error
  }

  /// What is put beside the table for tools that know no joins.
  public enum View: String, Sendable, Hashable, CaseIterable {
    /// One view with the attributes of all dimensions.
    case flat
    /// A view of a dimension for each role that it plays.
    case roles
  }

  public enum Rekey: String, Sendable, Hashable, CaseIterable { case auto, report, off }

  /// The dimension that an edge names, as written: `dim_date`, `ref('dim_date')`, `ref('shop', 'dim_date')`.
  public struct Target: Sendable, Hashable {
    public var package: String?
    public var name: String

    public init(package: String? = nil, name: String) {
      self.package = package
      self.name = name
    }
  }

  /// One lookup: from columns of the fact's SQL to a dimension's surrogate key.
  public struct Edge: Sendable, Hashable {
    public var to: Target
    public var role: String?
    /// The columns of the fact's SQL that hold the natural key; nil: the dimension's own names.
    public var key: [String]?
    /// As written on the edge; ``Fact/asOf(_:)`` applies the default.
    public var asOf: String?
    public var missing: Missing
    /// The member that a NULL key gets; nil: the one for a key that finds nothing.
    public var memberOfNull: String?
    /// The config key that it comes from: `dimensions`, `milestones`.
    public var declaredBy: String
    /// The share of rows, from 0 to 1, that may be left without a row of the dimension; nil: any.
    public var maxUnknown: Double?

    public init(
      to: Target, role: String? = nil, key: [String]? = nil, asOf: String? = nil, missing: Missing = .unknown,
      memberOfNull: String? = nil, declaredBy: String = "dimensions", maxUnknown: Double? = nil
    ) {
      self.maxUnknown = maxUnknown
      self.to = to
      self.role = role
      self.key = key
      self.asOf = asOf
      self.missing = missing
      self.memberOfNull = memberOfNull ?? (missing == .notApplicable ? DimensionMember.notApplicable : nil)
      self.declaredBy = declaredBy
    }

    /// `<role>_<surrogate key>`, without a role the surrogate key's own name.
    public func foreignKey(_ surrogateKey: String) -> String {
      role.map { "\($0)_\(surrogateKey)" } ?? surrogateKey
    }
  }

  public struct Measure: Sendable, Hashable {
    public enum Additivity: String, Sendable, Hashable, CaseIterable {
      case additive, semi
      case non = "non"
    }

    public var name: String
    public var additivity: Additivity
    /// The dimension or role that a semi-additive measure must not be summed over.
    public var over: [String]
    public var unit: String?

    public init(name: String, additivity: Additivity = .additive, over: [String] = [], unit: String? = nil) {
      self.name = name
      self.additivity = additivity
      self.over = over
      self.unit = unit
    }
  }

  public var node: NodeID
  public var name: String
  public var kind: Kind
  public var grain: [String]
  public var edges: [Edge]
  public var degenerate: [String]
  public var measures: [Measure]
  public var eventTime: String?
  /// As an SQL interval's text: `3 days`.
  public var lookback: String
  public var loadedAt: String?
  public var rekey: Rekey
  public var accumulating: AccumulatingSnapshot?
  public var periodic: PeriodicSnapshot?
  /// Measures of a header that its lines share.
  public var allocations: [Allocation] = []
  public var views: [View] = []
  public var schemaChanges = SchemaChanges()
  /// The audit dimension in which each load leaves a row.
  public var audit: Target?
  public var span: SourceSpan?

  /// The column with the time of a lookup: the edge's own, the fact's, that of the first milestone. In a periodic
  /// snapshot the last day of the period stands for its last moment.
  public func asOf(_ edge: Edge) -> String? {
    if let time = edge.asOf { return time }
    if periodic != nil { return PeriodicSnapshot.endColumn }
    return eventTime ?? accumulating?.milestones.first?.at
  }

  /// The column by which a later load reads only what is new; nil when it reads everything.
  ///
  /// A row of an accumulating snapshot changes long after its event, so there only the time of arrival tells; a
  /// periodic one looks at open periods.
  public var readsFrom: String? {
    switch kind {
    case .transaction, .factless: loadedAt ?? eventTime
    case .accumulatingSnapshot: loadedAt
    case .periodicSnapshot: nil
    }
  }
}
