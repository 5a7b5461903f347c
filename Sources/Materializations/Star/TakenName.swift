import Diagnostics
import ProjectModel
import Warehouse

/// Takes an older table of the dimension's own name out of the way, with nothing of it lost: it stays under another
/// name, its views read the dimension, who might read it may read the dimension.
struct TakenName {
  let taken: TakenTable
  let layout: DimensionLayout
  let input: PlanInput

  private var dialect: Dialect { input.dialect }
  /// Where the older table stays.
  var aside: RelationName { AsideNames.name(of: layout.target, TakenTable.suffix, dialect: dialect) }

  /// - Throws: `relation-in-the-way`, `take-over-foreign-key`
  func moveAside(_ draft: inout PlanDraft) throws(DiagnosticsError) {
    let span = input.node.span(ofConfig: "take_over")
    if let there = input.relations[aside] {
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(dialect.render(aside)) is a \(there.kind.sqlWord), and the older \(layout.target.identifier) is to stay there",
          at: span, help: "rename or drop it"))
    }
    if let key = input.dependentKeys.first {
      throw DiagnosticsError(
        Diagnostic(
          "take-over-foreign-key",
          "\(dialect.render(key.table)) has a foreign key to \(layout.table), which would go on to point at the older table",
          at: span,
          help: "drop the constraint '\(key.constraint)' first; facts of whc find their keys by themselves"))
    }
    let views = Dependents(dialect: dialect, views: input.dependents)
    draft.add(views.lock)
    draft.steps.append(.audit(lackingColumns(span)))
    draft.add(views.detach)
    draft.add(.swap, "alter table \(layout.table) rename to \(dialect.quote(aside.identifier))")
    draft.add(
      .comment,
      "comment on table \(dialect.render(aside)) is "
        + dialect.literal("\(layout.target.identifier) as it was before whc took it over"))
  }

  /// After the dimension's table was made.
  func restore(_ draft: inout PlanDraft) {
    draft.add(.grant, grants)
    draft.add(Dependents(dialect: dialect, views: input.dependents).attach)
  }

  /// Columns that views read and the dimension will not have.
  private func lackingColumns(_ span: SourceSpan) -> Plan.Audit {
    let names = layout.definitions.map { dialect.literal($0.name) }.joined(separator: ", ")
    return Plan.Audit(
      "take-over-view", "views on \(layout.table) read columns that the dimension will not have",
      help: "give the column to the dimension's SQL, or drop the view", span: span,
      query: """
        select count(distinct c.oid) as views, min(c.oid::regclass::text) as view, a.attname as column
        from pg_catalog.pg_depend d
        join pg_catalog.pg_rewrite r on r.oid = d.objid
        join pg_catalog.pg_class c on c.oid = r.ev_class
        join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
          and d.refobjid = \(dialect.literal(layout.table))::regclass and d.refobjsubid > 0
          and a.attname not in (\(names))
        group by a.attname
        order by a.attname
        limit 5
        """)
  }

  private var grants: String {
    "do "
      + SQLText.dollarQuoted(
        """

        declare g record;
        begin
          for g in
            select a.privilege_type as privilege, case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee
            from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
            where c.oid = \(dialect.literal(dialect.render(aside)))::regclass and a.grantee <> c.relowner
          loop
            execute format('grant %s on table %s to %s', g.privilege, \(dialect.literal(layout.table)), g.grantee);
          end loop;
        end

        """)
  }
}
