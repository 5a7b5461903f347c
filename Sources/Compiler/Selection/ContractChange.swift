import Diagnostics
import OrderedCollections
import ProjectModel

/// What became of a model's enforced contract since an earlier manifest.
enum ContractChange {
  case none
  case changed
  /// In a way that those who read the model may not bear, each told in a sentence.
  case breaking([String])

  init(from old: Node, to new: Node) {
    let (wasEnforced, isEnforced) = (Self.isEnforced(old), Self.isEnforced(new))
    guard wasEnforced else {
      self = isEnforced ? .changed : .none
      return
    }
    let hasSameChecksum = new.contractChecksum != nil && new.contractChecksum == old.contractChecksum
    if isEnforced, hasSameChecksum || Self.promise(old) == Self.promise(new) {
      self = .none
      return
    }
    let reasons = Self.reasons(from: old, to: new)
    self = reasons.isEmpty ? .changed : .breaking(reasons)
  }

  static func isEnforced(_ node: Node) -> Bool {
    node.resourceType == .model && node.config["contract"]?.mapping?["enforced"]?.bool == true
  }

  /// What a contract says, whatever the order of its columns; constraints of the table count where they are kept.
  private static func promise(_ node: Node) -> [String: [PlainValue]] {
    var promise: [String: [PlainValue]] = node.columns.values.reduce(into: [:]) {
      $0[$1.name] = [$1.dataType.map { .string($0) } ?? .null] + $1.constraints
    }
    if keepsConstraints(node) { promise[""] = [.string(node.config.materialized)] + node.constraints }
    return promise
  }

  private static func keepsConstraints(_ node: Node) -> Bool {
    ["table", "incremental"].contains(node.config.materialized)
  }

  private static func reasons(from old: Node, to new: Node) -> [String] {
    var reasons: [String] = []
    if !isEnforced(new) { reasons.append("the contract is no longer enforced") }
    for (key, column) in old.columns {
      guard let now = new.columns[key] else {
        reasons.append("column '\(column.name)' was removed")
        continue
      }
      if baseType(column.dataType) != baseType(now.dataType) {
        reasons.append(
          "column '\(column.name)' was \(column.dataType ?? "untyped") and is \(now.dataType ?? "untyped")")
      }
      if keepsConstraints(old) {
        for constraint in lost(column.constraints, now.constraints) {
          reasons.append("the constraint '\(name(constraint))' on column '\(column.name)' was removed")
        }
      }
    }
    if keepsConstraints(old) {
      for constraint in lost(old.constraints, new.constraints) {
        reasons.append("the constraint '\(name(constraint))' of the table was removed")
      }
      let hadConstraints = !old.constraints.isEmpty || old.columns.values.contains { !$0.constraints.isEmpty }
      if hadConstraints, !keepsConstraints(new) {
        reasons.append(
          "it was materialized as \(old.config.materialized) and is as \(new.config.materialized), which keeps no "
            + "constraints")
      }
    }
    return reasons
  }

  /// `varchar` of `varchar(10)`: another length breaks nobody.
  private static func baseType(_ type: String?) -> String? {
    type.map { $0.prefix { $0 != "(" }.lowercased() }
  }

  private static func lost(_ old: [PlainValue], _ new: [PlainValue]) -> [PlainValue] {
    old.filter { !new.contains($0) }
  }

  private static func name(_ constraint: PlainValue) -> String {
    constraint.mapping?["name"]?.string ?? constraint.mapping?["type"]?.string ?? "constraint"
  }
}

extension Diagnostic {
  /// A warning for a model without versions; an error for one with, since a new version is the way to change it.
  static func brokenContract(_ node: Node, _ reasons: [String]) -> Diagnostic {
    let isVersioned = node.version.map { !$0.isNull } ?? false
    return Diagnostic(
      "breaking-contract", severity: isVersioned ? .error : .warning,
      "the enforced contract of \(node.name) changed in a way that breaks its readers", at: node.patchSpan,
      notes: reasons,
      help: isVersioned
        ? "make a new version of the model with the change"
        : "give the model versions, and make the change in a new one")
  }
}
