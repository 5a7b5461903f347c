import StarModel
import Warehouse

/// The rows of a fact that its source no longer gives: they stay, and follow their dimensions' past as the others do.
extension EjectedFact {
  /// Of a header's lines and of periods those leave that are not given any more.
  var keepsForgotten: Bool {
    isFact && layout.fact.periodic == nil && layout.fact.allocations.isEmpty
  }

  /// All rows `made`: those of the source, `given`, and the forgotten ones.
  var withForgotten: String {
    let names = layout.columns.names.filter { $0 != layout.trail?.column }
    let followed =
      layout.fact.rekey == .auto ? layout.lookups.filter { $0.asOf != nil && $0.dimension != nil } : []
    var values: [String: String] = [:]
    var joins = ""
    for lookup in followed {
      // A mini-dimension's member is that of the dimension by which it is looked up.
      guard let base = lookup.isMini ? base(of: lookup) : lookup, let dimension = base.dimension,
        let holds = layout.holds(lookup, "o", "n\(lookup.alias)")
      else { continue }
      let (was, now) = ("w\(lookup.alias)", "n\(lookup.alias)")
      let natural = ColumnList(dimension.naturalKey, layout.dialect)
      let found = "o.\(q(base.foreignKey)) = \(layout.surrogate(base, was))"
      joins += """

          left join \(layout.dialect.render(base.relation)) \(was) on \(found)\(layout.notMember(of: base, was))
          left join \(layout.dialect.render(lookup.relation)) \(now)
            on \(natural.equal(now, was)) and \(holds)
        """
      let unknown = layout.member(DimensionMember.unknown, lookup) ?? "null"
      let key = "o.\(q(lookup.foreignKey))"
      let members = layout.members(of: lookup)
      let isMember =
        members.isEmpty ? nil : "when \(key) in (\(members)) and \(layout.surrogate(base, was)) is null then"
      func value(_ column: String, _ own: String) -> String {
        let version = "coalesce(\(now).\(q(column)), \(unknown))"
        return isMember.map { "case \($0) \(own) else \(version) end" } ?? version
      }
      values[lookup.foreignKey] = value(lookup.target.surrogateKey.name, key)
      if let durable = lookup.durableForeignKey, let column = lookup.target.durableKey {
        values[durable] = value(column, "o.\(q(durable))")
      }
    }
    let select = names.map { name in
      values[name].map { "\($0) as \(q(name))" } ?? "o.\(q(name))"
    }
    let list = ColumnList(names, layout.dialect)
    return """
      made as (
        select \(list.bare)
        from given
        {%- if built %}
        union all
        -- Rows that the source does not give any more stay, with the keys that hold by now; --full-refresh forgets them
        select \(select.joined(separator: ",\n    "))
        from {{ this }} o\(joins)
        where not exists (select 1 from given g where \(layout.grainColumns.equal("g", "o")))
        {%- endif %}
      )
      """
  }

  private func base(of mini: FactLayout.Lookup) -> FactLayout.Lookup? {
    layout.lookups.first { !$0.isMini && mini.alias.hasPrefix($0.alias + "m") }
  }
}

extension FactLayout {
  /// The keys of a lookup's members, as literals; empty when it has none.
  fileprivate func members(of lookup: Lookup) -> String {
    lookup.target.members.map { lookup.target.keyType == "text" ? "'\($0.key)'" : "\($0.key)" }
      .joined(separator: ", ")
  }

  /// ` and d."customer_key" not in (-1, -2)`, or nothing.
  fileprivate func notMember(of lookup: Lookup, _ alias: String) -> String {
    let members = members(of: lookup)
    return members.isEmpty ? "" : " and \(surrogate(lookup, alias)) not in (\(members))"
  }
}
