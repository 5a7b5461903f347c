import StarModel

/// From the log to events on each key's line of time: rows that say something of it, and deletions.
extension EjectedDimension {
  private var isSnapshot: Bool { dimension.input == .snapshot }
  private var closes: Bool { dimension.deletes == .invalidate || dimension.deletes == .newRecord }
  private var previous: [String] { layout.withPrevious.map { q(PreviousValues.name(of: $0.name)) } }

  /// What the source said: the log, after the versions that the table began with.
  var stated: String {
    let kept = previous.map { ", \($0)" }.joined()
    let unknown = layout.withPrevious.map {
      ", null::\($0.type)"
    }.joined()
    let log = "{{ ref('\(name)__\(log)') }}"
    guard isSnapshot else {
      return """
        stated as (
          -- What the source said, and when it did: first what the table began with
          select \(keys.bare)\(attributes())\(kept), whc_at, whc_stated, false as whc_deleted,
            '-infinity'::timestamptz as whc_seen
          from {{ ref('\(name)__before') }}
          union all
          select \(keys.of("b"))\(attributes("b"))\(previous.map { ", b.\($0)" }.joined()), b.whc_until, b.whc_until, true, '-infinity'
          from {{ ref('\(name)__before') }} b
          where b.whc_until is not null and not exists (
            select 1 from {{ ref('\(name)__before') }} o where \(keys.equal("o", "b")) and o.whc_at = b.whc_until)
          union all
          select \(keys.bare)\(attributes())\(unknown), \(layout.validFrom), \(layout.validFrom), whc_deleted, whc_seen
          from \(log)
        )
        """
    }
    let effective = dimension.effectiveAt.map { "\(q($0))::\(timeType)" } ?? "dbt_valid_from::\(timeType)"
    return """
      stated as (
        -- What the source said, and from when to when: first what the table began with
        select \(keys.bare)\(attributes())\(kept), whc_at, whc_stated, '-infinity'::timestamptz as whc_seen,
          whc_at::timestamptz as whc_since,
          coalesce(whc_until::timestamptz, (select min(dbt_valid_from) from \(log))::timestamptz) as whc_until
        from {{ ref('\(name)__before') }}
        union all
        select \(keys.bare)\(attributes())\(unknown), \(effective), \(effective),
          dbt_valid_from::timestamptz, dbt_valid_from::timestamptz, dbt_valid_to::timestamptz
        from \(log)
      )
      """
  }

  var timeline: [String] {
    var parts: [String] = []
    if isSnapshot {
      if closes { parts.append(absences) }
      parts += dimension.effectiveAt == nil ? [] : (closes ? [returns] : []) + [placed, numbered, compared]
    } else if dimension.lateArriving == .ignore {
      parts.append(timely)
    }
    return parts + [units, events] + shared + (dimension.deletes == .soft ? [gone] : [])
      + (previous.isEmpty ? [] : former)
  }

  // MARK: A snapshot's

  private var absences: String {
    """
    absences as (
      -- When a key was not there any more
      select distinct \(keys.of("s")), s.whc_until
      from stated s
      where s.whc_until is not null and not exists (
        select 1 from stated o
        where \(keys.equal("o", "s"))
          and o.whc_since <= s.whc_until and coalesce(o.whc_until, 'infinity') > s.whc_until)
    )
    """
  }

  private var returns: String {
    """
    returns as (
      -- When it was there again
      select distinct on (\(keys.of("a")), a.whc_until) \(keys.of("a")), a.whc_until, s.whc_since
      from absences a
      join stated s on \(keys.equal("s", "a")) and s.whc_since > a.whc_until
      order by \(keys.of("a")), a.whc_until, s.whc_since
    )
    """
  }

  private var placed: String {
    let said = "partition by \(keys.of("s")), s.whc_stated order by s.whc_seen, s.whc_place"
    let last =
      "row_number() over (partition by \(keys.of("s")), s.whc_seen order by s.whc_stated desc) = 1 as whc_last"
    guard closes else {
      return """
        placed as (
          -- A row holds from its own time
          select s.*, false as whc_returns, \(last)
          from stated s
        )
        """
    }
    return """
      placed as (
        -- A row holds from its own time; on return from when it was seen, where its own is before the deletion. What is
        -- said again of that time goes to the same place.
        select \(keys.of("s"))\(attributes("s"))\(previous.map { ", s.\($0)" }.joined()), s.whc_stated, s.whc_seen, s.whc_since, s.whc_last,
          s.whc_absent is not null as whc_returns,
          case when s.whc_absent is null and s.whc_seen > '-infinity' then first_value(s.whc_place) over (\(said))
            else s.whc_place end as whc_at
        from (
          select s.*, case when s.whc_last and s.whc_stated <= s.whc_absent then s.whc_since::\(timeType)
              else s.whc_at end as whc_place
          from (
            select s.*, r.whc_until::\(timeType) as whc_absent,
              \(last)
            from stated s
            left join returns r on \(keys.equal("r", "s")) and r.whc_since = s.whc_since
          ) s
        ) s
      )
      """
  }

  private var numbered: String {
    let withdrawn =
      closes
      ? """

        -- What was still to come when its key was deleted never came
        where not exists (
          select 1 from absences a
          where \(keys.equal("a", "p")) and a.whc_until > p.whc_since and a.whc_until::\(timeType) <= p.whc_at)
      """ : ""
    let again = layout.tracked.map {
      let value = "p.\(q($0.name))" + ($0.comparesAsText ? "::text" : "")
      return "\n      and \(value) is not distinct from lag(\(value)) over line"
    }
    return """
      numbered as (
        select p.*, row_number() over line as whc_number,
          not p.whc_returns and row_number() over line > 1\(again.joined()) as whc_again,
          row_number() over (partition by \(keys.of("p")), p.whc_at order by p.whc_seen) = 1 as whc_first
        from placed p\(withdrawn)
        window line as (partition by \(keys.of("p")) order by p.whc_seen, p.whc_at)
      )
      """
  }

  /// What each row finds as the newest version, and whether it says the same.
  private var compared: String {
    let same = layout.tracked.map { "\n          and \(equal($0, "n", "c"))" }.joined()
    let ignored =
      dimension.lateArriving == .ignore ? "\n    and (whc_first and whc_at < whc_newest_at) is not true" : ""
    // A row that makes no version leaves its time in no row; rows without versions remember it.
    let made = dimension.isVersioned ? " filter (where not whc_again)" : ""
    return """
      compared as (
        -- What the newest version says already is no news, whatever its time
        select *
        from (
          select c.*, n.whc_at as whc_newest_at,
            coalesce(c.whc_first and not c.whc_returns and n.whc_at <> c.whc_at\(same), false) as whc_repeats
          from (
            select *,
              (max(array[extract(epoch from whc_at)::numeric, whc_number])\(made) over before)[2] as whc_newest,
              max(whc_stated)\(made) over before as whc_newest_stated
            from numbered
            window before as (\(each) order by whc_number rows between unbounded preceding and 1 preceding)
          ) c
          left join numbered n on \(keys.equal("n", "c")) and n.whc_number = c.whc_newest
        ) c
        where (whc_repeats and whc_last and whc_at < whc_newest_at) is not true\(ignored)
      )
      """
  }

  private func equal(_ attribute: DimensionLayout.Attribute, _ left: String, _ right: String) -> String {
    let cast = attribute.comparesAsText ? "::text" : ""
    return "\(left).\(q(attribute.name))\(cast) is not distinct from \(right).\(q(attribute.name))\(cast)"
  }

  // MARK: Changes'

  private var timely: String {
    """
    timely as (
      -- Versions that come late are left out
      select *
      from (
        select *,
          max(whc_at) filter (where not whc_deleted) over (
            \(each) order by whc_seen range between unbounded preceding and current row exclude group) as whc_newest,
          row_number() over (\(each), whc_at order by whc_seen) = 1 as whc_first
        from stated
      ) s
      where (whc_first and whc_at < whc_newest) is not true
    )
    """
  }

  // MARK: Of both

  /// Whether a statement's time can be another one than that of its first appearance.
  var isCompared: Bool { isSnapshot && dimension.effectiveAt != nil }

  /// What says something of a key, apart from what is left out.
  private var source: String {
    isCompared ? "compared" : !isSnapshot && dimension.lateArriving == .ignore ? "timely" : "stated"
  }

  /// The last word on each time.
  private var units: String {
    guard isCompared else {
      return """
        units as (
          -- The last word on each time
          select distinct on (\(keys.bare), whc_at) *
          from \(source)
          order by \(keys.bare), whc_at, whc_seen desc
        )
        """
    }
    let values = layout.tracked.map { ", first_value(\(q($0.name))) over said as \(q($0.name))" }
    return """
      units as (
        -- The last word on each time
        select distinct on (\(keys.bare), whc_at) \(keys.bare)\(values.joined()), whc_at, whc_stated, whc_repeats,
          bool_or(whc_repeats) over at_once or count(*) over at_once = 1 as whc_may_repeat
        from compared
        window at_once as (\(each), whc_at), said as (\(each), whc_stated order by whc_seen desc)
        order by \(keys.bare), whc_at, whc_seen desc
      )
      """
  }

  /// The values that all versions of a key share: the latest of type 1 and 6, the earliest of type 0.
  private var shared: [String] {
    let alive = isSnapshot ? "" : "\n  where not whc_deleted"
    func part(_ name: String, _ comment: String, _ values: [String], _ order: String) -> String {
      """
      \(name) as (
        -- \(comment)
        select distinct on (\(keys.bare)) \(keys.bare)\(values.map { ", \(q($0))" }.joined())
        from \(source)\(alive)
        order by \(keys.bare), \(order)
      )
      """
    }
    var parts: [String] = []
    if !latest.isEmpty {
      let order =
        isCompared && dimension.isVersioned
        ? "(whc_stated < whc_newest_stated) is true, whc_seen desc, whc_stated desc"
        : "whc_stated desc, whc_seen desc"
      parts.append(part("latest", "What was said of the latest time", latest, order))
    }
    if !layout.retained.isEmpty {
      parts.append(
        part(
          "earliest", "What was said of the earliest time", layout.retained.map(\.name),
          "whc_stated, whc_seen desc"))
    }
    return parts
  }

  /// Attributes of which the latest value is wanted.
  var latest: [String] { (layout.overwritten + layout.hybrid).map(\.name) }

  private var events: String {
    let tracked = layout.tracked.map { ", \(q($0.name))" }.joined()
    let common = "\(keys.bare)\(tracked), whc_at, whc_stated"
    guard isSnapshot else {
      return """
        events as (
          select \(common), not whc_deleted as whc_version
          from units
        )
        """
    }
    let repeats = isCompared ? ", whc_may_repeat" : ""
    let news = isCompared ? "\n  where not whc_repeats" : ""
    let text = "  select \(common), true as whc_version\(repeats)\n  from units\(news)"
    guard closes else { return "events as (\n\(text)\n)" }
    let nulls = layout.tracked.map { ", null::\($0.type)" }.joined()
    let at = "whc_until::\(timeType)"
    return """
      events as (
      \(text)
        union all
        select \(keys.bare)\(nulls), \(at), \(at), false\(isCompared ? ", true" : "")
        from absences
      )
      """
  }

  /// Which keys are deleted, where that ends no version.
  private var gone: String {
    let isGone =
      isSnapshot
      ? "bool_and(whc_until is not null)"
      : "coalesce(max(whc_at) filter (where not whc_version) > max(whc_at) filter (where whc_version), false)"
    return """
      gone as (
        select \(keys.bare), \(isGone) as whc_gone
        from \(isSnapshot ? "stated" : "events")
        group by \(keys.bare)
      )
      """
  }

  // MARK: Type 3

  /// The value before the last change, of those that were stated in order of time.
  private var former: [String] {
    let alive = isSnapshot ? "" : "\n  where not whc_deleted"
    let before = layout.withPrevious.enumerated().map { index, attribute in
      ",\n      lag(\(q(attribute.name))) over line as whc_before_\(index + 1)"
    }.joined()
    let values = layout.withPrevious.enumerated().map { index, attribute in
      let cast = attribute.comparesAsText ? "::text" : ""
      let own = "whc_before_\(index + 1)"
      let changed =
        "whc_stated > whc_newest_stated and \(own)\(cast) is distinct from \(q(attribute.name))\(cast)"
      let column = q(PreviousValues.name(of: attribute.name))
      return """
        ,
            case when bool_or(\(changed))
              then (array_agg(\(own) order by whc_seen desc, whc_stated desc) filter (where \(changed)))[1]
              else (array_agg(\(column) order by whc_seen))[1] end as \(column)
        """
    }.joined()
    let spoken = """
      spoken as (
        select *,
          max(whc_stated) over (
            \(each) order by whc_seen, whc_stated rows between unbounded preceding and 1 preceding)
            as whc_newest_stated
        from \(source)\(alive)
      )
      """
    return (isCompared ? [] : [spoken]) + [
      """
      former as (
        -- The value before the last change; a late or corrected one is none
        select \(keys.bare)\(values)
        from (
          select *\(before)
          from \(isCompared ? "compared" : "spoken")
          where (whc_stated < whc_newest_stated) is not true
          window line as (\(each) order by whc_seen, whc_stated)
        ) s
        group by \(keys.bare)
      )
      """
    ]
  }
}
