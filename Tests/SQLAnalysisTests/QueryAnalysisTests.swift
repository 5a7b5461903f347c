import SQLAnalysis
import TestSupport
import Testing

@Suite struct QueryAnalysisTests {
  @Test(arguments: QueryCase.all) func knowsWhatAQueryGives(_ item: QueryCase) {
    let mismatch = Golden.mismatch(item.answered, file: item.file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test func whatIsNoQueryIsNone() throws {
    #expect(try QueryAnalysis("insert into t values (1)", resolve: { _ in nil }) == nil)
    #expect(try QueryAnalysis("select 1; select 2", resolve: { _ in nil }) == nil)
    #expect(throws: SQLParser.SyntaxError.self) {
      try QueryAnalysis("select from where", resolve: { _ in nil })
    }
  }

  /// A thread's stack ends; a tree that is too deep is refused, not walked.
  @Test func aQueryThatIsTooDeepIsRefused() {
    let deep = "select " + String(repeating: "(1 + ", count: 3000) + "1" + String(repeating: ")", count: 3000)
    #expect(throws: SQLParser.SyntaxError.self) { try QueryAnalysis(deep, resolve: { _ in nil }) }
  }

  @Test(arguments: [
    ("INT", "integer"), ("varchar(20)", "character varying(20)"), ("numeric(10, 2)", "numeric(10,2)"),
    ("timestamptz", "timestamp with time zone"),
    ("timestamp(3) with time zone", "timestamp(3) with time zone"),
    ("text[]", "text[]"), ("geometry", "geometry"),
  ]) func typesAreNamedAsTheServerNamesThem(written: String, shown: String) {
    #expect(SQLType(text: written)?.description == shown)
  }
}
