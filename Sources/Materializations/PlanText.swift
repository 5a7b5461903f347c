/// A plan as `whc plan` prints it: SQL that reads from top to bottom, with a comment line for the purpose of
/// each statement.
public struct PlanText {
  public init() {}

  public func text(of plan: Plan) -> String {
    var lines = ["-- \(plan.node)"]
    for warning in plan.warnings { lines.append("-- \(warning.severity.rawValue): \(warning.summary)") }
    lines += plan.reasons.map { "-- \($0)" }
    for case (let check, .proved(let why)) in plan.evidence {
      lines.append("-- \(check.kind.rawValue)\(check.column.map { " of \($0)" } ?? "") is proved: \(why)")
    }
    if plan.groups.isEmpty { lines.append("-- nothing to do in the database") }
    for group in plan.groups {
      lines += ["", "-- \(title(of: group))"]
      lines += body(group.steps, group.mode)
      if let otherwise = group.otherwise {
        lines += [
          "", "-- otherwise, when the server answers \(otherwise.sqlStates.joined(separator: " or ")):",
        ]
        lines += body(otherwise.steps, group.mode)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func title(of group: Plan.Group) -> String {
    let mode = group.mode == .transaction ? "one transaction" : "each statement for itself"
    return group.isIdempotent ? mode + "; may be sent again" : mode
  }

  private func body(_ steps: [Plan.Step], _ mode: Plan.Group.Mode) -> [String] {
    let parts = steps.map(text)
    return mode == .transaction ? ["begin;"] + parts + ["commit;"] : parts
  }

  private func text(of step: Plan.Step) -> String {
    switch step {
    case .statement(let statement):
      "-- \(statement.purpose.rawValue)\(statement.countsRows ? ", counts the rows" : "")"
        + (statement.isTemplate ? "; rendered when its turn comes\n\(statement.sql)" : "\n\(statement.sql);")
    case .copy(let statement, let contents):
      "-- \(statement.purpose.rawValue), counts the rows\n\(statement.sql);\n-- the rows of \(name(contents.path))"
    case .audit(let audit):
      "-- \(audit.severity == .error ? "audit" : "look for") \(audit.code): rows mean that \(audit.summary)"
        + (audit.isTemplate ? "; rendered when its turn comes\n\(audit.query)" : "\n\(audit.query);")
    case .gate(let relation):
      "-- gate: the node's tests run here, against \(relation.schema.map { $0 + "." } ?? "")\(relation.identifier)"
    }
  }

  private func name(_ path: String) -> Substring {
    path.split(separator: "/").last ?? path[...]
  }
}
