import OrderedCollections
import ProjectModel

/// The columns that identify a model's rows, as dbt infers them, sorted: a primary key constraint, else columns tested
/// both unique and not null, else columns tested unique, else columns with such a test that is disabled.
enum PrimaryKeys {
  static func infer(
    into nodes: inout OrderedDictionary<NodeID, Node>, disabled: OrderedDictionary<NodeID, [Node]>
  ) {
    var tests: [NodeID: Tests] = [:]
    for node in [Array(nodes.values), disabled.values.flatMap { $0 }].joined() {
      guard let test = node.test, let owner = test.attachedNode, owner.rawValue.hasPrefix("model.") else {
        continue
      }
      for column in columns(of: test) {
        switch test.name {
        case "unique", "unique_combination_of_columns":
          tests[owner, default: Tests()].add(unique: column, isEnabled: node.config.enabled)
        case "not_null": tests[owner, default: Tests()].notNull.insert(column)
        default: break
        }
      }
    }
    for index in nodes.values.indices where nodes.values[index].resourceType == .model {
      let node = nodes.values[index]
      if let stated = stated(node) {
        nodes.values[index].primaryKey = stated.sorted()
      } else if let tests = tests[node.id] {
        nodes.values[index].primaryKey = tests.key.sorted()
      }
    }
  }

  private struct Tests {
    var unique: Set<String> = []
    var uniqueOnceEnabled: Set<String> = []
    var notNull: Set<String> = []

    mutating func add(unique column: String, isEnabled: Bool) {
      if isEnabled { unique.insert(column) } else { uniqueOnceEnabled.insert(column) }
    }

    var key: Set<String> {
      let both = unique.union(uniqueOnceEnabled).intersection(notNull)
      guard both.isEmpty else { return both }
      return unique.isEmpty ? uniqueOnceEnabled : unique
    }
  }

  private static func columns(of test: TestMetadata) -> [String] {
    if let column = test.arguments["column_name"]?.string { return [column] }
    return test.arguments["combination_of_columns"]?.list?.compactMap(\.string) ?? []
  }

  private static func stated(_ node: Node) -> [String]? {
    for constraint in node.constraints where constraint.mapping?["type"]?.string == "primary_key" {
      return constraint.mapping?["columns"]?.strings ?? []
    }
    return node.columns.values.first { column in
      column.constraints.contains { $0.mapping?["type"]?.string == "primary_key" }
    }.map { [$0.name] }
  }
}
