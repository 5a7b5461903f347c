import ProjectModel
import StarModel
import Warehouse

/// The loads of a model that an audit dimension keeps account of: macros that its hooks call, and the key of the load
/// in the rows that it made or changed.
struct EjectedLoads {
  let audit: AuditDimension
  /// The model whose loads they are.
  let node: Node
  /// The columns that tell its rows apart.
  let rows: [(name: String, type: String)]
  /// How many rows a load read, as SQL.
  let read: String
  /// Which rows `n` of the table the load read, as SQL that follows a condition; others are no updates of its own.
  var given = ""
  /// Whether updates are counted where there was no table to update.
  var countsFirstUpdates = true
  /// Which rows `n` of the table lead to an unknown member, as SQL; nil where that is not counted.
  let unknown: String?
  let ejection: Ejection

  /// nil when the model names no audit dimension.
  init?(
    of node: Node, rows: [(name: String, type: String)], read: String, unknown: String?, _ ejection: Ejection
  ) {
    guard let audit = ejection.star.audit(of: node.id, in: ejection.manifest) else { return nil }
    self.audit = audit
    self.node = node
    self.rows = rows
    self.read = read
    self.unknown = unknown
    self.ejection = ejection
  }

  private var table: String { ejection.reference(to: audit.node) }
  private var key: String { ejection.q(audit.surrogateKey) }
  private var keys: ColumnList { ColumnList(rows.map(\.name), ejection.dialect) }

  var begins: String { "{{ \(node.name)__load_begins() }}" }
  var ended: String { "{{ \(node.name)__load_ended() }}" }

  /// In a comment of a model, so that the table of loads is there before it.
  var dependency: String { "depends_on: \(table)" }

  /// The column over rows `m` that are made now, and those of the build before: what says what it said keeps its key.
  ///
  /// - Parameter unless: rows that get none, as SQL.
  func wrapped(_ sql: String, columns: [String], unless: String? = nil) -> String {
    let names = columns.filter { $0 != audit.surrogateKey }
    let list = ColumnList(names, ejection.dialect)
    let own = "(select a.whc_key from pg_temp.whc_audit a)"
    let new = unless.map { "case when \($0) then null else \(own) end" } ?? own
    let select = columns.map {
      $0 == audit.surrogateKey ? "  %KEY% as \(key)" : "  m.\(ejection.q($0))"
    }.joined(separator: ",\n")
    let kept = """
      case when o.\(ejection.q(rows[0].name)) is not null and row(\(list.of("o")))::text = row(\(list.of("m")))::text
          then o.\(key) else \(new) end
      """
    return """
      \(sql)

      -- The load's key, in rows that it makes or changes
      {%- if built %}
      select
      \(select.replacing("%KEY%", with: kept))
      from made m
      left join {{ this }} o on \(keys.equal("o", "m"))
      {%- else %}
      select
      \(select.replacing("%KEY%", with: new))
      from made m
      {%- endif %}

      """
  }

  var macros: Ejection.File {
    let columns = ([audit.surrogateKey] + AuditDimension.columns.map(\.name)).map(ejection.q)
    let known = "exists (select 1 from pg_temp.whc_rows o where \(keys.equal("o", "n")))"
    let values = [
      "a.whc_key", "'{{ invocation_id }}'", "'{{ model.unique_id }}'", "'{{ target.name }}'",
      "'{{ dbt_version }}'", "'{{ local_md5(model.raw_code) }}'", "a.whc_started", "clock_timestamp()", read,
      "(select count(*) from {{ this }} n where n.\(key) = a.whc_key and not \(known))",
      "\(countsFirstUpdates ? "" : "case when a.whc_built then ")(select count(*) from {{ this }} n "
        + "where n.\(key) = a.whc_key and \(known)\(given))\(countsFirstUpdates ? "" : " end")",
      unknown.map { "(select count(*) from {{ this }} n where (\($0))\(given))" } ?? "null", "0", "'passed'",
    ]
    return Ejection.File(
      path: "macros/star/\(node.name)__load.sql",
      text: """
        {#- A load of \(node.name) takes a key and notes which rows are there; called before it, in its transaction. -#}
        {% macro \(node.name)__load_begins() %}
          create temporary table whc_audit on commit drop as
          select nextval('"{{ \(reference).schema }}"."\(audit.name)__keys"') as whc_key, clock_timestamp() as whc_started,
            {{ 'true' if load_relation(this) else 'false' }} as whc_built;
          create temporary table whc_rows on commit drop as
          {%- if load_relation(this) %}
          select \(keys.bare) from {{ this }} where \(key) is not null;
          {%- else %}
          select \(rows.map { "null::\($0.type) as \(ejection.q($0.name))" }.joined(separator: ", ")) where false;
          {%- endif %}
        {% endmacro %}

        {#- Its row in \(audit.name); called after it. Tests run later, so none had a say in it. -#}
        {% macro \(node.name)__load_ended() %}
          insert into \(table) (\(columns.joined(separator: ", ")))
          select \(values.joined(separator: ",\n    "))
          from pg_temp.whc_audit a;
        {% endmacro %}

        """)
  }

  private var reference: String {
    String(table.dropFirst(2).dropLast(2)).trimming(" ")
  }

  // MARK: The table of loads

  static func files(of audit: AuditDimension, _ node: Node, _ ejection: Ejection) -> [Ejection.File] {
    let key = ejection.q(audit.surrogateKey)
    let members = audit.members.map { member in
      let values = AuditDimension.columns.map { column in
        (column.type == "text" ? ejection.dialect.literal(member.label) : "null") + "::\(column.type) as "
          + ejection.q(column.name)
      }
      return "  select \(member.key)::bigint as \(key), \(values.joined(separator: ", "))"
    }
    let none = AuditDimension.columns.map { "null::\($0.type) as \(ejection.q($0.name))" }
    let rows =
      members.isEmpty
      ? ["  select null::bigint as \(key), \(none.joined(separator: ", "))\n  where false"] : members
    let sequence = "\"{{ this.schema }}\".\"\(audit.name)__keys\""
    return [
      Ejection.File(
        path: node.originalFilePath,
        text: Ejection.configured(
          """
          select *
          from (
          \(rows.joined(separator: "\n  union all\n"))
          ) members
          {%- if is_incremental() %}
          where \(key) not in (select \(key) from {{ this }})
          {%- endif %}
          """, as: "incremental",
          settings: ["full_refresh=false", "post_hook='{{ \(audit.name)__keys() }}'"],
          notes: ["A row for each load of the models that name it, which they write in their hooks."])),
      Ejection.File(
        path: "macros/star/\(audit.name)__keys.sql",
        text: """
          {#- A sequence gives keys without a lock, so loads side by side do not wait for each other. -#}
          {% macro \(audit.name)__keys() %}
            create sequence if not exists \(sequence);
            select setval('\(sequence)', (select greatest(max(\(key)), 0) + 1 from {{ this }}), false);
          {% endmacro %}

          """),
    ]
  }
}

extension String {
  fileprivate func trimming(_ character: Character) -> String {
    var text = self[...]
    while text.first == character { text.removeFirst() }
    while text.last == character { text.removeLast() }
    return String(text)
  }
}
