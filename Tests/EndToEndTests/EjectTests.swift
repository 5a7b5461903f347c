import Foundation
import LibpqWarehouse
import TestSupport
import Testing

/// `whc eject`: what it writes, built as a plain project in another database, has the same rows.
@Suite struct EjectTests {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

  /// Rows of the star as text: dimensions without their keys, facts with what their keys lead to.
  static let types = [
    """
    select d::text from (select customer_key, customer_id, name, city, plan, region, current_plan, valid_from, valid_to,
      is_current from shop.dim_customer) d order by 1
    """,
    """
    select d::text from (select product_code, name, price, current_name, valid_from, valid_to, is_current, stated_at
      from shop.dim_product) d order by 1
    """,
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

  @Test func theSameRowsWithoutWhcsKinds() async throws {
    let case1 = Self.tests.appending(path: "Ejections/types")
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
    for query in Self.types {
      let (ours, theirs) = (try await database.texts(query), try await other.texts(query))
      #expect(!ours.isEmpty)
      #expect(ours == theirs, "\(query)")
    }

    var text = ""
    for file in [
      "models/marts/dim_customer.sql", "models/marts/dim_product__input.sql",
      "snapshots/dim_product__history.sql",
      "models/marts/dim_product.sql", "models/marts/fct_order.sql", "tests/star/fct_order__grain.sql",
    ] {
      text += "==> \(file)\n" + (try String(contentsOfFile: plain + "/" + file, encoding: .utf8))
    }
    let mismatch = Golden.mismatch(text, file: case1.appending(path: "written.txt"))
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  /// What has no plain form is refused with its reason, and nothing is written.
  @Test func refusesWhatHasNoPlainForm() async throws {
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for part in ["dbt_project.yml", "profiles", "models", "seeds", "macros", "tests"] {
      try FileManager.default.copyItem(atPath: Self.root.path + "/" + part, toPath: folder + "/" + part)
    }
    let settings = try await PrivateCluster.shared.database()
    let run = WhcRun(
      in: folder,
      environment: [
        "DBT_TARGET": "server", "PGHOST": settings.host ?? "", "PGPORT": "\(settings.port ?? 5432)",
        "PGUSER": settings.user ?? "", "PGDATABASE": settings.dbname ?? "",
      ])
    let built = try await run.run("build")
    #expect(built.exitCode == 0, "\(built)")
    let ejected = try await run.run("eject", "out")
    #expect(ejected.exitCode == 2)
    #expect(ejected.errors.contains("cannot-eject"), "\(ejected)")
    #expect(ejected.errors.contains("missing: infer"), "\(ejected)")
    #expect(!FileManager.default.fileExists(atPath: folder + "/out"))
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
