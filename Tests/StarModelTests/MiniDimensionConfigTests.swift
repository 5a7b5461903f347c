import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct MiniDimensionConfigTests {
  private static func shop(
    _ config: OrderedDictionary<String, PlainValue>, mini: OrderedDictionary<String, PlainValue> = [:],
    fact: OrderedDictionary<String, PlainValue> = [:],
    columns: OrderedDictionary<String, OrderedDictionary<String, PlainValue>> = [:]
  ) -> Declarations {
    var declarations = Declarations()
    var whole: OrderedDictionary<String, PlainValue> = ["materialized": "dimension", "natural_key": "id"]
    whole.merge(config) { _, new in new }
    declarations.add("dim_customer", whole, columns: columns)
    declarations.add(
      "dim_profile",
      OrderedDictionary(uniqueKeysWithValues: [("materialized", "mini_dimension")])
        .merging(mini) { _, new in new })
    declarations.add("dim_date", ["materialized": "date_dimension", "start": "2024-01-01"])
    declarations.add("dim_place", ["materialized": "dimension", "natural_key": ["land", "city"]])
    declarations.add("dim_bare", ["materialized": "dimension", "natural_key": "id", "members": false])
    declarations.add("stg_x", ["materialized": "view"])
    var visits: OrderedDictionary<String, PlainValue> = ["materialized": "fact", "grain": "id"]
    visits.merge(fact) { _, new in new }
    declarations.add("fct_visit", visits)
    return declarations
  }

  private static let split: PlainValue = [
    ["to": "dim_profile", "columns": ["age", "income"], "current_key": true]
  ]

  @Test func aSplitIsKnownToAll() throws {
    let declarations = Self.shop(
      [
        "mini_dimensions": Self.split,
        "outriggers": [["to": "ref('dim_date')", "key": "born", "role": "birth"]],
      ],
      fact: ["event_time": "at", "dimensions": [["to": "dim_customer", "role": "guest"]]])
    let manifest = declarations.manifest
    let star = Star(manifest)
    #expect(told(star.diagnostics) == [])
    let node = try #require(manifest.nodes.values.first { $0.name == "dim_customer" })
    #expect(Star.references(node).map(\.name) == ["dim_date", "dim_profile"])
    let fact = try #require(star.facts.values.first)
    #expect(
      star.lookups(of: fact, manifest).map { $0.edge.foreignKey($0.target.surrogateKey.name) }
        == ["guest_customer_key", "guest_profile_key"])
    let matrix = star.busMatrix(manifest)
    #expect(
      matrix.columns.map(\.name) == ["dim_customer", "dim_place", "dim_bare", "dim_profile", "dim_date"])
    #expect(matrix.columns.map(\.uses) == [1, 0, 0, 1, 0])
    let dimension = try #require(star.dimensions[node.id])
    #expect(
      StarListing(star, manifest).text(of: dimension).contains(
        """
          key                  dimension    looked up by  at
          birth_date_key       dim_date     born
          current_profile_key  dim_profile  id            current

          mini-dimension  columns
          dim_profile     age, income
        """))
    let mini = try #require(star.miniDimensions.values.first)
    #expect(
      StarListing(star, manifest).text(of: mini).hasPrefix(
        """
        dim_profile: mini-dimension
          of                dim_customer
          one row for each  age, income
          surrogate key     profile_key (integer)
        """))
  }

  /// What is written in the dimension's config and what is said of it.
  @Test(
    arguments: [
      (
        ["mini_dimensions": [["to": "dim_profile"]]],
        "missing-config-key:3: the mini-dimension dim_profile of dim_customer has no columns: nothing says what it is split from"
      ),
      (
        ["mini_dimensions": "dim_profile"],
        "bad-config-value:3: mini_dimensions of dim_customer is 'dim_profile', and must be a list of {to:, columns:}"
      ),
      (
        ["mini_dimensions": [["to": "dim_profile", "columns": ["a", "id"]]]],
        "clashing-column:3: 'id' of dim_customer is a column of the mini-dimension dim_profile and its natural key"
      ),
      (
        ["mini_dimensions": [["to": "dim_profile", "columns": ["city"]]]],
        "clashing-column:3: 'city' of dim_customer is a column of the mini-dimension dim_profile and an attribute with an scd_type"
      ),
      (
        ["mini_dimensions": [["to": "dim_profile", "columns": ["a"], "current_key": 1]]],
        "bad-config-value:3: current_key of the mini-dimension dim_profile of dim_customer is 1, and must be true or a name"
      ),
      (
        ["mini_dimensions": [["to": "dim_profile", "column": ["a"], "columns": ["b"]]]],
        "unknown-config-key:3: 'column' in the mini-dimension dim_profile of dim_customer is not a key; did you mean 'columns'?"
      ),
      (
        [
          "mini_dimensions": [
            ["to": "dim_profil", "columns": ["a"]], ["to": "dim_profile", "columns": ["b"]],
          ]
        ],
        "unknown-dimension:3: mini-dimension 'dim_profil' of dim_customer is not in this project; did you mean 'dim_profile'?"
      ),
      (
        ["mini_dimensions": [["to": "stg_x", "columns": ["a"]], ["to": "dim_profile", "columns": ["b"]]]],
        "not-a-dimension:3: stg_x, a mini-dimension of dim_customer, is materialized as view"
      ),
      (
        ["mini_dimensions": [["to": "dim_profile", "columns": ["a"], "current_key": "customer_key"]]],
        "clashing-column:3: 'customer_key' of dim_customer is its key to dim_profile and its surrogate key"
      ),
      ([:], "mini-dimension-without-base:1: no dimension says that dim_profile is split from it"),
    ] as [(OrderedDictionary<String, PlainValue>, String)])
  func mistakesOfSplits(_ config: OrderedDictionary<String, PlainValue>, _ expected: String) {
    let declarations = Self.shop(config, columns: ["city": ["scd_type": 1]])
    let star = Star(declarations.manifest)
    // A dimension that cannot be read names no mini-dimension either.
    let others = star.diagnostics.filter { $0.code != "mini-dimension-without-base" }
    #expect(told(others.isEmpty ? star.diagnostics : others) == [expected])
  }

  @Test(
    arguments: [
      (
        [["to": "dim_dat", "key": "a"]],
        "unknown-dimension:3: dimension 'dim_dat' of dim_customer is not in this project; did you mean 'dim_date'?"
      ),
      (
        [["to": "dim_profile", "key": "id"]],
        "not-a-dimension:3: dim_customer looks up dim_profile, which is a mini-dimension of dim_customer"
      ),
      (
        [["to": "dim_customer"]],
        "bad-config-value:3: an outrigger of dim_customer leads to dim_customer itself"
      ),
      (
        [["to": "dim_place", "key": "city"]],
        "key-count-mismatch:3: dim_customer looks up dim_place by city, but its natural key is land, city"
      ),
      (
        [["to": "dim_date", "key": "a"], ["to": "dim_date", "key": "b"]],
        "clashing-column:3: 'date_key' of dim_customer is its key to dim_date and the key to dim_date"
      ),
      (
        [["to": "dim_date", "key": "since"]],
        "bad-config-value:3: key 'since' of dim_customer to dim_date is its 'effective_at', which its rows do not keep"
      ),
      (
        [["to": "dim_place", "key": ["land", "gone"]]],
        "bad-config-value:3: key 'gone' of dim_customer to dim_place is its 'operation', which its rows do not keep"
      ),
      (
        [["to": "dim_bare"]],
        "missing-member:3: dim_customer needs the member 'unknown' of dim_bare, which has none"
      ),
      (
        [["to": "dim_date", "at": "then"]],
        "bad-config-value:3: at of the outrigger to dim_date of dim_customer is 'then', and must be one of valid_from, current"
      ),
      (
        [["to": "dim_date", "missing": "infer"]],
        "bad-config-value:3: missing of the outrigger to dim_date of dim_customer is 'infer', and must be one of unknown, not_applicable, error"
      ),
    ] as [(PlainValue, String)])
  func mistakesOfOutriggers(_ outriggers: PlainValue, _ expected: String) {
    let declarations = Self.shop([
      "outriggers": outriggers, "mini_dimensions": Self.split, "input": "changes", "effective_at": "since",
      "operation": ["column": "op", "delete": "D", "at": "gone"],
    ])
    let star = Star(declarations.manifest)
    #expect(told(star.diagnostics.filter { $0.code != "mini-dimension-without-base" }) == [expected])
  }

  @Test func aFactGetsTheKeyByWayOfTheDimension() {
    let direct = Self.shop(
      ["mini_dimensions": Self.split],
      fact: ["event_time": "at", "dimensions": [["to": "dim_profile", "key": "id"]]])
    #expect(
      told(Star(direct.manifest).diagnostics) == [
        "not-a-dimension:4: fct_visit looks up dim_profile, which is a mini-dimension of dim_customer"
      ])
    let timeless = Self.shop(
      ["scd_type": 1, "mini_dimensions": Self.split], fact: ["dimensions": ["dim_customer"]])
    #expect(
      told(Star(timeless.manifest).diagnostics) == [
        "missing-as-of:3: fct_visit looks up dim_profile, whose keys change, without saying at what time"
      ])
    let config = Self.shop(["mini_dimensions": Self.split], mini: ["natural_key": "id"])
    #expect(
      told(Star(config.manifest).diagnostics) == [
        "bad-config-value:2: natural_key of dim_profile is its dimension's to say"
      ])
  }
}
