import SQLAnalysis
import StarModel

/// Why no two rows of a fact that is built whole can agree in its grain.
///
/// Only what the fact's own SQL does counts: GROUP BY, DISTINCT, the first of a `row_number()`, over whatever it reads.
/// Keys of other relations are no proof: tests hold them only where they run, a model may have been built by an older
/// declaration, and a view may be another one than the project's.
struct GrainProof {
  let reason: String
  /// A condition under which a lookup might have made several rows of one, so that the rows must be looked at all the
  /// same; nil: none can.
  let doubt: String?

  /// - Parameter isStaged: whether `whc_stage` holds the rows of the SQL.
  init?(_ layout: FactLayout, _ input: PlanInput, isStaged: Bool) {
    let fact = layout.fact
    // What is made of the SQL's rows before they are written is not in the SQL.
    guard input.dialect.kind == .postgres, fact.periodic == nil, layout.frame == nil, !fact.grain.isEmpty,
      !input.compiled.sql.isEmpty,
      let analysis = try? QueryAnalysis(input.compiled.sql, resolve: { _ in nil }),
      analysis.shape.isUnique(Set(fact.grain))
    else { return nil }
    let several = layout.lookups.filter { !layout.findsOne($0) }
    if several.isEmpty {
      doubt = nil
    } else if isStaged {
      doubt = "(select count(*) from pg_temp.whc_stage) <> (select c.whc_rows from pg_temp.whc_count c)"
    } else if several.allSatisfy(\.isSmall) {
      doubt = several.map(layout.hasTwice).joined(separator: "\n  or ")
    } else {
      return nil
    }
    reason = "the SQL leaves one row for each \(fact.grain.joined(separator: ", "))"
  }
}

extension FactLayout.Lookup {
  /// Whether its dimension has few rows beside those of a fact: days, times, flags.
  fileprivate var isSmall: Bool { target.isGenerated || target.isJunk }
}

extension FactLayout {
  /// Whether a lookup gives one row for each key by its own SQL, whatever stands in the dimension.
  fileprivate func findsOne(_ lookup: Lookup) -> Bool {
    !lookup.isMini && lookup.asOf == nil && lookup.dimension?.deletes == .invalidate
  }

  /// True when two rows of the dimension have one natural key.
  fileprivate func hasTwice(_ lookup: Lookup) -> String {
    let natural = ColumnList(lookup.target.naturalKey, dialect)
    let members = lookup.target.members.map { "\($0.key)" }.joined(separator: ", ")
    let others = members.isEmpty ? "" : "where \(surrogate(lookup, "x")) not in (\(members)) "
    return
      "exists (select from \(dialect.render(lookup.relation)) x \(others)group by \(natural.of("x")) having count(*) > 1)"
  }
}
