"""The data and projects of the benchmarks that work on many rows."""

ATTRIBUTES = "first_name last_name email phone street city postcode country segment credit_limit born_on is_vip".split()

SCD_SETUP = """
create schema if not exists raw;
drop view if exists raw.cust cascade;
drop table if exists raw.cust_v1, raw.cust_v2 cascade;
create table raw.cust_v1 as
  select i as id, 'First' || i % 9973 as first_name, 'Last' || i % 49999 as last_name, 'user' || i || '@example.com' as email,
    '+1555' || lpad((i * 7919::bigint % 10000000)::text, 7, '0') as phone, i % 5000 || ' Main Street' as street,
    'City' || i % 1000 as city, lpad((i % 99999)::text, 5, '0') as postcode,
    (array['GB', 'FR', 'DE', 'US', 'JP'])[i % 5 + 1] as country, (array['a', 'b', 'c', 'd'])[i % 4 + 1] as segment,
    (i % 100000) / 100.0::numeric(12, 2) as credit_limit, date '1950-01-01' + i % 20000 as born_on, i % 10 = 0 as is_vip,
    timestamp '2024-01-01' + (i % 86400) * interval '1 second' as updated_at
  from generate_series(1, 1000000) i;
create table raw.cust_v2 as
  select id, first_name, last_name, email, phone,
    case when id % 20 = 7 then street || ' Apt ' || id % 50 else street end as street,
    case when id % 40 = 7 then 'Moved' || id % 999 else city end as city, postcode, country,
    case when id % 20 = 7 then 'z' else segment end as segment, credit_limit, born_on, is_vip,
    case when id % 20 = 7 then timestamp '2024-06-01' + (id % 86400) * interval '1 second' else updated_at end as updated_at
  from raw.cust_v1 where id % 100 <> 3;
insert into raw.cust_v2
  select id + 1000000, first_name, last_name, email, phone, street, city, postcode, country, segment, credit_limit, born_on,
    is_vip, timestamp '2024-06-01' from raw.cust_v1 where id <= 10000;
create view raw.cust as select * from raw.cust_v1;
vacuum analyze raw.cust_v1;
vacuum analyze raw.cust_v2;
"""

_columns = ", ".join(["id", *ATTRIBUTES])
_distinct = " or ".join(f"s.{c} is distinct from d.{c}" for c in ATTRIBUTES)

SCD_HAND = {
    "first": f"""drop table if exists scd_hand.dim_customer;
create table scd_hand.dim_customer as
  select row_number() over () as customer_key, {_columns}, timestamp '2024-01-01' as valid_from, null::timestamp as valid_to,
    true as is_current from raw.cust;
""",
    "change": f"""begin;
lock table scd_hand.dim_customer in share row exclusive mode;
create temp table delta as
  select d.ctid as place, {', '.join('s.' + c for c in ['id', *ATTRIBUTES])}
  from raw.cust s full join (select ctid, * from scd_hand.dim_customer where is_current) d on d.id = s.id
  where d.id is null or s.id is null or {_distinct};
analyze delta;
update scd_hand.dim_customer d set valid_to = timestamp '2024-06-30', is_current = false from delta x where d.ctid = x.place;
insert into scd_hand.dim_customer
  select (select max(customer_key) from scd_hand.dim_customer) + row_number() over (), {_columns}, timestamp '2024-06-30', null, true
  from delta where id is not null;
commit;
""",
    "compare": f"""select count(*) from raw.cust s full join (select * from scd_hand.dim_customer where is_current) d on d.id = s.id
where d.id is null or s.id is null or {_distinct};
""",
}


def write(folder, files):
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def scd_project(folder):
    write(folder, {
        "dbt_project.yml": "name: scd\nversion: '1.0'\nprofile: bench\n",
        "models/dim_customer.sql": f"select {_columns} from raw.cust\n",
        "models/models.yml": "models:\n  - name: dim_customer\n    config: {materialized: dimension, natural_key: id, "
                             "surrogate_key: customer_key}\n",
    })


FACT_SETUP = """
create schema if not exists raw;
drop table if exists raw.versions, raw.events cascade;
create table raw.versions as
  select i as id, 'n' || i as name, timestamp '2024-01-01' as changed_at from generate_series(1, 1000000) i
  union all
  select i, 'm' || i, timestamp '2024-06-01' from generate_series(1, 1000000) i where i % 17 = 0;
create table raw.events as
  select i as event_id, (i * 7919::bigint) % 1000000 + 1 as customer_id,
    timestamp '2024-01-01' + (i % 366) * interval '1 day' + (i % 86400) * interval '1 second' as event_at, i % 100 as qty,
    (i % 10000) / 100.0::numeric(12, 2) as amount
  from generate_series(1, 5000000) i;
vacuum analyze raw.versions;
vacuum analyze raw.events;
"""

FACT_HAND = """drop table if exists fct_whc.hand;
create table fct_whc.hand as
  select e.event_id, coalesce(d.customer_key, -1) as customer_key, e.event_at, e.qty, e.amount
  from raw.events e
  left join fct_whc.dim_customer d
    on d.id = e.customer_id and e.event_at >= d.valid_from and (e.event_at < d.valid_to or d.valid_to is null);
"""


def fact_project(folder):
    write(folder, {
        "dbt_project.yml": "name: fct\nversion: '1.0'\nprofile: bench\n",
        "models/dim_customer.sql": "select id, name, changed_at from raw.versions\n",
        "models/fct_event.sql": "select event_id, customer_id, event_at, qty, amount from raw.events\n",
        "models/models.yml": """models:
  - name: dim_customer
    config: {materialized: dimension, natural_key: id, effective_at: changed_at, input: changes, surrogate_key: customer_key}
  - name: fct_event
    config:
      materialized: fact
      grain: event_id
      event_time: event_at
      dimensions: [{to: dim_customer, key: customer_id}]
      measures: [{name: qty, additivity: additive}, {name: amount, additivity: additive}]
""",
    })


HISTORY_SETUP = """
create schema if not exists raw;
drop table if exists raw.changes cascade;
create table raw.changes as
  select (i * 7919::bigint % 1000000 + 1)::int as id, 'Name' || i % 49999 as name, 'City' || (i / 1000000 * 37 + i % 1000000 * 11) % 1000 as city,
    (array['a', 'b', 'c', 'd'])[i / 1000000 % 4 + 1] as segment,
    timestamp '2023-01-01' + i / 1000000 * interval '40 days' + i % 86400 * interval '1 second' as changed_at
  from generate_series(0, 9999999) i;
vacuum analyze raw.changes;
"""

HISTORY_HAND = """drop table if exists his_hand.dim_customer;
create table his_hand.dim_customer as
  select row_number() over (order by id, changed_at) as customer_key, id, name, city, segment, changed_at as valid_from,
    lead(changed_at) over line as valid_to, lead(changed_at) over line is null as is_current
  from (
    select *, lag(changed_at) over line is not null and lag(name) over line is not distinct from name
      and lag(city) over line is not distinct from city and lag(segment) over line is not distinct from segment as repeats
    from raw.changes
    window line as (partition by id order by changed_at)
  ) c
  where not repeats
  window line as (partition by id order by changed_at);
"""

_changes = "materialized: dimension, natural_key: id, effective_at: changed_at, input: changes, surrogate_key: customer_key"


def history_project(folder):
    write(folder, {
        "dbt_project.yml": "name: his\nversion: '1.0'\nprofile: bench\n",
        "models/dim_customer.sql": "select id, name, city, segment, changed_at from raw.changes\n",
        "models/models.yml": f"models:\n  - name: dim_customer\n    config: {{{_changes}}}\n",
    })


# The same load into a large table and a tenth of it; what it costs should not follow the table.
LATE_SETUP = """
create schema if not exists raw;
drop table if exists raw.first, raw.late cascade;
create table raw.first as
  select i as id, 'n' || i as name, timestamp '2024-01-01' + v * interval '100 days' as changed_at
  from generate_series(1, 1000000) i, generate_series(0, 1) v;
create table raw.late as select * from raw.first limit 0;
create or replace view raw.large as select * from raw.first;
create or replace view raw.small as select * from raw.first where id <= 100000;
vacuum analyze raw.first;
"""


def late_project(folder):
    indexes = "indexes: [{columns: [id]}, {columns: [customer_key], unique: true}]"
    names = ("large", "small")
    write(folder, {
        "dbt_project.yml": "name: late\nversion: '1.0'\nprofile: bench\n",
        **{f"models/dim_{name}.sql": f"select id, name, changed_at from raw.{name}\n" for name in names},
        "models/models.yml": "models:\n" + "".join(
            f"  - name: dim_{name}\n    config: {{{_changes}, {indexes}}}\n" for name in names),
    })


AGAIN_SETUP = """
drop table if exists raw.events_large, raw.events_small cascade;
create table raw.events_large as select * from raw.events;
create table raw.events_small as select * from raw.events where customer_id <= 100000;
create index on raw.events_large (event_at);
create index on raw.events_small (event_at);
vacuum analyze raw.events_large;
vacuum analyze raw.events_small;
"""


def again_project(folder):
    """Two facts of one dimension: of 5,000,000 events and of the 500,000 of a tenth of the members."""
    fact = """  - name: fct_{0}
    config:
      materialized: fact
      grain: event_id
      event_time: event_at
      indexes: [{{columns: [event_id], unique: true}}, {{columns: [event_at]}}, {{columns: [customer_key]}}]
      dimensions: [{{to: dim_customer, key: customer_id}}]
"""
    indexes = "indexes: [{columns: [id]}, {columns: [customer_key], unique: true}]"
    names = ("large", "small")
    write(folder, {
        "dbt_project.yml": "name: again\nversion: '1.0'\nprofile: bench\n",
        "models/dim_customer.sql": "select id, name, changed_at from raw.versions\n",
        **{f"models/fct_{name}.sql": f"select event_id, customer_id, event_at, qty, amount from raw.events_{name}\n" for name in names},
        "models/models.yml": f"models:\n  - name: dim_customer\n    config: {{{_changes}, {indexes}}}\n"
                             + "".join(fact.format(name) for name in names),
    })


_unique = [f"u{n}" for n in range(40)]
_filled = [f"c{n}" for n in range(40)]
_foreign = [f"f{n}" for n in range(40)]

TESTS_SETUP = f"""
create schema if not exists tst;
drop table if exists tst.big, tst.parent cascade;
create table tst.parent as select i as id from generate_series(0, 999) i;
create table tst.big as select {', '.join(f'i + {n} as {c}' for n, c in enumerate(_unique))},
  {', '.join(f"nullif(i % {n + 900001}, 5) as {c}" if n % 10 == 0 else f"i as {c}" for n, c in enumerate(_filled))},
  {', '.join(f'(i + {n}) % {1000 if n % 10 else 1001} as {c}' for n, c in enumerate(_foreign))}
  from generate_series(1, 1000000) i;
vacuum analyze tst.big;
vacuum analyze tst.parent;
"""


def tests_project(folder):
    """The project, and the same questions as dbt asks them, one query a test."""
    lines, queries = [], []
    for column in _unique + _filled + _foreign:
        lines.append(f"          - name: {column}\n            data_tests:\n              - not_null: {{config: {{severity: warn}}}}")
        queries.append(f"select count(*) from (select {column} from tst.big where {column} is null) t;")
        if column in _unique:
            lines.append("              - unique: {config: {severity: warn}}")
            queries.append(f"select count(*) from (select {column} from tst.big where {column} is not null group by {column} "
                           "having count(*) > 1) t;")
        if column in _foreign:
            lines.append("              - relationships: {arguments: {to: \"source('tst', 'parent')\", field: id}, config: {severity: warn}}")
            queries.append(f"select count(*) from (with child as (select {column} as k from tst.big where {column} is not null), "
                           f"parent as (select id from tst.parent) select k from child left join parent on k = id where id is null) t;")
    write(folder, {
        "dbt_project.yml": "name: tst\nversion: '1.0'\nprofile: bench\n",
        "models/sources.yml": "sources:\n  - name: tst\n    schema: tst\n    tables:\n      - name: parent\n      - name: big\n        columns:\n"
                              + "\n".join(lines) + "\n",
    })
    return queries
