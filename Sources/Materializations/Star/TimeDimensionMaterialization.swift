public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The times of a day: one row for each second, minute or stretch of minutes. The model's SQL is not read.
public struct TimeDimensionMaterialization: Materialization {
  public static let name = "time_dimension"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.ownColumns = input.existing != nil
    needs.storageOf = StarDesign.asksFor([input.existing?.name], input)
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    let decoded = TimeDimension.decode(input.node)
    guard let times = decoded.value else { throw DiagnosticsError(decoded.diagnostics) }
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(input.dialect.render(existing.name)) is a \(existing.kind.sqlWord); a time dimension is kept in a table",
          at: input.node.startSpan, help: "drop it, or give the dimension another 'alias'"))
    }
    var draft = try PlanDraft(input)
    let table = GeneratedDimension(
      columns: Self.columns(times, input.dialect),
      rows: Self.rows(times, input.dialect),
      members: times.members, input: input, audits: [keptKeys(times, input)])
    try table.add(to: &draft)
    return draft.plan(isIdempotent: true)
  }

  /// What follows FROM in the query that gives all rows.
  static func rows(_ times: TimeDimension, _ dialect: Dialect) -> String {
    guard dialect.hasGenerateSeries else {
      return "(\n  select n.n * \(times.step) as second_of_day\n  from "
        + dialect.numbers(below: 86400 / times.step, as: "n") + "\n) as x"
    }
    return "generate_series(0, 86399, \(times.step)) as x (second_of_day)"
  }

  /// The surrogate key and the time first.
  static func columns(_ times: TimeDimension, _ dialect: Dialect) -> [GeneratedDimension.Column] {
    typealias Column = GeneratedDimension.Column
    let (second, minute) = ("x.second_of_day % 60", "x.second_of_day / 60 % 60")
    let hour = "x.second_of_day / 3600"
    let clock = [hour, minute, second].map { "lpad(cast(\($0) as varchar(2)), 2, '0')" }
    let time =
      dialect.kind == .postgres
      ? "(time '00:00' + x.second_of_day * interval '1 second')"
      : "cast(\(clock.joined(separator: " || ':' || ")) as time)"
    let key =
      switch times.keyFormat {
      case .hhmmss: "\(hour) * 10000 + \(minute) * 100 + \(second)"
      case .minutes: "x.second_of_day / 60"
      }
    let ends = times.step == 1 ? ":SS" : ""
    // Times have no text form with AM and PM of their own.
    let moment = "(timestamp '2000-01-01' + x.second_of_day * interval '1 second')"
    let twelve = "(\(hour) + 11) % 12 + 1"
    let half = "case when \(hour) < 12 then 'AM' else 'PM' end"
    var time24 = "to_char(\(moment), 'HH24:MI\(ends)')"
    var time12 = "to_char(\(moment), 'FMHH12:MI\(ends) AM')"
    if dialect.kind == .redshift {
      let shown = clock.prefix(times.step == 1 ? 3 : 2)
      time24 = shown.joined(separator: " || ':' || ")
      let rest = shown.dropFirst().map { " || ':' || \($0)" }.joined()
      time12 = "cast(\(twelve) as varchar(2))\(rest) || ' ' || \(half)"
    }
    var columns = [
      Column(name: times.surrogateKey, type: "integer not null", value: key),
      Column(name: TimeDimension.timeColumn, type: "time", value: time),
      Column(name: "hour", type: "integer", value: hour),
      Column(name: "minute", type: "integer", value: minute),
    ]
    if times.step == 1 { columns.append(Column(name: "second", type: "integer", value: second)) }
    columns += [
      Column(name: "hour_12", type: "integer", value: twelve),
      Column(name: "am_pm", type: "text", value: half),
      Column(name: "time_24", type: "text", value: time24),
      Column(name: "time_12", type: "text", value: time12),
      Column(name: "minute_of_day", type: "integer", value: "x.second_of_day / 60"),
    ]
    guard !times.parts.isEmpty else { return columns }
    func named(_ name: (TimeDimension.Part) -> String?) -> String {
      var text = "case"
      for part in times.parts.reversed() {
        text += " when x.second_of_day >= \(part.from * 60) then \(dialect.literal(name(part) ?? part.label))"
      }
      // Before the first part of the day the last one of the day before goes on.
      if let last = times.parts.last, times.parts[0].from > 0 {
        text += " else \(dialect.literal(name(last) ?? last.label))"
      }
      return text + " end"
    }
    columns.append(Column(name: "part_of_day", type: "text", value: named { $0.label }))
    columns += times.languages.map { language in
      Column(name: "part_of_day_\(language.rawValue)", type: "text", value: named { $0.names[language] })
    }
    return columns
  }

  /// Keys that facts hold are not written anew, so another format of them cannot take effect.
  private func keptKeys(_ times: TimeDimension, _ input: PlanInput) -> Plan.Audit {
    let (key, time) = (input.dialect.quote(times.surrogateKey), input.dialect.quote(TimeDimension.timeColumn))
    let table = input.node.relation.map(input.dialect.render) ?? ""
    return Plan.Audit(
      "key-format-changed", "\(times.name) has keys that are written otherwise than 'key_format' says",
      help:
        "give the format back that the keys have, or drop the table and refresh the facts that hold its keys",
      span: input.node.span(ofConfig: "key_format"),
      query: """
        select count(*) over () as rows, d.\(time), d.\(key) as present, c.\(key) as declared
        from \(table) d
        join \(input.dialect.temporary("whc_calendar")) c on c.\(time) = d.\(time)
        where d.\(key) <> c.\(key)
        order by d.\(time)
        limit 5
        """)
  }
}
