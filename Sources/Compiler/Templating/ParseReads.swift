import Jinja
import OrderedCollections
import ProjectModel
import Synchronization

/// What templates and YAML asked of the surroundings while a project was read, besides the settings that all of it
/// depends on: a later run that would answer the same may use what came of it.
public final class ParseReads: Sendable {
  private let asked = Mutex<Set<String>>([])

  public init() {}

  /// The questions in order, to be answered by ``TemplateSettings/answer(to:)``.
  public var questions: [String] { asked.withLock { $0.sorted() } }

  public func add(_ questions: some Sequence<String>) { asked.withLock { $0.formUnion(questions) } }

  func note(environment name: String) { note("env " + name) }
  func note(flag name: String) { note("flag " + name) }
  func note(behavior name: String) { note("behavior " + name) }
  func note(run name: String) { note("run " + name) }

  private func note(_ question: String) { asked.withLock { _ = $0.insert(question) } }
}

extension TemplateSettings {
  /// Whether one of dbt's behaviour flags, by its upper-case name, is set and on.
  func behavior(_ name: String) -> Bool {
    reads.note(behavior: name)
    return flags[name]?.bool ?? false
  }

  /// What this run answers to a question of ``ParseReads``; nil when there is no such variable or flag.
  public func answer(to question: String) -> String? {
    let parts = question.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "env": return environment[parts[1]]
    case "flag": return FlagsObject.value(of: parts[1], in: self)?.pythonRepresentation
    case "behavior": return flags[parts[1]]?.pythonRepresentation
    case "run":
      switch parts[1] {
      case "invocation_args_dict": return PlainValue.mapping(invocationArguments).pythonRepresentation
      default:
        return environment.filter { $0.key.hasPrefix("DBT_ENV_CUSTOM_ENV_") }
          .sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(separator: "\u{0}")
      }
    default: return nil
    }
  }
}
