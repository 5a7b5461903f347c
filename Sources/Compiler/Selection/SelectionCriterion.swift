public import Diagnostics
public import ProjectModel

/// Which tests come with the nodes that they look at.
public enum IndirectSelection: String, Sendable, Hashable, CaseIterable {
  /// A test comes when any of its parents is selected.
  case eager
  /// Only when all of them are.
  case cautious
  /// When all of them are selected or are ancestors of what is selected.
  case buildable
  /// Never.
  case empty
}

/// One method and its value with the graph operators around it: `2+config.materialized:table+`.
public struct SelectionCriterion: Sendable, Hashable {
  /// What a criterion compares.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case fqn, tag, group, access, source, path, file, package, config
    case testName = "test_name"
    case testType = "test_type"
    case resourceType = "resource_type"
    case state, exposure, metric, result
    case sourceStatus = "source_status"
    case version
    case semanticModel = "semantic_model"
    case savedQuery = "saved_query"
    case unitTest = "unit_test"
    /// A selection of selectors.yml.
    case selector
  }

  public var method: Method
  /// What stands after the method's dots: `["meta", "owner"]` in `config.meta.owner:`.
  public var arguments: [String] = []
  /// A string, unless selectors.yml gives another kind of value.
  public var value: PlainValue
  /// `+m`, and how many steps at most.
  public var withParents = false
  public var parentsDepth: Int?
  /// `m+`
  public var withChildren = false
  public var childrenDepth: Int?
  /// `@m`: descendants and all their ancestors.
  public var withChildrensParents = false
  public var indirect: IndirectSelection
  /// What a `selector:` stands for, one element; empty with every other method.
  var referenced: [SelectionSpec] = []

  public init(method: Method, value: PlainValue, indirect: IndirectSelection = .eager) {
    self.method = method
    self.value = value
    self.indirect = indirect
  }

  /// Reads `2+tag:nightly+` as the command line has it.
  public init(_ text: String, indirect: IndirectSelection = .eager) throws(DiagnosticsError) {
    var rest = Substring(text)
    let isWide = rest.first == "@"
    if isWide { rest.removeFirst() }

    let digits = rest.prefix(while: \.isDigit)
    let hasParents = rest.dropFirst(digits.count).first == "+"
    if hasParents { rest = rest.dropFirst(digits.count + 1) }

    var methodName: Substring?
    let word = rest.prefix(while: \.isMethodCharacter)
    if !word.isEmpty, rest.dropFirst(word.count).first == ":" {
      methodName = word
      rest = rest.dropFirst(word.count + 1)
    }

    var children: Substring?
    if let plus = rest.lastIndex(of: "+"), rest[rest.index(after: plus)...].allSatisfy(\.isDigit) {
      children = rest[rest.index(after: plus)...]
      rest = rest[..<plus]
    }

    let value = String(rest)
    if let methodName {
      (method, arguments) = try SelectionCriterion.method(String(methodName))
    } else {
      method = SelectionCriterion.defaultMethod(for: value)
    }
    self.value = .string(value)
    self.indirect = indirect
    withChildrensParents = isWide
    withParents = hasParents
    parentsDepth = digits.isEmpty || !hasParents ? nil : Int(digits) ?? .max
    withChildren = children != nil
    childrenDepth = children.flatMap { $0.isEmpty ? nil : Int($0) ?? .max }
    try checkOperators(text)
  }

  /// A slash makes it a path, a file's ending a file, anything else a name.
  static func defaultMethod(for value: String) -> Method {
    if value.utf8.contains(UInt8(ascii: "/")) { return .path }
    let lowered = value.lowercased()
    return [".sql", ".py", ".csv"].contains { lowered.hasSuffix($0) } ? .file : .fqn
  }

  static func method(_ dotted: String) throws(DiagnosticsError) -> (Method, [String]) {
    var parts = dotted.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let name = parts.removeFirst()
    guard let method = Method(rawValue: name) else { throw DiagnosticsError(.unknownMethod(name)) }
    return (method, parts)
  }

  var hasOperators: Bool { withParents || withChildren || withChildrensParents }

  func checkOperators(_ text: String) throws(DiagnosticsError) {
    if withChildren && withChildrensParents { throw DiagnosticsError(.contradictingOperators(text)) }
  }
}

extension Character {
  fileprivate var isDigit: Bool { isASCII && isNumber }
  fileprivate var isMethodCharacter: Bool { isLetter || isNumber || self == "_" || self == "." }
}

extension Diagnostic {
  fileprivate static func unknownMethod(_ name: String) -> Diagnostic {
    Diagnostic(
      "unknown-selection-method", "'\(name)' is not a selection method",
      help: "methods are "
        + SelectionCriterion.Method.allCases.map(\.rawValue).sorted().joined(separator: ", "))
  }

  fileprivate static func contradictingOperators(_ text: String) -> Diagnostic {
    Diagnostic(
      "selection-operators", "'\(text)' has '@' in front and '+' behind, which exclude each other",
      help: "'@' already takes all descendants; leave out the '+'")
  }
}
