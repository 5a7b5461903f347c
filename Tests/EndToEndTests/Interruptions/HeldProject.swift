import Foundation
import LibpqWarehouse
import TestSupport
import Testing
import Warehouse

/// A project with a relation of every kind whose building stands still at a chosen place until it is let go, so
/// that a test can kill it exactly there.
///
/// A point is a call of `whc_hold`, which waits for an advisory lock: in a model's SQL, in a hook after its rows are
/// stored, in a test that runs before the model is published.
final class HeldProject: Sendable {
  /// Where a build can be held, and the relation that is being built there.
  static let points: [(name: String, relation: String)] = [
    ("seed-stored", "raw_orders"), ("view-made", "orders_seen"), ("table-rows", "order_totals"),
    ("table-swapped", "order_totals"), ("incremental-rows", "order_log"), ("incremental-stored", "order_log"),
    ("dimension-rows", "dim_customer"), ("dimension-tested", "dim_customer"), ("fact-rows", "fct_order"),
    ("fact-tested", "fct_order"),
  ]

  let folder: ProjectFolder
  let settings: PostgresSettings
  let run: WhcRun

  /// A database of its own on `settings`' server, with nothing in it but `whc_hold`.
  init(on settings: PostgresSettings) async throws {
    self.settings = settings
    folder = try ProjectFolder(Self.files)
    run = WhcRun(in: folder.path, environment: settings.variables)
    try await settings.ask(
      """
      create function whc_hold(point text) returns boolean language plpgsql volatile as $$
      begin
        perform pg_advisory_xact_lock_shared(4711, hashtext(point));
        return true;
      end $$
      """)
    try state(1)
  }

  convenience init() async throws { try await self.init(on: await PrivateCluster.shared.database()) }

  /// Writes the sources as they were (1) and as they are now (2): changed, late and new rows.
  func state(_ number: Int) throws {
    var customers = ["id,city,changed_at", "1,Kiel,2025-01-01 08:00:00", "2,Ulm,2025-01-01 08:00:00"]
    var orders = [
      "id,customer,ordered_at,amount", "1,1,2025-01-20 10:00:00,20", "2,2,2025-04-01 11:00:00,30",
      "4,9,2025-04-03 09:00:00,8",
    ]
    if number == 2 {
      customers += [
        "1,Jena,2025-03-15 12:00:00", "2,Bonn,2025-02-01 00:00:00", "3,Graz,2025-02-01 00:00:00",
        "9,Oslo,2025-02-01 00:00:00",
      ]
      orders[1] = "1,1,2025-01-20 10:00:00,25"
      orders.append("3,3,2025-04-02 09:00:00,7")
    }
    try folder.write(customers.joined(separator: "\n") + "\n", to: "seeds/raw_customers.csv")
    try folder.write(orders.joined(separator: "\n") + "\n", to: "seeds/raw_orders.csv")
  }

  func build() async throws -> WhcRun.Outcome { try await run.run("build") }

  /// A build that has arrived at the point, and the grip that holds it there.
  func buildHeld(at point: String) async throws -> (Running, Grip) {
    let grip = try await Grip(point, settings)
    let running = try run.start("build")
    while try await grip.waiting == 0 {
      guard !running.isOver else {
        await grip.release()
        throw NeverArrived(outcome: await running.outcome())
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    return (running, grip)
  }

  struct NeverArrived: Error { var outcome: WhcRun.Outcome }

  /// What each relation of the project holds, one line of text a relation; `kind columns rows`.
  func contents() async throws -> [String: String] {
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let found = try await connection.perform { session in
      var found: [String: String] = [:]
      let relations = try session.run(
        """
        select n.nspname || '.' || c.relname, c.relkind::text, format('%I.%I', n.nspname, c.relname)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname like 'shop%' and c.relkind in ('r', 'v', 'm', 'S')
          -- It holds numbers of transactions.
          and c.relname <> 'fct_order__ledger'
        """
      ).rows
      for relation in relations {
        guard let name = relation[0], let kind = relation[1], let place = relation[2] else { continue }
        let rows = try session.run("select string_agg(t::text, ' ' order by t::text) from \(place) t").scalar
        found[name] = "\(kind) \(rows ?? "")"
      }
      return found
    }
    await connection.close()
    return found
  }

  /// Connections of whc to the database that are still there, and locks that only whc takes.
  func remains() async throws -> [String] {
    let connection = try await LibpqWarehouse(settings).connect(as: "test")
    let rows = try await connection.perform { session in
      try session.run(
        """
        select pid || ' ' || state || ' ' || query from pg_stat_activity
        where datname = current_database() and application_name = 'dbt' and pid <> pg_backend_pid()
        """
      ).rows
    }
    await connection.close()
    return rows.compactMap { $0[0] }
  }

  /// Waits until nothing of whc is left on the server.
  func waitUntilGone() async throws {
    while try await !remains().isEmpty { try await Task.sleep(for: .milliseconds(50)) }
  }

  /// The warehouse after a build of state 1, and after a build of state 2 on top of it.
  struct Expected: Sendable {
    var first: [String: String]
    var second: [String: String]
  }

  /// What builds that nobody disturbs lead to.
  static let expected = Task {
    let project = try await HeldProject()
    let one = try await project.build()
    try #require(one.exitCode == 0, "\(one)")
    let first = try await project.contents()
    try project.state(2)
    let two = try await project.build()
    try #require(two.exitCode == 0, "\(two)")
    return Expected(first: first, second: try await project.contents())
  }

  private static let files = """
    == dbt_project.yml
    name: shop
    profile: shop
    seeds:
      shop:
        raw_orders:
          +post-hook: "select whc_hold('seed-stored')"
          +column_types: {ordered_at: timestamp}
        raw_customers:
          +column_types: {changed_at: timestamp}
    == profiles.yml
    shop:
      target: dev
      outputs:
        dev:
          type: postgres
          host: "{{ env_var('WHC_TEST_HOST') }}"
          port: "{{ env_var('WHC_TEST_PORT') | as_number }}"
          user: "{{ env_var('WHC_TEST_USER') }}"
          dbname: "{{ env_var('WHC_TEST_DATABASE') }}"
          schema: shop
          threads: 3
          retries: 5
    == macros/held.sql
    {% test held(model, point) %}
    select 1 as found where not whc_hold('{{ point }}')
    {% endtest %}
    == models/orders_seen.sql
    {{ config(post_hook="select whc_hold('view-made')") }}
    select id as order_id, customer, amount from {{ ref('raw_orders') }}
    == models/order_totals.sql
    {{ config(materialized='table', post_hook="select whc_hold('table-swapped')") }}
    select customer, sum(amount) as amount from {{ ref('orders_seen') }}
    where whc_hold('table-rows') group by customer
    == models/order_log.sql
    {{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert',
      post_hook="select whc_hold('incremental-stored')") }}
    select * from {{ ref('raw_orders') }} where whc_hold('incremental-rows')
    == models/dim_customer.sql
    select id as customer_id, city, changed_at from {{ ref('raw_customers') }} where whc_hold('dimension-rows')
    == models/fct_order.sql
    select id as order_id, customer as customer_id, ordered_at, amount
    from {{ ref('raw_orders') }} where whc_hold('fact-rows')
    == models/star.yml
    models:
      - name: dim_customer
        config: {materialized: dimension, natural_key: customer_id, effective_at: changed_at, input: changes}
        data_tests:
          - held: {arguments: {point: dimension-tested}}
      - name: fct_order
        config:
          materialized: fact
          grain: [order_id]
          event_time: ordered_at
          lookback: 400 days
          dimensions:
            - {to: dim_customer, key: customer_id, missing: infer}
        data_tests:
          - held: {arguments: {point: fact-tested}}
    """
}

/// Holds a point: whoever comes to it waits until the grip is released.
final class Grip: Sendable {
  private let connection: any Connection

  init(_ point: String, _ settings: PostgresSettings) async throws {
    connection = try await LibpqWarehouse(settings).connect(as: "grip")
    _ = try await connection.perform { try $0.run("select pg_advisory_lock(4711, hashtext('\(point)'))") }
  }

  /// How many are waiting at points.
  var waiting: Int { get async throws { try await waitingProcesses().count } }

  /// Ends, in good order, the server's side of those who wait.
  func terminateWaiting() async throws { _ = try await ask("pg_terminate_backend(pid)") }

  /// Process numbers of the server's side of those who wait.
  func waitingProcesses() async throws -> [Int32] { try await ask("pid").compactMap { Int32($0) } }

  private func ask(_ expression: String) async throws -> [String] {
    try await connection.perform { session in
      try session.run(
        """
        select \(expression) from pg_locks
        where locktype = 'advisory' and classid = 4711 and not granted
          and database = (select oid from pg_database where datname = current_database())
        """
      ).rows.compactMap { $0[0] }
    }
  }

  func release() async { await connection.close() }
}
