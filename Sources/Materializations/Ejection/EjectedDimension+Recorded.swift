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
    let list = columns.map { "  \(q($0.name))" }.joined(separator: ",\n")
    let view = Ejection.configured(
      """
      select
      \(list),
        dbt_valid_from::timestamptz as \(q(names.from)),
        coalesce(dbt_valid_to::timestamptz, 'infinity') as \(q(names.to))
      from {{ ref('\(name)__recorded') }}

      """, as: "view",
      notes: [
        "What \(name) held, from when to when. A table of this name that stands in the target is replaced: rename it",
        "before the first build to keep what was recorded until then.",
      ])
    return [
      Ejection.File(path: "snapshots/\(name)__recorded.sql", text: snapshot),
      Ejection.File(path: beside("_recorded"), text: view),
    ]
  }
}
