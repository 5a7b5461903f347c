import StarModel

/// From events to versions: each holds up to the next event.
extension EjectedDimension {
  private var hasRecords: Bool { dimension.deletes == .newRecord }
  private var isSoft: Bool { dimension.deletes == .soft }

  var versions: [String] { [marked, line] }

  /// Whether equal neighbours become one.
  private var collapses: Bool { dimension.collapsesNeighbours }

  private var marked: String {
    let tracked = layout.tracked.map { ", e.\(q($0.name))" }.joined()
    var dropped = "not e.whc_version and lag(e.whc_version) over line is distinct from true"
    if collapses {
      let equal = layout.tracked.map {
        let value = "e.\(q($0.name))" + ($0.comparesAsText ? "::text" : "")
        return "\n        and \(value) is not distinct from lag(\(value)) over line"
      }
      let may = dimension.isVersioned && isCompared ? " and e.whc_may_repeat" : ""
      dropped += """

              or e.whc_version and lag(e.whc_version) over line\(may)\(equal.joined())
        """
    }
    let partition = "partition by \(keys.of("e"))"
    return """
      marked as (
        -- Which events end nothing, or say what the one before says
        select \(keys.of("e"))\(tracked), e.whc_at, e.whc_stated, e.whc_version,
          coalesce(\(dropped), false) as whc_dropped
        from events e
        window line as (\(partition) order by e.whc_at, e.whc_version)
      )
      """
  }

  private var line: String {
    let values = layout.tracked.map { attribute in
      let name = q(attribute.name)
      return hasRecords
        ? ", case when whc_version then \(name) else lag(\(name)) over line end as \(name)" : ", \(name)"
    }
    let kept = isSoft ? "not whc_dropped and whc_version" : "not whc_dropped"
    return """
      line as (
        -- A version holds up to the next event
        select \(keys.bare)\(values.joined()), whc_at, whc_stated, whc_version,
          lead(whc_at) over line as whc_to, lag(whc_version) over line as whc_follows,
          whc_version and row_number() over (\(each), whc_version order by whc_at) = 1 as whc_is_first
        from marked
        where \(kept)
        window line as (\(each) order by whc_at, whc_version)
      )
      """
  }

  // MARK: The table's rows

  /// Rows of the table as the build before left it.
  var known: String {
    let names = knownColumns
    let nulls = names.map { "null::\(type($0)) as \(q($0))" }
    let notMember = layout.notMember("k").replacing("k.", with: "").dropFirst(5)
    return """
      known as (
        -- The rows that stood here before: they keep their keys
      {%- if built %}
        select \(names.map(q).joined(separator: ", "))
        from {{ this }}\(notMember.isEmpty ? "" : "\n  where \(notMember)")
      {%- else %}
        select \(nulls.joined(separator: ", "))
        where false
      {%- endif %}
      )
      """
  }

  private var knownColumns: [String] {
    [dimension.surrogateKey.name] + [dimension.durableKey].compactMap(\.self) + dimension.naturalKey
      + [dimension.columns.validFrom] + (layout.hasInferred ? [dimension.columns.isInferred] : [])
  }

  /// Columns that ``rows`` adds to those of `shaped`.
  private var added: Set<String> {
    Set(
      [dimension.surrogateKey.name, dimension.durableKey].compactMap(\.self) + layout.outriggers.map(\.column)
        + layout.carries.map(\.name))
  }
  private var shapedColumns: [ColumnShape] {
    columns.map { ($0.name, $0.type) }.filter { !added.contains($0.name) }
  }
  private typealias ColumnShape = (name: String, type: String)

  /// Versions under the table's columns.
  var shaped: String {
    let system = dimension.columns
    let previous = Set(layout.withPrevious.map { PreviousValues.name(of: $0.name) })
    let tracked = Set(layout.tracked.map(\.name) + dimension.naturalKey)
    let overwritten = Set(layout.overwritten.map(\.name))
    let retained = Set(layout.retained.map(\.name))
    let isFirst =
      dimension.firstVersionFrom == .always
      ? "v.whc_is_first"
      : layout.hasInferred
        ? "v.whc_is_first and exists (select 1 from known k where \(keys.equal("k", "v")) and k.\(layout.validFrom) = '-infinity')"
        : nil
    let begins = isFirst.map { "case when \($0) then '-infinity' else v.whc_at end" } ?? "v.whc_at"
    let rows = shapedColumns.map { column -> String in
      let text: String
      switch column.name {
      case system.validFrom: text = begins
      case system.validTo: text = "coalesce(v.whc_to, \(layout.open))"
      case system.isCurrent: text = "v.whc_to is null"
      case system.statedAt where layout.hasStated: text = "nullif(v.whc_stated, \(begins))"
      case system.isInferred where layout.hasInferred: text = "false"
      case system.isDeleted where layout.hasDeleted:
        text = isSoft ? "g.whc_gone and v.whc_to is null" : "not v.whc_version"
      case let name where previous.contains(name): text = "f.\(q(name))"
      case let name where tracked.contains(name): text = "v.\(q(name))"
      case let name where overwritten.contains(name): text = "l.\(q(name))"
      case let name where retained.contains(name): text = "e.\(q(name))"
      case let name:
        let copied = layout.hybrid.first { DimensionLayout.currentName(of: $0.name) == name }
        text = copied.map { "l.\(q($0.name))" } ?? "null"
      }
      return "    (\(text))::\(column.type) as \(q(column.name))"
    }
    let join =
      (latest.isEmpty ? "" : "\n  left join latest l on \(keys.equal("l", "v"))")
      + (layout.retained.isEmpty ? "" : "\n  left join earliest e on \(keys.equal("e", "v"))")
      + (previous.isEmpty ? "" : "\n  left join former f on \(keys.equal("f", "v"))")
      + (isSoft ? "\n  join gone g on \(keys.equal("g", "v"))" : "")
    let shown = hasRecords ? "(v.whc_version or v.whc_follows)" : "v.whc_version"
    return """
      shaped as (
        select
      \(rows.joined(separator: ",\n"))
        from line v\(join)
        where \(shown)\(layout.hasInferred ? inferred : "")
      )
      """
  }

  /// Rows that facts made, for keys of which nothing is known yet.
  private var inferred: String {
    let system = dimension.columns
    let row = shapedColumns.map { column in
      switch column.name {
      case let name where dimension.naturalKey.contains(name): "k.\(q(name))"
      case system.validFrom: "'-infinity'"
      case system.validTo: layout.open
      case system.isCurrent, system.isInferred: "true"
      case system.isDeleted where layout.hasDeleted: "false"
      default: "null"
      }
    }
    return """

        union all
        -- Rows that facts made, until something is said of their keys
        select \(row.joined(separator: ", "))
        from known k
        where k.\(layout.isInferred) and not exists (
          select 1 from line v where v.whc_version and \(keys.equal("v", "k")))
      """
  }

  /// The versions with their keys.
  var keyed: String {
    let durable = dimension.durableKey.map { name -> String in
      guard dimension.surrogateKey.method == .integer else {
        return ",\n    \(NewKey.hash(dimension.naturalKey.map { "s.\(q($0))" })) as \(q(name))"
      }
      return ",\n    k.\(q(name)) as whc_durable"
    }
    let order = "order by \(keys.of("s")), s.\(layout.validFrom)"
    guard dimension.surrogateKey.method == .integer else {
      let key = NewKey.hash((dimension.naturalKey + [dimension.columns.validFrom]).map { "s.\(q($0))" })
      return """
        keyed as (
          select s.*,
            \(key) as \(layout.surrogate)\(durable ?? "")
          from shaped s
        )
        """
    }
    return """
      keyed as (
        -- New versions have their keys counted up
        select s.*,
          coalesce(k.\(layout.surrogate), (select greatest(max(\(layout.surrogate)), 0) from known)
            + row_number() over (partition by k.\(layout.surrogate) is null \(order))) as \(layout.surrogate)\(durable ?? "")
        from shaped s
        left join known k on \(keys.equal("k", "s")) and k.\(layout.validFrom) = s.\(layout.validFrom)
      )
      """
  }

  /// The table: its versions, and the members that stand for no row.
  var rows: String {
    let system = dimension.columns
    let linked = Dictionary(links.map { ($0.column, $0) }, uniquingKeysWith: { first, _ in first })
    let columns = columns.filter { column in !layout.carries.contains { $0.name == column.name } }
    let names = columns.map { column -> String in
      if let link = linked[column.name] { return "  (\(link.value))::\(column.type) as \(q(column.name))" }
      if column.name == dimension.durableKey, dimension.surrogateKey.method == .integer {
        let own = "partition by \(keys.of("v"))"
        return
          "  coalesce(min(v.whc_durable) over (\(own)), min(v.\(layout.surrogate)) over (\(own))) as \(q(column.name))"
      }
      return "  v.\(q(column.name))"
    }
    let members = dimension.members.map { member -> String in
      let values = columns.map { column -> String in
        switch column.name {
        case dimension.surrogateKey.name, dimension.durableKey: return layout.memberKey(member)
        case system.validFrom: return "'-infinity'::\(timeType)"
        case system.validTo: return layout.open
        case system.isCurrent: return "true"
        case system.isInferred where layout.hasInferred: return "false"
        case system.isDeleted where layout.hasDeleted: return "false"
        case system.statedAt where layout.hasStated: return "null::\(column.type)"
        case let name where dimension.naturalKey.contains(name):
          return DimensionTable.memberKeyValue(member, column.type)
        case let name where linked[name] != nil:
          return "(\(linked[name]?.members[member.name] ?? "null"))::\(column.type)"
        case let name:
          let copied = layout.hybrid.first { DimensionLayout.currentName(of: $0.name) == name }
          let former = layout.withPrevious.first { PreviousValues.name(of: $0.name) == name }
          return DimensionTable.text(
            member, (copied ?? former)?.name ?? name, column.type, ejection.dialect)
        }
      }
      return "\nunion all\nselect \(values.joined(separator: ", "))"
    }
    let joins = links.map {
      "\n" + $0.join.replacing(ejection.dialect.render($0.relation), with: ejection.reference(to: $0))
    }
    return """
      select
      \(names.joined(separator: ",\n"))
      from keyed v\(joins.joined())\(members.joined())

      """
  }
}
