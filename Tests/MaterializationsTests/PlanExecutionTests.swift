import Diagnostics
import OrderedCollections
import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import Materializations

/// Plans carried out on a server.
struct PlanExecutionTests {
  static func orders(_ config: OrderedDictionary<String, PlainValue> = [:], _ sql: String) -> PlanFixture {
    PlanFixture(config, sql: sql)
  }

  static let first = orders([:], "select 1 as order_id, 10::numeric as amount")

  @Test(arguments: ["view", "table"], ["view", "table", "materialized view"])
  func kindsReplaceEachOther(_ new: String, _ old: String) async throws {
    let runner = try await PlanRunner()
    try await runner.run("create \(old) marts.orders as select 'x' as old")
    let kind: any Materialization = new == "view" ? ViewMaterialization() : TableMaterialization()
    try await runner.carryOut(kind, Self.first)
    try await runner.carryOut(kind, Self.first)
    #expect(try await runner.rows("select * from marts.orders") == ["1|10"])
    let kinds = try await runner.rows(
      "select relname, relkind from pg_class where relnamespace = 'marts'::regnamespace and relkind <> 't'")
    #expect(kinds == ["orders|\(new == "view" ? "v" : "r")"])
  }

  /// Views and keys on a table live on when it is replaced, with what was granted and said of them.
  @Test func dependentsLiveOn() async throws {
    let runner = try await PlanRunner()
    try await runner.run(
      """
      create table marts.orders as select 5 as order_id, 5::numeric as amount;
      alter table marts.orders add primary key (order_id);
      create table reports.lines (order_id int constraint to_orders references marts.orders);
      create view reports.direct with (security_barrier) as select order_id, amount from marts.orders;
      create view reports.above as select order_id from reports.direct;
      create materialized view reports.kept as select order_id from reports.above;
      create unique index kept_key on reports.kept (order_id);
      comment on view reports.direct is 'Orders; all of them';
      grant select on reports.direct to public;
      """)
    let before = try await runner.rows(
      "select 'reports.above'::regclass::oid, 'reports.direct'::regclass::oid")
    let fixture = Self.orders(
      ["contract": ["enforced": true]], "select 1 as order_id, 10::numeric as amount"
    ).changed {
      $0.node.columns = [
        "order_id": ColumnProperties(
          name: "order_id", dataType: "int", constraints: [["type": "primary_key"]]),
        "amount": ColumnProperties(name: "amount", dataType: "numeric"),
      ]
    }
    try await runner.carryOut(TableMaterialization(), fixture)
    #expect(try await runner.rows("select order_id from reports.above") == ["1"])
    // The views are the same ones: nobody who stands on them notices.
    #expect(
      try await runner.rows("select 'reports.above'::regclass::oid, 'reports.direct'::regclass::oid")
        == before)
    #expect(
      try await runner.rows(
        "select obj_description(oid), reloptions, has_table_privilege('public', oid, 'select') from pg_class "
          + "where oid = 'reports.direct'::regclass") == ["Orders; all of them|{security_barrier=true}|t"])
    #expect(
      try await runner.rows("select pg_get_constraintdef(oid) from pg_constraint where conname = 'to_orders'")
        == ["FOREIGN KEY (order_id) REFERENCES marts.orders(order_id)"])
    try await runner.run("insert into reports.lines values (1)")
  }

  @Test func aViewThatNoLongerFitsGoesWithAWarning() async throws {
    let runner = try await PlanRunner()
    try await runner.run(
      """
      create table marts.orders as select 5 as order_id, 'x' as gone;
      create view reports.stays as select order_id from marts.orders;
      create view reports.goes as select gone from marts.orders;
      create view reports.with_it as select gone from reports.goes;
      """)
    let notices = try await runner.carryOut(TableMaterialization(), Self.first)
    let views = "select relname from pg_class where relnamespace = 'reports'::regnamespace order by 1"
    #expect(try await runner.rows(views) == ["stays"])
    #expect(notices.contains { $0.contains("\"goes\" was dropped: it no longer fits") })
    #expect(notices.contains { $0.contains("\"with_it\" was dropped: it no longer fits") })
  }

  /// The server refuses to change a column's type in place; the views above are made again.
  @Test func aViewWhoseColumnsChangedIsSwapped() async throws {
    let runner = try await PlanRunner()
    try await runner.run(
      """
      create view marts.orders as select 'x'::text as order_id, 1 as other;
      create view reports.above as select order_id from marts.orders;
      grant select on reports.above to public;
      create materialized view reports.kept as select order_id from reports.above;
      create index kept_key on reports.kept (order_id);
      """)
    try await runner.carryOut(ViewMaterialization(), Self.first)
    #expect(try await runner.rows("select * from marts.orders") == ["1|10"])
    #expect(try await runner.rows("select pg_typeof(order_id) from reports.kept") == ["integer"])
    #expect(try await runner.rows("select has_table_privilege('public', 'reports.above', 'select')") == ["t"])
    #expect(try await runner.rows("select 1 from pg_class where relname = 'kept_key'") == ["1"])
  }

  struct Step: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var config: OrderedDictionary<String, PlainValue>
    /// order_id, amount
    var sql = "select * from (values (2, 20.0), (3, 30.0)) as new (order_id, amount)"
    var columns = "order_id integer|amount numeric"
    var rows: [String]
  }

  static let steps = [
    Step(testDescription: "append", config: [:], rows: ["1|1", "2|2", "2|20.0", "3|30.0"]),
    Step(
      testDescription: "delete+insert", config: ["unique_key": "order_id"], rows: ["1|1", "2|20.0", "3|30.0"]),
    Step(
      testDescription: "delete+insert by two columns", config: ["unique_key": ["order_id", "amount"]],
      rows: ["1|1", "2|2", "2|20.0", "3|30.0"]),
    Step(
      testDescription: "delete+insert with a predicate",
      config: ["unique_key": "order_id", "incremental_predicates": ["DBT_INTERNAL_DEST.order_id > 2"]],
      rows: ["1|1", "2|2", "2|20.0", "3|30.0"]),
    Step(
      testDescription: "new column",
      config: ["unique_key": "order_id", "on_schema_change": "append_new_columns"],
      sql: "select 2 as order_id, 'n'::varchar(3) as note",
      columns: "order_id integer|amount numeric|note character varying(3)",
      rows: ["1|1|", "2||n"]),
    Step(
      testDescription: "all columns", config: ["on_schema_change": "sync_all_columns"],
      sql: "select 2::bigint as order_id, 'n' as note", columns: "order_id bigint|note text",
      rows: ["1|", "2|", "2|n"]),
    Step(
      testDescription: "new column ignored", config: ["on_schema_change": "ignore"],
      sql: "select 'n' as note, 9 as amount, 2 as order_id", rows: ["1|1", "2|2", "2|9"]),
    Step(
      testDescription: "reads itself", config: ["on_schema_change": "sync_all_columns"],
      sql: "select max(order_id) + 1 as order_id from marts.orders", columns: "order_id integer",
      rows: ["1", "2", "3"]),
  ]

  @Test(arguments: steps)
  func incremental(_ step: Step) async throws {
    let runner = try await PlanRunner()
    try await runner.run(
      """
      create table marts.orders (order_id int, amount numeric);
      insert into marts.orders values (1, 1), (2, 2);
      create view reports.above as select order_id from marts.orders;
      """)
    try await runner.carryOut(IncrementalMaterialization(), Self.orders(step.config, step.sql))
    #expect(try await runner.rows("select * from marts.orders o order by o::text collate \"C\"") == step.rows)
    let columns = try await runner.rows(
      "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), '|' order by attnum) from pg_attribute "
        + "where attrelid = 'marts.orders'::regclass and attnum > 0 and not attisdropped")
    #expect(columns == [step.columns])
    #expect(try await runner.rows("select count(*) from reports.above") == ["\(step.rows.count)"])
  }

  @Test func merge() async throws {
    let runner = try await PlanRunner()
    guard let version = try await runner.rows("show server_version_num").first.flatMap({ Int($0) }),
      version >= 150_000
    else { return }
    try await runner.run("create table marts.orders (order_id int, amount numeric, note text)")
    try await runner.run("insert into marts.orders values (1, 1, 'old'), (2, 2, 'old')")
    let sql = "select * from (values (2, 20.0, 'new'), (3, 30.0, 'new')) as new (order_id, amount, note)"
    for (config, expected) in [
      ([:], ["1|1|old", "2|20.0|new", "3|30.0|new"]),
      (["merge_update_columns": ["amount"]], ["1|1|old", "2|20.0|old", "3|30.0|new"]),
      (["merge_exclude_columns": ["AMOUNT"]], ["1|1|old", "2|2|new", "3|30.0|new"]),
    ] as [(OrderedDictionary<String, PlainValue>, [String])] {
      try await runner.run(
        "truncate marts.orders; insert into marts.orders values (1, 1, 'old'), (2, 2, 'old')")
      let whole = config.merging(["incremental_strategy": "merge", "unique_key": "order_id"]) { $1 }
      try await runner.carryOut(IncrementalMaterialization(), Self.orders(whole, sql))
      #expect(try await runner.rows("select * from marts.orders order by 1") == expected)
    }
  }

  @Test func seedsAreMadeEmptiedAndMadeAnew() async throws {
    let runner = try await PlanRunner()
    let fixture = PlanFixture(["indexes": [["columns": ["id"], "unique": true]]], type: .seed).changed {
      $0.seed = PlanFixture.seed(("id", .integer), ("Note", .text), ("day", .date))
    }
    try await runner.carryOut(SeedMaterialization(), fixture, seed: "1,\"a, b\",2024-02-29\n2,,\n")
    try await runner.run("create view reports.above as select id from marts.orders")
    #expect(
      try await runner.rows("select id, \"Note\", day from marts.orders order by 1") == [
        "1|a, b|2024-02-29", "2||",
      ])
    try await runner.carryOut(SeedMaterialization(), fixture, seed: "3,c,2024-01-01\n")
    #expect(try await runner.rows("select * from reports.above") == ["3"])
    try await runner.carryOut(
      SeedMaterialization(), fixture.flags { $0.fullRefresh = true }, seed: "4,d,2024-01-01\n5,e,\n")
    #expect(try await runner.rows("select * from reports.above order by 1") == ["4", "5"])
    #expect(try await runner.rows("select count(*) from pg_indexes where schemaname = 'marts'") == ["1"])
  }

  @Test func grantsAreThoseOfTheConfig() async throws {
    let runner = try await PlanRunner()
    // Roles belong to the whole server, which other tests use too.
    try await runner.run(
      "do $$ begin create role planner_reader; create role planner_writer; "
        + "exception when duplicate_object then null; end $$")
    try await runner.run("create table marts.orders (order_id int, amount numeric)")
    try await runner.run(
      "grant select, insert on marts.orders to planner_writer; grant select on marts.orders to public")
    let config: OrderedDictionary<String, PlainValue> = ["grants": ["select": ["planner_reader"]]]
    try await runner.carryOut(
      IncrementalMaterialization(), Self.orders(config, Self.first.input.compiled.sql))
    let grants =
      "select grantee, privilege_type from information_schema.role_table_grants "
      + "where table_schema = 'marts' and grantee <> current_role order by 1, 2"
    #expect(try await runner.rows(grants) == ["planner_reader|SELECT"])
    try await runner.carryOut(TableMaterialization(), Self.orders(config, Self.first.input.compiled.sql))
    #expect(try await runner.rows(grants) == ["planner_reader|SELECT"])
  }

  @Test func leftoversOfAKilledRunGo() async throws {
    let runner = try await PlanRunner()
    try await runner.run(
      "create table marts.orders (a int); create view marts.orders__dbt_tmp as select 1; "
        + "create table marts.orders__dbt_backup (a int); create view reports.old as select a from marts.orders__dbt_backup"
    )
    try await runner.carryOut(TableMaterialization(), Self.first)
    #expect(
      try await runner.rows(
        "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind <> 't'")
        == ["orders"])
  }

  @Test func hooksAndHeaderRunInOrder() async throws {
    let runner = try await PlanRunner()
    try await runner.run(
      "create table reports.log (n serial, what text, xid xid8 default pg_current_xact_id())")
    func hook(_ what: String, inTransaction: Bool = true) -> RenderedHook {
      RenderedHook(sql: "insert into reports.log (what) values ('\(what)')", inTransaction: inTransaction)
    }
    let fixture = Self.orders(
      ["sql_header": "insert into reports.log (what) values ('header'); select 1;"],
      "select count(*)::int as order_id, 1 as amount from reports.log"
    ).changed {
      $0.preHooks = [hook("pre"), hook("before", inTransaction: false)]
      $0.postHooks = [hook("after", inTransaction: false), hook("post; 1 -- ")]
    }
    try await runner.carryOut(TableMaterialization(), fixture)
    let log = try await runner.rows("select what from reports.log order by n")
    #expect(log == ["before", "pre", "header", "post; 1 -- ", "after"])
    #expect(try await runner.rows("select order_id from marts.orders") == ["3"])
    #expect(try await runner.rows("select count(distinct xid) from reports.log") == ["3"])
  }
}
