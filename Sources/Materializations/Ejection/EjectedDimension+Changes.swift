import ProjectModel
import StarModel

/// `input: changes`: a table over all changes, with window functions.
extension EjectedDimension {
  /// Each attribute over the changes `c` of one member.
  private func rule(_ name: String) -> String {
    if name.hasPrefix("current_"), !attributes.contains(name) {
      return "last_value(\(q(String(name.dropFirst(8))))) over (\(all))"
    }
    switch dimension.type(of: name) {
    case .overwrite: return "last_value(\(q(name))) over (\(all))"
    case .retainOriginal: return "first_value(\(q(name))) over (\(all))"
    default: return q(name)
    }
  }

  var changes: String {
    let effective = dimension.effectiveAt.map(q) ?? "current_timestamp"
    var deleted = "false"
    var filter = ""
    var time = effective
    if let operation = dimension.operation {
      func list(_ codes: [String]) -> String {
        codes.map { ejection.dialect.literal($0) }.joined(separator: ", ")
      }
      deleted = "coalesce(\(q(operation.column))::text in (\(list(operation.deleteCodes))), false)"
      if !operation.ignoredCodes.isEmpty {
        filter =
          "\n  where coalesce(\(q(operation.column))::text not in (\(list(operation.ignoredCodes))), true)"
      }
      if let at = operation.at {
        time = "case when \(deleted) then coalesce(\(q(at)), \(effective)) else \(effective) end"
      }
    }
    let text = """
      with stated as (
      \(Ejection.query(node))
      ),

      timed as (
        select *, (\(time))::\(timeType) as whc_from, \(deleted) as whc_deleted
        from stated\(filter)
      ),

      units as (
      \(collapses ? collapsed : "  select *, lead(whc_from) over (\(order)) as whc_next\n  from timed")
      ),

      written as (
        select *, row_number() over (\(order)) as whc_number
        from units
        where not whc_deleted
      ),

      versions as (
        \(dimension.isVersioned ? "select" : "select distinct on (\(keys))")
      \(inside.map { "    \($0)" }.joined(separator: ",\n")),
          whc_from, \(dimension.isVersioned ? "whc_next" : "null::\(timeType)") as whc_to, whc_number\(collapses ? ", whc_repeats" : "")
        from written\(dimension.isVersioned ? "" : "\n    order by \(keys), whc_from")
      ),

      \(versions(q))
      """
    return Ejection.configured(
      text, as: "table",
      notes: lost + [
        "Only changes that the SQL still gives are known: what it forgets leaves the table, where it was remembered before.",
        "Two changes of one key and time, and keys or times that are NULL, no longer stop the load.",
      ])
  }

  var collapses: Bool { dimension.collapse && dimension.isVersioned }

  /// Units with the next one that says something else.
  private var collapsed: String {
    let tracked = attributes.filter { dimension.type(of: $0).makesVersions }.map { name in
      let type = types[name] ?? ""
      let text = DimensionLayout.Attribute(name: name, type: type, rule: .addVersion).comparesAsText
      let value = q(name) + (text ? "::text" : "")
      return "\n        and \(value) is not distinct from lag(\(value)) over line"
    }
    return """
        select *, min(whc_from) filter (where not whc_repeats) over (
          partition by \(keys) order by whc_from rows between 1 following and unbounded following) as whc_next
        from (
          select *, coalesce(not whc_deleted and not lag(whc_deleted) over line\(tracked.joined()), false) as whc_repeats
          from timed
          window line as (\(order))
        ) compared
      """
  }

  /// Natural key and attributes by their rules, and the copies of type 6.
  private var inside: [String] {
    let system = dimension.columns
    let skipped: Set<String> = [
      dimension.surrogateKey.name, system.validFrom, system.validTo, system.isCurrent, system.statedAt,
      system.isInferred, system.isDeleted, dimension.durableKey ?? dimension.surrogateKey.name,
    ]
    return columns.map(\.name).filter { !skipped.contains($0) }.map { name in
      dimension.naturalKey.contains(name) ? q(name) : "\(rule(name)) as \(q(name))"
    }
  }
}
