internal import CYaml
public import Diagnostics
import ProjectModel

/// Reads YAML into nodes with places, on the events of libyaml.
public enum YAMLParser {
  /// - Parameter file: The path as messages name it.
  /// - Returns: the document, and a warning for each key that is written twice.
  /// - Throws: ``Diagnostics/DiagnosticsError`` with code `broken-yaml` when the text is not YAML, holds
  ///   more than one document, an unknown alias or a tag that the safe loader does not know.
  public static func parse(_ bytes: [UInt8], file: String) throws -> (
    document: YAMLDocument, warnings: [Diagnostic]
  ) {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    return try bytes.withUnsafeBufferPointer { buffer in
      let text = UnsafeBufferPointer(rebasing: buffer[start...])
      var builder = YAMLTreeBuilder(file: file, text: text)
      defer { builder.end() }
      let root = try builder.document()
      return (YAMLDocument(file: file, root: root), builder.warnings)
    }
  }
}

/// One run over the events of one text.
private struct YAMLTreeBuilder {
  let file: String
  let text: UnsafeBufferPointer<UInt8>
  var warnings: [Diagnostic] = []

  /// On the heap because libyaml keeps pointers into it.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var event = yaml_event_t()
  private var anchors: [String: (node: YAMLNode, size: Int)] = [:]
  /// Nodes built or repeated by aliases so far: a guard against files that grow without end.
  private var size = 0
  /// Starts of lines, where columns must be turned from characters into bytes; nil for pure ASCII.
  private let lineStarts: [Int]?

  private static let sizeLimit = 5_000_000

  init(file: String, text whole: UnsafeBufferPointer<UInt8>) {
    self.file = file
    // dbt strips files: a block of text at the end of one has no newline after it.
    let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || 9...13 ~= $0 }
    text = UnsafeBufferPointer(rebasing: whole[..<(whole.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0)])
    lineStarts = text.allSatisfy { $0 < 0x80 } ? nil : SourceText(Array(text)).lineStarts
    parser = .allocate(capacity: 1)
    yaml_parser_initialize(parser)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  mutating func end() {
    yaml_event_delete(&event)
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  mutating func document() throws -> YAMLNode? {
    try next()
    try next()
    guard event.type == YAML_DOCUMENT_START_EVENT else { return nil }
    try next()
    let root = try node()
    try next()
    try next()
    if event.type == YAML_DOCUMENT_START_EVENT {
      throw broken(
        "a second document begins here; one file holds one document",
        at: place(event.start_mark, event.end_mark),
        label: "the first one ended before this line", help: "remove the line '---' or split the file")
    }
    return root
  }

  // MARK: Nodes

  /// The node that the current event begins; the current event is its last one afterwards.
  private mutating func node() throws -> YAMLNode {
    size += 1
    switch event.type {
    case YAML_ALIAS_EVENT: return try alias()
    case YAML_SCALAR_EVENT: return try scalar()
    case YAML_SEQUENCE_START_EVENT: return try sequence()
    default: return try mapping()
    }
  }

  private mutating func alias() throws -> YAMLNode {
    let name = String(cString: event.data.alias.anchor)
    let place = place(event.start_mark, event.end_mark)
    guard let known = anchors[name] else {
      throw broken(
        "alias '*\(name)' has no anchor before it", meant: NearMiss(name, among: anchors.keys.sorted()),
        at: place, label: "no '&\(name)' above this line")
    }
    size += known.size
    if size > Self.sizeLimit {
      throw broken(
        "aliases repeat more than \(Self.sizeLimit) values", at: place, label: "too much is repeated here")
    }
    return YAMLNode(known.node.content, at: place)
  }

  private mutating func scalar() throws -> YAMLNode {
    let scalar = event.data.scalar
    let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    let place = place(event.start_mark, event.end_mark)
    let value: PlainValue
    if let tag = scalar.tag.map({ String(cString: $0) }), tag != "!" {
      value = try tagged(tag, bytes, at: place)
    } else if scalar.plain_implicit != 0, scalar.style == YAML_PLAIN_SCALAR_STYLE {
      value = YAMLScalar.resolve(bytes)
    } else {
      value = .string(String(decoding: bytes, as: UTF8.self))
    }
    let node = YAMLNode(.scalar(value), at: place)
    if let anchor = scalar.anchor { anchors[String(cString: anchor)] = (node, 1) }
    return node
  }

  private mutating func sequence() throws -> YAMLNode {
    let start = event.start_mark
    let anchor = event.data.sequence_start.anchor.map { String(cString: $0) }
    let before = size
    if let tag = event.data.sequence_start.tag.map({ String(cString: $0) }) {
      try checkCollection(tag, among: ["seq", "omap", "pairs"], start: start)
    }
    var items: [YAMLNode] = []
    try next()
    while event.type != YAML_SEQUENCE_END_EVENT {
      items.append(try node())
      try next()
    }
    let node = YAMLNode(.sequence(items), at: collectionPlace(start, last: items.last?.place))
    if let anchor { anchors[anchor] = (node, size - before + 1) }
    return node
  }

  private mutating func mapping() throws -> YAMLNode {
    let start = event.start_mark
    let anchor = event.data.mapping_start.anchor.map { String(cString: $0) }
    let before = size
    if let tag = event.data.mapping_start.tag.map({ String(cString: $0) }) {
      try checkCollection(tag, among: ["map", "set"], start: start)
    }
    var merged: [YAMLEntry] = []
    var own: [YAMLEntry] = []
    try next()
    while event.type != YAML_MAPPING_END_EVENT {
      let isMerge = isMergeKey
      let key = try key()
      try next()
      let value = try node()
      if isMerge {
        try merge(value, into: &merged)
      } else {
        own.append(YAMLEntry(key: key.text, isTextKey: key.isText, keyPlace: key.place, value: value))
      }
      try next()
    }
    let place = collectionPlace(start, last: own.last?.value.place)
    let node = YAMLNode(.mapping(unique(merged, own)), at: place)
    if let anchor { anchors[anchor] = (node, size - before + 1) }
    return node
  }

  private var isMergeKey: Bool {
    guard event.type == YAML_SCALAR_EVENT else { return false }
    let scalar = event.data.scalar
    return scalar.plain_implicit != 0 && scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.length == 2
      && scalar.value[0] == UInt8(ascii: "<") && scalar.value[1] == UInt8(ascii: "<")
  }

  private mutating func key() throws -> (text: String, isText: Bool, place: YAMLPlace) {
    let node = try node()
    switch node.content {
    case .scalar(.string(let text)): return (text, true, node.place)
    case .scalar(let value): return (value.pythonText, false, node.place)
    case .sequence, .mapping:
      throw broken(
        "a key must be a single value, not \(node.kindName)", at: node.place, label: "this is the key",
        help: "a value that begins with '{{' must stand in quotes: \"{{ ... }}\"")
    }
  }

  /// Spreads a mapping, or each of a list of them, the first of which wins.
  private func merge(_ value: YAMLNode, into merged: inout [YAMLEntry]) throws {
    switch value.content {
    case .mapping(let entries): merged += entries
    case .sequence(let items):
      for item in items.reversed() {
        guard case .mapping(let entries) = item.content else {
          throw broken("'<<' merges mappings, not \(item.kindName)", at: item.place, label: "not a mapping")
        }
        merged += entries
      }
    case .scalar:
      throw broken("'<<' merges mappings, not \(value.kindName)", at: value.place, label: "not a mapping")
    }
  }

  private mutating func unique(_ merged: [YAMLEntry], _ own: [YAMLEntry]) -> [YAMLEntry] {
    // Small mappings are the rule; comparing beats hashing there.
    var result: [YAMLEntry] = []
    result.reserveCapacity(merged.count + own.count)
    var index: [String: Int] = [:]
    let isLarge = merged.count + own.count > 12
    func position(of key: String) -> Int? {
      isLarge ? index[key] : result.firstIndex { $0.key == key }
    }
    for (number, entry) in (merged + own).enumerated() {
      guard let known = position(of: entry.key) else {
        if isLarge { index[entry.key] = result.count }
        result.append(entry)
        continue
      }
      let first = result[known]
      if number >= merged.count, own.contains(where: { $0.keyPlace == first.keyPlace }) {
        warnings.append(duplicate(entry, first: first))
      }
      result[known].value = entry.value
      result[known].keyPlace = entry.keyPlace
    }
    return result
  }

  // MARK: Tags

  private func tagged(_ tag: String, _ bytes: UnsafeBufferPointer<UInt8>, at place: YAMLPlace) throws
    -> PlainValue
  {
    let text = String(decoding: bytes, as: UTF8.self)
    switch tag {
    case "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary": return .string(text)
    case "tag:yaml.org,2002:null": return .null
    case "tag:yaml.org,2002:float":
      if let number = Double(text) { return .double(number) }
      throw broken("'\(text)' is not a number", at: place, label: "tagged !!float")
    case "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp":
      let value = YAMLScalar.resolve(bytes)
      switch (tag.last, value) {
      case ("t", .int), ("l", .bool), ("p", .string): return value
      default:
        throw broken("'\(text)' does not fit its tag", at: place, label: "tagged !!\(tag.dropFirst(18))")
      }
    default:
      throw broken(
        "tag '\(tag)' is not one that dbt's loader knows", at: place,
        label: "remove the tag or quote the value")
    }
  }

  private func checkCollection(_ tag: String, among known: [String], start: yaml_mark_t) throws {
    guard tag != "!", !known.contains(where: { tag == "tag:yaml.org,2002:" + $0 }) else { return }
    throw broken(
      "tag '\(tag)' is not one that dbt's loader knows", at: place(start, start), label: "remove the tag")
  }

  // MARK: Events and places

  private mutating func next() throws {
    yaml_event_delete(&event)
    guard yaml_parser_parse(parser, &event) == 0 else { return }
    throw syntaxError()
  }

  /// Ends with the last item: libyaml ends a block at the next token, lines later.
  private mutating func collectionPlace(_ start: yaml_mark_t, last: YAMLPlace?) -> YAMLPlace {
    var result = place(start, event.end_mark)
    if let last, event.start_mark.index == event.end_mark.index {
      result.endLine = last.endLine
      result.endColumn = last.endColumn
    }
    return result
  }

  private func place(_ start: yaml_mark_t, _ end: yaml_mark_t) -> YAMLPlace {
    YAMLPlace(
      line: Int32(clamping: start.line + 1), column: byteColumn(start),
      endLine: Int32(clamping: end.line + 1),
      endColumn: byteColumn(end))
  }

  /// libyaml counts characters; places count bytes.
  private func byteColumn(_ mark: yaml_mark_t) -> Int32 {
    guard let lineStarts else { return Int32(clamping: mark.column + 1) }
    let start = mark.line < lineStarts.count ? lineStarts[mark.line] : text.count
    var index = start
    var characters = 0
    while characters < mark.column, index < text.count {
      index += 1
      while index < text.count, text[index] & 0xC0 == 0x80 { index += 1 }
      characters += 1
    }
    return Int32(clamping: index - start + 1)
  }
}

// MARK: - Messages

extension YAMLTreeBuilder {
  private func broken(
    _ summary: String, meant: NearMiss? = nil, at place: YAMLPlace, label: String, help: String? = nil
  ) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic("broken-yaml", summary, meant: meant, at: place.span(in: file), label: label, help: help))
  }

  private func duplicate(_ entry: YAMLEntry, first: YAMLEntry) -> Diagnostic {
    Diagnostic(
      "duplicate-key", severity: .warning, "key '\(entry.key)' is written twice; the last one wins",
      at: entry.keyPlace.span(in: file), label: "this value is used",
      secondary: [.init(span: first.keyPlace.span(in: file), text: "this one is not")])
  }

  private func syntaxError() -> DiagnosticsError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable text"
    let mark = parser.pointee.problem_mark
    if parser.pointee.error == YAML_READER_ERROR {
      return DiagnosticsError(readerError(problem, offset: parser.pointee.problem_offset))
    }
    var diagnostic = Diagnostic(
      "broken-yaml", Self.summary(problem), at: place(mark, mark).span(in: file), label: "here")
    diagnostic.span?.end.column += 1
    if let context = parser.pointee.context.map({ String(cString: $0) }) {
      let start = parser.pointee.context_mark
      if start.line != mark.line || start.column != mark.column {
        var span = place(start, start).span(in: file)
        span.end.column += 1
        diagnostic.secondary = [.init(span: span, text: context)]
      }
    }
    diagnostic.help = hint(line: Int(mark.line))
    return DiagnosticsError(diagnostic)
  }

  private func readerError(_ problem: String, offset: Int) -> Diagnostic {
    let position = SourceText(Array(text)).position(of: offset)
    return Diagnostic(
      "broken-yaml", "the file holds a byte that YAML does not allow: \(problem)",
      at: SourceSpan(file: file, start: position), label: "here", help: "save the file as UTF-8")
  }

  private static func summary(_ problem: String) -> String {
    switch problem {
    case "mapping values are not allowed in this context":
      "a second ': ' stands in one line; a value that holds ': ' must be quoted"
    case "did not find expected key": "a key was expected; the indentation does not fit the lines above"
    case "did not find expected '-' indicator": "an item '- ' of the list was expected"
    case "could not find expected ':'": "a ':' was expected after the key"
    case "found character that cannot start any token": "this character cannot begin a value"
    case "found unexpected end of stream": "the file ends inside a quoted value"
    case "did not find expected ',' or ']'": "',' or ']' was expected"
    case "did not find expected ',' or '}'": "',' or '}' was expected"
    case "block sequence entries are not allowed in this context": "a list cannot begin in this place"
    default: problem
    }
  }

  /// The two mistakes that make most files unreadable: a tab as indentation, an unquoted template.
  private func hint(line: Int) -> String? {
    let source = SourceText(Array(text))
    for number in [line + 1, line] where number >= 1 {
      let bytes = source.line(number)
      let indentation = bytes.prefix { $0 == 0x20 || $0 == 0x09 }
      if indentation.contains(0x09) { return "indent with spaces; YAML does not allow tabs" }
      let code = String(decoding: bytes, as: UTF8.self)
      if let brace = code.firstRange(of: ": {{") ?? code.firstRange(of: "- {{") {
        return "quote the value: \"\(code[code.index(brace.lowerBound, offsetBy: 2)...])\""
      }
    }
    return nil
  }
}
