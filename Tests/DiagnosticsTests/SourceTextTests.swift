import Diagnostics
import Testing

@Suite struct SourceTextTests {
  private let text = SourceText("ab\r\nçd\n\nx")

  @Test(arguments: [(0, 1, 1), (2, 1, 3), (4, 2, 1), (6, 2, 3), (8, 3, 1), (9, 4, 1), (10, 4, 2), (99, 4, 2)])
  func positions(offset: Int, line: Int, column: Int) {
    #expect(text.position(of: offset) == SourcePosition(line: line, column: column))
  }

  @Test func offsets() {
    #expect(text.offset(of: SourcePosition(line: 2, column: 3)) == 6)
    #expect(text.offset(of: SourcePosition(line: 1, column: 50)) == 2)
    #expect(text.offset(of: SourcePosition(line: 50, column: 1)) == 10)
  }

  @Test func lines() {
    #expect((1...5).map { String(decoding: text.line($0), as: UTF8.self) } == ["ab", "çd", "", "x", ""])
  }
}
