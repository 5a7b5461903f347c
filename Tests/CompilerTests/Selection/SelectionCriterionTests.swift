import Compiler
import Diagnostics
import ProjectModel
import Testing

@Suite struct SelectionCriterionTests {
  @Test func readsOperatorsAroundAMethod() throws {
    let criterion = try SelectionCriterion("2+config.meta.owner:sales+3")
    #expect(criterion.method == .config)
    #expect(criterion.arguments == ["meta", "owner"])
    #expect(criterion.value == "sales")
    #expect(criterion.withParents && criterion.parentsDepth == 2)
    #expect(criterion.withChildren && criterion.childrenDepth == 3)
  }

  @Test func choosesTheMethodByTheLooksOfTheValue() throws {
    #expect(try SelectionCriterion("models/staging").method == .path)
    #expect(try SelectionCriterion("Orders.SQL").method == .file)
    #expect(try SelectionCriterion("orders").method == .fqn)
  }

  @Test func keepsDigitsThatBelongToAName() throws {
    let criterion = try SelectionCriterion("2024_orders")
    #expect(criterion.value == "2024_orders" && !criterion.withParents)
    #expect(try SelectionCriterion("orders+1+2").value == "orders+1")
  }

  @Test func anUnknownMethodIsNamedWithThoseThereAre() {
    #expect {
      try SelectionCriterion("tags:nightly")
    } throws: { error in
      let diagnostic = (error as? DiagnosticsError)?.diagnostics.first
      return diagnostic?.code == "unknown-selection-method" && diagnostic?.help?.contains("tag,") == true
    }
  }
}
