import Testing

@testable import Materializations

struct ColumnTypeTests {
  /// Pairs that dbt's comparison of schemas takes for the same type.
  @Test(arguments: [
    ("int8", "bigint"), ("varchar(20)", "character varying(20)"), ("char", "character(1)"),
    ("character(5)", "character varying(5)"), ("decimal(10)", "numeric(10,0)"), ("TEXT", "text"),
    ("timestamp(3) with time zone", "timestamp with time zone"), ("timestamptz", "timestamp with time zone"),
    ("float", "float8"), ("numeric( 10 , 2 )", "numeric(10,2)"), ("pg_catalog.bool", "boolean"),
    ("integer[]", "int4[]"),
  ])
  func same(_ left: String, _ right: String) {
    #expect(ColumnType(left).compared == ColumnType(right).compared)
  }

  @Test(arguments: [
    ("integer", "bigint"), ("varchar(20)", "varchar(21)"), ("varchar", "text"), ("numeric", "numeric(10,2)"),
    ("integer", "integer[]"), ("timestamp", "timestamptz"), ("date", "timestamp"),
  ])
  func different(_ left: String, _ right: String) {
    #expect(ColumnType(left).compared != ColumnType(right).compared)
  }

  /// Pairs that dbt's contracts, which compare the driver's classes of types, let pass.
  @Test(arguments: [
    ("varchar(3)", "text"), ("smallint", "integer"), ("real", "double precision"), ("numeric(3)", "numeric"),
  ])
  func oneContractClass(_ left: String, _ right: String) {
    #expect(ColumnType(left).contractClass == ColumnType(right).contractClass)
  }

  @Test(arguments: [
    ("integer", "bigint"), ("numeric", "double precision"), ("date", "timestamp"), ("json", "jsonb"),
    ("text", "text[]"),
  ])
  func twoContractClasses(_ left: String, _ right: String) {
    #expect(ColumnType(left).contractClass != ColumnType(right).contractClass)
  }
}
