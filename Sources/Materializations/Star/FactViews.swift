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
  private func statements(_ name: RelationName, _ view: Content) -> [Plan.Statement] {
    let grants = Grants.statements(input, on: name, mayCarryOver: false)
    guard l.dialect.hasProceduralStatements else {
      // Unbound, so that it outlives the tables that are swapped under it.
      let body = named(view).map { "\($0.value) as \(l.q($0.name))" }.joined(separator: ",\n  ")
      return [
        Plan.Statement(.drop, "drop view if exists \(l.dialect.render(name)) cascade"),
        Plan.Statement(
          .change,
          "create view \(l.dialect.render(name)) as\nselect \(body)\n\(view.from)\nwith no schema binding"),
      ] + grants
    }
    return [
      Plan.Statement(.lock, AdvisoryLock.statement("view", name, dialect: l.dialect)),
      Plan.Statement(.change, "do " + SQLText.dollarQuoted("\n" + block(name, view) + "\n")),
    ] + grants
  }

  /// What a view holds: columns that are known, and those of dimensions but for some.
  private struct Content {
    struct Attributes {
      var lookup: FactLayout.Lookup
      var hidden: [String]
    }

    var columns: [(name: String, value: String)]
    var attributes: [Attributes]
    /// With FROM.
    var from: String
  }

  /// All columns, as far as the tables are known: each under its own name where that begins with the prefix of its
  /// dimension, else with the prefix; of those that would have one name, the first.
  private func named(_ view: Content) -> [(name: String, value: String)] {
    var columns = view.columns
    for part in view.attributes {
      for own in input.relations[part.lookup.relation]?.columns?.map(\.name) ?? []
      where !part.hidden.contains(own) {
        let short = prefix(part.lookup) + "_"
        let names = [own.hasPrefix(short) ? own : short + own, long(part.lookup) + own].map {
          l.dialect.clipped($0, to: l.dialect.maximumIdentifierLength)
        }
        guard let name = names.first(where: { name in !columns.contains { $0.name == name } }) else {
          continue
        }
        columns.append((name: name, value: "\(part.lookup.alias).\(l.q(own))"))
      }
    }
    return columns
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

  private func flatView(_ name: RelationName) -> Content {
    let joins = l.lookups.map { lookup in
      "left join \(l.dialect.render(lookup.relation)) \(lookup.alias) on \(l.surrogate(lookup, lookup.alias)) = "
        + "f.\(l.q(lookup.foreignKey))"
    }
    return Content(
      columns: l.columns.names.map { ($0, "f.\(l.q($0))") },
      attributes: l.lookups.map {
        let keys = [$0.target.surrogateKey.name, $0.target.durableKey].compactMap(\.self)
        return Content.Attributes(lookup: $0, hidden: keys + system($0))
      },
      from: (["from \(l.table) f"] + joins).joined(separator: l.dialect.kind == .postgres ? " " : "\n"))
  }

  private func roleView(_ name: RelationName, _ lookup: FactLayout.Lookup) -> Content {
    Content(
      columns: [(lookup.foreignKey, l.surrogate(lookup, lookup.alias))],
      attributes: [Content.Attributes(lookup: lookup, hidden: [lookup.target.surrogateKey.name])],
      from: "from \(l.dialect.render(lookup.relation)) \(lookup.alias)")
  }

  /// The history of a dimension says nothing to who reads the fact.
  private func system(_ lookup: FactLayout.Lookup) -> [String] {
    lookup.dimension.map {
      [
        $0.columns.validFrom, $0.columns.validTo, $0.columns.isCurrent, $0.columns.isInferred,
        $0.columns.isDeleted, $0.columns.statedAt,
      ]
    } ?? []
  }

  /// What columns begin with whose short name is taken.
  private func long(_ lookup: FactLayout.Lookup) -> String {
    [lookup.edge.role, stem(lookup)].compactMap(\.self).joined(separator: "_") + "_"
  }

  /// Adds the columns of one dimension.
  private func loop(_ part: Content.Attributes) -> String {
    let lookup = part.lookup
    let left = part.hidden.map(l.dialect.literal).joined(separator: ", ")
    let prefix = l.dialect.literal(prefix(lookup) + "_")
    let long = l.dialect.literal(long(lookup))
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
  private func block(_ name: RelationName, _ content: Content) -> String {
    let view = l.dialect.render(name)
    let literal = l.dialect.literal(view)
    let columns = content.columns
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
      \(content.attributes.map(loop).joined(separator: "\n"))
        select 'select ' || string_agg(format('%s as %I', u.value, u.name), ', ' order by a.attnum, u.position)
        into body
        from unnest(taken, values) with ordinality u (name, value, position)
        left join pg_catalog.pg_attribute a
          on a.attrelid = to_regclass(\(literal)) and a.attname = u.name and not a.attisdropped;
        body := body || \(l.dialect.literal(" " + content.from));
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
