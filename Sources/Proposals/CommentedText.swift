/// Lines of which some have a comment at their end, in one column as far as the lines are short.
struct CommentedText {
  private var lines: [(text: String, comment: String)] = []

  mutating func add(_ text: String, _ comment: String = "") { lines.append((text, comment)) }

  /// - Parameter mark: what begins a comment: `#`, `--`.
  func text(_ mark: String) -> String {
    var out = ""
    var block: [(text: String, comment: String)] = []
    func flush() {
      let width = block.filter { !$0.comment.isEmpty }.map { min(44, $0.text.count) }.max() ?? 0
      for line in block {
        let gap = String(repeating: " ", count: max(0, width - line.text.count))
        out +=
          line.comment.isEmpty
          ? line.text + "\n" : "\(line.text)\(gap)  \(mark) \(Self.oneLine(line.comment))\n"
      }
      block = []
    }
    for line in lines {
      if line.text.isEmpty { flush() }
      block.append(line)
    }
    flush()
    return out
  }

  /// What a source calls its columns must not end a comment, nor be read as a template.
  static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 }).replacing("{", with: "(").replacing("}", with: ")")
  }
}
