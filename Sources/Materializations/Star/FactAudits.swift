import Diagnostics
import ProjectModel
import StarModel

/// What stops a fact before it is seen.
struct FactAudits {
  let layout: FactLayout
  let input: PlanInput
  /// Why the rows of the grain need not be searched for two; nil: they are.
  var proof: GrainProof?
  /// Whether all rows are counted, not those of a load alone.
  var isRebuild = false
  /// Whether `whc_stage` holds the rows of the SQL.
  var isStaged = true

  private var l: FactLayout { layout }

  /// What the audits and the ledger need to know of all rows, counted in one pass.
  ///
  /// Of a grain of one column the distinct values are counted, which is cheap when the rows come in its order.
  func counts(_ table: String) -> Plan.Statement {
    var columns = ["count(*) as whc_rows"]
    columns += l.grain.enumerated().map { "count(g.\(l.q($1.name))) as whc_filled_\($0)" }
    if l.grain.count == 1, proof == nil {
      columns.append("count(distinct g.\(l.q(l.grain[0].name))) as whc_keys")
    }
    if l.trail != nil {
      let unknown = l.lookups.compactMap { lookup in
        l.member(DimensionMember.unknown, lookup).map { "g.\(l.q(lookup.foreignKey)) = \($0)" }
      }
      columns.append(
        l.dialect.aggregate("count", where: unknown.isEmpty ? "false" : unknown.joined(separator: " or "))
          + " as whc_unknown")
    }
    columns += l.rekeyed.map { "count(g.\(l.q(FactRekey.asideName($0)))) as \(FactRekey.asideName($0))" }
    return Plan.Statement.temporary(
      "whc_count", as: "select \(columns.joined(separator: ",\n  "))\nfrom \(table) g", l.dialect)
  }

  private var count: String { l.dialect.temporary("whc_count") }

  /// - Parameter table: the one that was counted.
  func ofTable(_ table: String) -> [Plan.Audit] {
    [nullGrain(table), duplicateGrain(table)].compactMap(\.self) + missing(table) + unknown(table)
      + [milestoneOrder(table)].compactMap(\.self)
  }

  /// What needs no audit.
  var evidence: [(StarCheck, StarEvidence)] {
    let trail = l.trail.map {
      [(StarCheck(.foreignKey, of: $0.column), StarEvidence.proved("the key is that of the load"))]
    }
    let grain = proof.map { [(StarCheck(.grain), StarEvidence.proved($0.reason))] } ?? []
    return grain + (trail ?? [])
      + l.lookups.filter { $0.edge.missing != .error }.map { lookup in
        (
          StarCheck(.foreignKey, of: lookup.foreignKey),
          .proved("the load finds each key in \(lookup.target.name), or takes that of a member")
        )
      }
  }

  /// The row of the load in its audit dimension.
  var trail: [Plan.Statement] {
    guard let trail = l.trail else { return [] }
    let unknown = "(select c.whc_unknown from \(count) c)"
    guard l.dialect.kind == .redshift else { return [trail.end(unknown: unknown)] }
    let rows = "(select c.whc_rows from \(count) c)"
    let read = isStaged ? "(select count(*) from \(l.dialect.temporary("whc_stage")))" : rows
    return [trail.end(unknown: unknown, read: read, inserted: isRebuild ? rows : nil)]
  }

  private func milestoneOrder(_ table: String) -> Plan.Audit? {
    guard let lags = l.lags, lags.snapshot.order != .ignore, let broken = lags.isOutOfOrder("f") else {
      return nil
    }
    let times = lags.snapshot.milestones.map { "f.\(l.q($0.at))" }.joined(separator: ", ")
    var audit = Plan.Audit(
      "milestone-order", "rows of \(l.fact.name) reach a later milestone before an earlier one",
      help:
        "correct the times in the SQL, list the milestones in another order, or set 'milestone_order: ignore'",
      span: input.node.span(ofConfig: "milestones"), check: StarCheck(.milestoneOrder),
      query: """
        select count(*) over () as rows, \(l.grainColumns.of("f")), \(times)
        from \(table) f
        where \(broken)
        order by \(l.grainColumns.of("f"))
        limit 5
        """)
    audit.severity = severity(of: audit.check, otherwise: lags.snapshot.order == .warn ? .warning : .error)
    return audit
  }

  private func nullGrain(_ table: String) -> Plan.Audit {
    // Only when a count is short is the sample looked for.
    let counts = l.grain.indices.map { "whc_rows <> whc_filled_\($0)" }.joined(separator: " or ")
    return Plan.Audit(
      "null-grain", "rows of \(l.fact.name) have NULL in the grain (\(l.fact.grain.joined(separator: ", ")))",
      help: "leave them out in the SQL, or declare another grain", span: input.node.span(ofConfig: "grain"),
      check: StarCheck(.grain),
      query: """
        select count(*) over () as rows, \(l.keptColumns.of("f"))
        from \(table) f
        where exists (select 1 from \(count) where \(counts))
          and \(l.grainColumns.anyNull("f"))
        limit 5
        """)
  }

  private func duplicateGrain(_ table: String) -> Plan.Audit? {
    if let proof, proof.doubt == nil { return nil }
    let doubt =
      proof?.doubt
      ?? (l.grain.count == 1 ? "exists (select 1 from \(count) where whc_filled_0 <> whc_keys)" : nil)
    let guarded = doubt.map { "\nwhere \($0)" } ?? ""
    return Plan.Audit(
      "duplicate-grain",
      "rows of \(l.fact.name) agree in the grain (\(l.fact.grain.joined(separator: ", ")))",
      help: "aggregate or filter them in the SQL, or declare a finer grain",
      span: input.node.span(ofConfig: "grain"), check: StarCheck(.grain),
      query: """
        select count(*) over () as keys, \(l.grainColumns.of("f")), count(*) as rows
        from \(table) f\(guarded)
        group by \(l.grainColumns.of("f")) having count(*) > 1
        order by count(*) desc, \(l.grainColumns.of("f"))
        limit 5
        """)
  }

  /// Lookups that may leave only so many rows without a row of the dimension. Rows keyed to a member that a NULL key
  /// gets are found.
  private func unknown(_ table: String) -> [Plan.Audit] {
    l.lookups.compactMap { lookup in
      guard let share = lookup.edge.maxUnknown, let member = l.member(DimensionMember.unknown, lookup) else {
        return nil
      }
      let isUnknown = l.dialect.aggregate("count", where: "f.\(l.q(lookup.foreignKey)) = \(member)")
      var audit = Plan.Audit(
        "too-many-unknown",
        "more than \(Self.percent(share)) of the rows of \(l.fact.name) lead to the unknown member of "
          + lookup.target.name,
        help: "load \(lookup.target.name) first, look at the keys that it lacks, or raise 'max_unknown'",
        span: input.node.span(ofConfig: lookup.edge.declaredBy),
        check: StarCheck(.unknownShare, of: lookup.foreignKey),
        query: """
          select \(isUnknown) as unknown, count(*) as rows
          from \(table) f
          having \(isUnknown) > \(share) * count(*)
          """)
      audit.severity = severity(of: audit.check, otherwise: .error)
      return audit
    }
  }

  /// What the check's test weighs, for audits without which the load could go on.
  private func severity(of check: StarCheck?, otherwise: Severity) -> Severity {
    let test = input.manifest.nodes.values.first {
      $0.test?.attachedNode == input.node.id && StarCheck($0) == check
    }
    guard let test else { return otherwise }
    return test.config["severity"]?.string?.uppercased() == "WARN" ? .warning : .error
  }

  private static func percent(_ share: Double) -> String {
    let percent = share * 100
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }

  /// `missing: error` leaves the key NULL where nothing was found.
  private func missing(_ table: String) -> [Plan.Audit] {
    l.lookups.filter { $0.edge.missing == .error }.map { lookup in
      Plan.Audit(
        "missing-dimension-row", "rows of \(l.fact.name) have a key that \(lookup.target.name) does not know",
        help: "'missing: unknown' keys them to the unknown member, 'missing: infer' makes the row",
        span: input.node.span(ofConfig: "dimensions"), check: StarCheck(.foreignKey, of: lookup.foreignKey),
        query: """
          select count(*) over () as rows, \(l.keptColumns.of("f"))
          from \(table) f
          where f.\(l.q(lookup.foreignKey)) is null
          limit 5
          """)
    }
  }
}
