/// What a fact of type `periodic_snapshot` declares: one row for each thing and period of time.
public struct PeriodicSnapshot: Sendable, Hashable {
  public enum Period: String, Sendable, Hashable, CaseIterable {
    /// Weeks begin on Monday.
    case day, week, month, quarter, year

    /// As an SQL interval's text.
    public var interval: String { self == .quarter ? "3 months" : "1 \(rawValue)" }
  }

  /// What stands for a thing that was there before in a period of which the SQL says nothing.
  public enum Gaps: String, Sendable, Hashable, CaseIterable {
    case none
    /// The row of the period before.
    case carry
    /// The same with measures of 0.
    case zero
  }

  /// Which of several rows of a period counts; `one`: there must be no more.
  public enum Take: String, Sendable, Hashable, CaseIterable { case one, first, last }

  /// What becomes of rows of a closed period that say something new.
  public enum Closed: String, Sendable, Hashable, CaseIterable {
    /// They are told of and left out.
    case report
    /// They are not read.
    case ignore
    case error
    /// No period is ever closed.
    case replace
  }

  public var period: Period
  public var dates: Fact.Target
  /// The role of the key to the date dimension.
  public var role: String?
  public var gaps: Gaps
  /// How long after the last row a gap is still filled, as an SQL interval's text; nil: for ever.
  public var fillFor: String?
  public var take: Take
  public var closed: Closed
  /// How long after its end a period stays open, as an SQL interval's text.
  public var closeAfter: String
  /// Periods from the one with this day on; nil: from the first row on.
  public var start: DateDimension.Bound?
  /// Up to the one with this day.
  public var end: DateDimension.Bound

  public init(
    period: Period, dates: Fact.Target, role: String? = nil, gaps: Gaps = .none, fillFor: String? = nil,
    take: Take = .one, closed: Closed = .report, closeAfter: String = "0 days",
    start: DateDimension.Bound? = nil, end: DateDimension.Bound = .today(count: 0, unit: "day")
  ) {
    self.period = period
    self.dates = dates
    self.role = role
    self.gaps = gaps
    self.fillFor = fillFor
    self.take = take
    self.closed = closed
    self.closeAfter = closeAfter
    self.start = start
    self.end = end
  }

  /// The columns that are added: the first and the last day of the period, and whether the row fills a gap.
  public static let startColumn = "period_start"
  public static let endColumn = "period_end"
  public static let filledColumn = "is_filled"

  /// The lookup of the period's last day.
  var edge: Fact.Edge {
    Fact.Edge(to: dates, role: role, key: [Self.endColumn], declaredBy: "date_dimension")
  }
}
