import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import Materializations

/// Each case is a plan as `whc plan` prints it, in a file of its own.
struct PlanGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var kind: any Materialization
    var fixture: PlanFixture
    var testDescription: String { name }

    init(_ name: String, _ kind: any Materialization, _ fixture: PlanFixture) {
      self.name = name
      self.kind = kind
      self.fixture = fixture
    }
  }

  @Test(arguments: views + tables + incrementals + seeds + stagings + redshift)
  func plan(_ item: Case) throws {
    let text: String
    do throws(DiagnosticsError) {
      text = PlanText().text(of: try item.kind.plan(item.fixture.input))
    } catch {
      text = error.diagnostics.map(Self.text).joined(separator: "\n")
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Goldens/\(item.name).sql")
    let mismatch = Golden.mismatch(text, file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  /// Names are files: two cases of one name would overwrite each other.
  @Test func namesDiffer() {
    let names = (Self.views + Self.tables + Self.incrementals + Self.seeds + Self.stagings + Self.redshift)
      .map(\.name)
    #expect(Set(names).count == names.count)
  }

  private static func text(_ diagnostic: Diagnostic) -> String {
    var lines = ["-- \(diagnostic.severity.rawValue)[\(diagnostic.code)]: \(diagnostic.summary)"]
    lines += diagnostic.notes.map { "--   note: \($0)" }
    if let help = diagnostic.help { lines.append("--   help: \(help)") }
    return lines.joined(separator: "\n") + "\n"
  }

  static let preHooks = [
    RenderedHook(sql: "set statement_timeout = 0", inTransaction: false),
    RenderedHook(sql: "select 'before; it' ; -- nothing more\n"),
  ]
  static let postHooks = [
    RenderedHook(sql: "insert into audit.log values ('orders')"), RenderedHook(sql: "  \n"),
    RenderedHook(sql: "vacuum \"shop\".\"marts\".\"orders\"", inTransaction: false),
  ]

  static let views: [Case] = [
    Case("view/first", ViewMaterialization(), PlanFixture()),
    Case("view/replaced", ViewMaterialization(), PlanFixture().existing(.view)),
    Case(
      "view/replaced-with-dependents", ViewMaterialization(),
      PlanFixture().existing(.view).dependents(
        PlanFixture().view("order_list"),
        PlanFixture().view("order_top", reads: ["order_list"], direct: false),
        PlanFixture().view("order_sums", materialized: true))),
    Case("view/over-table", ViewMaterialization(), PlanFixture().existing(.table)),
    Case("view/over-materialized-view", ViewMaterialization(), PlanFixture().existing(.materializedView)),
    Case("view/over-foreign-table", ViewMaterialization(), PlanFixture().existing(.foreignTable)),
    Case(
      "view/leftovers", ViewMaterialization(),
      PlanFixture().existing(.view).leftover("orders__dbt_tmp", .view).leftover("orders__dbt_backup", .table)),
    Case(
      "view/hooks-grants-comments", ViewMaterialization(),
      PlanFixture([
        "grants": ["select": ["reporter", "analyst"]], "sql_header": "set local work_mem = '64MB';",
        "persist_docs": ["relation": true, "columns": true],
      ]).existing(.view).changed {
        $0.preHooks = preHooks
        $0.postHooks = postHooks
        $0.node.description = "What people's orders came to"
        $0.node.columns = [
          "order_id": ColumnProperties(name: "ORDER_ID", description: "The shop's number"),
          "gone": ColumnProperties(name: "gone", description: "Not there"),
        ]
      }),
  ]

  static let tables: [Case] = [
    Case("table/first", TableMaterialization(), PlanFixture()),
    Case("table/replaced", TableMaterialization(), PlanFixture().existing(.table)),
    Case("table/over-view", TableMaterialization(), PlanFixture().existing(.view)),
    Case(
      "table/leftovers", TableMaterialization(),
      PlanFixture().existing(.table).leftover("orders__dbt_tmp").leftover("orders__dbt_backup")),
    Case(
      "table/with-dependents", TableMaterialization(),
      PlanFixture().existing(.table).dependents(
        PlanFixture().view("order_list"),
        PlanFixture().view("order_top", reads: ["order_list"], direct: false),
        PlanFixture().view("order_sums", materialized: true)
      ).changed {
        $0.dependentKeys = [
          ForeignKeyReference(
            table: RelationName(database: "shop", schema: "marts", identifier: "lines"),
            constraint: "lines_order_fk",
            definition: "FOREIGN KEY (order_id) REFERENCES marts.orders(order_id)")
        ]
      }),
    Case(
      "table/indexes-hooks-grants", TableMaterialization(),
      PlanFixture([
        "indexes": [
          ["columns": ["order_id"], "unique": true], ["columns": ["amount", "order_id"], "type": "btree"],
        ],
        "unlogged": true, "grants": ["select": "reporter", "insert": []],
      ]).existing(.table).changed {
        $0.preHooks = preHooks
        $0.postHooks = postHooks
      }),
    Case(
      "table/contract", TableMaterialization(),
      PlanFixture(["contract": ["enforced": true]]).changed {
        $0.node.columns = [
          "amount": ColumnProperties(
            name: "amount", dataType: "numeric(10,2)", constraints: [["type": "not_null"]]),
          "order_id": ColumnProperties(
            name: "order_id", dataType: "int",
            constraints: [
              ["type": "primary_key"],
              ["type": "foreign_key", "to": "\"shop\".\"raw\".\"orders\"", "to_columns": ["id"]],
            ]),
        ]
        $0.node.constraints = [["type": "check", "name": "positive", "expression": "amount >= 0"]]
      }),
    Case(
      "table/contract-broken", TableMaterialization(),
      PlanFixture(["contract": ["enforced": true]]).changed {
        $0.node.columns = [
          "order_id": ColumnProperties(name: "order_id", dataType: "text"),
          "total": ColumnProperties(name: "total", dataType: "numeric"),
        ]
      }),
    Case(
      "table/gated", TableMaterialization(),
      PlanFixture(["publish": "after_tests"]).existing(.table).flags { $0.gate = true }),
    Case(
      "table/long-name", TableMaterialization(),
      PlanFixture(name: String(repeating: "long_", count: 12)).existing(.table).dependents(
        PlanFixture().view("order_list"))),
    Case("table/name-too-long", TableMaterialization(), PlanFixture(name: String(repeating: "o", count: 64))),
    Case("table/index-without-columns", TableMaterialization(), PlanFixture(["indexes": [["unique": true]]])),
  ]

  static let there = PlanFixture().existing(.table, "order_id integer", "amount numeric")
  static func incremental(_ config: OrderedDictionary<String, PlainValue>) -> PlanFixture {
    PlanFixture(config).existing(.table, "order_id integer", "amount numeric")
  }

  static let incrementals: [Case] = [
    Case("incremental/first", IncrementalMaterialization(), PlanFixture(["unique_key": "order_id"])),
    Case("incremental/append", IncrementalMaterialization(), incremental([:])),
    Case("incremental/delete-insert", IncrementalMaterialization(), incremental(["unique_key": "order_id"])),
    Case(
      "incremental/delete-insert-list", IncrementalMaterialization(),
      incremental([
        "unique_key": ["order_id", "amount"],
        "incremental_predicates": ["DBT_INTERNAL_DEST.amount > 0", "true"],
      ])),
    Case(
      "incremental/merge", IncrementalMaterialization(),
      incremental(["unique_key": "order_id", "incremental_strategy": "merge"])),
    Case(
      "incremental/merge-list", IncrementalMaterialization(),
      incremental([
        "unique_key": ["order_id", "amount"], "incremental_strategy": "merge",
        "merge_exclude_columns": ["ORDER_ID"], "incremental_predicates": "DBT_INTERNAL_DEST.amount > 0",
      ])),
    Case(
      "incremental/merge-without-key", IncrementalMaterialization(),
      incremental(["incremental_strategy": "merge"])),
    Case(
      "incremental/merge-update-columns", IncrementalMaterialization(),
      incremental([
        "unique_key": "order_id", "incremental_strategy": "merge", "merge_update_columns": ["amount"],
      ])),
    Case(
      "incremental/merge-on-14", IncrementalMaterialization(),
      incremental(["unique_key": "order_id", "incremental_strategy": "merge"]).changed {
        $0.dialect.serverVersion = 140_011
      }),
    Case(
      "incremental/merge-both-lists", IncrementalMaterialization(),
      incremental([
        "incremental_strategy": "merge", "merge_update_columns": ["amount"],
        "merge_exclude_columns": ["order_id"],
      ])),
    Case(
      "incremental/microbatch", IncrementalMaterialization(),
      incremental(["incremental_strategy": "microbatch"])),
    Case(
      "incremental/unknown-strategy", IncrementalMaterialization(),
      incremental(["incremental_strategy": "upsert"])),
    Case(
      "incremental/full-refresh", IncrementalMaterialization(),
      incremental(["indexes": [["columns": ["order_id"]]]]).flags { $0.fullRefresh = true }),
    Case(
      "incremental/full-refresh-refused", IncrementalMaterialization(),
      incremental(["full_refresh": false]).flags { $0.fullRefresh = true }),
    Case(
      "incremental/over-view", IncrementalMaterialization(),
      PlanFixture(["unique_key": "order_id"]).existing(.view)),
    Case(
      "incremental/ignore-new-column", IncrementalMaterialization(),
      incremental([:]).queried("order_id integer", "note text", "amount numeric")),
    Case(
      "incremental/ignore-missing-column", IncrementalMaterialization(),
      incremental([:]).queried("order_id integer")),
    Case(
      "incremental/fail", IncrementalMaterialization(),
      incremental(["on_schema_change": "fail"]).queried("order_id bigint", "note text")),
    Case(
      "incremental/append-new-columns", IncrementalMaterialization(),
      incremental(["on_schema_change": "append_new_columns", "unique_key": "order_id"])
        .queried("order_id integer", "note character varying(20)")
        .dependents(PlanFixture().view("order_list"))),
    Case(
      "incremental/sync-all-columns", IncrementalMaterialization(),
      incremental(["on_schema_change": "sync_all_columns"])
        .queried("order_id bigint", "note text")
        .dependents(
          PlanFixture().view("order_list"),
          PlanFixture().view("order_top", reads: ["order_list"], direct: false))),
    Case(
      "incremental/widened-string", IncrementalMaterialization(),
      PlanFixture().existing(.table, "code character varying(5)", "name text").queried(
        "code character varying(9)", "name character varying(300)")),
    Case(
      "incremental/gated-grants-comments", IncrementalMaterialization(),
      incremental([
        "publish": "after_tests", "grants": ["select": ["reporter"]],
        "persist_docs": ["relation": true, "columns": true],
      ]).flags { $0.gate = true }.changed {
        $0.node.description = "Orders"
        $0.node.columns = ["amount": ColumnProperties(name: "amount", description: "It's in euro")]
        $0.preHooks = preHooks
        $0.postHooks = postHooks
      }),
  ]

  static func seed(_ config: OrderedDictionary<String, PlainValue> = [:]) -> PlanFixture {
    PlanFixture(config, type: .seed).changed {
      $0.seed = PlanFixture.seed(
        ("id", .integer), ("Price", .number), ("paid", .boolean), ("day", .date), ("at", .timestamp),
        ("note", .text))
    }
  }

  static let seeds: [Case] = [
    Case("seed/first", SeedMaterialization(), seed(["indexes": [["columns": ["id"]]]])),
    Case(
      "seed/again", SeedMaterialization(),
      seed().existing(
        .table, "id integer", "Price float8", "paid boolean", "day date", "at timestamp", "note text")),
    Case(
      "seed/full-refresh", SeedMaterialization(),
      seed().existing(.table).flags { $0.fullRefresh = true }.dependents(PlanFixture().view("order_list"))),
    Case(
      "seed/types-and-quoting", SeedMaterialization(),
      seed(["quote_columns": false, "column_types": ["id": "varchar(5)", "note": "jsonb"]]).changed {
        $0.seed?.delimiter = UInt8(ascii: ";")
      }),
    Case("seed/empty-file", SeedMaterialization(), seed().changed { $0.seed?.rowCount = 0 }),
    Case("seed/over-view", SeedMaterialization(), seed().existing(.view)),
    Case("seed/new-column", SeedMaterialization(), seed().existing(.table, "id integer", "Price float8")),
  ]

  static let stagings: [Case] = [
    Case("staging/view", StagingMaterialization(), PlanFixture()),
    Case("staging/table", StagingMaterialization(), PlanFixture(["staging_materialized": "table"])),
    Case(
      "staging/wrong-word", StagingMaterialization(), PlanFixture(["staging_materialized": "incremental"])),
    Case(
      "staging/reads-model", StagingMaterialization(),
      PlanFixture().changed {
        let other = PlanFixture(name: "stg_orders").input.node
        $0.manifest.nodes[other.id] = other
        $0.node.dependsOn = [other.id]
        $0.node.refs = [
          RefCall(name: "stg_orders", span: SourceSpan(file: "models/orders.sql", line: 3, column: 9))
        ]
      }),
    Case("ephemeral/nothing", EphemeralMaterialization(), PlanFixture()),
  ]

  static let onRedshift = PlanFixture(
    ["dist": "order_id", "sort": ["amount"], "unique_key": "order_id"], dialect: .redshift)
  static let redshift: [Case] = [
    Case("redshift/view", ViewMaterialization(), onRedshift.existing(.view)),
    Case(
      "redshift/late-binding-view", ViewMaterialization(), PlanFixture(["bind": false], dialect: .redshift)),
    Case("redshift/table", TableMaterialization(), onRedshift.existing(.table)),
    Case(
      "redshift/delete-insert", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric")),
    Case(
      "redshift/merge", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric").changed {
        $0.node.config["incremental_strategy"] = "merge"
      }),
    Case(
      "redshift/sync-all-columns", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric").queried(
        "order_id integer", "note text"
      ).changed {
        $0.node.config["on_schema_change"] = "sync_all_columns"
      }),
    Case(
      "redshift/retyped", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric(10,2)", "note character varying(5)")
        .queried("order_id bigint", "amount numeric(12,2)", "note character varying(9)")
        .changed { $0.node.config["on_schema_change"] = "sync_all_columns" }),
    Case(
      "redshift/predicates", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric").changed {
        $0.node.config["incremental_predicates"] = ["DBT_INTERNAL_DEST.amount > 7"]
      }),
    Case(
      "redshift/microbatch", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric").changed {
        $0.node.config["incremental_strategy"] = "microbatch"
        $0.node.config["event_time"] = "placed"
        $0.batch = Batch(
          start: EventTime("2024-01-01") ?? EventTime(secondsSince1970: 0),
          end: EventTime("2024-01-02") ?? EventTime(secondsSince1970: 0))
      }),
    Case(
      "redshift/contract", TableMaterialization(),
      PlanFixture(
        [
          "contract": ["enforced": true], "backup": false, "dist": "even", "sort": ["order_id", "amount"],
          "sort_type": "interleaved",
        ], dialect: .redshift
      ).changed {
        $0.node.columns["order_id"] = ColumnProperties(name: "order_id", dataType: "integer")
        $0.node.columns["order_id"]?.constraints = [
          ["type": "not_null"], ["type": "primary_key"], ["type": "check", "expression": "order_id > 0"],
        ]
        $0.node.columns["amount"] = ColumnProperties(name: "amount", dataType: "numeric")
      }),
    Case(
      "redshift/list-of-dist", TableMaterialization(), PlanFixture(["dist": ["a", "b"]], dialect: .redshift)),
    Case(
      "redshift/grants-carried-over", IncrementalMaterialization(),
      onRedshift.existing(.table, "order_id integer", "amount numeric").changed {
        $0.node.config["grants"] = ["select": ["reporter"]]
        $0.node.config["incremental_strategy"] = "append"
      }),
    Case(
      "redshift/comments", MaterializedViewMaterialization(),
      onRedshift.changed {
        $0.node.config["persist_docs"] = ["relation": true]
        $0.node.description = "Orders; \\ and 'more'"
        $0.node.config["auto_refresh"] = true
      }),
    Case("redshift/materialized-view", MaterializedViewMaterialization(), PlanFixture(dialect: .redshift)),
    Case(
      "redshift/materialized-view-refreshed", MaterializedViewMaterialization(),
      PlanFixture(dialect: .redshift).existing(.materializedView)),
    Case(
      "redshift/materialized-view-anew", MaterializedViewMaterialization(),
      PlanFixture(dialect: .redshift).existing(.materializedView).flags { $0.fullRefresh = true }),
    Case(
      "redshift/seed", SeedMaterialization(),
      PlanFixture(["dist": "all"], type: .seed, dialect: .redshift).changed {
        $0.seed = PlanFixture.seed(("id", .integer), ("note", .text), ("city", .text))
        $0.seed?.columns[1].longest = 12
      }),
    Case(
      "redshift/seed-again", SeedMaterialization(),
      PlanFixture(type: .seed, dialect: .redshift).existing(.table, "id integer").changed {
        $0.seed = PlanFixture.seed(("id", .integer))
      }),
  ]
}
