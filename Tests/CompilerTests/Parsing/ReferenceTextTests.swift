import ProjectModel
import Testing

@testable import Compiler

@Suite struct ReferenceTextTests {
  @Test func calls() {
    #expect(ReferenceText("ref('a')") == .ref(RefCall(name: "a")))
    #expect(
      ReferenceText(" ref( \"p\" , 'a' , v = 2 ) ") == .ref(RefCall(package: "p", name: "a", version: "2")))
    #expect(ReferenceText("ref('a', version='x')") == .ref(RefCall(name: "a", version: "x")))
    #expect(ReferenceText("source('s', 't')") == .source(SourceCall(source: "s", table: "t")))
  }

  @Test(arguments: [
    "ref", "ref(", "ref()", "ref(a)", "ref('a') ", "ref('a').x", "source('s')", "ref('a', 'b', 'c')",
    "var('x')",
    "ref('a', x=1)", "{{ ref('a') }}", "",
  ])
  func whatIsNoPlainCall(text: String) {
    #expect((ReferenceText(text) == nil) == (text != "ref('a') "))
  }
}

@Suite struct TemplateBlocksTests {
  @Test func blocks() throws {
    let text =
      "{# {% docs no %} #}\n{% docs a %}A {{ x }}{% enddocs %}{%- docs b -%}\nB\n{%- enddocs -%}{% raw %}{% docs c %}{% endraw %}"
    let blocks = try TemplateBlocks.find("docs", in: text)
    #expect(blocks.map(\.name) == ["a", "b"])
    #expect(blocks.map(\.contents) == ["A {{ x }}", "\nB\n"])
  }

  @Test func unclosed() {
    #expect(throws: TemplateBlocks.Failure.self) { try TemplateBlocks.find("docs", in: "{% docs a %} x") }
    #expect(throws: TemplateBlocks.Failure.self) {
      try TemplateBlocks.find("docs", in: "{% docs %}{% enddocs %}")
    }
  }
}
