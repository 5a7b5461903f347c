/// The project that `whc init` writes: two raw tables, cleaned, and a small star over them. It builds as it is.
enum StarterProject {
  /// Paths below the project's folder and their contents.
  static func files(named name: String) -> [(path: String, text: String)] {
    [
      ("dbt_project.yml", projectFile(name)),
      ("profiles/profiles.yml", profiles(name)),
      (".gitignore", "target/\nlogs/\ndbt_packages/\n.whc/\n"),
      ("seeds/raw_customers.csv", customers),
      ("seeds/raw_orders.csv", orders),
      ("models/staging/stg_customers.sql", stagedCustomers),
      ("models/staging/stg_orders.sql", stagedOrders),
      ("models/staging/staging.yml", stagingProperties),
      (
        "models/marts/dim_customer.sql",
        "select customer_id, name, city, changed_at\nfrom {{ ref('stg_customers') }}\n"
      ),
      ("models/marts/dim_date.sql", "-- Written by the compiler from start and end in marts.yml.\n"),
      (
        "models/marts/fct_order.sql",
        "select order_id, customer_id, ordered_at, amount\nfrom {{ ref('stg_orders') }}\n"
      ),
      ("models/marts/marts.yml", martProperties),
      ("README.md", readme(name)),
    ]
  }

  private static func projectFile(_ name: String) -> String {
    """
    name: \(name)
    version: "1.0.0"
    config-version: 2
    profile: \(name)

    seeds:
      \(name):
        +schema: raw
        raw_customers:
          +column_types: {changed_at: timestamp}
        raw_orders:
          +column_types: {ordered_at: timestamp, amount: "numeric(10,2)"}

    models:
      \(name):
        staging:
          +materialized: staging
          +schema: staging

    """
  }

  private static func profiles(_ name: String) -> String {
    """
    \(name):
      target: embedded
      outputs:
        # A private PostgreSQL that whc starts for this project, in .whc/postgres.
        embedded: {type: postgres, embedded: true, schema: \(name), threads: 4}

        # Your own server: whc build --target server
        server:
          type: postgres
          host: "{{ env_var('PGHOST', 'localhost') }}"
          port: "{{ env_var('PGPORT', '5432') | as_number }}"
          user: "{{ env_var('PGUSER', 'postgres') }}"
          password: "{{ env_var('PGPASSWORD', '') }}"
          dbname: "{{ env_var('PGDATABASE', 'postgres') }}"
          schema: \(name)
          threads: 4

    """
  }

  private static let customers = """
    id,name,city,changed_at
    1,Ada Lund,Kiel,2025-01-01 08:00:00
    2,Bela Novak,Ulm,2025-01-01 08:00:00
    3,Carla Rossi,Bonn,2025-01-03 09:30:00
    1,Ada Lund,Jena,2025-03-15 12:00:00

    """

  private static let orders = """
    id,customer,ordered_at,amount
    1,1,2025-01-20 10:15:00,19.90
    2,2,2025-02-11 16:40:00,42.00
    3,1,2025-04-02 09:05:00,7.50
    4,3,2025-04-02 18:22:00,120.00

    """

  private static let stagedCustomers = """
    select
      id as customer_id,
      trim(name) as name,
      city,
      changed_at
    from {{ ref('raw_customers') }}

    """

  private static let stagedOrders = """
    select
      id as order_id,
      customer as customer_id,
      ordered_at,
      amount
    from {{ ref('raw_orders') }}

    """

  private static let stagingProperties = """
    version: 2

    models:
      - name: stg_customers
        description: One row for each customer and time of change.
        columns:
          - name: customer_id
            data_tests: [not_null]
      - name: stg_orders
        description: One row for each order.
        columns:
          - name: order_id
            data_tests: [unique, not_null]

    """

  private static let martProperties = """
    version: 2

    models:
      - name: dim_customer
        description: Customers; where they live keeps its history (type 2), the name is overwritten (type 1).
        config:
          materialized: dimension
          natural_key: customer_id
          effective_at: changed_at
          input: changes
        columns:
          - name: customer_key
            data_tests: [unique, not_null]
          - {name: name, config: {scd_type: 1}}

      - name: dim_date
        description: The calendar, one row a day.
        config: {materialized: date_dimension, start: 2025-01-01, end: today + 1 year}

      - name: fct_order
        description: Orders, each with the version of its customer that held when it was placed.
        config:
          materialized: fact
          grain: order_id
          event_time: ordered_at
          dimensions:
            - {to: dim_customer, key: customer_id}
            - {to: dim_date, role: order, key: ordered_at}
          measures:
            - {name: amount, additivity: additive, unit: EUR}
        columns:
          - name: customer_key
            data_tests:
              - relationships:
                  arguments: {to: ref('dim_customer'), field: customer_key}

    """

  private static func readme(_ name: String) -> String {
    """
    # \(name)

    A star schema that whc builds:

        whc build       # seeds, staging, dimensions, facts and their tests
        whc show --select fct_order
        whc docs        # target/index.html

    """
  }
}
