import Diagnostics
import ProjectModel

extension PeriodicSnapshot {
  /// The keys under `config` that this type of fact has of its own, apart from `start` and `end`.
  static let keys = ["period", "gaps", "take", "closed_periods", "close_after"]

  /// nil when what cannot be done without is missing.
  static func read(_ reader: inout ConfigReader) -> PeriodicSnapshot? {
    if reader.value("period") == nil {
      reader.missing("period", "a periodic snapshot has one row a day, week, month, quarter or year")
    }
    if reader.value("event_time") == nil {
      reader.missing("event_time", "its column says which period a row is of")
    }
    guard let (dates, role) = dateDimension(&reader) else { return nil }
    let (gaps, fillFor) = readGaps(&reader)
    if gaps == .zero && reader.value("measures") == nil {
      reader.missing("measures", "'gaps: zero' needs to know what to set to 0")
    }
    let event = reader.text("event_time")
    if let event, reader.columns("grain")?.contains(event) == true {
      reader.report(
        "bad-config-value",
        "grain of \(reader.node.name) names its event_time \(event), of whose periods each has a row of its own anyway",
        at: "grain", help: "leave \(event) out of the grain")
    }
    for key in ["loaded_at", "lookback"] where reader.node.config.origins[key] != nil {
      reader.report(
        "bad-config-value",
        "\(key) of \(reader.node.name) is not read with fact_type: periodic_snapshot, which looks at open periods",
        at: key)
    }
    return PeriodicSnapshot(
      period: reader.word("period", default: .day), dates: dates, role: role, gaps: gaps, fillFor: fillFor,
      take: reader.word("take", default: .one), closed: reader.word("closed_periods", default: .report),
      closeAfter: distance("close_after", reader.value("close_after"), &reader) ?? "0 days",
      start: reader.dateBound("start"),
      end: reader.dateBound("end") ?? .today(count: 0, unit: "day"))
  }

  /// `dim_date` or `{to: dim_date, role: snapshot}`.
  private static func dateDimension(_ reader: inout ConfigReader) -> (Fact.Target, String?)? {
    guard let value = reader.value("date_dimension") else {
      reader.missing("date_dimension", "a periodic snapshot is keyed to the last day of its period")
      return nil
    }
    let mapping = value.mapping ?? [:]
    guard let to = (value.string ?? mapping["to"]?.string).flatMap(Fact.target) else {
      reader.bad("date_dimension", value, at: "date_dimension", expected: "a dimension or {to:, role:}")
      return nil
    }
    reader.refuseUnknown(
      mapping, known: ["to", "role"], in: "date_dimension of \(reader.node.name)", at: "date_dimension")
    return (to, mapping["role"]?.string)
  }

  /// `carry` or `{fill: carry, for: 90 days}`.
  private static func readGaps(_ reader: inout ConfigReader) -> (Gaps, String?) {
    guard let mapping = reader.value("gaps")?.mapping else {
      return (reader.word("gaps", default: .none), nil)
    }
    reader.refuseUnknown(mapping, known: ["fill", "for"], in: "gaps of \(reader.node.name)", at: "gaps")
    guard let fill = mapping["fill"] else {
      reader.report("missing-config-key", "gaps of \(reader.node.name) has no 'fill'", at: "gaps")
      return (.none, nil)
    }
    let gaps = reader.word(fill, key: "gaps.fill", at: "gaps", of: Gaps.self)
    return (gaps ?? .none, distance("gaps", mapping["for"], &reader))
  }

  private static func distance(
    _ key: String, _ value: PlainValue?, _ reader: inout ConfigReader
  ) -> String? {
    guard let value, !value.isNull else { return nil }
    if let days = value.int, days >= 0 { return "\(days) days" }
    if let distance = value.string.flatMap({ TimeDistance($0) }) { return distance.description }
    reader.bad(key, value, at: key, expected: "a number and a unit, such as '3 days'")
    return nil
  }
}
