import ProjectModel
import Testing

@testable import Compiler

@Suite struct PreludeTests {
  @Test func everyBlockOfEveryFileIsFound() {
    for file in Prelude.files {
      let opened = ["endmacro", "endtest", "endmaterialization"].reduce(0) {
        $0 + file.text.split(separator: $1).count - 1
      }
      #expect(Prelude.macros(of: file).count == opened, "\(file.package) \(file.path)")
    }
  }

  @Test(arguments: ["postgres", "redshift"])
  func everyMacroIsJinja(adapter: String) {
    let engine = Fixture.engine(adapter: adapter)
    #expect(engine.validateMacros().map(\.summary) == [])
  }

  @Test func aBuiltInMacroDispatchesToItsOwnArguments() throws {
    let listagg = try #require(Prelude.macros.first { $0.name == "listagg" })
    #expect(listagg.text.contains("(measure, delimiter_text, order_by_clause, limit_num)"))
  }
}
