import Foundation
import LibpqWarehouse
import TestSupport
import Testing

/// `whc eject`: what it writes, built as a plain project in another database, has the same rows.
@Suite struct EjectTests {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

  /// Rows of the stars as text: dimensions without their keys, facts with what their keys lead to.
  static let rows = ["types": types, "processes": processes]
  static let types = [
    """
    select d::text from (select customer_key, customer_id, name, city, plan, region, current_plan, valid_from, valid_to,
      is_current from shop.dim_customer) d order by 1
    """,
    """
    select d::text from (select product_code, name, price, current_name, valid_from, valid_to, is_current, stated_at
      from shop.dim_product) d order by 1
    """,
    """
    select d::text from (select customer_id, name, plan, region, valid_from, valid_to, is_current from shop.dim_plan) d
    order by 1
    """,
    "select d::text from (select product_code, name, price, valid_to, is_current, is_deleted from shop.dim_shelf) d order by 1",
    "select d::text from (select product_code, name, price, valid_to, is_current, is_deleted from shop.dim_box) d order by 1",
    "select d::text from (select channel, valid_from, valid_to, is_current from shop.dim_channel) d order by 1",
    "select d::text from shop.dim_date d order by 1",
    "select d::text from (select is_gift, channel from shop.dim_order_flags) d order by 1",
    """
    select f::text from (
      select o.order_id, o.ordered_at, o.amount, o.customer_key, p.product_code, c.channel, o.order_date_key,
        o.sent_date_key, g.is_gift, g.channel
      from shop.fct_order o left join shop.dim_product p using (product_key)
      left join shop.dim_channel c using (channel_key)
      left join shop.dim_order_flags g using (order_flags_key)) f order by 1
    """,
    """
    select f::text from (select v.visit_id, v.date_key, c.channel from shop.fct_visit v
      left join shop.dim_channel c using (channel_key)) f order by 1
    """,
  ]

  static let processes = [
    """
    select d::text from (select person_id, name, grade, valid_from, valid_to, is_current, is_inferred
      from shop.dim_person) d order by 1
    """,
    """
    select d::text from (select i.person_id, i.grade, count(*) from shop.dim_person_as_is i
      join shop.dim_person_as_was using (person_durable_key) group by 1, 2) d order by 1
    """,
    "select d::text from (select person_id, grade from shop.dim_person_current) d order by 1",
    "select d::text from shop.dim_date d order by 1", "select d::text from shop.dim_time d order by 1",
    "select d::text from (select is_gift, channel from shop.dim_flags) d order by 1",
    """
    select f::text from (select subscription_id, p.person_id, p.valid_from, signed_up_at, activated_at, cancelled_on,
      signed_up_date_key, activated_date_key, cancelled_date_key, signed_up_to_activated_hours,
      signed_up_to_cancelled_days from shop.fct_subscription join shop.dim_person p using (person_key)) f order by 1
    """,
    """
    select f::text from (select product_id, period_start, period_end, is_filled, date_key, p.person_id, p.valid_from,
      on_hand, counted_at, keeper from shop.fct_stock join shop.dim_person p on p.person_key = keeper_person_key) f
    order by 1
    """,
    """
    select f::text from (select order_id, line, p.person_id, order_date_key, order_time_key, is_gift, channel, amount,
      shipping, ordered_at, p.person_durable_key = l.person_durable_key from shop.fct_line l
      join shop.dim_person p using (person_key) left join shop.dim_flags using (flags_key)) f order by 1
    """,
    """
    select b::text from (select account, o.person_id, p.grade, share from shop.bridge_owner o
      join shop.dim_person p using (person_key)) b order by 1
    """,
    """
    select b::text from (select parent_person_id, child_person_id, p.grade, depth, is_top, is_bottom
      from shop.bridge_team join shop.dim_person p on p.person_key = child_person_key) b order by 1
    """,
  ]
  static let files = [
    "types": [
      "models/marts/dim_customer.sql", "models/marts/dim_product__input.sql",
      "snapshots/dim_product__history.sql", "models/marts/dim_product.sql", "models/marts/fct_order.sql",
      "models/marts/dim_plan.sql", "snapshots/dim_box__history.sql", "models/marts/dim_box.sql",
      "models/marts/dim_shelf.sql", "tests/star/fct_order__grain.sql",
    ],
    "processes": [
      "models/dim_person.sql", "models/dim_person_as_is.sql", "models/dim_flags.sql",
      "models/fct_line__input.sql",
      "models/fct_line.sql", "models/fct_stock.sql", "models/fct_subscription.sql",
      "tests/star/fct_subscription__milestone_order.sql", "models/bridge_team.sql",
      "tests/star/bridge_owner__weights.sql", "macros/leave_members_out.sql",
    ],
  ]

  @Test(arguments: ["types", "processes"])
  func theSameRowsWithoutWhcsKinds(_ name: String) async throws {
    let case1 = Self.tests.appending(path: "Ejections/\(name)")
    let project = try CaseProject(copying: case1)
    let database = try await PrivateCluster.shared.database()
    let run = WhcRun(in: project.path, environment: database.variables)
    let early = try await run.run("eject", "../early")
    #expect(early.exitCode == 2)
    #expect(early.errors.contains("not-built"), "\(early)")
    let built = try await run.run("build")
    #expect(built.exitCode == 0, "\(built)")
    let ejected = try await run.run("eject", "../plain")
    #expect(ejected.exitCode == 0, "\(ejected)")
    let again = try await run.run("eject", "../plain")
    #expect(again.errors.contains("project-exists"), "\(again)")

    let plain = (project.path as NSString).deletingLastPathComponent + "/plain"
    let other = try await PrivateCluster.shared.database()
    let rebuilt = try await WhcRun(in: plain, environment: other.variables).run("build")
    #expect(rebuilt.exitCode == 0, "\(rebuilt)")
    let kinds = try await WhcRun(in: plain, environment: other.variables).run(
      "ls", "-q", "--resource-type", "model", "--output", "json", "--output-keys", "config.materialized")
    #expect(!kinds.output.contains("dimension") && !kinds.output.contains("fact"), "\(kinds)")
    for query in Self.rows[name] ?? [] {
      let (ours, theirs) = (try await database.texts(query), try await other.texts(query))
      #expect(!ours.isEmpty)
      #expect(ours == theirs, "\(query)")
    }

    var text = ""
    for file in Self.files[name] ?? [] {
      text += "==> \(file)\n" + (try String(contentsOfFile: plain + "/" + file, encoding: .utf8))
    }
    let mismatch = Golden.mismatch(text, file: case1.appending(path: "written.txt"))
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  /// What keys lead to, in `histories`: facts and links between dimensions.
  static let links = [
    """
    select f::text from (select o.order_id, o.is_known, m.customer_id, m.valid_from, b.customer_id, b.valid_from,
      p.city, p.tier, c.customer_id, c.valid_from, o.cprofile_key, o.soft_durable_key, h.channel, m.is_inferred
      from shop.fct_order o left join shop.dim_mix m using (mix_key) left join shop.dim_base b using (base_key)
      left join shop.dim_profile p using (profile_key) left join shop.dim_cbase c using (cbase_key)
      left join shop.dim_channel h using (channel_key)) f order by 1
    """,
    """
    select d::text from (select l.customer_id, l.segment, c.city, c.valid_from, p.country, l.joined_date_key
      from shop.dim_linked l left join shop.dim_city c using (city_key)
      left join shop.dim_city p on p.city_key = present_city_key) d order by 1
    """,
    """
    select d::text from (select b.customer_id, b.segment, p.city, p.tier, c.city, c.now_key
      from shop.dim_base b left join shop.dim_profile p on p.profile_key = current_profile_key
      left join shop.dim_cbase c using (customer_id)) d order by 1
    """,
    """
    select d::text from (select h.customer_id, h.valid_to, p.city, p.tier
      from shop.dim_profile__history h left join shop.dim_profile p using (profile_key)) d order by 1
    """,
    "select d::text from (select customer_id, soft_key, soft_durable_key from shop.dim_soft) d order by 1",
    """
    select d::text from (select node, target, rows_read, rows_inserted, rows_updated, rows_unknown, warnings, checks
      from shop.dim_audit) d order by 1
    """,
    """
    select f::text from (select o.order_id, a.node, a.rows_inserted, a.rows_updated
      from shop.fct_order o join shop.dim_audit a using (audit_key)) f order by 1
    """,
    """
    select f::text from (select m.customer_id, m.valid_from, a.node, a.rows_inserted, a.rows_updated
      from shop.dim_mix m left join shop.dim_audit a using (audit_key)) f order by 1
    """,
  ]

  /// Build after build, the plain project keeps the rows that whc keeps: what changed, came late, was deleted and came
  /// back, was corrected, was forgotten. In whc's own database it goes on with what stands there, and its keys.
  @Test func theSameRowsBuildAfterBuild() async throws {
    let case1 = Self.tests.appending(path: "Ejections/histories")
    let project = try CaseProject(copying: case1)
    let plain = (project.path as NSString).deletingLastPathComponent + "/plain"
    let database = try await PrivateCluster.shared.database()
    let other = try await PrivateCluster.shared.database()
    for step in 1...5 {
      for folder in [project.path, plain] where step > 1 {
        let seeds = case1.appending(path: "steps/\(step)")
        for file in try FileManager.default.contentsOfDirectory(at: seeds, includingPropertiesForKeys: nil) {
          try Data(contentsOf: file).write(to: URL(filePath: folder + "/seeds/" + file.lastPathComponent))
        }
      }
      // Tests of all at the end alone.
      let build = step < 5 ? ["build", "--exclude-resource-type", "test"] : ["build"]
      let built = try await WhcRun(in: project.path, environment: database.variables).run(build)
      #expect(built.exitCode == 0, "\(built)")
      if step == 1 {
        let ejected = try await WhcRun(in: project.path, environment: database.variables).run(
          "eject", "../plain")
        try #require(ejected.exitCode == 0, "\(ejected)")
      }
      let rebuilt = try await WhcRun(in: plain, environment: other.variables).run(build)
      try #require(rebuilt.exitCode == 0, "\(rebuilt)")
      let (ours, theirs) = (try await database.rows(), try await other.rows())
      #expect(ours.count > 20)
      for (table, rows) in ours { #expect(theirs[table] == rows, "\(table) after build \(step)") }
      for query in Self.links {
        let (ours, theirs) = (try await database.texts(query), try await other.texts(query))
        #expect(!ours.isEmpty)
        #expect(ours.map(Self.detected) == theirs.map(Self.detected), "\(query) after build \(step)")
      }
    }
    // Where whc built, the plain project goes on with what stands there: nothing is new, so no row changes, nor a key.
    let before = try await database.rows(withKeys: true)
    let taken = try await WhcRun(in: plain, environment: database.variables).run(
      "build", "--exclude-resource-type", "test")
    try #require(taken.exitCode == 0, "\(taken)")
    let after = try await database.rows(withKeys: true)
    for (table, rows) in before { #expect(after[table] == rows, "\(table) in place") }

    let mismatch = Golden.mismatch(
      try ["dim_mix", "dim_told", "dim_profile", "dim_bi_recorded", "fct_order"].map {
        "==> models/\($0).sql\n" + (try String(contentsOfFile: plain + "/models/\($0).sql", encoding: .utf8))
      }.joined()
        + String(contentsOfFile: plain + "/macros/star/fct_order__add_to_dimensions.sql", encoding: .utf8),
      file: case1.appending(path: "written.txt"))
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  /// Times at which a build detected something, which no two builds share: the sources' are of 2025.
  static func detected(_ row: String) -> String {
    row.replacing(/\"?20(2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9T:.+ -]+\"?/, with: "detected")
  }

  /// The demo, too; and what has no plain form is refused with its reason, and nothing is written.
  @Test func theDemo() async throws {
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for part in ["dbt_project.yml", "profiles", "models", "seeds", "macros", "tests"] {
      try FileManager.default.copyItem(atPath: Self.root.path + "/" + part, toPath: folder + "/" + part)
    }
    func project(_ folder: String, _ settings: PostgresSettings) -> WhcRun {
      WhcRun(
        in: folder,
        environment: [
          "DBT_TARGET": "server", "PGHOST": settings.host ?? "", "PGPORT": "\(settings.port ?? 5432)",
          "PGUSER": settings.user ?? "", "PGDATABASE": settings.dbname ?? "",
        ])
    }
    let settings = try await PrivateCluster.shared.database()
    let built = try await project(folder, settings).run("build")
    #expect(built.exitCode == 0, "\(built)")
    let ejected = try await project(folder, settings).run("eject", "out")
    #expect(ejected.exitCode == 0, "\(ejected)")
    let other = try await PrivateCluster.shared.database()
    let rebuilt = try await project(folder + "/out", other).run("build")
    #expect(rebuilt.exitCode == 0, "\(rebuilt)")
    for query in [
      "select m::text from shop.mart_daily_sales m order by 1",
      """
      select f::text from (select l.order_id, l.line_number, c.customer_id, c.valid_from, c.is_inferred, p.product_code,
        p.valid_from, l.order_date_key, l.ship_date_key from shop.fct_order_line l
        join shop.dim_customer c using (customer_key) join shop.dim_product p using (product_key)) f order by 1
      """,
    ] {
      let (ours, theirs) = (try await settings.texts(query), try await other.texts(query))
      #expect(!ours.isEmpty)
      #expect(ours == theirs, "\(query)")
    }

    let macro = "{% macro get_where_subquery(relation) %}{{ relation }}{% endmacro %}"
    try macro.write(toFile: folder + "/macros/where.sql", atomically: true, encoding: .utf8)
    let refused = try await project(folder, settings).run("eject", "again")
    #expect(refused.exitCode == 2)
    #expect(refused.errors.contains("cannot-eject"), "\(refused)")
    #expect(refused.errors.contains("get_where_subquery"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: folder + "/again"))
  }
}

extension PostgresSettings {
  /// The rows of each dimension and fact, in one order.
  fileprivate func rows(withKeys: Bool = false) async throws -> [String: [String]] {
    let tables = try await texts(
      """
      select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where nspname = 'shop' and relkind in ('r', 'v') and relname ~ '^(dim|fct)_' and relname <> 'dim_audit'
        and relname !~ '__(ledger|before|input|changes|history|states|recorded|recorded_before)$' order by 1
      """)
    var rows: [String: [String]] = [:]
    for table in tables {
      rows[table] = try await texts(
        withKeys
          ? "select t::text from shop.\"\(table)\" t"
          : """
          select (select jsonb_object_agg(e.key, e.value) from jsonb_each(to_jsonb(t)) e where e.key !~ '_key$')::text
          from shop.\"\(table)\" t
          """
      ).map(EjectTests.detected).sorted()
    }
    return rows
  }

  /// The first column of a query.
  fileprivate func texts(_ query: String) async throws -> [String] {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    let rows = try await connection.perform { session in try session.run(query).rows }
    await connection.close()
    return rows.compactMap { $0.first ?? nil }
  }
}
