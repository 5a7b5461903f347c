import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

struct StarListingTests {
  static let declarations: Declarations = {
    var declarations = StarTests.shop([
      "event_time": "at", "degenerate": ["receipt"],
      "dimensions": [
        ["to": "dim_customer", "missing": "infer"], ["to": "dim_date", "role": "order", "key": "at"],
        ["to": "dim_date", "role": "ship", "missing": "not_applicable"],
      ],
      "measures": ["amount", ["name": "stock", "additivity": "semi", "over": "order", "unit": "pcs"]],
    ])
    declarations.add(
      "fct_case",
      [
        "materialized": "fact", "fact_type": "accumulating_snapshot", "grain": "case_id",
        "date_dimension": "dim_date", "milestones": ["opened_at", "closed_at"],
      ])
    return declarations
  }()

  static var listing: StarListing {
    StarListing(Star(declarations.manifest), declarations.manifest)
  }

  @Test func theMatrix() {
    #expect(
      Self.listing.matrix == """
                   one row for each  dim_customer  dim_place  dim_date*
        fct_order  order_id          x             -          order, ship
        fct_case   case_id           -             -          opened, closed

        * conformed: facts that share it can be compared along it

        no fact uses dim_place

        """)
    let nothing = Declarations()
    #expect(
      StarListing(Star(nothing.manifest), nothing.manifest).matrix
        == "No dimensions and no facts are declared in shop\n")
  }

  @Test func facts() throws {
    let facts = Array(Self.listing.star.facts.values)
    #expect(
      Self.listing.text(of: facts[0]) == """
        fct_order: transaction fact
          one row for each  order_id
          event time        at
          reads             by at, 3 days back
          degenerate        receipt

          key             dimension     role   looked up by  as of  missing
          customer_key    dim_customer         customer_id   at     infer
          order_date_key  dim_date      order  at                   unknown
          ship_date_key   dim_date      ship   date                 not_applicable

          measure  additivity                     unit
          amount   additive
          stock    semi-additive, not over order  pcs

        """)
    #expect(
      Self.listing.text(of: facts[1]) == """
        fct_case: accumulating snapshot
          one row for each  case_id
          milestones        opened → closed
          lags              opened_to_closed_days

          key              dimension  role    looked up by  as of  missing
          opened_date_key  dim_date   opened  opened_at            not_applicable while NULL
          closed_date_key  dim_date   closed  closed_at            not_applicable while NULL

        """)
  }

  @Test func dimensions() throws {
    #expect(
      Self.listing.text(of: try #require(Self.listing.star.dimensions.values.first)) == """
        dim_customer: dimension of type 2
          natural key    customer_id
          surrogate key  customer_key (integer)
          input          snapshot
          deletes        invalidate

          member          key  label
          unknown         -1   Unknown
          not_applicable  -2   Not applicable

          used by    key           as of
          fct_order  customer_key  at

        """)
  }

  @Test func diagrams() throws {
    let star = Self.listing.star
    let fact = try #require(star.facts.values.last)
    #expect(
      StarDiagram.mermaid.render([fact], of: star, Self.declarations.manifest) == """
        erDiagram
          dim_date {
            integer date_key PK
            date date
          }
          fct_case {
            integer opened_date_key FK
            integer closed_date_key FK
            grain case_id
            milestone opened_at
            milestone closed_at
            lag opened_to_closed_days
          }
          dim_date ||--o{ fct_case : opened_date_key
          dim_date ||--o{ fct_case : closed_date_key

        """)
    #expect(
      StarDiagram.dbml.render([fact], of: star, Self.declarations.manifest).hasSuffix(
        """
          Note: 'one row for each case_id'
        }

        Ref: "fct_case"."opened_date_key" > "dim_date"."date_key"
        Ref: "fct_case"."closed_date_key" > "dim_date"."date_key"

        """))
    let svg = StarDiagram.svg.render([fact], of: star, Self.declarations.manifest)
    let lookups = star.lookups(of: fact, Self.declarations.manifest)
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    // A box for the fact and each dimension, a line and its ends for each lookup.
    #expect(
      svg.matches(of: #/<rect class="(?:fact|dimension)" x=/#).count == 1
        + Set(lookups.map(\.target.node)).count)
    #expect(svg.matches(of: #/ C\d+ /#).count == lookups.count)
    let dot = StarDiagram.dot.render([fact], of: star, Self.declarations.manifest)
    #expect(dot.contains("  \"fct_case\" -> \"dim_date\" [label=\"opened_date_key\"];\n"))
    #expect(dot.contains("label=\"dim_date\\l\\ldate_key PK\\ldate\""))
  }
}
