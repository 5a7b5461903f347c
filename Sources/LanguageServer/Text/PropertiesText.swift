/// A properties file as written: where in it a line stands, by its indentation.
///
/// It never fails: a text that is being written is seldom YAML.
struct PropertiesText: Sendable {
  /// A step of the way from the top of the file to a line.
  struct Step: Sendable, Equatable {
    /// The key; nil for an entry of a list.
    var key: String?
    var line: Int
    var column: Int
  }

  private struct Line: Sendable {
    var steps: [Step] = []
    /// Behind the last key or dash.
    var value: Range<Int>
    var range: Range<Int>
  }

  let bytes: [UInt8]
  private let lines: [Line]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var lines: [Line] = []
    var start = 0
    while true {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      lines.append(Self.line(bytes, start..<end, number: lines.count))
      if end == bytes.count { break }
      start = end + 1
    }
    self.lines = lines
  }

  private static func line(_ bytes: [UInt8], _ range: Range<Int>, number: Int) -> Line {
    var index = range.lowerBound
    var line = Line(value: range, range: range)
    func skipSpace() { while index < range.upperBound, bytes[index].isSpace { index += 1 } }
    skipSpace()
    while index < range.upperBound, bytes[index] == UInt8(ascii: "-"),
      index + 1 == range.upperBound || bytes[index + 1].isSpace
    {
      line.steps.append(Step(key: nil, line: number, column: index - range.lowerBound))
      index += 1
      skipSpace()
    }
    let start = index
    if index < range.upperBound, bytes[index] != UInt8(ascii: "#"),
      let colon = bytes[index..<range.upperBound].firstIndex(of: UInt8(ascii: ":")),
      colon + 1 == range.upperBound || bytes[colon + 1].isSpace,
      bytes[index..<colon].allSatisfy({ $0.isWord || [0x2B, 0x2D, 0x2E, 0x22, 0x27, 0x20].contains($0) })
    {
      let key = String(decoding: bytes[index..<colon], as: UTF8.self).filter { $0 != "\"" && $0 != "'" }
      line.steps.append(Step(key: key, line: number, column: start - range.lowerBound))
      index = colon + 1
      skipSpace()
    }
    line.value = index..<range.upperBound
    return line
  }

  private func number(of offset: Int) -> Int {
    lines.firstIndex { offset <= $0.range.upperBound } ?? lines.count - 1
  }

  /// The way to a byte; without the key that its line would begin with when the byte stands in front of its colon.
  func path(to offset: Int) -> [Step] {
    let line = lines[number(of: offset)]
    var path = line.steps
    if let last = path.last, last.key != nil, offset < line.value.lowerBound,
      offset >= line.range.lowerBound + last.column,
      !(offset > keyEnd(line))
    {
      path.removeLast()
    }
    let column = line.steps.first?.column ?? indentation(line, before: offset)
    return above(
      line: number(of: offset), column: column, isDash: line.steps.first.map { $0.key == nil } ?? false)
      + path
  }

  /// The place of the colon.
  private func keyEnd(_ line: Line) -> Int {
    bytes[line.range].firstIndex(of: UInt8(ascii: ":")) ?? line.range.upperBound
  }

  private func indentation(_ line: Line, before offset: Int) -> Int {
    bytes[line.range].prefix { $0.isSpace }.count
  }

  private func above(line number: Int, column: Int, isDash: Bool) -> [Step] {
    var path: [Step] = []
    var (limit, isDash) = (column, isDash)
    for line in lines[..<number].reversed() where limit > 0 || isDash {
      for step in line.steps.reversed() {
        let isParent =
          step.column < limit || isDash && step.key != nil && step.column == limit && line.steps.first == step
        guard isParent else { continue }
        path.insert(step, at: 0)
        (limit, isDash) = (step.column, step.key == nil)
      }
    }
    return path
  }

  /// The text of a scalar behind a key, without quotes and comments.
  private func scalar(_ line: Line) -> (text: String, range: Range<Int>)? {
    var range = line.value
    while let last = range.last, bytes[last].isSpace { range.removeLast() }
    guard let first = range.first else { return nil }
    if [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(bytes[first]) {
      let end = bytes[(first + 1)..<range.upperBound].firstIndex(of: bytes[first]) ?? range.upperBound
      range = first + 1..<end
    } else if let comment = bytes[range].firstRange(of: Array(" #".utf8)) {
      range = first..<comment.lowerBound
      while let last = range.last, bytes[last].isSpace { range.removeLast() }
    }
    return (String(decoding: bytes[range], as: UTF8.self), range)
  }

  /// The word under a byte: a key, or a scalar.
  func scalar(at offset: Int) -> (text: String, range: Range<Int>)? {
    let line = lines[number(of: offset)]
    guard let value = scalar(line), value.range.lowerBound <= offset, offset <= value.range.upperBound else {
      return nil
    }
    return value
  }

  /// The key that a byte stands in.
  func key(at offset: Int) -> (text: String, range: Range<Int>)? {
    let line = lines[number(of: offset)]
    guard let step = line.steps.last, let key = step.key else { return nil }
    let start = line.range.lowerBound + step.column
    let range = start..<keyEnd(line)
    return range.lowerBound <= offset && offset <= range.upperBound ? (key, range) : nil
  }

  /// What stands under a key of the list's entry, or the mapping, that begins at a step.
  func value(_ key: String, of entry: Step) -> String? {
    value(key, at: entry)?.text
  }

  func value(_ key: String, at entry: Step) -> (text: String, range: Range<Int>)? {
    let first = lines[entry.line]
    guard let own = first.steps.firstIndex(of: entry) else { return nil }
    let column = own + 1 < first.steps.count ? first.steps[own + 1].column : nil
    for (number, line) in lines[entry.line...].enumerated() {
      let steps = number == 0 ? first.steps[(own + 1)...] : line.steps[...]
      guard let step = steps.first else { continue }
      if number > 0, step.column <= entry.column { return nil }
      if step.key == key, column == nil || step.column == column { return scalar(line) }
    }
    return nil
  }

  /// All entries `- name: …` of the lists under some keys at the top: `models`, `sources`.
  func named(under keys: Set<String>) -> [(section: String, name: String, range: Range<Int>)] {
    lines.indices.flatMap { number -> [(section: String, name: String, range: Range<Int>)] in
      let line = lines[number]
      guard line.steps.last?.key == "name", let (name, range) = scalar(line) else { return [] }
      let path = path(to: range.lowerBound)
      guard path.count == 3, let section = path[0].key, keys.contains(section), path[1].key == nil else {
        return []
      }
      return [(section, name, range)]
    }
  }
}
