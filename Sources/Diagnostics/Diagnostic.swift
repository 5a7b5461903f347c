/// What kind of mistake a diagnostic speaks of, in worded form: `unknown-ref`, `broken-yaml`.
public struct DiagnosticCode: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(stringLiteral value: String) { rawValue = value }
  public var description: String { rawValue }
}

public enum Severity: String, Sendable, Hashable, Comparable {
  case note, warning, error

  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// A message as a value; ``DiagnosticRenderer`` draws it.
///
/// `summary` says the most specific thing first and ends without a full stop. `label` stands under
/// the marked text, `help` offers one plausible fix. Nothing in it may hold a secret.
public struct Diagnostic: Error, Sendable, Hashable {
  /// A further place that explains the first one: where the other definition is, the next edge of a cycle.
  public struct Label: Sendable, Hashable {
    public var span: SourceSpan
    public var text: String

    public init(span: SourceSpan, text: String) {
      self.span = span
      self.text = text
    }
  }

  /// A call that led to the place: the innermost first.
  public struct Frame: Sendable, Hashable {
    /// The macro's name, or what else was called.
    public var name: String
    /// Where the call stands.
    public var span: SourceSpan?

    public init(name: String, span: SourceSpan?) {
      self.name = name
      self.span = span
    }
  }

  public var code: DiagnosticCode
  public var severity: Severity
  public var summary: String
  public var span: SourceSpan?
  public var label: String?
  public var secondary: [Label]
  public var stack: [Frame]
  public var notes: [String]
  public var help: String?
  /// The SQL that the server refused, as it was sent.
  public var statement: String?
  /// What readers of the log find as data of the event, by dbt's names: `model_name`, `env_var`.
  public var facts: [String: String]
  /// The name that the summary says is not known, and the one that it asks whether it was meant.
  public var meant: NearMiss?

  /// - Parameter meant: put at the end of the summary.
  public init(
    _ code: DiagnosticCode, severity: Severity = .error, _ summary: String, meant: NearMiss? = nil,
    at span: SourceSpan? = nil,
    label: String? = nil, secondary: [Label] = [], stack: [Frame] = [], notes: [String] = [],
    help: String? = nil, statement: String? = nil, facts: [String: String] = [:]
  ) {
    self.code = code
    self.severity = severity
    self.summary = summary
    self.span = span
    self.label = label
    self.secondary = secondary
    self.stack = stack
    self.notes = notes
    self.help = help
    self.statement = statement
    self.facts = facts
    ask(meant)
  }
}

extension Diagnostic {
  /// Puts a known name that may have been meant at the end of the summary.
  public mutating func ask(_ meant: NearMiss?) {
    guard let meant else { return }
    summary += meant.suffix
    self.meant = meant
  }
}

/// What ends a stage: one or more diagnostics, at least one of them an error.
public struct DiagnosticsError: Error, Sendable {
  public var diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  public init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }
}
