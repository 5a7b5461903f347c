import Testing
import Warehouse

@testable import Runner

@Suite struct RetryRuleTests {
  func refusal(_ state: String, _ text: String) -> WarehouseError {
    .statement(ServerMessage(sqlState: state, message: text, statement: "insert"))
  }

  @Test func conflictsOfRedshiftAreKeptApart() {
    let rule = RetryRule(.redshift)
    let conflict = refusal("XX000", "1023")
    #expect((1...6).map { rule.pause(after: $0, conflict, chance: 0.5) } == [0.2, 0.4, 0.8, 1.6, 3.2, nil])
    #expect(rule.pause(after: 1, conflict, chance: 0) == 0.1)
    #expect(rule.pause(after: 1, refusal("3F000", "schema \"x\" does not exist"), chance: 0.5) == 0.2)
    #expect(rule.pause(after: 1, refusal("42703", "no such column")) == nil)
    #expect(rule.pause(after: 1, .connectionLost("gone")) == nil)
    #expect(rule.pause(after: 1, nil) == nil)
  }

  @Test func postgresHasWaitedAlready() {
    let conflict = refusal("40001", "could not serialize access")
    #expect((1...3).map { RetryRule(.postgres).pause(after: $0, conflict) } == [0, 0, nil])
  }

  @Test func retryAllIsForWhateverWasRefused() {
    let rule = RetryRule(.redshift, 2)
    let problem = refusal("42703", "no such column")
    #expect((1...3).map { rule.pause(after: $0, problem, chance: 0.5) } == [0.2, 0.4, nil])
    #expect(rule.pause(after: 5, refusal("XX000", "1023"), chance: 0.5) == 3.2)
  }
}
