import Diagnostics
import OrderedCollections
import ProjectModel

extension AccumulatingSnapshot {
  /// The keys under `config` that this type of fact has of its own.
  static let keys = ["milestones", "milestone_order", "lags", "not_reached", "null_milestone"]
  private static let milestoneKeys = ["name", "at", "to", "not_reached"]
  private static let lagKeys = ["from", "to", "unit", "name"]

  static func read(_ reader: inout ConfigReader) -> AccumulatingSnapshot {
    let milestones = readMilestones(&reader)
    return AccumulatingSnapshot(
      milestones: milestones, lags: readLags(milestones, &reader),
      order: reader.word("milestone_order", default: .warn),
      nullMilestone: reader.word("null_milestone", default: .clear))
  }

  // MARK: Milestones

  private static func readMilestones(_ reader: inout ConfigReader) -> [Milestone] {
    guard let value = reader.value("milestones") else {
      reader.missing("milestones", "an accumulating snapshot follows rows from one milestone to the next")
      return []
    }
    guard let items = value.list, !items.isEmpty else {
      reader.bad("milestones", value, at: "milestones", expected: "a list of columns or {name:, at:, …}")
      return []
    }
    let dates = reader.text("date_dimension").flatMap(Fact.target)
    let notReached = reader.text("not_reached") ?? DimensionMember.notApplicable
    var milestones: [Milestone] = []
    for item in items {
      guard let milestone = milestone(item, dates, notReached, &reader) else { continue }
      if milestones.contains(where: { $0.name == milestone.name }) {
        reader.report(
          "bad-config-value", "\(reader.node.name) has two milestones called \(milestone.name)",
          at: "milestones", help: "give each its own 'name:'")
      } else {
        milestones.append(milestone)
      }
    }
    return milestones
  }

  private static func milestone(
    _ item: PlainValue, _ dates: Fact.Target?, _ notReached: String, _ reader: inout ConfigReader
  ) -> Milestone? {
    let mapping = item.mapping ?? [:]
    let named = item.string ?? mapping["name"]?.string
    guard let at = item.string ?? mapping["at"]?.string ?? named, !at.isEmpty else {
      reader.bad(
        "an entry of milestones", item, at: "milestones", expected: "a column or {name:, at:, to:, …}")
      return nil
    }
    reader.refuseUnknown(
      mapping, known: milestoneKeys, in: "a milestone of \(reader.node.name)", at: "milestones")
    let name = mapping["name"]?.string ?? stem(of: at)
    guard let to = mapping["to"]?.string.flatMap(Fact.target) ?? dates else {
      reader.report(
        "missing-config-key",
        "milestone \(name) of \(reader.node.name) has no date dimension to take its key from",
        at: "milestones",
        help: "add 'date_dimension: dim_date' to the fact or 'to: dim_date' to the milestone")
      return nil
    }
    return Milestone(
      name: name, at: at, to: to, notReached: mapping["not_reached"]?.string ?? notReached)
  }

  /// `shipped_at` and `shipped_on` are of the milestone `shipped`.
  static func stem(of column: String) -> String {
    for end in ["_at", "_on", "_date", "_time", "_ts"] where column.hasSuffix(end) && column.count > end.count
    {
      return String(column.dropLast(end.count))
    }
    return column
  }

  // MARK: Lags

  /// Nothing said: the days from the first milestone to each later one, of which every other is a difference.
  private static func readLags(_ milestones: [Milestone], _ reader: inout ConfigReader) -> [Lag] {
    guard let first = milestones.first else { return [] }
    guard let value = reader.value("lags") else {
      return milestones.dropFirst().map { Lag(from: first.name, to: $0.name) }
    }
    if value.bool == false { return [] }
    guard let items = value.list else {
      reader.bad("lags", value, at: "lags", expected: "a list of {from:, to:, unit:} or false")
      return []
    }
    var lags: [Lag] = []
    for item in items {
      guard let mapping = item.mapping else {
        reader.bad("an entry of lags", item, at: "lags", expected: "a mapping {from:, to:, unit:}")
        continue
      }
      reader.refuseUnknown(mapping, known: lagKeys, in: "a lag of \(reader.node.name)", at: "lags")
      guard let from = end("from", mapping, milestones, &reader),
        let to = end("to", mapping, milestones, &reader)
      else { continue }
      let unit = mapping["unit"].flatMap {
        reader.word($0, key: "unit of the lag from \(from) to \(to)", at: "lags", of: Lag.Unit.self)
      }
      lags.append(Lag(name: mapping["name"]?.string, from: from, to: to, unit: unit ?? .days))
    }
    return lags
  }

  /// A milestone that a lag names; its column's name will do.
  private static func end(
    _ key: String, _ mapping: OrderedDictionary<String, PlainValue>, _ milestones: [Milestone],
    _ reader: inout ConfigReader
  ) -> String? {
    guard let name = mapping[key]?.string else {
      reader.report("missing-config-key", "a lag of \(reader.node.name) has no '\(key)'", at: "lags")
      return nil
    }
    if let found = milestones.first(where: { $0.name == name || $0.at == name }) { return found.name }
    reader.report(
      "unknown-milestone",
      "'\(name)' in the lags of \(reader.node.name) is not one of its milestones",
      meant: NearMiss(name, among: milestones.map(\.name)), at: "lags",
      help: "its milestones are \(milestones.map(\.name).joined(separator: ", "))")
    return nil
  }
}
