public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A calendar: one row a day between two bounds, grown by itself as time goes on. The model's SQL is not read.
///
/// Days that are there stay, whatever becomes of the bounds; a row is written only when something in it differs.
public struct DateDimensionMaterialization: Materialization {
  public static let name = "date_dimension"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.ownColumns = input.existing != nil
    needs.storageOf = StarDesign.asksFor([input.existing?.name], input)
    if let holidays = DateDimension.decode(input.node).value?.holidays,
      let relation = Self.relation(of: holidays, input)
    {
      needs.columnsOf = [relation]
    }
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    let decoded = DateDimension.decode(input.node)
    guard let dimension = decoded.value else { throw DiagnosticsError(decoded.diagnostics) }
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(input.dialect.render(existing.name)) is a \(existing.kind.sqlWord); a date dimension is kept in a table",
          at: input.node.startSpan, help: "drop it, or give the dimension another 'alias'"))
    }
    let holidays = try Self.days(of: dimension, input)
    var draft = try PlanDraft(input)
    let table = GeneratedDimension(
      columns: Self.columns(dimension, input.dialect), rows: days(dimension, holidays, input),
      members: dimension.members,
      input: input)
    try table.add(to: &draft)
    return draft.plan(isIdempotent: true)
  }

  /// The surrogate key and the date first.
  static func columns(_ dimension: DateDimension, _ dialect: Dialect) -> [GeneratedDimension.Column] {
    typealias Column = GeneratedDimension.Column
    // A fiscal year is named for the calendar year that it ends in.
    let shift = (13 - dimension.fiscalYearStart) % 12
    func part(_ name: String, of day: String = "x.day") -> String { "extract(\(name) from \(day))::integer" }
    let isRedshift = dialect.kind == .redshift
    // Redshift counts days of the week from Sunday, 0, and knows no year of weeks: a week is that of its Thursday.
    let weekday = isRedshift ? "((extract(dow from x.day)::integer + 6) % 7 + 1)" : part("isodow")
    let thursday = "(x.day - \(weekday) + 4)"
    let fiscalMonth = "(\(part("month")) + \(12 - dimension.fiscalYearStart)) % 12 + 1"
    let fiscalYear =
      "\(part("year")) + (case when \(part("month")) >= \(dimension.fiscalYearStart) "
      + "then \(shift == 0 ? 0 : 1) else 0 end)"
    func named(_ names: [String], _ number: String) -> String {
      guard isRedshift else {
        return "(array[\(names.map { "'\($0)'" }.joined(separator: ", "))])[\(number)]"
      }
      let cases = names.enumerated().map { "when \($0 + 1) then \(dialect.literal($1))" }
      return "case \(number) \(cases.joined(separator: " ")) end"
    }
    let names = dimension.languages.flatMap { language in
      [
        Column(
          name: "day_name_\(language.rawValue)", type: "text", value: named(language.days, weekday)),
        Column(
          name: "month_name_\(language.rawValue)", type: "text", value: named(language.months, part("month"))),
      ]
    }
    let holidays =
      dimension.holidays == nil
      ? []
      : [
        Column(name: "is_holiday", type: "boolean", value: "h.day is not null"),
        Column(name: "holiday_name", type: "text", value: "h.name"),
        Column(
          name: "is_working_day", type: "boolean", value: "h.day is null and \(weekday) < 6"),
      ]
    return [
      Column(
        name: dimension.surrogateKey, type: "integer not null", value: "to_char(x.day, 'YYYYMMDD')::integer"),
      Column(name: DateDimension.dateColumn, type: "date", value: "x.day"),
      Column(name: "day", type: "integer", value: part("day")),
      Column(
        name: "day_name", type: "text",
        value: isRedshift ? named(Self.english.days, weekday) : "to_char(x.day, 'FMDay')"),
      Column(name: "day_of_week", type: "integer", value: weekday),
      Column(name: "day_of_year", type: "integer", value: part("doy")),
      Column(name: "is_weekend", type: "boolean", value: "\(weekday) >= 6"),
      Column(
        name: "week", type: "integer",
        value: isRedshift ? "(\(part("doy", of: thursday)) - 1) / 7 + 1" : part("week")),
      Column(
        name: "week_year", type: "integer", value: isRedshift ? part("year", of: thursday) : part("isoyear")),
      Column(name: "month", type: "integer", value: part("month")),
      Column(
        name: "month_name", type: "text",
        value: isRedshift ? named(Self.english.months, part("month")) : "to_char(x.day, 'FMMonth')"),
      Column(name: "quarter", type: "integer", value: part("quarter")),
      Column(
        name: "quarter_name", type: "text",
        value: isRedshift ? "'Q' || cast(\(part("quarter")) as varchar(1))" : "to_char(x.day, '\"Q\"Q')"),
      Column(name: "year", type: "integer", value: part("year")),
      Column(name: "first_day_of_month", type: "date", value: "date_trunc('month', x.day)::date"),
      Column(
        name: "last_day_of_month", type: "date",
        value: isRedshift
          ? "last_day(x.day)" : "(date_trunc('month', x.day) + interval '1 month - 1 day')::date"),
      Column(name: "fiscal_year", type: "integer", value: fiscalYear),
      Column(name: "fiscal_quarter", type: "integer", value: "(\(fiscalMonth) + 2) / 3"),
      Column(name: "fiscal_month", type: "integer", value: fiscalMonth),
    ] + names + holidays
  }

  /// What `to_char` says of days and months, for a server that is not trusted to say it the same way.
  private static let english = (
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
  )

  /// Days that a calendar of a server without `generate_series` can have: 273 years of them.
  private static let mostDays = 100_000

  private static func relation(of holidays: Holidays, _ input: PlanInput) -> RelationName? {
    let found = input.manifest.nodes.values.filter {
      $0.name == holidays.from.name && $0.relation != nil
        && (holidays.from.package == nil || $0.packageName == holidays.from.package)
    }
    return (found.first { $0.packageName == input.node.packageName } ?? found.first)?.relation
  }

  /// The join that gives each day its holidays; nothing when there are none.
  private static func days(of dimension: DateDimension, _ input: PlanInput) throws(DiagnosticsError) -> String
  {
    guard let holidays = dimension.holidays else { return "" }
    let place = input.node.span(ofConfig: "holidays")
    guard let relation = relation(of: holidays, input) else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-ref",
          "\(dimension.name) takes its holidays from '\(holidays.from.name)', which is not there",
          at: place, help: "name a seed or a model of this project in 'holidays'"))
    }
    let names = input.relations[relation]?.columns?.map(\.name) ?? []
    for column in [holidays.date, holidays.name] where !names.isEmpty && !names.contains(column) {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-column",
          "holidays '\(column)' of \(dimension.name) is not a column of \(holidays.from.name)",
          meant: NearMiss(column, among: names), at: place,
          help: "its columns are \(names.joined(separator: ", ")); write 'holidays: {from:, date:, name:}'"))
    }
    let (date, name) = (input.dialect.quote(holidays.date), input.dialect.quote(holidays.name))
    let table = input.dialect.render(relation)
    let rows =
      input.dialect.kind == .postgres
      ? "select h.\(date)::date as day, string_agg(distinct h.\(name)::text, ', ') as name\n    from \(table) h"
      : "select h.day, listagg(h.name, ', ') within group (order by h.name) as name\n    from (select distinct"
        + " i.\(date)::date as day, i.\(name) as name from \(table) i) h"
    return """

      left join (
        \(rows)
        group by 1
      ) h on h.day = x.day
      """
  }

  /// The days from one bound to the other, as what follows FROM.
  private func days(_ dimension: DateDimension, _ holidays: String, _ input: PlanInput) -> String {
    let today = input.flags.now.map { "(\(input.dialect.timestamp($0)))::date" } ?? "current_date"
    let isRedshift = input.dialect.kind == .redshift
    func text(_ bound: DateDimension.Bound) -> String {
      switch bound {
      case .date(let day): return "date '\(day)'"
      case .today(count: 0, _): return today
      case .today(let count, let unit):
        return isRedshift
          ? "dateadd(\(unit), \(count), \(today))::date" : "(\(today) + interval '\(count) \(unit)s')::date"
      }
    }
    guard input.dialect.hasGenerateSeries else {
      return """
        (
          select \(text(dimension.start)) + n.n as day
          from \(input.dialect.numbers(below: Self.mostDays, as: "n"))
          where \(text(dimension.start)) + n.n <= \(text(dimension.end))
        ) x\(holidays)
        """
    }
    return """
      (
        select day::date as day
        from generate_series(\(text(dimension.start))::timestamp, \(text(dimension.end))::timestamp,
          interval '1 day') as day
      ) x\(holidays)
      """
  }
}
