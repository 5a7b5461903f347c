import OrderedCollections
public import ProjectModel

extension NodeCompiler {
  /// A model with the relations that `to: ref(…)` of its foreign keys means in the place of the calls.
  public func resolvingForeignKeys(of node: Node) -> Node {
    guard node.resourceType == .model, node.isConstrained else { return node }
    var result = node
    let constraints = node.constraints.map { resolved($0, in: node) }
    if constraints != node.constraints { result.constraints = constraints }
    for (name, column) in node.columns where !column.constraints.isEmpty {
      let constraints = column.constraints.map { resolved($0, in: node) }
      if constraints != column.constraints { result.columns[name]?.constraints = constraints }
    }
    return result
  }

  private func resolved(_ constraint: PlainValue, in node: Node) -> PlainValue {
    guard var values = constraint.mapping, values["type"]?.string == "foreign_key",
      let to = values["to"]?.string
    else { return constraint }
    let relation: RelationName?
    switch ReferenceText(to) {
    case .ref(let call):
      let target = index.node(for: call, from: node.packageName)
      relation = target.flatMap { index.deferral.relation(of: $0.id) ?? $0.relation }
    case .source(let call): relation = index.source(for: call, from: node.packageName)?.relation
    case .metric, nil: relation = nil
    }
    guard let relation else { return constraint }
    values["to"] = .string(RelationObject(relation).render())
    return .mapping(values)
  }
}
