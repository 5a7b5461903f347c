import Diagnostics
import ProjectModel

extension NodeResult {
  /// The message of a node that failed, opened by the line that dbt opens it with and that readers of results look
  /// for: `Database Error in model orders (models/orders.sql)`.
  mutating func nameFailure(of node: Node) {
    guard status == .error, let first = diagnostics.first else { return }
    let place = node.originalFilePath.isEmpty ? "" : " (\(node.originalFilePath))"
    let head = "\(Self.kind(of: first, in: node)) in \(node.resourceType.rawValue) \(node.name)\(place)"
    guard message?.hasPrefix(head) != true else { return }
    let lines = ([first.summary] + first.notes).joined(separator: "\n").split(separator: "\n")
    message = head + lines.map { "\n  " + $0 }.joined()
  }

  private static func kind(of diagnostic: Diagnostic, in node: Node) -> String {
    switch diagnostic.code.rawValue {
    case "database-error", "cannot-connect", "connection-lost": "Database Error"
    case "gate-failed", "duplicate-natural-key", "null-natural-key", "cancelled", "io-error": "Runtime Error"
    // A seed has no template that could be wrong.
    default: node.resourceType == .seed ? "Runtime Error" : "Compilation Error"
    }
  }
}
