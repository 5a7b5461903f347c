import ProjectModel
import StarModel

/// What keeps what the source said: a snapshot of the input, or an incremental model of all changes.
extension EjectedDimension {
  private func list(_ names: [String]) -> String {
    names.count == 1 ? "'\(names[0])'" : "[" + names.map { "'\($0)'" }.joined(separator: ", ") + "]"
  }

  var snapshot: String {
    let unit = dimension.naturalKey + [dimension.effectiveAt].compactMap(\.self)
    // A snapshot looks at something: the key never changes.
    let checked = layout.attributes.isEmpty ? dimension.naturalKey : layout.attributeNames
    return """
      {#- Every row that the input ever gave, and from when to when it did. -#}
      {% snapshot \(name)__history %}
      {{ config(
          unique_key=\(list(unit)),
          strategy='check', check_cols=[\(checked.map { "'\($0)'" }.joined(separator: ", "))],
          hard_deletes='invalidate'
      ) }}
      select * from {{ ref('\(name)__input') }}
      {% endsnapshot %}

      """
  }

  var changes: String {
    let effective = dimension.effectiveAt.map(q) ?? "current_timestamp"
    var deleted = "false"
    var filter = ""
    var time = effective
    if let operation = dimension.operation {
      func listed(_ codes: [String]) -> String {
        codes.map(ejection.dialect.literal).joined(separator: ", ")
      }
      deleted = "coalesce(\(q(operation.column))::text in (\(listed(operation.deleteCodes))), false)"
      if !operation.ignoredCodes.isEmpty {
        let ignored = listed(operation.ignoredCodes)
        filter = "\n  where coalesce(\(q(operation.column))::text not in (\(ignored)), true)"
      }
      if let at = operation.at {
        time = "case when \(deleted) then coalesce(\(q(at)), \(effective)) else \(effective) end"
      }
    }
    let same = layout.attributes.map {
      let cast = $0.comparesAsText ? "::text" : ""
      return "\n        and s.\(q($0.name))\(cast) is not distinct from k.\(q($0.name))\(cast)"
    }
    let attributes = layout.attributeNames.map { q($0) + ", " }.joined()
    return Ejection.configured(
      """
      with stated as (
      \(Ejection.query(node))
      ),

      timed as (
        select \(keys.bare), \(attributes)(\(time))::\(timeType) as \(layout.validFrom),
          \(deleted) as whc_deleted
        from stated\(filter)
      )

      select s.*, current_timestamp as whc_seen
      from timed s
      {%- if is_incremental() %}
      -- What was said last of a key and time is no news.
      where not exists (
        select 1
        from (
          select distinct on (\(keys.bare), \(layout.validFrom)) *
          from {{ this }}
          order by \(keys.bare), \(layout.validFrom), whc_seen desc
        ) k
        where \(keys.equal("k", "s")) and k.\(layout.validFrom) = s.\(layout.validFrom)
          and k.whc_deleted = s.whc_deleted
          and (s.whc_deleted or (true\(same.joined())))
      )
      {%- endif %}
      """, as: "incremental",
      settings: ["full_refresh=false", "on_schema_change='append_new_columns'"],
      notes: ["Every change that the source ever gave, and when it first did."])
  }

  /// The versions of the table that other tools made, which the first build replaces.
  var before: String {
    let values = layout.attributes.map { "    d.\(q($0.name)),\n" }.joined()
    let deleted = dimension.deletes == .newRecord ? " and not d.\(layout.isDeleted)" : ""
    let inferred = layout.hasInferred ? " and not d.\(layout.isInferred)" : ""
    let nulls = layout.attributes.map { "    null::\($0.type) as \(q($0.name)),\n" }.joined()
    let natural = layout.key.map { "    null::\($0.type) as \(q($0.name)),\n" }.joined()
    let own = ColumnList(dimension.naturalKey, ejection.dialect)
    // Of rows without versions, a later time of which something was said stands beside the table.
    let hasLatest = DimensionMemory(layout: layout).keepsLatest
    let ledger =
      hasLatest
      ? "{%- set times = adapter.get_relation(this.database, this.schema, '\(layout.ledger.identifier)') %}\n"
      : ""
    let previous = layout.withPrevious.map { PreviousValues.name(of: $0.name) }
    return Ejection.configured(
      """
      {%- set built = adapter.get_relation(this.database, this.schema, '\(relation)') %}
      \(ledger){%- if built and not is_incremental() %}
      select
        \(own.of("d")),
      \(values)\(previous.map { "    d.\(q($0)),\n" }.joined())    \(layout.stated("d")) as whc_stated,
        \(layout.position("d")) as whc_at,
        nullif(d.\(layout.validTo), \(layout.open)) as whc_until
      from {{ built }} d
      where true\(layout.notMember("d"))\(inferred)\(deleted)\(hasLatest ? latestTimes(own, values, previous) : "")
      {%- else %}
      select
      \(natural)\(nulls)\(previous.map { "    null::\(type($0)) as \(q($0)),\n" }.joined())    null::\(timeType) as whc_stated,
        null::\(timeType) as whc_at,
        null::\(timeType) as whc_until
      where false
      {%- endif %}
      """, as: "incremental", settings: ["full_refresh=false"],
      notes: [
        "The versions of a table '\(relation)' that stands where the first build will put its own: what whc built there",
        "so far, or nothing in a database without it. Read once; the source need not know them any more.",
      ])
  }

  private func latestTimes(_ keys: ColumnList, _ values: String, _ previous: [String]) -> String {
    """

      {%- if times %}
      union all
      -- A later time of which the same was said
      select * from (
        select distinct on (\(keys.of("d")))
          \(keys.of("d")),
      \(values)\(previous.map { "    d.\(q($0)),\n" }.joined())    g.at, g.at,
          nullif(d.\(layout.validTo), \(layout.open))
        from {{ built }} d
        join {{ times }} g on \(keys.equal("g", "d")) and g.kind = 'latest' and g.at > \(layout.stated("d"))
        where true\(layout.notMember("d"))
        order by \(keys.of("d")), d.\(layout.validFrom) desc
      ) latest
      {%- endif %}
    """
  }
}
