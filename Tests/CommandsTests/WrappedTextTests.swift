import Testing

@testable import Commands

@Suite struct WrappedTextTests {
  @Test func breaksBetweenWords() {
    #expect(
      WrappedText.wrap("Skipped because orders failed: daily, weekly", at: 30)
        == "Skipped because orders failed:\ndaily, weekly")
  }

  @Test func keepsIndentAndLineEnds() {
    #expect(
      WrappedText.wrap("short\n  one two three four five six", at: 21)
        == "short\n  one two three four\n  five six")
  }

  @Test func coloursTakeNoRoom() {
    let text = "\u{1B}[31mCompleted with 1 error\u{1B}[0m"
    #expect(WrappedText.wrap(text, at: 22) == text)
  }

  @Test func aLongWordStaysWhole() {
    let word = String(repeating: "x", count: 40)
    #expect(WrappedText.wrap("see \(word) there", at: 24) == "see\n\(word)\nthere")
  }
}
