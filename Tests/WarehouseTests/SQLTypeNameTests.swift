import Testing
import Warehouse

@Suite struct SQLTypeNameTests {
  @Test(arguments: [
    ("int", "integer"), ("INT8", "bigint"), ("serial", "integer"), ("float(24)", "real"),
    ("float(25)", "double precision"), ("Double  Precision", "double precision"), ("string", "text"),
    ("VARCHAR ( 20 )", "character varying(20)"), ("varchar", "character varying"), ("char", "character(1)"),
    ("bpchar", "bpchar"), ("decimal(10)", "numeric(10,0)"), ("NUMERIC(10, 2)", "numeric(10,2)"),
    ("timestamp", "timestamp without time zone"), ("timestamptz(3)", "timestamp(3) with time zone"),
    ("TIMESTAMP (3) WITH TIME ZONE", "timestamp(3) with time zone"), ("timetz", "time with time zone"),
    ("int[]", "integer[]"), ("text[3][4]", "text[]"), ("integer ARRAY", "integer[]"), ("_int4", "integer[]"),
    ("pg_catalog.int4", "integer"), ("my.Type", "my.type"), ("\"My Type\"(3)", "\"My Type\"(3)"), ("", ""),
    ("bit", "bit(1)"), ("bool", "boolean"),
  ])
  func `A type's name is the catalogue's`(_ written: String, _ canonical: String) {
    #expect(SQLTypeName(written).description == canonical)
    #expect(SQLTypeName(canonical).description == canonical)
  }

  @Test func `Redshift gives lengths where none are written`() {
    #expect(Dialect.redshift.canonicalType("text") == "character varying(256)")
    #expect(Dialect.redshift.canonicalType("varchar(max)") == "character varying(65535)")
    #expect(Dialect.redshift.canonicalType("decimal") == "numeric(18,0)")
    #expect(Dialect.redshift.supportedType("uuid") == "varchar(36)")
    #expect(Dialect.redshift.supportedType("xml") == nil)
    #expect(Dialect.postgres.supportedType("xml") == "xml")
  }

  /// dbt-adapters' `Column.can_expand_to` and `string_size`.
  @Test(arguments: [
    ("varchar(10)", "varchar(20)", "character varying(20)"), ("varchar(20)", "varchar(10)", nil),
    ("varchar(10)", "text", "character varying(256)"), ("text", "varchar(500)", nil),
    ("varchar(10)", "integer", nil), ("character(3)", "character(5)", "character varying(5)"),
    ("varchar(10)[]", "varchar(20)[]", nil),
  ])
  func `String columns grow by dbt's rule`(_ present: String, _ wanted: String, _ expanded: String?) {
    #expect(Dialect.postgres.expandedType(from: present, to: wanted) == expanded)
  }

  @Test(arguments: [
    ("integer", "bigint", true), ("bigint", "integer", false), ("integer", "numeric(10,0)", true),
    ("integer", "numeric(10,2)", false), ("numeric(10,2)", "numeric(12,2)", true),
    ("numeric(10,2)", "numeric(10,3)", false), ("numeric", "numeric(10,2)", false),
    ("varchar(5)", "text", true), ("text", "varchar(5)", false), ("varchar(5)", "varchar(6)", true),
    ("real", "double precision", true), ("text", "integer", false), ("timestamp(3)", "timestamp", true),
    ("date", "timestamp", false), ("int[]", "int", false), ("int[]", "int4[]", true),
  ])
  func `What fits without loss`(_ source: String, _ target: String, _ fits: Bool) {
    #expect(Dialect.postgres.fits(source, in: target) == fits)
  }

  @Test func `Types are told apart by kind`() {
    #expect(Dialect.postgres.isSameType("int4", "INTEGER"))
    #expect(!Dialect.postgres.isSameType("varchar(3)", "varchar(4)"))
    #expect(Dialect.postgres.isSameKindOfType("varchar(3)", "varchar(4)"))
    #expect(Dialect.postgres.isTime("timestamptz(3)"))
    #expect(!Dialect.postgres.isTime("time"))
    #expect(Dialect.postgres.isInteger("int2"))
    #expect(Dialect.postgres.isNumber("decimal(3,1)"))
    #expect(Dialect.postgres.isText("varchar(3)"))
  }
}
