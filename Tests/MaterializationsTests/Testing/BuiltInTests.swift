import OrderedCollections
import ProjectModel

@testable import Materializations

/// The SQL that dbt's four tests compile to, with the white space that its templates leave.
enum BuiltInTests {
  static func model(_ relation: String, _ condition: String?) -> String {
    condition.map { "(select * from \(relation) where \($0)) dbt_subquery" } ?? relation
  }

  static func notNull(_ column: String, in relation: String, where condition: String? = nil) -> String {
    """





    select \(column)
    from \(model(relation, condition))
    where \(column) is null



    """
  }

  static func unique(_ column: String, in relation: String, where condition: String? = nil) -> String {
    """


    select
        \(column) as unique_field,
        count(*) as n_records

    from \(model(relation, condition))
    where \(column) is not null
    group by \(column)
    having count(*) > 1



    """
  }

  static func acceptedValues(
    _ column: String, _ values: String, in relation: String, where condition: String? = nil
  ) -> String {
    """


    with all_values as (

        select
            \(column) as value_field,
            count(*) as n_records

        from \(model(relation, condition))
        group by \(column)

    )

    select *
    from all_values
    where value_field not in (
        \(values)
    )



    """
  }

  static func relationships(
    _ column: String, to parent: String, _ field: String, in relation: String, where condition: String? = nil
  ) -> String {
    """


    with child as (
        select \(column) as from_field
        from \(model(relation, condition))
        where \(column) is not null
    ),

    parent as (
        select \(field) as to_field
        from \(parent)
    )

    select
        from_field

    from child
    left join parent
        on child.from_field = parent.to_field

    where parent.to_field is null



    """
  }

  static func test(
    _ name: String, _ sql: String, _ config: OrderedDictionary<String, PlainValue> = [:]
  ) -> TestFusion.Test {
    TestFusion.Test(node: PlanFixture(config, type: .test, name: name).input.node, sql: sql)
  }
}
