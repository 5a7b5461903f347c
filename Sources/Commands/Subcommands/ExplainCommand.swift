import ArgumentParser
import Diagnostics

/// `whc explain CODE`: what a diagnostic means, at length.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what the code of an error or a warning means, and what to do",
    discussion: "Without a code: all of them.")

  @Argument(
    help: "As it stands in the message: unknown-ref",
    completion: .custom { _, _, _ in Explanation.all.map(\.code) })
  var codes: [String] = []

  func run() throws {
    if codes.isEmpty {
      let width = Explanation.all.map(\.code.utf8.count).max() ?? 0
      for entry in Explanation.all {
        let gap = String(repeating: " ", count: width - entry.code.utf8.count + 2)
        Terminal.standardOutput.write(entry.code + gap + entry.firstSentence + "\n")
      }
      return
    }
    let entries = try codes.map(Self.find)
    Terminal.standardOutput.write(entries.map { $0.text(width: 90) }.joined(separator: "\n"))
  }

  /// A message shows `error[unknown-ref]`, which may be copied whole.
  private static func find(_ written: String) throws -> Explanation {
    let code = written.split(separator: "[").last.map { String($0.prefix { $0 != "]" }) } ?? written
    if let entry = Explanation.of(code) { return entry }
    let unknown = Diagnostic(
      "unknown-code",
      "'\(code)' is the code of no diagnostic", meant: NearMiss(code, among: Explanation.all.map(\.code)),
      help: "'whc explain' lists them all")
    Terminal.standardError.write(DiagnosticRenderer(colors: false) { _ in nil }.render(unknown))
    throw ExitCode(2)
  }
}

extension Explanation {
  fileprivate var firstSentence: String {
    let end = meaning.firstRange(of: ". ")?.lowerBound ?? meaning.lastIndex(of: ".") ?? meaning.endIndex
    return String(meaning[..<end])
  }

  fileprivate func text(width: Int) -> String {
    func paragraph(_ text: String) -> String { WrappedText.wrap("  " + text, at: width) }
    var parts = [code, paragraph(meaning)]
    if !example.isEmpty { parts.append(example.map { "    \($0)" }.joined(separator: "\n")) }
    parts.append(paragraph("What to do: " + fix))
    return parts.joined(separator: "\n\n") + "\n"
  }
}
