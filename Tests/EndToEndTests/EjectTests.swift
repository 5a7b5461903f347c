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

    let properties = folder + "/models/marts/marts.yml"
    let text = try String(contentsOfFile: properties, encoding: .utf8)
    try text.replacing("natural_key: product_code", with: "natural_key: product_code\n      bitemporal: true")
      .write(toFile: properties, atomically: true, encoding: .utf8)
    let refused = try await project(folder, settings).run("eject", "again")
    #expect(refused.exitCode == 2)
    #expect(refused.errors.contains("cannot-eject"), "\(refused)")
    #expect(refused.errors.contains("recorded"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: folder + "/again"))
  }
}

extension PostgresSettings {
  /// The first column of a query.
  fileprivate func texts(_ query: String) async throws -> [String] {
    let connection = try await LibpqWarehouse(self).connect(as: "test")
    let rows = try await connection.perform { session in try session.run(query).rows }
    await connection.close()
    return rows.compactMap { $0.first ?? nil }
  }
}
