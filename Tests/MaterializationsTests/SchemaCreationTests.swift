import ProjectModel
import Testing
import Warehouse

@testable import Materializations

struct SchemaCreationTests {
  @Test func oneTransactionUnderALock() throws {
    let schemas = ["b", "a", "b"].map { SchemaName(database: "shop", schema: $0) }
    let group = try #require(SchemaCreation.group(for: schemas, dialect: .postgres))
    let text = PlanText().text(of: Plan(node: NodeID("none"), groups: [group]))
    #expect(
      text == """
        -- none

        -- one transaction; may be sent again
        begin;
        -- lock
        select pg_advisory_xact_lock(hashtextextended('whc create schema', 0));
        -- create schema
        create schema if not exists "a";
        -- create schema
        create schema if not exists "b";
        commit;

        """)
  }

  @Test func nothingToMake() {
    #expect(SchemaCreation.group(for: [], dialect: .postgres) == nil)
  }
}
