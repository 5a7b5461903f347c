import OrderedCollections
import ProjectModel

/// A result as `on-run-end` hooks see it in `results`.
enum HookResult {
  static func value(of result: NodeResult, in manifest: Manifest) -> PlainValue {
    [
      "node": .string(result.node.rawValue),
      "unique_id": .string(result.node.rawValue),
      "status": .string(result.status.rawValue),
      "execution_time": .double(result.executionTime),
      "thread_id": .string(result.threadName),
      "message": result.message.map(PlainValue.string) ?? .null,
      "failures": result.failures.map(PlainValue.int) ?? .null,
    ]
  }
}
