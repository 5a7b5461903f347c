import OrderedCollections
import ProjectModel
import StarModel
import Testing

@testable import Compiler

/// Queries over a small star, with what is said of them: the code and the text that is marked.
@Suite struct QueryRulesTests {
  /// - Parameters:
  ///   - sql: with `{{ ref('x') }}` for a relation, as a model is written
  ///   - others: models between the star and the query
  static func findings(
    _ sql: String, _ settings: OrderedDictionary<String, PlainValue> = [:],
    others: [(String, PlainValue, String)] = []
  ) -> [String] {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    func add(_ name: String, _ config: OrderedDictionary<String, PlainValue>, sql: String = "") {
      let id = NodeID(.model, package: "shop", name: name)
      var node = Node(
        id: id, resourceType: .model, name: name, packageName: "shop", path: "\(name).sql",
        originalFilePath: "models/\(name).sql", rootPath: "/project", fqn: ["shop", name], rawCode: sql,
        checksum: "", alias: name, config: NodeConfig(values: config))
      if !sql.isEmpty { node.dependsOn = Array(manifest.nodes.keys) }
      manifest.nodes[id] = node
    }
    add("dim_customer", ["materialized": "dimension", "natural_key": "customer_id"])
    add("dim_place", ["materialized": "dimension", "natural_key": "place_id", "scd_type": 1])
    add("dim_date", ["materialized": "date_dimension", "start": "2024-01-01"])
    add(
      "fct_sale",
      [
        "materialized": "fact", "grain": ["order_id", "line"], "event_time": "sold_at",
        "dimensions": ["dim_customer", "dim_place", ["to": "dim_date", "role": "sale", "key": "sold_at"]],
        "measures": ["amount", ["name": "unit_price", "additivity": "non"]],
      ])
    add(
      "fct_visit",
      [
        "materialized": "fact", "fact_type": "factless", "grain": "visit_id", "event_time": "at",
        "dimensions": ["dim_customer"],
      ])
    add(
      "fct_stock",
      [
        "materialized": "fact", "fact_type": "periodic_snapshot", "grain": "place_id", "period": "day",
        "event_time": "counted_at", "date_dimension": "dim_date", "dimensions": ["dim_place"],
        "measures": [["name": "on_hand", "additivity": "semi"], "received"],
      ])
    add("stg_order", ["materialized": "view"])
    for (name, kind, sql) in others { add(name, ["materialized": kind], sql: sql) }
    add("mart", ["materialized": "table", "star_rules": .mapping(settings)], sql: sql)
    let found = QueryRules(Star(manifest), manifest).check()
    return found.map { finding in
      guard let span = finding.span, span.file == "models/mart.sql" else {
        return "\(finding.code) elsewhere"
      }
      let lines = sql.split(separator: "\n", omittingEmptySubsequences: false)
      let line = lines[span.start.line - 1].dropFirst(span.start.column - 1)
      return "\(finding.severity) \(finding.code): \(line.prefix(span.end.column - span.start.column))"
    }
  }

  @Test(arguments: [
    (
      "select * from {{ ref('fct_sale') }} s join {{ ref('fct_visit') }} v on s.customer_key = v.customer_key",
      "warning fact-to-fact-join: {{ ref('fct_visit') }}"
    ),
    (
      """
      with sales as (select * from {{ ref('fct_sale') }} where amount > 0),
      visits as (select v.* from {{ ref('fct_visit') }} v)
      select sum(amount) from sales left join visits using (customer_key)
      """, "warning fact-to-fact-join: visits"
    ),
    (
      """
      select c.segment, sum(s.amount), count(v.visit_id)
      from {{ ref('dim_customer') }} as c
      left join {{ ref("fct_sale") }} as s on s.customer_key = c.customer_key
      left join {{ ref('shop', 'fct_visit') }} as v on c.customer_key = v.customer_key
      group by 1
      """, "warning chasm-trap: {{ ref('shop', 'fct_visit') }}"
    ),
    (
      "select * from {{ ref('dim_customer') }} c join {{ ref('fct_sale') }} s using (customer_key)\n"
        + "join {{ ref('fct_visit') }} v using (customer_key)",
      "warning chasm-trap: {{ ref('fct_visit') }}"
    ),
    (
      "select * from {{ ref('stg_order') }} o\njoin {{ ref('dim_customer') }} c on c.customer_id = o.customer_id",
      "warning natural-key-join: {{ ref('dim_customer') }}"
    ),
    (
      "select * from {{ ref('stg_order') }} join {{ ref('dim_customer') }} using (customer_id)",
      "warning natural-key-join: {{ ref('dim_customer') }}"
    ),
    // A name that was given on the way is followed.
    (
      """
      with c as (select customer_id as id, segment from {{ ref('dim_customer') }})
      select * from {{ ref('stg_order') }} o join c on c.id = o.customer_id
      """, "warning natural-key-join: c"
    ),
    (
      "with s as (select order_id, unit_price as price from {{ ref('fct_sale') }}) select sum(s.price) from s",
      "warning non-additive-sum: sum(s.price)"
    ),
    ("select SUM(unit_price) from {{ ref('fct_sale') }}", "warning non-additive-sum: SUM(unit_price)"),
    (
      "with s as (select * from {{ ref('fct_sale') }}) select s.order_id, sum ( s.unit_price ) from s group by 1",
      "warning non-additive-sum: sum ( s.unit_price )"
    ),
    (
      "select place_key, sum(on_hand) from {{ ref('fct_stock') }} group by place_key",
      "warning semi-additive-sum: sum(on_hand)"
    ),
    (
      """
      select d.month, sum(f.on_hand) from {{ ref('fct_stock') }} f
      join {{ ref('dim_date') }} d on d.date_key = f.date_key group by d.month
      """, "warning semi-additive-sum: sum(f.on_hand)"
    ),
    // What runs incrementally is left out; comments and settings are.
    (
      """
      {{ config(materialized='incremental') }}
      {# sums #}
      select sum(unit_price) from {{ ref('fct_sale') }}
      {% if is_incremental() %} where sold_at > (select max(sold_at) from {{ this }}) {% endif %}
      """, "warning non-additive-sum: sum(unit_price)"
    ),
    // Text in dollars hides nothing.
    (
      "select $$ text $$ from {{ ref('fct_sale') }} join {{ ref('fct_visit') }} using (k)",
      "warning fact-to-fact-join: {{ ref('fct_visit') }}"
    ),
  ])
  func finds(_ sql: String, _ expected: String) {
    #expect(Self.findings(sql) == [expected])
  }

  @Test(arguments: [
    // Each fact by itself, and joined when they have one row each.
    """
    with s as (select customer_key, sum(amount) as amount from {{ ref('fct_sale') }} group by 1),
    v as (select customer_key, count(*) as visits from {{ ref('fct_visit') }} group by 1)
    select * from s full join v using (customer_key)
    """,
    "select * from {{ ref('fct_sale') }} where customer_key in (select customer_key from {{ ref('fct_visit') }})",
    "select customer_key from {{ ref('fct_sale') }} union all select customer_key from {{ ref('fct_visit') }}",
    "select * from {{ ref('fct_sale') }} a join {{ ref('fct_sale') }} b on a.order_id = b.order_id",
    // The whole grain of both.
    """
    select * from {{ ref('fct_visit') }} v
    join (select order_id as visit_id, 1 as one from {{ ref('stg_order') }}) x on x.visit_id = v.visit_id
    """,
    // The surrogate key, the present version, the version of a time.
    "select * from {{ ref('fct_sale') }} f join {{ ref('dim_customer') }} c on c.customer_key = f.customer_key",
    "select * from {{ ref('stg_order') }} o join {{ ref('dim_customer') }} c "
      + "on c.customer_id = o.customer_id and c.is_current",
    "with c as (select * from {{ ref('dim_customer') }} where is_current) "
      + "select * from {{ ref('stg_order') }} o join c on c.customer_id = o.customer_id",
    "select * from {{ ref('stg_order') }} o join {{ ref('dim_customer') }} c on c.customer_id = o.customer_id "
      + "where o.at >= c.valid_from and (o.at < c.valid_to or c.valid_to is null)",
    "with c as (select customer_id, valid_from as since from {{ ref('dim_customer') }}) "
      + "select * from {{ ref('stg_order') }} o join c on c.customer_id = o.customer_id and o.at >= c.since",
    "select * from {{ ref('stg_order') }} o join {{ ref('dim_place') }} p on p.place_id = o.place_id",
    "select * from {{ ref('dim_customer') }} a join {{ ref('dim_customer') }} b on a.customer_id = b.customer_id",
    // The newest of each key, by way of a number.
    "with c as (select *, row_number() over (partition by customer_id order by valid_from desc) as n from "
      + "{{ ref('dim_customer') }}) select * from {{ ref('stg_order') }} o "
      + "join c on c.customer_id = o.customer_id and c.n = 1",
    "with c as (select *, row_number() over (partition by customer_id order by valid_from desc) as n from "
      + "{{ ref('dim_customer') }}), d as (select * from c where n = 1) select * from {{ ref('stg_order') }} o "
      + "join d on d.customer_id = o.customer_id",
    "select sum(on_hand) from (select *, rank() over (order by period_start desc) as n from {{ ref('fct_stock') }}) s "
      + "where n = 1",
    // Sums that mean something.
    "select sum(amount), sum(unit_price * quantity), avg(unit_price) from {{ ref('fct_sale') }}",
    "select date_key, sum(on_hand) from {{ ref('fct_stock') }} group by date_key",
    "select d.date, sum(f.on_hand) from {{ ref('fct_stock') }} f join {{ ref('dim_date') }} d using (date_key) group by 1",
    "select sum(on_hand) from {{ ref('fct_stock') }} where period_end = current_date",
    "select sum(on_hand) / count(distinct date_key) from {{ ref('fct_stock') }}",
    "select sum(f.on_hand) from {{ ref('fct_stock') }} f join {{ ref('dim_date') }} d using (date_key) where d.day = 1",
    "select place_key, sum(received) from {{ ref('fct_stock') }} group by 1",
    "with s as (select amount as unit_price from {{ ref('fct_sale') }}) select sum(unit_price) from s",
    "select sum(unit_price) filter (where line = 1), sum(unit_price) over () from {{ ref('fct_sale') }}",
    // No join, though it looks like one.
    "-- join fct_visit\nselect 'join' from {{ ref('fct_sale') }} /* , fct_visit */",
    "select a is distinct from b from {{ ref('fct_sale') }}",
    "select extract(day from sold_at), left(order_id, 2) from {{ ref('fct_sale') }} limit 3",
    // What only rendering tells.
    "select * from {{ ref('fct_sale') }} {% for x in [1] %} join {{ ref('fct_visit') }} using (k) {% endfor %}",
    "select * from {{ ref('fct_sale') }} s join {{ ref('fct_visit') }} v on {{ same_order('s', 'v') }}",
    "select place_key, sum(on_hand) from {{ ref('fct_stock') }} where {{ last_day() }} group by 1",
    "select {{ keys() }}, sum(on_hand) from {{ ref('fct_stock') }} group by 1",
    "select place_key, sum(on_hand) from {{ ref('fct_stock') }} {{ dbt_utils.group_by(1) }}",
    "select 1 from {{ source('a', 'b') }} o join {{ ref('dim_place') }} p using (place_id)",
    // What PostgreSQL does not read is left to it.
    "", ")", "select", "with", "select sum( from {{ ref('fct_sale') }}", "select 1; select 2",
  ])
  func isContentWith(_ sql: String) {
    #expect(Self.findings(sql) == [])
  }

  @Test func seesThroughOtherModels() {
    let others: [(String, PlainValue, String)] = [
      ("sales", "view", "select s.*, s.unit_price as price from {{ ref('fct_sale') }} s where amount > 0"),
      ("sales_again", "table", "with x as (select * from {{ ref('sales') }}) select order_id, price from x"),
      ("by_order", "view", "select order_id, sum(amount) as price from {{ ref('fct_sale') }} group by 1"),
    ]
    #expect(
      Self.findings("select sum(price) from {{ ref('sales_again') }}", others: others)
        == ["warning non-additive-sum: sum(price)"])
    #expect(
      Self.findings(
        "select * from {{ ref('sales') }} a join {{ ref('fct_visit') }} b using (k)", others: others)
        == ["warning fact-to-fact-join: {{ ref('fct_visit') }}"])
    #expect(Self.findings("select sum(price) from {{ ref('by_order') }}", others: others) == [])
  }

  @Test func aNodeWeighsTheRules() {
    let sql =
      "select sum(unit_price) from {{ ref('fct_sale') }} s join {{ ref('fct_visit') }} v using (customer_key)"
    #expect(
      Self.findings(
        sql, ["fact-to-fact-join": "error", "non-additive-sum": ["reason": "an index of prices"]]) == [
          "error fact-to-fact-join: {{ ref('fct_visit') }}"
        ])
    #expect(Self.findings(sql, ["fact-to-fact-join": false, "non-additive-sum": "off"]) == [])
  }
}
