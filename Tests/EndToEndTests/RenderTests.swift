import Foundation
import TestSupport
import Testing

/// `whc render --json-lines` with the cases that were checked against Jinja2 3.1.6, all in one process.
@Suite struct RenderTests {
  struct Answer: Decodable { var ok: String?, error: String? }

  @Test func answersEachTemplateOfALine() async throws {
    let cases = TemplateCase.all.filter { $0.output != nil }
    let lines = try cases.map { one in
      // The context as it is written: the order of its keys shows in what is printed.
      let context = one.context.replacing("\n", with: " ")
      let template = String(decoding: try JSONEncoder().encode(one.template), as: UTF8.self)
      return "{\"template\": \(template), \"context\": \(context)}"
    }
    let folder = FileManager.default.temporaryDirectory.path
    let outcome = try await WhcRun(in: folder).run(
      ["render", "--json-lines"], input: lines.joined(separator: "\n") + "\n")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let answers = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
    }
    try #require(answers.count == cases.count)
    for (one, answer) in zip(cases, answers) {
      #expect(
        answer.ok.map(TemplateCase.trimmed) == one.output, "\(one): \(answer.error ?? "")")
    }
  }
}
