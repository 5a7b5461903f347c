import ProjectModel
import StarModel
import Warehouse

/// Views beside a fact for tools that know no joins: the fact with all attributes, and each dimension in its roles.
///
/// Which columns a dimension has is asked when the view is made. A view is made anew only when its text changes, which
/// its comment remembers.
struct FactViews {
  let layout: FactLayout
  let input: PlanInput

  private var l: FactLayout { layout }

  static let flat = "_flat"

  /// Each view with the statements that bring it about.
  var all: [(name: RelationName, statements: [Plan.Statement])] {
    var views: [(RelationName, [Plan.Statement])] = []
    if l.fact.views.contains(.flat) {
      let name = AsideNames.name(of: l.target, Self.flat, dialect: l.dialect)
      views.append((name, statements(name, flatView(name))))
    }
    if l.fact.views.contains(.roles) {
      for lookup in l.lookups where lookup.edge.role != nil {
        let name = roleName(lookup)
        if !views.contains(where: { $0.0 == name }) {
          views.append((name, statements(name, roleView(name, lookup))))
        }
      }
    }
    return views
  }

  /// Other facts may make the view of the same role at the same time.
  private func statements(_ name: RelationName, _ block: String) -> [Plan.Statement] {
    [
      Plan.Statement(.lock, AdvisoryLock.statement("view", name, dialect: l.dialect)),
      Plan.Statement(.change, "do " + SQLText.dollarQuoted("\n" + block + "\n")),
    ] + Grants.statements(input, on: name, mayCarryOver: false)
  }

  /// `dim_date` in the role `order` is `dim_order_date`.
  private func roleName(_ lookup: FactLayout.Lookup) -> RelationName {
    var name = l.target
    let role = lookup.edge.role ?? ""
    name.identifier =
      lookup.target.name.hasPrefix("dim_")
      ? "dim_\(role)_\(lookup.target.name.dropFirst(4))" : "\(role)_\(lookup.target.name)"
    return name
  }

  private func stem(_ lookup: FactLayout.Lookup) -> String {
    lookup.target.name.hasPrefix("dim_") ? String(lookup.target.name.dropFirst(4)) : lookup.target.name
  }

  /// What columns of a looked up dimension begin with: its role, or its name without `dim_`.
  private func prefix(_ lookup: FactLayout.Lookup) -> String { lookup.edge.role ?? stem(lookup) }

  // MARK: The text

  private func flatView(_ name: RelationName) -> String {
    let joins = l.lookups.map { lookup in
      "left join \(l.dialect.render(lookup.relation)) \(lookup.alias) on \(l.surrogate(lookup, lookup.alias)) = "
        + "f.\(l.q(lookup.foreignKey))"
    }
    return block(
      name, columns: l.columns.names.map { ($0, "f.\(l.q($0))") },
      loops: l.lookups.map {
        loop($0, hidden: [$0.target.surrogateKey.name, $0.target.durableKey].compactMap(\.self))
      },
      from: ([" from \(l.table) f"] + joins).joined(separator: " "))
  }

  private func roleView(_ name: RelationName, _ lookup: FactLayout.Lookup) -> String {
    let key = lookup.target.surrogateKey.name
    return block(
      name, columns: [(lookup.foreignKey, l.surrogate(lookup, lookup.alias))],
      loops: [loop(lookup, hidden: [key], isRole: true)],
      from: " from \(l.dialect.render(lookup.relation)) \(lookup.alias)")
  }

  /// Adds the columns of one dimension. Its key is there already, its history says nothing to who reads the fact.
  private func loop(_ lookup: FactLayout.Lookup, hidden: [String], isRole: Bool = false) -> String {
    let system =
      isRole
      ? []
      : lookup.dimension.map {
        [
          $0.columns.validFrom, $0.columns.validTo, $0.columns.isCurrent, $0.columns.isInferred,
          $0.columns.isDeleted, $0.columns.statedAt,
        ]
      } ?? []
    let left = (hidden + system).map(l.dialect.literal).joined(separator: ", ")
    let prefix = l.dialect.literal(prefix(lookup) + "_")
    let long = l.dialect.literal(
      [lookup.edge.role, stem(lookup)].compactMap(\.self).joined(separator: "_") + "_")
    return """
        for own in
          select a.attname::text from pg_catalog.pg_attribute a
          where a.attrelid = \(l.dialect.literal(l.dialect.render(lookup.relation)))::regclass
            and a.attnum > 0 and not a.attisdropped and a.attname not in (\(left))
          order by a.attnum
        loop
          called := left(case when starts_with(own, \(prefix)) then own else \(prefix) || own end, 63);
          if called = any (taken) then
            called := left(\(long) || own, 63);
          end if;
          continue when called = any (taken);
          taken := taken || called;
          values := values || format('\(lookup.alias).%I', own);
        end loop;
      """
  }

  /// Columns that the view has stay where they are, so that views which read it live on.
  private func block(
    _ name: RelationName, columns: [(name: String, value: String)], loops: [String], from: String
  ) -> String {
    let view = l.dialect.render(name)
    let literal = l.dialect.literal(view)
    func array(_ texts: [String]) -> String {
      "array[\(texts.map(l.dialect.literal).joined(separator: ", "))]"
    }
    return """
      declare
        own text;
        called text;
        taken text[] := \(array(columns.map(\.name)));
        values text[] := \(array(columns.map(\.value)));
        body text;
      begin
      \(loops.joined(separator: "\n"))
        select 'select ' || string_agg(format('%s as %I', u.value, u.name), ', ' order by a.attnum, u.position)
        into body
        from unnest(taken, values) with ordinality u (name, value, position)
        left join pg_catalog.pg_attribute a
          on a.attrelid = to_regclass(\(literal)) and a.attname = u.name and not a.attisdropped;
        body := body || \(l.dialect.literal(from));
        if obj_description(to_regclass(\(literal)), 'pg_class') = 'whc ' || md5(body) then
          return;
        end if;
        begin
          execute 'create or replace view ' || \(literal) || ' as ' || body;
        exception when invalid_table_definition then
          begin
            execute 'drop view ' || \(literal);
          exception when dependent_objects_still_exist then
            raise warning '% keeps its columns, because other views read it', \(literal);
            return;
          end;
          execute 'create view ' || \(literal) || ' as ' || body;
        end;
        execute format('comment on view %s is %L', \(literal), 'whc ' || md5(body));
      end
      """
  }
}
