/// What a diagnostic's code means, at more length than the diagnostic itself: `whc explain CODE`.
public struct Explanation: Sendable, Hashable {
  public var code: String
  /// What is wrong, and why that matters. One paragraph.
  public var meaning: String
  /// Lines that bring it about; none where there is nothing to write down.
  public var example: [String]
  /// What to do.
  public var fix: String

  /// Every code that a user can meet, in alphabetical order.
  public static let all: [Explanation] = {
    let texts = [projectTexts, templateTexts, queryTexts, runTexts, starTexts, ruleTexts]
    return texts.flatMap(read).sorted { $0.code < $1.code }
  }()

  /// nil when no diagnostic has this code.
  public static func of(_ code: String) -> Explanation? { all.first { $0.code == code } }

  /// Entries with an empty line between them: the code, its meaning, lines of an example after `|`, the fix after `=`.
  private static func read(_ text: String) -> [Explanation] {
    var entries: [Explanation] = []
    var isNew = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        isNew = true
      } else if isNew {
        entries.append(Explanation(code: String(line), meaning: "", example: [], fix: ""))
        isNew = false
      } else if line.hasPrefix("|") {
        entries[entries.count - 1].example.append(String(line.dropFirst(2)))
      } else if line.hasPrefix("=") || !entries[entries.count - 1].fix.isEmpty {
        let words = line.hasPrefix("=") ? line.dropFirst(2) : line
        entries[entries.count - 1].fix = joined(entries[entries.count - 1].fix, words)
      } else {
        entries[entries.count - 1].meaning = joined(entries[entries.count - 1].meaning, line)
      }
    }
    return entries
  }

  private static func joined(_ text: String, _ more: Substring) -> String {
    text.isEmpty ? String(more) : text + " " + more
  }
}
