import Foundation
import TestSupport
import Testing

/// The completion scripts, each in the shell that it is for, where that is installed.
@Suite struct CompletionTests {
  /// What completes `whc bu` and `whc build --full`.
  private static let questions = [
    "bash": """
    source <(whc completions bash)
    COMP_WORDS=(whc bu) COMP_CWORD=1 COMP_LINE='whc bu' COMP_POINT=6; _whc whc bu whc; echo "${COMPREPLY[@]}"
    COMP_WORDS=(whc build --full) COMP_CWORD=2 COMP_LINE='whc build --full' COMP_POINT=16
    _whc whc --full build; echo "${COMPREPLY[@]}"
    """,
    "fish": """
    whc completions fish | source
    complete -C 'whc bu'
    complete -C 'whc build --full'
    """,
    // Its completion needs a line editor; that the script is one is what a script can ask.
    "zsh": """
    whc completions zsh > script && zsh -n script && echo build --full-refresh
    """,
  ]

  @Test(arguments: ["bash", "fish", "zsh"]) func completes(shell: String) async throws {
    let folder = PrivateCluster.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script = folder + "/ask"
    try (Self.questions[shell] ?? "").write(toFile: script, atomically: true, encoding: .utf8)
    let written = try await DocumentTests.run(
      ["command -v \(shell) > /dev/null && \(shell) \(script) || echo not installed"], in: folder)[0]
    guard !written.contains("not installed") else { return }
    let text = written.joined(separator: "\n")
    #expect(text.contains("build"), "\(text)")
    #expect(text.contains("--full-refresh"), "\(text)")
  }
}
