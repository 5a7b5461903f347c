import Testing

@testable import Commands

@Suite struct ArgumentOrderTests {
  @Test(arguments: [
    ("--quiet build --select a b", "build --quiet --select a b"),
    ("--warn-error test -s t1", "test --warn-error -s t1"),
    ("--target prod --no-use-colors run", "run --target prod --no-use-colors"),
    ("-t prod docs generate --no-compile", "docs generate -t prod --no-compile"),
    ("--log-format json ls", "ls --log-format json"),
    ("--log-format=json ls", "ls --log-format=json"),
    ("build --quiet", "build --quiet"),
    // The value of a flag may be a command's word.
    ("--target build run", "run --target build"),
    ("--help", "--help"),
    ("docs --port 1", "docs --port 1"),
    ("nonsense --quiet", "nonsense --quiet"),
  ])
  func globalFlagsMoveBehindTheCommand(given: String, expected: String) {
    let words = given.split(separator: " ").map(String.init)
    let order = ArgumentOrder.normalized(words, of: CommandLineTool.configuration)
    #expect(order.joined(separator: " ") == expected)
  }

  @Test(arguments: [("buld", "build"), ("sed", "seed"), ("lst", "ls"), ("snapshoot", "snapshot")])
  func aNearMissIsNamed(given: String, meant: String) throws {
    let diagnostic = try #require(CommandWords.unknown(in: [given], of: CommandLineTool.configuration))
    #expect(diagnostic.summary == "'\(given)' is not a command; did you mean '\(meant)'?")
  }

  @Test func knownWordsAreNoMistake() {
    for words in [["ls"], ["list"], ["help"], ["--help"], []] {
      #expect(CommandWords.unknown(in: words, of: CommandLineTool.configuration) == nil)
    }
  }
}
