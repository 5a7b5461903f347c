/// What a fact of type `accumulating_snapshot` declares: the steps of a process that each of its rows goes through.
public struct AccumulatingSnapshot: Sendable, Hashable {
  /// A step with the time at which a row reached it.
  public struct Milestone: Sendable, Hashable {
    /// Also the role of its date key: `shipped` has `shipped_date_key`.
    public var name: String
    /// The column of the fact's SQL with the time; NULL: not reached.
    public var at: String
    /// The date dimension.
    public var to: Fact.Target
    /// The member of the date dimension that the key has until the milestone is reached.
    public var notReached: String

    public init(
      name: String, at: String, to: Fact.Target, notReached: String = DimensionMember.notApplicable
    ) {
      self.name = name
      self.at = at
      self.to = to
      self.notReached = notReached
    }
  }

  /// The time between two milestones; NULL until both are reached.
  public struct Lag: Sendable, Hashable {
    public enum Unit: String, Sendable, Hashable, CaseIterable {
      /// Calendar days: a whole number, 1 from any time of a day to any time of the next.
      case days
      /// Elapsed time, to the hundredth.
      case hours, minutes, seconds

      /// Of units of elapsed time, how many seconds one has.
      public var seconds: Int? {
        switch self {
        case .days: nil
        case .hours: 3600
        case .minutes: 60
        case .seconds: 1
        }
      }
    }

    /// The column.
    public var name: String
    /// The milestones' names.
    public var from: String
    public var to: String
    public var unit: Unit

    /// - Parameter name: nil for `<from>_to_<to>_<unit>`.
    public init(name: String? = nil, from: String, to: String, unit: Unit = .days) {
      self.name = name ?? "\(from)_to_\(to)_\(unit.rawValue)"
      self.from = from
      self.to = to
      self.unit = unit
    }
  }

  /// What becomes of rows whose later milestone has the earlier time.
  public enum Order: String, Sendable, Hashable, CaseIterable { case warn, error, ignore }

  /// What a NULL in the SQL means for a milestone that a row had reached.
  public enum NullMilestone: String, Sendable, Hashable, CaseIterable {
    /// It is not reached after all.
    case clear
    /// The SQL does not know it any longer; the stored time stays.
    case keep
  }

  /// In the order in which they are reached.
  public var milestones: [Milestone]
  public var lags: [Lag]
  public var order: Order
  public var nullMilestone: NullMilestone

  public init(
    milestones: [Milestone], lags: [Lag], order: Order = .warn, nullMilestone: NullMilestone = .clear
  ) {
    self.milestones = milestones
    self.lags = lags
    self.order = order
    self.nullMilestone = nullMilestone
  }

  public func milestone(_ name: String) -> Milestone? { milestones.first { $0.name == name } }

  /// The lookups of the milestones' dates.
  var edges: [Fact.Edge] {
    milestones.map {
      Fact.Edge(
        to: $0.to, role: $0.name, key: [$0.at], missing: .unknown, memberOfNull: $0.notReached,
        declaredBy: "milestones")
    }
  }
}
