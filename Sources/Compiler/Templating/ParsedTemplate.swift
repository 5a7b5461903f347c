public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// A template as it is found in a file, with what must be known of it to read it.
public struct TemplateSource: Sendable {
  public var text: String
  /// As a ``SourceSpan`` names it.
  public var file: String
  /// Where the text begins in the file: 1 unless it is a block inside a file.
  public var firstLine: Int = 1
  public var resourceType: ResourceType
  public var packageName: String
  /// The node's name.
  public var name: String
  public var fqn: [String] = []
  /// What `model`, `this` and the like show while the template is parsed, as far as it is known.
  public var node: Node?
  /// The keyword arguments of a generic test, as `_dbt_generic_test_kwargs` holds them.
  public var testArguments: OrderedDictionary<String, PlainValue>?

  public init(
    text: String, file: String, resourceType: ResourceType, packageName: String, name: String
  ) {
    self.text = text
    self.file = file
    self.resourceType = resourceType
    self.packageName = packageName
    self.name = name
  }
}

/// What a template says of itself without a database: its parents, its config, the macros it calls.
public struct ParsedTemplate: Sendable {
  /// One `config(…)`.
  public struct ConfigCall: Sendable {
    public var values: OrderedDictionary<String, PlainValue>
    public var span: SourceSpan?
  }

  /// In the order of the calls, each as often as it was called.
  public var refs: [RefCall] = []
  public var sources: [SourceCall] = []
  /// `metric()` and `function()` calls: one or two words each.
  public var metrics: [[String]] = []
  public var functions: [[String]] = []
  public var configCalls: [ConfigCall] = []
  /// The calls merged by dbt's rules: `tags` and hooks add up, `meta` merges, the rest is replaced. Hooks are
  /// under `pre-hook` and `post-hook`.
  public var config: OrderedDictionary<String, PlainValue> = [:]
  /// Where the call stands that set a key last.
  public var configSpans: [String: SourceSpan] = [:]
  /// The macros the template itself calls, each once, in the order of the first call.
  public var macros: [NodeID] = []
  /// True when rendering with `execute` may ask the database.
  public var introspects = false
  /// True when everything was read from the syntax tree.
  public var isStatic = true

  public init() {}
}
