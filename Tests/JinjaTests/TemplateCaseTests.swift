import Jinja
import TestSupport
import Testing

/// The cases that were checked against Jinja2 3.1.6; a new one needs no Swift.
@Suite struct TemplateCaseTests {
  @Test func caseFilesAreThere() {
    #expect(TemplateCase.all.count > 300)
  }

  @Test(arguments: TemplateCase.all)
  func givesWhatJinjaGives(_ testCase: TemplateCase) throws {
    guard case .dict(let context) = try JSONParser.parse(Array(testCase.context.utf8)) else {
      Issue.record("the context is no object")
      return
    }
    var variables: [String: Value] = [:]
    for (key, value) in context.pairs { variables[try key.text()] = value }
    do {
      let text = try Workbench().render(testCase.template, variables)
      #expect(TemplateCase.trimmed(text) == testCase.output)
    } catch {
      let line = (error.statementLine ?? error.line).map { "line \($0)\n" } ?? ""
      let expected = testCase.error ?? "no error, but \(testCase.output ?? "")"
      let message = expected.hasPrefix("line ") ? line + error.message : error.message
      #expect(TemplateCase.trimmed(message) == expected)
    }
  }
}
