import Diagnostics
import ProjectModel
import Runner

/// Draws the events of a run; one of them per run, called from many tasks.
protocol RunReporter: Sendable {
  func receive(_ event: RunEvent)
}

/// What the lines of a run say about a node: its kind in dbt's words, and its name.
struct NodeLabel: Sendable {
  var kind: String
  var name: String

  init(_ node: Node) {
    switch node.resourceType {
    case .test:
      kind = "test"
      name = node.name
    case .unitTest:
      kind = "unit_test"
      // unit_test.package.model.name
      name =
        node.id.rawValue.split(separator: ".").dropFirst(2).dropLast().joined(separator: ".") + "::"
        + node.name
    case .seed:
      kind = "seed file"
      name = Self.relation(of: node)
    case .snapshot:
      kind = "snapshot"
      name = Self.relation(of: node)
    case .function:
      kind = "function"
      name = Self.relation(of: node)
    case .operation, .sqlOperation:
      kind = "hook"
      name = node.name
    default:
      kind = "sql \(node.isMicrobatch ? "microbatch" : node.config.materialized) model"
      name = Self.relation(of: node)
    }
  }

  private static func relation(of node: Node) -> String {
    guard let relation = node.relation else { return node.name }
    return [relation.schema, relation.identifier].compactMap { $0 }.joined(separator: ".")
  }
}

/// One line for a finished node, in the shape that dbt's users and their log readers know:
/// `3 of 12 OK created sql table model shop.orders ........ [SELECT 300 in 0.05s]`.
struct ResultLine: Sendable {
  var node: Node
  var result: NodeResult
  var position: Int
  var total: Int

  func text(style: Style) -> String {
    let label = NodeLabel(node)
    let head = "\(position) of \(total) \(word) \(action(label))"
    let padded = head + " " + String(repeating: ".", count: max(3, 80 - head.count - 1))
    return "\(padded) [\(status(style))]"
  }

  private var word: String {
    switch result.status {
    case .success: "OK"
    case .pass: "PASS"
    case .fail: "FAIL \(result.failures ?? 0)"
    case .warn: "WARN \(result.failures ?? 0)"
    case .error, .partialSuccess: "ERROR"
    case .skipped: "SKIP"
    case .noOp: "NO-OP"
    }
  }

  private func action(_ label: NodeLabel) -> String {
    switch (node.resourceType, result.status) {
    case (.test, _): label.name
    case (_, .skipped): "relation \(label.name)"
    case (.seed, .success): "loaded \(label.kind) \(label.name)"
    case (_, .success): "created \(label.kind) \(label.name)"
    case (.seed, _): "loading \(label.kind) \(label.name)"
    default: "creating \(label.kind) \(label.name)"
    }
  }

  private func status(_ style: Style) -> String {
    let seconds = "in \(Self.seconds(result.executionTime))"
    switch result.status {
    case .success: return style.good(result.adapterMessage ?? "OK") + " \(seconds)"
    case .pass: return style.good("PASS") + " \(seconds)"
    case .fail: return style.bad("FAIL \(result.failures ?? 0)") + " \(seconds)"
    case .warn: return style.caution("WARN \(result.failures ?? 0)") + " \(seconds)"
    case .error, .partialSuccess: return style.bad("ERROR") + " \(seconds)"
    case .skipped: return style.caution("SKIP")
    case .noOp: return style.quiet("NO-OP")
    }
  }

  static func seconds(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)s"
  }
}

/// The five numbers that a run ends with.
struct RunCounts: Sendable {
  var pass = 0
  var warn = 0
  var error = 0
  var skip = 0
  var noOp = 0
  var total: Int { pass + warn + error + skip + noOp }

  mutating func add(_ status: NodeResult.Status) {
    switch status {
    case .success, .pass: pass += 1
    case .warn: warn += 1
    case .error, .fail, .partialSuccess: error += 1
    case .skipped: skip += 1
    case .noOp: noOp += 1
    }
  }
}
