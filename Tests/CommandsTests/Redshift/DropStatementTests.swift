import Testing

@testable import Commands

@Suite struct DropStatementTests {
  @Test(arguments: [
    ("drop table if exists a.b cascade", "drop table if exists a.b"),
    ("/* who */ DROP VIEW \"a b\" CASCADE", "/* who */ DROP VIEW \"a b\""),
    ("-- x\ndrop materialized view m\n  cascade ;\n", "-- x\ndrop materialized view m ;\n"),
    ("drop table t cascade\n/* cascade */", "drop table t\n/* cascade */"),
  ]) func cascadesAreFoundAndTakenAway(sql: String, without: String) {
    #expect(DropStatement(sql)?.withoutCascade == without)
  }

  @Test(arguments: [
    "drop table t", "select 'drop table t cascade'", "alter table t drop column c cascade",
    "drop schema s cascade", "create table cascade as select 1",
  ]) func othersAreNone(sql: String) { #expect(DropStatement(sql) == nil) }

  @Test func transactionsAreSeen() {
    #expect(DropStatement.isBegin("/* x */ BEGIN"))
    #expect(DropStatement.isBegin("start transaction"))
    #expect(!DropStatement.isBegin("select 1"))
  }
}
