import Foundation

/// A page of the documentation as something to run: the commands of its `console` blocks and what it says they write.
///
/// In a block a line that begins with `$ ` is a command. It goes on while quotes are open, after a backslash, and to
/// the end of a here-document; what follows is its output. A line of output that is `…` stands for any lines, and `…`
/// inside a line for any text. A command without output in the page may write what it likes. Blocks with `…` in a
/// command are for the reader to fill in and are not run.
struct ConsoleDocument {
  struct Command {
    var text: String
    /// 1-based, in the page.
    var line: Int
    var output: [String] = []
  }

  let commands: [Command]

  init(_ text: String) {
    var blocks: [[Command]] = []
    var isInside = false
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .enumerated()
    {
      if line.hasPrefix("```") {
        isInside = line == "```console"
        if isInside { blocks.append([]) }
        continue
      }
      guard isInside else { continue }
      var block = blocks.removeLast()
      if var last = block.last, last.output.isEmpty, Self.goesOn(last.text) {
        last.text += "\n" + line
        block[block.count - 1] = last
      } else if line.hasPrefix("$ ") {
        block.append(Command(text: String(line.dropFirst(2)), line: index + 1))
      } else if !block.isEmpty {
        block[block.count - 1].output.append(line)
      }
      blocks.append(block)
    }
    commands = blocks.filter { !$0.contains { $0.text.contains("…") } }.flatMap(\.self)
  }

  /// Whether a shell would wait for more.
  private static func goesOn(_ command: String) -> Bool {
    if command.hasSuffix("\\") { return true }
    if let mark = command.firstMatch(of: #/<<'?([A-Z]+)'?/#) {
      let lines = command.split(separator: "\n", omittingEmptySubsequences: false)
      return lines.count == 1 || lines.last != mark.output.1
    }
    var quote: Character?
    for character in command {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      }
    }
    return quote != nil
  }
}

extension ConsoleDocument.Command {
  /// What is wrong with what the command wrote; nil when it is what the page says.
  func difference(from written: [String]) -> String? {
    let expected = output.filter { !$0.isBlank }
    guard !expected.isEmpty else { return nil }
    let actual = written.filter { !$0.isBlank }
    // Nodes that do not wait for each other end in any order.
    for line in expected where line.isStatus && !actual.contains(where: { line.fits($0) }) {
      return "line \(self.line): no line is '\(line)'"
    }
    let rest = actual.filter { !$0.isStatus }[...]
    let groups = expected.filter { !$0.isStatus }.split(omittingEmptySubsequences: false) { $0.isGap }
    var position = rest.startIndex
    for (index, group) in groups.enumerated() {
      let isAtEnd = index == groups.count - 1 && index > 0
      let isFixed = index == 0 && !(expected.first?.isGap ?? false)
      let starts =
        isFixed ? [position] : isAtEnd ? [rest.endIndex - group.count] : Array(position...rest.endIndex)
      guard
        let start = starts.first(where: { start in
          start >= position && start + group.count <= rest.endIndex
            && zip(group, rest[start...]).allSatisfy { $0.fits($1) }
        })
      else {
        return "line \(self.line): it wrote\n\(written.joined(separator: "\n"))\nand not\n"
          + group.joined(separator: "\n")
      }
      position = start + group.count
    }
    if groups.count <= 1, !expected.contains(where: \.isGap), position != rest.endIndex {
      return "line \(self.line): it wrote more:\n\(written.joined(separator: "\n"))"
    }
    return nil
  }
}

extension String {
  fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
  fileprivate var isGap: Bool { trimmingCharacters(in: .whitespaces) == "…" }
  fileprivate var isStatus: Bool { prefixMatch(of: #/  (ok|warn|fail|error|skip) +[^ ]/#) != nil }

  /// Whether this line of a page stands for a written one.
  fileprivate func fits(_ written: String) -> Bool {
    var rest = Substring(written.withoutAccidents)
    let parts = withoutAccidents.split(separator: "…", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if index == parts.count - 1 {
        return rest.hasSuffix(part)
      } else {
        guard let found = rest.firstRange(of: part) else { return false }
        rest = rest[found.upperBound...]
      }
    }
    return rest.isEmpty
  }

  /// Without what differs from run to run and from day to day; the data of the pages are of 2025.
  private var withoutAccidents: String {
    var text = self
    text = text.replacing(#/[0-9]+ hours [0-9]+ minutes and /#, with: "")
    text = text.replacing(#/[0-9]+\.[0-9]{2} ?s(econds)?/#, with: "<s>")
    text = text.replacing(#/\([0-9.]+ s\)/#, with: "(<s>)")
    text = text.replacing(#/^[0-9]{2}:[0-9]{2}:[0-9]{2}/#, with: "<time>")
    text = text.replacing(#/20(2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}/#, with: "<today>")
    text = text.replacing(#/[0-9]+ rows +date_dimension/#, with: "<n> rows date_dimension")
    text = text.replacing(#/PostgreSQL [0-9.]+, process [0-9]+/#, with: "PostgreSQL <version>, process <n>")
    // Numbers of transactions.
    text = text.replacing(#/^(\| [a-z_]+ +\|) +[0-9]{3,} \| +[0-9]{3,} \|$/#) { "\($0.output.1) <n> | <n> |" }
    return text.replacing(#/ {2,}/#, with: "  ").replacing(#/ +$/#, with: "")
  }
}
