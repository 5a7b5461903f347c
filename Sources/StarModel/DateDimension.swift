public import Diagnostics
public import ProjectModel

/// A model with `materialized: date_dimension`: one row a day.
public struct DateDimension: Sendable, Hashable {
  /// An end of the calendar.
  public enum Bound: Sendable, Hashable {
    /// `2024-01-31`
    case date(String)
    /// `today + 1 year`: a distance from the day of the run, `unit` one of day, week, month, year.
    case today(count: Int, unit: String)
  }

  public var node: NodeID
  public var name: String
  public var start: Bound
  public var end: Bound
  public var surrogateKey: String
  /// 1 to 12: the month that a fiscal year begins with. A fiscal year is named for the calendar year it ends in.
  public var fiscalYearStart: Int
  public var members: [DimensionMember]
  /// Those in which names stand beside the English ones.
  public var languages: [CalendarLanguage] = []
  /// nil: the calendar knows of none.
  public var holidays: Holidays?
  public var span: SourceSpan?

  /// The column that holds the day.
  public static let dateColumn = "date"

  public func member(_ name: String) -> DimensionMember? { members.first { $0.name == name } }
}
