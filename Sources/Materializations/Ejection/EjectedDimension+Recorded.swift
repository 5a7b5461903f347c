/// What a bitemporal dimension held when: a snapshot of its table, and a view of it under the names that it has here.
extension EjectedDimension {
  var recorded: [Ejection.File] {
    guard let names = dimension.recordedTime else { return [] }
    let compared = columns.map(\.name).filter { name in
      name != dimension.surrogateKey.name
        && !layout.attributes.contains { $0.name == name && $0.comparesAsText }
    }
    let snapshot = """
      {#- Every state that a row of \(name) was ever in: a row is known by its key, which it keeps. -#}
      {% snapshot \(name)__recorded %}
      {{ config(
          unique_key='\(dimension.surrogateKey.name)',
          strategy='check', check_cols=[\(compared.map { "'\($0)'" }.joined(separator: ", "))],
          hard_deletes='invalidate'
      ) }}
      select * from {{ ref('\(name)') }}
      {% endsnapshot %}

      """
    let list = ColumnList(columns.map(\.name), ejection.dialect)
    let (from, to) = (q(names.from), q(names.to))
    let key = layout.surrogate
    // What stands there when recording goes on is recorded since it was first.
    let same =
      "b.\(to) = 'infinity' and b.\(key) = r.\(key) and r.\(from) = (select at from beginning)\n"
      + "    and row(\(list.of("b")))::text = row(\(list.of("r")))::text"
    let view = Ejection.configured(
      """
      with recorded as (
        select \(list.bare),
          dbt_valid_from::timestamptz as \(from), coalesce(dbt_valid_to::timestamptz, 'infinity') as \(to)
        from {{ ref('\(name)__recorded') }}
      ),

      beginning as (
        select min(\(from)) as at from recorded
      )

      select \(list.of("r")), coalesce(b.\(from), r.\(from)) as \(from), r.\(to)
      from recorded r
      left join {{ ref('\(name)__recorded_before') }} b
        on \(same)
      union all
      -- What was recorded before the first build here
      select \(list.of("b")), b.\(from), least(b.\(to), (select at from beginning))
      from {{ ref('\(name)__recorded_before') }} b
      where not exists (
        select 1 from recorded r
        where \(same))

      """, as: "view", notes: ["What \(name) held, from when to when."])
    let nulls = columns.map { "null::\($0.type) as \(q($0.name))" }.joined(separator: ", ")
    let before = Ejection.configured(
      """
      {%- set built = adapter.get_relation(this.database, this.schema, '\(relation)_recorded') %}
      {%- if built and built.is_table and not is_incremental() %}
      select \(list.bare), \(from), \(to)
      from {{ built }}
      {%- else %}
      select \(nulls),
        null::timestamptz as \(from), null::timestamptz as \(to)
      where false
      {%- endif %}
      """, as: "incremental", settings: ["full_refresh=false"],
      notes: ["What whc recorded so far, where that stands in the same schema. Read once."])
    return [
      Ejection.File(path: beside("__recorded_before"), text: before),
      Ejection.File(path: "snapshots/\(name)__recorded.sql", text: snapshot),
      Ejection.File(path: beside("_recorded"), text: view),
    ]
  }
}
