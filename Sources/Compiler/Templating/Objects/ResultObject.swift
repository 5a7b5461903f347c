import Jinja
import ProjectModel

/// A result of a run as `on-run-end` hooks see it in `results`: attributes, and `to_dict()` with everything below as
/// plain dictionaries.
final class ResultObject: JinjaObject {
  private let result: NodeResult
  private let node: NodeObject?

  /// - Parameter node: the node that the result is of.
  init(_ result: NodeResult, node: NodeObject?) {
    self.result = result
    self.node = node
  }

  var typeName: String { "RunResult" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "status": return .string(result.status.rawValue)
    case "timing": return .list(result.timing.map { .object(TimingObject($0)) })
    case "thread_id": return .string(result.threadName)
    case "execution_time": return .double(result.executionTime)
    case "adapter_response": return .dict(adapterResponse)
    case "message": return Value(optional: result.message)
    case "failures": return result.failures.map(Value.int) ?? Value.none
    case "node": return node.map(Value.object) ?? Value.none
    case "batch_results", "agate_table": return Value.none
    case "skipped": return .bool(result.status == .skipped)
    case "to_dict":
      return .function(name) { arguments, _ in
        let omits = try arguments.value(0, "omit_none")?.isTrue() ?? false
        return .dict(self.dictionary(omitsNone: omits))
      }
    default: return nil
    }
  }

  private static let keys = [
    "status", "timing", "thread_id", "execution_time", "adapter_response", "message", "failures", "node",
    "agate_table", "batch_results",
  ]

  private func dictionary(omitsNone: Bool) -> [(String, Value)] {
    Self.keys.compactMap { key in
      let value: Value =
        switch key {
        case "timing": .list(result.timing.map { .dict(TimingObject($0).dictionary) })
        case "node": node.map { .dict($0.dictionary()) } ?? .none
        default: attribute(key) ?? .none
        }
      return omitsNone && value.isNone ? nil : (key, value)
    }
  }

  private var adapterResponse: [(String, Value)] {
    guard let message = result.adapterMessage else { return [] }
    let words = message.split(separator: " ").filter { !$0.allSatisfy(\.isNumber) }
    return [
      ("_message", .string(message)), ("code", .string(words.joined(separator: " "))),
      ("rows_affected", .int(result.rowsAffected ?? -1)),
    ]
  }

  func representation() throws -> String {
    "RunResult(status=\(Value.representation(of: result.status.rawValue)), "
      + "message=\(result.message.map(Value.representation) ?? "None"), failures=\(result.failures.map(String.init) ?? "None"))"
  }
}

/// When a part of a node's work began and ended.
private final class TimingObject: JinjaObject {
  private let timing: NodeResult.Timing

  init(_ timing: NodeResult.Timing) { self.timing = timing }

  var typeName: String { "TimingInfo" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "name": return .string(timing.name)
    case "started_at": return Self.moment(timing.startedAt)
    case "completed_at": return Self.moment(timing.completedAt)
    case "to_dict": return .function(name) { _, _ in .dict(self.dictionary) }
    default: return nil
    }
  }

  /// The times as text, as JSON has them.
  var dictionary: [(String, Value)] {
    [
      ("name", .string(timing.name)), ("started_at", Self.text(timing.startedAt)),
      ("completed_at", Self.text(timing.completedAt)),
    ]
  }

  /// A `datetime` without a zone, in UTC.
  private static func moment(_ seconds: Double) -> Value {
    let microseconds = Int((seconds * 1_000_000).rounded())
    let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return Moment.datetime(secondsSince1970: whole, microsecond: rest, isAware: false)
  }

  private static func text(_ seconds: Double) -> Value {
    guard let text = try? moment(seconds).text() else { return .none }
    return .string(text.replacing(" ", with: "T") + "Z")
  }
}
