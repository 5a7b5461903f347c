import ProjectModel
import StarModel
import Warehouse

/// What an accumulating snapshot adds to a fact: the lags between milestones, the check of their order, and
/// milestones that the SQL has forgotten.
struct FactLags {
  let snapshot: AccumulatingSnapshot
  /// The columns of the milestones, by milestone.
  let columns: [String: ColumnDescription]
  let dialect: Dialect

  /// - Parameter queryColumns: those of the fact's SQL; a milestone that is none of them is left out.
  init(_ snapshot: AccumulatingSnapshot, _ queryColumns: [ColumnDescription], dialect: Dialect) {
    self.snapshot = snapshot
    self.dialect = dialect
    var columns: [String: ColumnDescription] = [:]
    for milestone in snapshot.milestones {
      columns[milestone.name] = queryColumns.first { $0.name == milestone.at }
    }
    self.columns = columns
  }

  /// The lags as columns of the table, computed from the milestones of `s`.
  var derived: [FactLayout.Derived] {
    snapshot.lags.compactMap { lag in
      guard let from = columns[lag.from], let to = columns[lag.to] else { return nil }
      guard let seconds = lag.unit.seconds else {
        return FactLayout.Derived(
          name: lag.name, type: "integer", value: "(\(date(to, "s")) - \(date(from, "s")))")
      }
      guard dialect.kind == .postgres else {
        // What EXTRACT gives of a time without zone has no fractions there.
        let elapsed = "cast(datediff(microsecond, \(time(from)), \(time(to))) as numeric(20,0))"
        return FactLayout.Derived(
          name: lag.name, type: "numeric(18,2)",
          value: "cast(round(\(elapsed) / \(seconds * 1_000_000), 2) as numeric(18,2))")
      }
      let elapsed = "extract(epoch from (\(time(to)) - \(time(from))))"
      let parts = seconds == 1 ? elapsed : "\(elapsed) / \(seconds)"
      return FactLayout.Derived(name: lag.name, type: "numeric", value: "round((\(parts))::numeric, 2)")
    }
  }

  private func date(_ column: ColumnDescription, _ alias: String) -> String {
    "\(alias).\(dialect.quote(column.name))" + (column.type == "date" ? "" : "::date")
  }

  /// A milestone as a time that another can be taken from.
  private func time(_ column: ColumnDescription) -> String {
    let hasZone = columns.values.contains {
      $0.type.hasSuffix("with time zone") && !$0.type.contains("without")
    }
    let type = hasZone ? "timestamptz" : "timestamp"
    return "s.\(dialect.quote(column.name))::\(type)"
  }

  // MARK: Order

  /// What is true of rows whose later milestone has the earlier time; nil when nothing can be.
  ///
  /// Milestones that are not reached are passed over. Where some are days and others times, days are compared.
  func isOutOfOrder(_ alias: String) -> String? {
    let reached = snapshot.milestones.compactMap { columns[$0.name] }
    let hasDays = reached.contains { $0.type == "date" }
    let values = reached.map { hasDays ? date($0, alias) : "\(alias).\(dialect.quote($0.name))" }
    let parts = values.indices.dropFirst().map { index in
      index == 1
        ? "\(values[1]) < \(values[0])"
        : "\(values[index]) < greatest(\(values[..<index].joined(separator: ", ")))"
    }
    return parts.isEmpty ? nil : "(" + parts.joined(separator: "\n    or ") + ")"
  }

  // MARK: Forgotten milestones

  /// Gives rows of `whc_stage` the stored times of milestones that they do not state; nil when there are none, or when
  /// such rows mean that a milestone is not reached after all.
  ///
  /// - Parameter present: the columns of the table that is there; nil for all of them.
  func keep(_ layout: FactLayout, present: [ColumnDescription]? = nil) -> Plan.Statement? {
    guard snapshot.nullMilestone == .keep else { return nil }
    let stored = snapshot.milestones.map(\.at).filter { at in
      present.map { $0.contains { $0.name == at } } ?? true
    }
    guard !stored.isEmpty else { return nil }
    let names = stored.map(layout.q)
    let forgotten = names.map { "s.\($0) is null and f.\($0) is not null" }
    return Plan.Statement(
      .prepare,
      """
      update \(dialect.temporary("whc_stage")) s
      set \(names.map { "\($0) = coalesce(s.\($0), f.\($0))" }.joined(separator: ", "))
      from \(layout.table) f
      where \(layout.grainColumns.equal("f", "s"))
        and (\(forgotten.joined(separator: "\n    or ")))
      """)
  }
}
