import ProjectModel
import Testing
import Warehouse

@Suite struct DialectTests {
  static let both: [Dialect] = [.postgres, .redshift]

  @Test func `Literals hold any text`() {
    #expect(Dialect.postgres.literal("it's a \\ b") == "'it''s a \\ b'")
    #expect(Dialect.redshift.literal("it's a \\ b") == "'it''s a \\\\ b'")
    #expect(Dialect.postgres.literal(nil) == "null")
    #expect(Dialect.postgres.quote("a\"b") == "\"a\"\"b\"")
  }

  @Test func `A relation is rendered as its quoting says`() {
    var name = RelationName(database: "Db", schema: "My Schema", identifier: "a\"b")
    #expect(Dialect.postgres.render(name) == "\"Db\".\"My Schema\".\"a\"\"b\"")
    #expect(Dialect.postgres.renderInDatabase(name) == "\"My Schema\".\"a\"\"b\"")
    name.quoting = .init(database: false, schema: false, identifier: false)
    name.identifier = "plain"
    #expect(Dialect.postgres.render(name) == "Db.My Schema.plain")
    #expect(Dialect.postgres.renderIdentifier(name) == "plain")
  }

  @Test func `Names are looked up as the catalogue holds them`() {
    #expect(Dialect.postgres.stored("Größe", quoted: true) == "Größe")
    #expect(Dialect.postgres.stored("GRÖSSE", quoted: false) == "grÖsse")
    #expect(Dialect.redshift.stored("Größe", quoted: true) == "größe")
    #expect(Dialect.postgres.stored(String(repeating: "x", count: 70), quoted: true).utf8.count == 63)
  }

  @Test func `A name too long is shortened with a hash, never inside a character`() {
    let long = String(repeating: "ä", count: 40)
    for dialect in Self.both {
      let fitted = dialect.fitted(long + long + "1", suffix: "__dbt_tmp")
      #expect(fitted.utf8.count <= dialect.maximumIdentifierLength)
      #expect(fitted.utf8.count >= dialect.maximumIdentifierLength - 1)
      #expect(fitted.hasSuffix("__dbt_tmp"))
      #expect(fitted != dialect.fitted(long + long + "2", suffix: "__dbt_tmp"))
      #expect(dialect.fitted("short", suffix: "_x") == "short_x")
    }
    #expect(Dialect.postgres.fitted("a", suffix: String(repeating: "s", count: 80)).utf8.count <= 63)
    // The hash is part of names in the database: it must never change.
    #expect(StableHash.hexadecimal(of: "dim_customer", digits: 8) == "f73de869")
  }

  @Test func `A name too long is a diagnostic that proposes a shorter one`() throws {
    let name = String(repeating: "x", count: 64)
    let problem = try #require(Dialect.postgres.problem(withName: name, role: "relation"))
    #expect(problem.code == "name-too-long")
    #expect(problem.summary == "relation name '\(name)' has 64 bytes; PostgreSQL keeps 63")
    #expect(Dialect.redshift.problem(withName: name, role: "relation") == nil)
    #expect(Dialect.postgres.problem(withName: String(name.dropLast()), role: "relation") == nil)
    #expect(Dialect.postgres.problem(withName: "", role: "column")?.code == "empty-name")
    #expect(Dialect.postgres.problem(withName: "a\0", role: "column")?.code == "bad-name")
  }

  @Test func `What needs a version is not there before it is known`() {
    #expect(!Dialect.postgres.hasMerge)
    #expect(!Dialect(.postgres, serverVersion: 140_010).hasMerge)
    #expect(Dialect(.postgres, serverVersion: 150_000).hasMerge)
    #expect(!Dialect(.redshift, serverVersion: 80_002).hasMerge)
    #expect(Dialect.redshift.hasNarrowMerge)
  }

  @Test func `Only what may succeed again is transient`() {
    func statement(_ state: String, _ text: String = "") -> WarehouseError {
      .statement(ServerMessage(sqlState: state, message: text, statement: ""))
    }
    #expect(WarehouseError.connectionLost("").isTransient(in: .postgres))
    #expect(statement("40001").isTransient(in: .postgres))
    #expect(statement("40P01").isTransient(in: .postgres))
    #expect(!statement("42P01").isTransient(in: .postgres))
    #expect(!WarehouseError.cancelled.isTransient(in: .postgres))
    #expect(statement("XX000", "1023").isTransient(in: .redshift))
    #expect(!statement("XX000", "1023").isTransient(in: .postgres))
    func refusal(_ state: String?) -> WarehouseError {
      .cannotConnect(host: "h", port: 1, message: "m", sqlState: state)
    }
    #expect(refusal(nil).isTransient(in: .postgres))
    #expect(refusal("57P03").isTransient(in: .postgres))
    #expect(!refusal("28P01").isTransient(in: .postgres))
    #expect(!refusal("3D000").isTransient(in: .postgres))
  }
}
