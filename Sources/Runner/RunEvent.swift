import Compiler
public import Diagnostics
public import ProjectModel

/// What happens in a run, as it happens; reporters draw it.
public enum RunEvent: Sendable {
  /// The run begins: how many nodes of each kind, on how many connections.
  case began(total: Int, threads: Int)
  case started(NodeID, position: Int)
  case finished(NodeResult, position: Int)
  /// A hook of the run itself, which is counted apart from the nodes.
  case hookStarted(NodeID, HookPlace)
  case hookFinished(NodeResult, HookPlace)
  /// A batch of a microbatch model.
  case batchStarted(NodeID, BatchPlace)
  case batchFinished(NodeResult, BatchPlace)
  /// A notice of the server, or a `log()` of a template.
  case message(level: Level, text: String, node: NodeID?)
  case diagnostic(Diagnostic)
  /// The user asked to stop; running statements are being cancelled.
  case cancelling
  case ended(elapsed: Double)

  /// A hook among those of its phase.
  public struct HookPlace: Sendable {
    /// `shop.on-run-start.0`
    public var name: String
    /// From 1.
    public var position: Int
    public var total: Int

    public init(name: String, position: Int, total: Int) {
      self.name = name
      self.position = position
      self.total = total
    }
  }

  /// A batch among those of its model.
  public struct BatchPlace: Sendable {
    /// `2024-02-29`
    public var label: String
    /// From 1.
    public var position: Int
    public var total: Int

    public init(label: String, position: Int, total: Int) {
      self.label = label
      self.position = position
      self.total = total
    }
  }

  public enum Level: String, Sendable {
    case debug, info, warn, error
    /// `print()` of a template: told as it is.
    case print

    init(_ level: TemplateRuntime.Message.Level) {
      self =
        switch level {
        case .debug: .debug
        case .info: .info
        case .print: .print
        case .warning: .warn
        }
    }
  }

  /// What a template of a node says.
  init(_ message: TemplateRuntime.Message, of node: NodeID) {
    self =
      message.diagnostic.map { .diagnostic($0) }
      ?? .message(level: Level(message.level), text: message.text, node: node)
  }
}
