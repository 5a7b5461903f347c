import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import Materializations

/// Plans of a small star as `whc plan` prints them.
struct StarGoldenTests {
  static let fixture: StarFixture = {
    var fixture = StarFixture()
    fixture.add(
      "dim_customer",
      ["materialized": "dimension", "natural_key": "customer_id", "effective_at": "updated_at"],
      sql: "select * from staging.stg_customers",
      columns: [
        "customer_id integer", "segment text", "email character varying(80)", "city text", "first_seen date",
        "updated_at timestamp without time zone",
      ], types: ["email": 1, "city": 6, "first_seen": 0])
    fixture.add(
      "dim_place",
      [
        "materialized": "dimension", "natural_key": ["country", "city"], "input": "changes",
        "effective_at": "at",
        "operation": "op", "deletes": "new_record", "late_arriving": "error",
        "surrogate_key": ["name": "place_key", "method": "hash"], "members": ["unknown": -1],
      ], sql: "select * from staging.stg_places",
      columns: ["country text", "city text", "people bigint", "at date", "op text"])
    fixture.add(
      "dim_agent", ["materialized": "dimension", "natural_key": "agent_id"],
      sql: "select * from staging.stg_agents",
      columns: ["agent_id integer", "team text", "name text", "desk text"],
      types: ["team": 7, "name": 1, "desk": 3])
    fixture.add(
      "dim_date", ["materialized": "date_dimension", "start": "2024-01-01", "fiscal_year_start": 10], sql: "",
      columns: [])
    fixture.add(
      "fct_order_line",
      [
        "materialized": "fact", "grain": ["order_id", "line_no"], "event_time": "ordered_at",
        "dimensions": [
          ["to": "dim_customer", "key": "customer_id", "missing": "infer"],
          ["to": "dim_place", "key": ["country", "city"]],
          ["to": "dim_date", "role": "order", "key": "ordered_at"],
          ["to": "dim_date", "role": "ship", "key": "shipped_on", "missing": "not_applicable"],
        ],
        "degenerate": "order_id", "measures": ["amount"],
      ], sql: "select * from staging.stg_order_lines",
      columns: [
        "order_id integer", "line_no integer", "customer_id integer", "country text", "city text",
        "ordered_at timestamp without time zone", "shipped_on date", "amount numeric(12,2)",
      ])
    fixture.add(
      "fct_order",
      [
        "materialized": "fact", "fact_type": "accumulating_snapshot", "grain": "order_id",
        "date_dimension": "dim_date", "milestones": ["ordered_at", "shipped_on", "paid_at"],
        "milestone_order": "error", "null_milestone": "keep",
        "lags": [
          ["from": "ordered", "to": "shipped"], ["from": "ordered", "to": "paid", "unit": "hours"],
        ],
        "dimensions": [["to": "dim_customer", "key": "customer_id"]], "measures": ["amount"],
      ], sql: "select * from staging.stg_orders",
      columns: [
        "order_id integer", "customer_id integer", "ordered_at timestamp without time zone",
        "shipped_on date", "paid_at timestamp with time zone", "amount numeric(12,2)",
      ])
    fixture.add(
      "fct_stock",
      [
        "materialized": "fact", "fact_type": "periodic_snapshot", "grain": ["product_id", "place"],
        "event_time": "counted_at", "period": "month", "date_dimension": "dim_date",
        "gaps": ["fill": "zero", "for": "6 months"], "take": "last", "close_after": "2 days",
        "start": "2024-01-01",
        "dimensions": [["to": "dim_agent", "role": "owner", "key": "owner_id"]],
        "measures": [["name": "on_hand", "additivity": "semi"]],
      ], sql: "select * from staging.stg_stock",
      columns: [
        "product_id integer", "place text", "owner_id integer", "counted_at timestamp without time zone",
        "on_hand integer",
      ])
    fixture.add(
      "dim_member",
      [
        "materialized": "dimension", "natural_key": "member_id", "effective_at": "changed_at",
        "outriggers": [
          ["to": "dim_agent", "key": "agent_id", "at": "current"],
          ["to": "dim_date", "key": "joined_on", "role": "joined", "missing": "error"],
        ],
        "mini_dimensions": [
          ["to": "dim_member_profile", "columns": ["age_band", "income"], "current_key": true]
        ],
      ], sql: "select * from staging.stg_members",
      columns: [
        "member_id integer", "name text", "agent_id integer", "joined_on date", "age_band text",
        "income numeric(12,2)", "changed_at timestamp without time zone",
      ])
    fixture.add(
      "dim_member_profile", ["materialized": "mini_dimension"], sql: "select * from staging.stg_members",
      columns: [
        "member_id integer", "age_band text", "income numeric(12,2)",
        "changed_at timestamp without time zone",
      ])
    fixture.add(
      "dim_partner",
      [
        "materialized": "dimension", "natural_key": ["country", "partner_id"], "effective_at": "at",
        "first_version_from": "always", "deletes": "soft",
        "take_over": [
          "from": "old.partners",
          "columns": [
            "partner_id": "id", "valid_from": "from_day", "valid_to": "to_day", "is_deleted": "gone",
            "surrogate_key": "sk",
          ],
          "time_zone": "Europe/Berlin", "gaps": "close", "duplicates": "drop", "overlaps": "cut",
        ],
      ], sql: "select * from staging.stg_partners",
      columns: [
        "country text", "partner_id bigint", "name text", "tier text", "since text", "phone text",
        "at timestamp with time zone",
      ], types: ["tier": 6, "since": 0, "phone": 1])
    fixture.others = [
      RelationState(
        name: RelationName(database: nil, schema: "old", identifier: "partners"), kind: .table,
        columns: [
          ("sk", "integer"), ("country", "text"), ("id", "integer"), ("name", "character varying(20)"),
          ("tier", "text"), ("since", "text"), ("from_day", "date"), ("to_day", "date"), ("gone", "boolean"),
        ].map { ColumnDescription(name: $0.0, type: $0.1) })
    ]
    fixture.add(
      "dim_price",
      [
        "materialized": "dimension", "natural_key": "article", "input": "changes", "effective_at": "since",
        "bitemporal": true, "members": false,
      ], sql: "select * from staging.stg_prices",
      columns: ["article text", "price numeric(12,2)", "since date"])
    fixture.add(
      "fct_visit",
      [
        "materialized": "fact", "grain": "visit_id", "event_time": "at",
        "dimensions": [["to": "dim_member", "key": "member_id"]],
      ], sql: "select * from staging.stg_visits",
      columns: ["visit_id integer", "member_id integer", "at timestamp without time zone"])
    fixture.add(
      "holidays", ["materialized": "seed"], sql: "", columns: ["day date", "title text"])
    fixture.add(
      "dim_feast",
      [
        "materialized": "date_dimension", "start": "2024-01-01", "languages": ["de", "fr"],
        "holidays": ["from": "ref('holidays')", "date": "day", "name": "title"],
      ], sql: "", columns: [])
    fixture.add(
      "dim_time", ["materialized": "time_dimension", "grain": "15 minutes", "languages": ["de"]], sql: "",
      columns: [])
    fixture.add(
      "fct_call",
      [
        "materialized": "fact", "grain": "call_id",
        "dimensions": [
          ["to": "dim_time", "key": "rang_at"], ["to": "dim_time", "key": "ended", "role": "end"],
        ],
      ], sql: "select * from staging.stg_calls",
      columns: ["call_id integer", "rang_at timestamp without time zone", "ended time without time zone"])
    // Facts whose SQL groups by their grain; what their lookups may do to it differs.
    let days: [(name: String, lookup: OrderedDictionary<String, PlainValue>)] = [
      ("fct_day", ["to": "dim_date", "key": "day"]), ("fct_agent_day", ["to": "dim_agent"]),
      ("fct_customer_day", ["to": "dim_customer", "missing": "infer"]),
    ]
    for (name, lookup) in days {
      fixture.add(
        name,
        [
          "materialized": "fact", "grain": ["day", "customer_id", "agent_id"], "event_time": "day",
          "dimensions": [.mapping(lookup)],
        ],
        sql: "select customer_id, agent_id, day, count(*) as orders from staging.stg_orders group by 1, 2, 3",
        columns: ["customer_id integer", "agent_id integer", "day date", "orders bigint"])
    }
    return fixture
  }()

  @Test(arguments: [
    ("dim_customer", false), ("dim_place", true), ("dim_agent", false), ("dim_date", false),
    ("dim_price", false), ("dim_partner", false),
    ("dim_member", false), ("dim_member_profile", false), ("fct_visit", true),
    ("fct_order_line", false),
    ("fct_order_line", true), ("fct_order", false), ("fct_order", true), ("fct_stock", false),
    ("fct_stock", true), ("dim_feast", false), ("dim_time", false), ("dim_time", true), ("fct_call", false),
    ("fct_day", false), ("fct_agent_day", false), ("fct_customer_day", false), ("fct_day", true),
  ])
  func plan(_ name: String, _ exists: Bool) throws {
    let input = try #require(Self.fixture.input(name, exists: exists))
    let plan = try MaterializationRegistry.materialization(of: input.node).plan(input)
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Goldens/\(name)\(exists ? "_again" : "").sql")
    let mismatch = Golden.mismatch(PlanText().text(of: plan), file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test(arguments: [
    ("dim_customer", false), ("dim_customer", true), ("dim_place", true), ("dim_agent", true),
    ("dim_date", false),
    ("dim_price", false), ("dim_member", true), ("dim_member_profile", false), ("dim_feast", true),
    ("dim_time", true),
  ])
  func planOnRedshift(_ name: String, _ exists: Bool) throws {
    var fixture = Self.fixture
    fixture.isRedshift = true
    let input = try #require(fixture.input(name, exists: exists))
    let plan = try MaterializationRegistry.materialization(of: input.node).plan(input)
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Goldens/redshift/\(name)\(exists ? "_again" : "").sql")
    let mismatch = Golden.mismatch(PlanText().text(of: plan), file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  /// The same for Redshift, and what only other fixtures have.
  @Test(arguments: [
    ("fct_order_line", false), ("fct_order_line", true), ("fct_order", true), ("fct_stock", true),
    ("fct_visit", true), ("fct_call", false), ("dim_flags", false), ("dim_load", false), ("fct_shared", true),
    ("fct_shared", false), ("bridge_tree", false), ("bridge_group", true), ("fct_strict", false),
  ])
  func planForRedshift(_ name: String, _ exists: Bool) throws {
    var input = try #require(Self.onRedshift.input(name, exists: exists))
    let sizes = [("dim_agent", 4_000_000, "AUTO(ALL)"), ("dim_flags", 20, "ALL"), ("fct_shared", 9, "EVEN")]
    for (table, rows, style) in sizes {
      let relation = RelationName(database: nil, schema: "star", identifier: table)
      input.storage[relation] = TableStorage(rows: rows, style: style, hasPrimaryKey: table == "dim_flags")
    }
    let plan = try MaterializationRegistry.materialization(of: input.node).plan(input)
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Goldens/redshift/\(name)\(exists ? "_again" : "").sql")
    let mismatch = Golden.mismatch(PlanText().text(of: plan), file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  static let onRedshift: StarFixture = {
    var fixture = Self.fixture
    fixture.redshift = ["fact", "junk_dimension", "audit_dimension", "bridge"]
    fixture.add(
      "dim_flags",
      ["materialized": "junk_dimension", "flags": ["gift", "channel"], "physical": "star"],
      sql: "select * from staging.stg_flags", columns: ["gift boolean", "channel character varying(20)"])
    fixture.add("dim_load", ["materialized": "audit_dimension"], sql: "", columns: [])
    fixture.add(
      "fct_shared",
      [
        "materialized": "fact", "grain": ["order_id", "line"], "event_time": "at", "audit": "dim_load",
        "dimensions": [
          ["to": "dim_flags"], ["to": "dim_agent", "missing": "infer"], ["to": "dim_date", "key": "at"],
        ],
        "allocate": [
          ["measure": "shipping", "over": "amount", "header": "order_id"],
          ["measure": "fee", "header": "order_id", "decimals": 0],
        ],
        "measures": ["amount", "shipping", "fee"], "views": ["flat", "roles"], "physical": "star",
      ], sql: "select * from staging.stg_lines",
      columns: [
        "order_id integer", "line integer", "at timestamp without time zone", "gift boolean",
        "channel character varying(20)", "agent_id integer", "amount integer", "shipping numeric(10,2)",
        "fee integer",
      ])
    fixture.add(
      "bridge_tree",
      [
        "materialized": "bridge", "bridge_type": "hierarchy", "to": "dim_agent", "key": "agent_id",
        "parent": "boss", "physical": "star", "dist": "even",
      ],
      sql: "select * from staging.stg_bosses", columns: ["agent_id integer", "boss integer"])
    fixture.add(
      "bridge_group",
      [
        "materialized": "bridge", "to": "dim_customer", "group_key": "account", "key": "customer_id",
        "weight": "share", "valid_from": "since", "valid_to": "until",
      ], sql: "select * from staging.stg_owners",
      columns: [
        "account integer", "customer_id integer", "share numeric(9,6)", "since timestamp without time zone",
        "until timestamp without time zone",
      ])
    fixture.add(
      "fct_strict",
      [
        "materialized": "fact", "grain": "id", "event_time": "at", "rekey": "off",
        "dimensions": [["to": "dim_customer", "key": "customer_id", "missing": "error"]],
      ], sql: "select * from staging.stg_strict",
      columns: ["id integer", "customer_id integer", "at timestamp without time zone"])
    return fixture
  }()

  /// A column more, one fewer, and one of a wider type.
  @Test(arguments: [false, true])
  func changedColumns(isRedshift: Bool) throws {
    var fixture = StarFixture()
    fixture.isRedshift = isRedshift
    let config: OrderedDictionary<String, PlainValue> = [
      "materialized": "dimension", "natural_key": "id", "effective_at": "at", "bitemporal": true,
      "schema_changes": ["new_columns": "backfill", "dropped_columns": "drop"], "members": false,
    ]
    fixture.add(
      "dim_x", config, sql: "select * from x",
      columns: ["id integer", "a character varying(20)", "c text", "at date"], types: ["c": 6])
    var input = try #require(fixture.input("dim_x", exists: true))
    input.existing?.columns = [
      ("x_key", "bigint"), ("id", "integer"), ("a", "character varying(10)"), ("b", "text"),
      ("valid_from", "timestamp without time zone"), ("valid_to", "timestamp without time zone"),
      ("is_current", "boolean"), ("stated_at", "timestamp without time zone"),
    ].map { ColumnDescription(name: $0.0, type: $0.1) }
    let text = PlanText().text(of: try DimensionMaterialization().plan(input))
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Goldens/\(isRedshift ? "redshift/" : "")dim_x_changed.sql")
    let mismatch = Golden.mismatch(text, file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")

    for (key, code) in [("dropped_columns", "column-dropped"), ("wider_types", "column-type-changed")] {
      input.node.config["schema_changes"] = .mapping([key: "error"])
      let error = try #require(throws: DiagnosticsError.self) { try DimensionMaterialization().plan(input) }
      #expect(error.diagnostics.map(\.code.rawValue) == [code])
    }
  }

  /// Columns of a fact's SQL that are no times and no keys of the dimension.
  @Test func timesAndKeysThatAreNone() throws {
    var fixture = StarFixture()
    fixture.add(
      "dim_x", ["materialized": "dimension", "natural_key": "id", "effective_at": "at"],
      sql: "select * from x",
      columns: ["id integer", "at date"])
    fixture.add(
      "f",
      [
        "materialized": "fact", "grain": "n", "event_time": "n",
        "dimensions": [["to": "dim_x", "key": "word", "as_of": "word"]],
      ], sql: "select * from y", columns: ["n integer", "word text"])
    fixture.others = [
      RelationState(
        name: RelationName(database: nil, schema: "star", identifier: "dim_x"), kind: .table,
        columns: [ColumnDescription(name: "id", type: "integer")])
    ]
    let input = try #require(fixture.input("f"))
    let error = try #require(throws: DiagnosticsError.self) { try FactMaterialization().plan(input) }
    #expect(
      error.diagnostics.map { "\($0.code.rawValue): \($0.summary)" } == [
        "not-a-time: event_time 'n' of f is of type integer, which is not a time",
        "not-a-time: as_of 'word' of f is of type text, which is not a time",
        "key-type-differs: word of f is text, and id of dim_x is integer",
      ])
  }

  @Test func rebuild() throws {
    var input = try #require(Self.fixture.input("dim_price", exists: true))
    let relation = try #require(input.node.relation)
    let layout = try DimensionMaterialization.layout(input)
    input.existing?.columns = layout.definitions.map {
      ColumnDescription(name: $0.name, type: $0.type.replacing(" not null", with: ""))
    }
    input.relations[layout.ledger] = RelationState(name: layout.ledger, kind: .table)
    input.relations[relation] = input.existing
    input.flags.rebuild = true
    let plan = try DimensionMaterialization().plan(input)
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Goldens/dim_price_rebuilt.sql")
    let mismatch = Golden.mismatch(PlanText().text(of: plan), file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")

    var extract = try #require(Self.fixture.input("dim_agent", exists: true))
    extract.flags.rebuild = true
    let error = try #require(throws: DiagnosticsError.self) { try DimensionMaterialization().plan(extract) }
    #expect(error.diagnostics.map(\.code) == ["rebuild-nothing"])
    let agent = try DimensionMaterialization.layout(extract)
    extract.relations[agent.ledger] = RelationState(name: agent.ledger, kind: .table)
    let second = try #require(throws: DiagnosticsError.self) { try DimensionMaterialization().plan(extract) }
    #expect(second.diagnostics.map(\.code) == ["rebuild-needs-history"])
  }

  @Test func whatTheInvariantsProve() throws {
    let nodes = Array(Self.fixture.manifest.nodes.values)
    let customer = StarTests.provedFacts(nodes[0])
    #expect(customer.contains(.unique(["customer_key"])) && customer.contains(.notNull("customer_id")))
    #expect(!customer.contains(.unique(["customer_id"])))
    #expect(
      StarTests.provedFacts(nodes[4]) == [
        .unique(["order_id", "line_no"]), .notNull("order_id"), .notNull("line_no"),
      ])
  }

  /// What can only be seen with the columns of the SQL.
  @Test func mistakesInColumns() throws {
    var fixture = StarFixture()
    fixture.add(
      "dim_x", ["materialized": "dimension", "natural_key": "idd", "effective_at": "n"], sql: "",
      columns: ["id integer", "n integer", "valid_from date"])
    let input = try #require(fixture.input("dim_x"))
    let error = try #require(throws: DiagnosticsError.self) { try DimensionMaterialization().plan(input) }
    #expect(
      error.diagnostics.map(\.summary) == [
        "natural_key 'idd' of dim_x is not a column of its SQL; did you mean 'id'?",
        "effective_at 'n' of dim_x is of type integer, which is not a time",
        "'valid_from' of dim_x is a column of its SQL and one that is added to it",
      ])
  }
}
