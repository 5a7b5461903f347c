/// Python's `textwrap.wrap` for one line, with white space kept as it is.
struct TextWrapper {
  let width: Int
  let breaksLongWords: Bool
  let breaksOnHyphens: Bool

  func wrap(_ text: String) throws -> [String] {
    if width <= 0 { throw TemplateError(.value, "invalid width \(width) (must be > 0)") }
    var chunks = Array(self.chunks(Array(text.unicodeScalars)).reversed())
    var lines: [String] = []
    while !chunks.isEmpty {
      var line: [[Unicode.Scalar]] = []
      var length = 0
      if let first = chunks.last, isBlank(first), !lines.isEmpty { chunks.removeLast() }
      while let chunk = chunks.last, length + chunk.count <= width {
        line.append(chunk)
        length += chunk.count
        chunks.removeLast()
      }
      if let chunk = chunks.last, chunk.count > width {
        let space = width - length
        if breaksLongWords {
          var end = max(space, width < 1 ? 1 : 0)
          if breaksOnHyphens, chunk.count > space,
            let hyphen = chunk[..<max(0, min(space, chunk.count))].lastIndex(of: "-"), hyphen > 0,
            chunk[..<hyphen].contains(where: { $0 != "-" })
          {
            end = hyphen + 1
          }
          if end > 0 {
            line.append(Array(chunk[..<end]))
            chunks[chunks.count - 1] = Array(chunk[end...])
          } else if line.isEmpty {
            line.append(chunk)
            chunks.removeLast()
          }
        } else if line.isEmpty {
          line.append(chunk)
          chunks.removeLast()
        }
        length = line.reduce(0) { $0 + $1.count }
      }
      if let last = line.last, isBlank(last) { line.removeLast() }
      if !line.isEmpty { lines.append(String(line.joined())) }
    }
    return lines
  }

  private func isBlank(_ chunk: [Unicode.Scalar]) -> Bool { chunk.allSatisfy { Bytes.isSpace($0) } }

  private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\u{0B}", "\u{0C}", "\r", " ": true
    default: false
    }
  }

  /// Words, runs of white space, and the parts of words between hyphens.
  private func chunks(_ text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    var result: [[Unicode.Scalar]] = []
    var index = 0
    while index < text.count {
      let start = index
      let blank = isSpace(text[index])
      while index < text.count, isSpace(text[index]) == blank { index += 1 }
      let run = Array(text[start..<index])
      if blank || !breaksOnHyphens { result.append(run) } else { result += hyphenated(run) }
    }
    return result
  }

  /// A word cut after single hyphens between letters, and around dashes of two or more.
  private func hyphenated(_ word: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    func isLetter(_ index: Int) -> Bool {
      word.indices.contains(index) && Bytes.isWord(word[index]) && !StringTraits.isDecimal(word[index])
        && word[index] != "_"
    }
    func isWordPart(_ index: Int) -> Bool {
      word.indices.contains(index)
        && (Bytes.isWord(word[index]) || "!\"'&.,?".unicodeScalars.contains(word[index]))
    }
    var result: [[Unicode.Scalar]] = []
    var start = 0
    var index = 0
    while index < word.count {
      guard word[index] == "-" else {
        index += 1
        continue
      }
      var end = index
      while end < word.count, word[end] == "-" { end += 1 }
      if end - index >= 2 {
        if isWordPart(index - 1), index > start, end < word.count, Bytes.isWord(word[end]) {
          result.append(Array(word[start..<index]))
          result.append(Array(word[index..<end]))
          start = end
        }
      } else if index > start, isLetter(index - 1),
        isLetter(index - 2) || isLetter(index - 3) && word[index - 2] == "-",
        isLetter(index + 1), isLetter(index + 2) || isLetter(index + 3) && word[index + 2] == "-"
      {
        result.append(Array(word[start..<end]))
        start = end
      }
      index = end
    }
    if start < word.count { result.append(Array(word[start...])) }
    return result
  }
}
