import Diagnostics
import Testing

@testable import Materializations

struct MaterializationRegistryTests {
  @Test(arguments: MaterializationRegistry.names)
  func known(_ name: String) throws {
    let kind = try MaterializationRegistry.materialization(
      of: PlanFixture(["materialized": .string(name)]).input.node)
    #expect(type(of: kind).name == name)
  }

  @Test(arguments: [
    (
      "tabel", "unknown-materialization", "there is no materialization 'tabel'; did you mean 'table'?"
    ),
    ("my_own_kind", "unknown-materialization", "there is no materialization 'my_own_kind'"),
  ])
  func unknown(_ name: String, _ code: String, _ summary: String) {
    let node = PlanFixture(["materialized": .string(name)]).input.node
    do throws(DiagnosticsError) {
      let kind = try MaterializationRegistry.materialization(of: node)
      Issue.record("found \(kind)")
    } catch {
      #expect(error.diagnostics.map(\.code.rawValue) == [code])
      #expect(error.diagnostics.map(\.summary) == [summary])
    }
  }
}
