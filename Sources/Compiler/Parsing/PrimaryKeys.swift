import OrderedCollections
import ProjectModel

/// The columns that identify a model's rows, as dbt infers them: a primary key constraint, else columns tested both
/// unique and not null, else columns tested unique.
enum PrimaryKeys {
  static func infer(into nodes: inout OrderedDictionary<NodeID, Node>) {
    var tests: [NodeID: Tests] = [:]
    for node in nodes.values {
      guard let test = node.test, let owner = test.attachedNode, owner.rawValue.hasPrefix("model.") else {
        continue
      }
      for column in columns(of: test) {
        switch test.name {
        case "unique", "unique_combination_of_columns": tests[owner, default: Tests()].add(unique: column)
        case "not_null": tests[owner, default: Tests()].notNull.insert(column)
        default: break
        }
      }
    }
    for index in nodes.values.indices where nodes.values[index].resourceType == .model {
      let node = nodes.values[index]
      if let stated = stated(node) {
        nodes.values[index].primaryKey = stated
      } else if let tests = tests[node.id] {
        nodes.values[index].primaryKey = tests.key
      }
    }
  }

  private struct Tests {
    var unique: [String] = []
    var notNull: Set<String> = []

    mutating func add(unique column: String) { if !unique.contains(column) { unique.append(column) } }

    var key: [String] {
      let both = unique.filter(notNull.contains)
      return both.isEmpty ? unique : both
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
