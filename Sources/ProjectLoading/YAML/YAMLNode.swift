public import Diagnostics
import OrderedCollections
public import ProjectModel

/// A value of a YAML file with the place where it is written.
///
/// Aliases are followed, merge keys (`<<`) are spread, and plain scalars are resolved by the rules of
/// YAML 1.1 as PyYAML's safe loader does it; dates and times are text in ISO form.
public struct YAMLNode: Sendable {
  public enum Content: Sendable {
    /// Never a list or a mapping.
    case scalar(PlainValue)
    case sequence([YAMLNode])
    /// In order; each key once, the last value of it wins at the first one's place.
    case mapping([YAMLEntry])
  }

  public var content: Content
  public var place: YAMLPlace

  public init(_ content: Content, at place: YAMLPlace) {
    self.content = content
    self.place = place
  }
}

/// A key of a mapping with its value.
public struct YAMLEntry: Sendable {
  public var key: String
  /// False when the key is not text in YAML (`on:` is a boolean), the text is then Python's.
  public var isTextKey: Bool
  public var keyPlace: YAMLPlace
  public var value: YAMLNode
}

/// Where a node stands: 1-based lines and byte columns in 16 bytes; the file is known from the document.
public struct YAMLPlace: Sendable, Hashable {
  public var line: Int32
  public var column: Int32
  public var endLine: Int32
  public var endColumn: Int32

  public init(line: Int32, column: Int32, endLine: Int32, endColumn: Int32) {
    self.line = line
    self.column = column
    self.endLine = endLine
    self.endColumn = endColumn
  }

  public func span(in file: String) -> SourceSpan {
    SourceSpan(
      file: file, start: SourcePosition(line: Int(line), column: Int(column)),
      end: SourcePosition(line: Int(endLine), column: Int(endColumn)))
  }
}

/// What one YAML file holds.
public struct YAMLDocument: Sendable {
  /// The path as messages name it.
  public var file: String
  /// nil when the file is empty or holds comments only.
  public var root: YAMLNode?

  public func span(of node: YAMLNode) -> SourceSpan { node.place.span(in: file) }
}

extension YAMLNode {
  public var scalar: PlainValue? { if case .scalar(let value) = content { value } else { nil } }
  public var string: String? { scalar?.string }
  public var sequence: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
  public var mapping: [YAMLEntry]? { if case .mapping(let entries) = content { entries } else { nil } }
  public var isNull: Bool { scalar == .null }

  /// The value under a key of a mapping.
  public subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The node without places.
  public var plain: PlainValue {
    switch content {
    case .scalar(let value): return value
    case .sequence(let items): return .list(items.map(\.plain))
    case .mapping(let entries):
      var result = OrderedDictionary<String, PlainValue>(minimumCapacity: entries.count)
      for entry in entries { result[entry.key] = entry.value.plain }
      return .mapping(result)
    }
  }

  /// The word a message uses for this kind of value.
  public var kindName: String {
    switch content {
    case .scalar(let value): value.kindName
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
