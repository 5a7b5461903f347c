/// Text in lines that a terminal can hold.
enum WrappedText {
  /// Breaks lines between words where they are longer than `width` columns; what follows is indented as its line is.
  /// A word that is longer than a line stays whole. Colours take no room.
  static func wrap(_ text: String, at width: Int) -> String {
    guard width > 20, text.utf8.count > width else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      wrap(line: line, at: width)
    }.joined(separator: "\n")
  }

  private static func wrap(line: Substring, at width: Int) -> String {
    guard columns(of: line) > width else { return String(line) }
    let indent = String(line.prefix { $0 == " " })
    var lines: [String] = []
    var current = indent
    var isEmpty = true
    for word in line.split(separator: " ") {
      if !isEmpty, columns(of: current[...]) + 1 + columns(of: word) > width {
        lines.append(current)
        current = indent
        isEmpty = true
      }
      current += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [current]).joined(separator: "\n")
  }

  private static func columns(of text: Substring) -> Int {
    LogLines.withoutColours(String(text)).count
  }
}
