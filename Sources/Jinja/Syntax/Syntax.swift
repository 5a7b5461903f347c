/// How template text is read: the options of the lexer and the tags that are known.
public struct Syntax: Sendable {
  /// Whether the newline after a block tag is removed.
  public var trimBlocks = false
  /// Whether white space from the start of the line to a block tag is removed.
  public var lstripBlocks = false
  /// Whether one newline at the end of the template stays.
  public var keepTrailingNewline = false
  /// Whether `{% do %}` is a tag.
  public var allowsDo = true
  /// Whether `{% break %}` and `{% continue %}` are tags.
  public var allowsLoopControls = true
  /// Whether parameters of macros may have types, as in `macro m(name: str)`.
  public var allowsParameterTypes = true
  /// Tags beyond Jinja's own.
  public var extensions: [TagExtension] = []
  /// The filters and tests that exist: an unknown one is an error when the template is parsed.
  /// nil leaves the error to the moment of use.
  public var filterNames: Set<String>? = Builtins.filterNames
  public var testNames: Set<String>? = Builtins.testNames
  /// Levels that blocks and expressions may be nested in each other.
  public var nestingLimit = 200
  /// Operators that may follow each other in one expression without parentheses.
  public var chainLimit = 300

  public init() {}
}

/// A block tag of the host that defines a macro.
///
/// `{% materialization table, adapter='postgres' %}…{% endmaterialization %}` becomes a macro whose
/// name the extension makes from what stands in the tag.
public struct TagExtension: Sendable {
  /// What may follow the name in the opening tag.
  public enum Header: Sendable {
    /// Nothing.
    case nameOnly
    /// A parameter list, as a macro's.
    case signature
    /// Options after commas: `name, default` or `name, adapter='x', supported_languages=[…]`.
    case options
  }

  /// One option of a tag: `adapter='postgres'`, or a word alone.
  public struct Option: Sendable {
    public let name: String
    public let value: Expression?
    public let offset: Int
  }

  /// The macro's full name and parameters.
  public struct Definition: Sendable {
    public var name: String
    public var parameters: [MacroDefinition.Parameter]

    public init(name: String, parameters: [MacroDefinition.Parameter] = []) {
      self.name = name
      self.parameters = parameters
    }
  }

  public let tag: String
  public let endTag: String
  public let header: Header
  /// Makes the macro from the tag's name, its parameters and its options.
  public let define:
    @Sendable (
      _ name: String, _ parameters: [MacroDefinition.Parameter], _ options: [Option]
    ) throws(TemplateError) -> Definition

  public init(
    tag: String, endTag: String, header: Header,
    define:
      @escaping @Sendable (
        _ name: String, _ parameters: [MacroDefinition.Parameter], _ options: [Option]
      ) throws(TemplateError) -> Definition
  ) {
    self.tag = tag
    self.endTag = endTag
    self.header = header
    self.define = define
  }
}
