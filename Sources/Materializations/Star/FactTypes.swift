import Diagnostics
import ProjectModel
import StarModel

/// Rules of dimensional modelling that need the types which a fact's SQL gives.
struct FactTypes {
  let layout: FactLayout
  let input: PlanInput

  /// - Throws: findings that the fact's `star_rules` make errors.
  func check() throws(DiagnosticsError) -> [Diagnostic] {
    guard input.node.packageName == input.manifest.projectName else { return [] }
    let found = (measures + texts + calendars).compactMap(\.self)
    if found.contains(where: { $0.severity == .error }) { throw DiagnosticsError(found) }
    return found
  }

  private var fact: Fact { layout.fact }

  private func type(of column: String) -> String? {
    input.queryColumns.first { $0.name == column }?.type
  }

  private var measures: [Diagnostic?] {
    fact.measures.map { measure in
      // A declared type was looked at before.
      guard input.node.columns[measure.name]?.dataType == nil, let type = type(of: measure.name),
        !TypeFamily(type).isMeasurable
      else { return nil }
      return input.node.weighed(
        .textMeasure, "\(measure.name) of \(fact.name) is a measure and of type \(type)",
        at: input.node.span(ofConfig: "measures"),
        help: "what is not summed or counted is an attribute of a dimension, or a degenerate one")
    }
  }

  /// Text that is neither a key nor said to stay.
  private var texts: [Diagnostic?] {
    let said = Set(
      fact.grain + fact.degenerate + fact.measures.map(\.name) + layout.lookups.flatMap { $0.key.map(\.name) }
        + layout.lookups.compactMap(\.asOf) + [fact.eventTime, fact.loadedAt].compactMap(\.self))
    return layout.kept.filter { TypeFamily($0.type) == .text && !said.contains($0.name) }.map { column in
      input.node.weighed(
        .textInFact, "\(column.name) of \(fact.name) is text that stays in the fact table",
        at: input.node.span(ofConfig: "materialized"),
        help: "put it into a dimension, or name it in 'degenerate:'")
    }
  }

  private var calendars: [Diagnostic?] {
    layout.lookups.filter(\.target.isGenerated).flatMap { lookup in
      let isDate = lookup.target.isDate
      return lookup.key.filter { column in
        let family = TypeFamily(column.type)
        return family == .text || family == .boolean || (!isDate && family == .date)
      }.map { column in
        input.node.weighed(
          .keyTypeDiffers,
          "\(column.name) of \(fact.name) is \(column.type), and \(lookup.target.name) is looked up by a "
            + (isDate ? "date" : "time"),
          at: input.node.span(ofConfig: lookup.edge.declaredBy),
          help: isDate || TypeFamily(column.type) == .text
            ? "cast it: '\(column.name)::\(isDate ? "date" : "time")'"
            : "look it up by a column with the time of day")
      }
    }
  }
}
