import Foundation
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

  /// The list has every macro of dbt-core 1.11.16 and dbt-postgres 1.11.0 with the names of its parameters.
  @Test func everyMacroOfDbtIsThere() throws {
    let list = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Parsing/Goldens/dbt-macros.txt")
    let known = try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map(String.init)
    let own = Set(
      Prelude.macros.flatMap { macro -> [String] in
        let name = macro.packageName + "." + macro.name
        let parameters =
          (try? LibraryMacro(macro, isBuiltIn: true).parsed().macro.parameters.map(\.name)) ?? []
        return [name, name + "(" + parameters.joined(separator: ", ") + ")"]
      })
    #expect(known.filter { !own.contains($0) } == [])
    #expect(known.count == 477)
  }

  @Test func aBuiltInMacroDispatchesToItsOwnArguments() throws {
    let listagg = try #require(Prelude.macros.first { $0.name == "listagg" })
    #expect(listagg.text.contains("(measure, delimiter_text, order_by_clause, limit_num)"))
  }
}
