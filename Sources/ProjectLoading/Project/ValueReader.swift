public import Diagnostics
public import ProjectModel

/// Renders a template that stands in a YAML file; plain text comes back as it is.
public typealias RenderText =
  @Sendable (_ text: String, _ span: SourceSpan) throws(DiagnosticsError) -> PlainValue

/// Takes typed values out of a YAML file and collects what is wrong with them.
struct ValueReader {
  var file: String
  var diagnostics: [Diagnostic] = []

  init(file: String) { self.file = file }

  func span(_ node: YAMLNode) -> SourceSpan { node.place.span(in: file) }

  mutating func report(
    _ code: DiagnosticCode, _ summary: String, meant: NearMiss? = nil, at place: YAMLPlace?,
    severity: Severity = .error,
    label: String? = nil,
    help: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code, severity: severity, summary, meant: meant, at: place?.span(in: file), label: label, help: help))
  }

  // MARK: Values under a key; nil when the key is absent or null

  mutating func string(_ node: YAMLNode, _ key: String) -> String? {
    guard let value = value(node, key) else { return nil }
    switch value.scalar {
    case .string(let text): return text
    case .int, .double: return value.scalar?.pythonText
    default: return wrong(value, key, expected: "text")
    }
  }

  mutating func bool(_ node: YAMLNode, _ key: String) -> Bool? {
    guard let value = value(node, key) else { return nil }
    return value.scalar?.bool ?? wrong(value, key, expected: "true or false")
  }

  mutating func int(_ node: YAMLNode, _ key: String) -> Int? {
    guard let value = value(node, key) else { return nil }
    if let text = value.string, let number = Int(text) { return number }
    return value.scalar?.int ?? wrong(value, key, expected: "a whole number")
  }

  /// A list of texts; one text counts as a list of one when `orOne` is given.
  mutating func strings(_ node: YAMLNode, _ key: String, orOne: Bool = false) -> [String]? {
    guard let value = value(node, key) else { return nil }
    if orOne, let one = value.string { return [one] }
    guard let items = value.sequence else { return wrong(value, key, expected: "a list of texts") }
    return items.compactMap { item in
      item.string ?? wrong(item, key, expected: "a list of texts", found: "a list with \(item.kindName)")
    }
  }

  mutating func mapping(_ node: YAMLNode, _ key: String) -> YAMLNode? {
    guard let value = value(node, key) else { return nil }
    return value.mapping == nil ? wrong(value, key, expected: "a mapping") : value
  }

  mutating func sequence(_ node: YAMLNode, _ key: String) -> [YAMLNode]? {
    guard let value = value(node, key) else { return nil }
    return value.sequence ?? wrong(value, key, expected: "a list")
  }

  private func value(_ node: YAMLNode, _ key: String) -> YAMLNode? {
    guard let value = node[key], !value.isNull else { return nil }
    return value
  }

  private mutating func wrong<Value>(
    _ value: YAMLNode, _ key: String, expected: String, found: String? = nil
  ) -> Value? {
    report(
      "bad-value", "'\(key)' must be \(expected), not \(found ?? value.kindName)", at: value.place,
      label: "\(expected) expected here")
    return nil
  }

  // MARK: Keys

  /// Names the keys that are not known, each with its nearest match.
  mutating func checkKeys(_ node: YAMLNode, known: [String], in place: String, severity: Severity = .error) {
    for entry in node.mapping ?? [] where !known.contains(entry.key) {
      report(
        "unknown-key",
        "'\(entry.key)' is not a key of \(place)", meant: NearMiss(entry.key, among: known),
        at: entry.keyPlace, severity: severity, label: "no such key")
    }
  }
}

extension YAMLNode {
  /// The node with its texts rendered as templates.
  ///
  /// - Parameter renders: says by the keys that lead to a text whether it is rendered now.
  func rendered(
    in file: String, path: [String] = [], renders: (_ path: [String]) -> Bool = { _ in true },
    with render: RenderText
  ) throws(DiagnosticsError) -> YAMLNode {
    switch content {
    case .scalar(.string(let text)):
      guard Self.isChangedByRendering(text), renders(path) else { return self }
      return YAMLNode(PlainContent.content(of: try render(text, place.span(in: file)), at: place), at: place)
    case .scalar: return self
    case .sequence(let items):
      var result: [YAMLNode] = []
      result.reserveCapacity(items.count)
      for item in items {
        result.append(try item.rendered(in: file, path: path, renders: renders, with: render))
      }
      return YAMLNode(.sequence(result), at: place)
    case .mapping(let entries):
      var result = entries
      for index in result.indices {
        let path = path + [entries[index].key]
        result[index].value = try entries[index].value.rendered(
          in: file, path: path, renders: renders, with: render)
      }
      return YAMLNode(.mapping(result), at: place)
    }
  }

  /// Whether a text is another one when it is rendered as a template: Jinja drops the newline at a template's end, also
  /// of one without any tags. dbt renders nearly every text of its YAML files so, and block texts end with one.
  public static func isChangedByRendering(_ text: String) -> Bool {
    text.utf8.last == UInt8(ascii: "\n") || holdsTemplate(text)
  }

  /// Whether a text holds any of Jinja's delimiters.
  public static func holdsTemplate(_ text: String) -> Bool {
    var last: UInt8 = 0
    for byte in text.utf8 {
      switch (last, byte) {
      case (UInt8(ascii: "{"), UInt8(ascii: "{")), (UInt8(ascii: "{"), UInt8(ascii: "%")),
        (UInt8(ascii: "{"), UInt8(ascii: "#")), (UInt8(ascii: "#"), UInt8(ascii: "}")),
        (UInt8(ascii: "}"), UInt8(ascii: "}")), (UInt8(ascii: "%"), UInt8(ascii: "}")):
        return true
      default: last = byte
      }
    }
    return false
  }
}

/// Values that rendering gave, put back into the tree at the template's place.
enum PlainContent {
  static func content(of value: PlainValue, at place: YAMLPlace) -> YAMLNode.Content {
    switch value {
    case .list(let items): .sequence(items.map { YAMLNode(content(of: $0, at: place), at: place) })
    case .mapping(let entries):
      .mapping(
        entries.map {
          YAMLEntry(
            key: $0.key, isTextKey: true, keyPlace: place,
            value: YAMLNode(content(of: $0.value, at: place), at: place))
        })
    default: .scalar(value)
    }
  }
}

extension YAMLNode {
  /// A value that rendering gave, at the place of the template.
  public init(replacing node: YAMLNode, with value: PlainValue) {
    self.init(PlainContent.content(of: value, at: node.place), at: node.place)
  }
}
