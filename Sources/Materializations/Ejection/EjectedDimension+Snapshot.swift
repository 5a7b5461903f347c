import ProjectModel
import StarModel

/// `input: snapshot`: a snapshot of the input and a table over it.
extension EjectedDimension {
  var snapshot: String {
    let tracked = attributes.filter { dimension.type(of: $0).makesVersions }
    func list(_ names: [String]) -> String { "[" + names.map { "'\($0)'" }.joined(separator: ", ") + "]" }
    // A snapshot looks at something: the key never changes.
    let checked = tracked.isEmpty ? dimension.naturalKey : tracked
    let deletes =
      switch dimension.deletes {
      case .invalidate: "invalidate"
      case .newRecord: "new_record"
      // Its key stays in the snapshot, and the model over it knows who is not in the input any more.
      case .soft, .ignore: "ignore"
      }
    return """
      {% snapshot \(node.name)__history %}
      {{ config(
          unique_key=\(dimension.naturalKey.count == 1 ? "'\(dimension.naturalKey[0])'" : list(dimension.naturalKey)),
          strategy='check', check_cols=\(list(checked)),
          \(dimension.effectiveAt.map { "updated_at='\($0)', " } ?? "")hard_deletes='\(deletes)'
      ) }}
      select * from {{ ref('\(node.name)__input') }}
      {% endsnapshot %}

      """
  }

  var overSnapshot: String {
    let values = attributes.map { name -> String in
      let latest = "case when i.whc_here then i.\(q(name)) else h.\(q(name)) end"
      switch dimension.type(of: name) {
      case .overwrite: return "\(latest) as \(q(name))"
      case .retainOriginal:
        return "first_value(h.\(q(name))) over (partition by \(own) order by h.dbt_valid_from) as \(q(name))"
      default: return "h.\(q(name))"
      }
    }
    let copies = attributes.filter { dimension.type(of: $0) == .hybrid }.map {
      "case when i.whc_here then i.\(q($0)) else last_value(h.\(q($0))) over (partition by \(own) "
        + "order by h.dbt_valid_from rows between unbounded preceding and unbounded following) end as "
        + q("current_\($0)")
    }
    let deleted: [String] =
      switch dimension.deletes {
      case .newRecord: ["h.dbt_is_deleted::boolean as whc_deleted"]
      case .soft: ["h.dbt_valid_to is null and i.whc_here is null as whc_deleted"]
      case .invalidate, .ignore: []
      }
    let select = dimension.naturalKey.map { "h.\(q($0))" } + values + copies + deleted
    let joined = dimension.naturalKey.map { "i.\(q($0)) = h.\(q($0))" }.joined(separator: " and ")
    let text = """
      with versions as (
        select
      \(select.map { "    \($0)" }.joined(separator: ",\n")),
          h.dbt_valid_from::\(timeType) as whc_from, h.dbt_valid_to::\(timeType) as whc_to,
          row_number() over (partition by \(own) order by h.dbt_valid_from) as whc_number
        from {{ ref('\(node.name)__history') }} h
        left join (select *, true as whc_here from {{ ref('\(node.name)__input') }}) i on \(joined)
      ),

      \(versions(q))
      """
    return Ejection.configured(
      text, as: "table",
      notes: lost + [
        "The snapshot keeps the history, and with it the weaknesses of snapshots: a version that comes late is ignored,",
        "several versions of a key in one run, a key twice or NULL write rows that do not belong there.",
        "The history of before this build is not in the snapshot.",
      ])
  }

  private var own: String { dimension.naturalKey.map { "h.\(q($0))" }.joined(separator: ", ") }
}
