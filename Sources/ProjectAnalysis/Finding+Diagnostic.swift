import Diagnostics
import SQLAnalysis

extension QueryAnalysis.Finding {
  /// What is wrong in a node's query, in words.
  func remark(of node: String) -> AnalyzedQuery.Remark {
    func problem(
      _ rule: SQLRule, _ message: String, meant: NearMiss? = nil, help: String?
    ) -> AnalyzedQuery.Remark {
      AnalyzedQuery.Remark(rule: rule, message: message, meant: meant, help: help, offset: offset)
    }
    switch kind {
    case .unknownColumn(let name, let alias, let candidates):
      let place = alias.map { "of '\($0)'" } ?? "of what \(node) reads"
      return problem(
        .unknownColumn, "'\(name)' is no column \(place)", meant: NearMiss(name, among: candidates),
        help: Self.list(candidates))
    case .ambiguousColumn(let name, let aliases):
      return problem(
        .ambiguousColumn, "'\(name)' stands in \(aliases.map { "'\($0)'" }.joined(separator: " and "))",
        help: aliases.first.map { "say which is meant: \($0).\(name)" })
    case .unknownAlias(let name, let candidates):
      return problem(
        .unknownAlias,
        "'\(name)' is no relation of this FROM", meant: NearMiss(name, among: candidates),
        help: Self.list(candidates))
    case .unusedCTE(let name):
      return problem(.unusedCTE, "nothing reads the CTE '\(name)'", help: "remove it")
    case .unusedColumn(let name, let cte):
      return problem(.unusedColumn, "nothing reads '\(name)' of the CTE '\(cte)'", help: "leave it out there")
    case .unknownTable(let name, let candidates):
      return problem(
        .unknownTable, "'\(name)' is no CTE of this query", meant: NearMiss(name, among: candidates),
        help: Self.list(candidates))
    case .unequalColumns(let left, let right):
      return problem(
        .unequalColumns, "the queries of a set operation have \(left) and \(right) columns",
        help: "give both the same columns, in the same order")
    case .unknownOperator(let name, let left?, let right) where left == right:
      return problem(
        .noSuchOperator, "\(left) has no operator \(name)", help: "cast both sides to a type that has it")
    case .unknownOperator(let name, let left, let right):
      let operands = left.map { "\($0) \(name) \(right)" } ?? "\(name) \(right)"
      return problem(
        .noSuchOperator, "there is no operator for \(operands)",
        help: left == nil ? "cast the operand" : "cast one side to the type of the other")
    case .unknownFunction(let name, let arguments, let candidates):
      let takes = candidates.map { $0.isEmpty ? "no argument" : "(\($0))" }
      return problem(
        .noSuchFunction, "there is no \(name)(\(arguments.joined(separator: ", ")))",
        help: "\(name) takes " + takes.prefix(8).joined(separator: " or ") + (takes.count > 8 ? " or …" : ""))
    case .unknownCast(let source, let target):
      return problem(
        .noSuchCast, "\(source) cannot be cast to \(target)",
        help: "go by way of a type that both have a cast for, such as text")
    case .unlikeTypes(let first, let second, let construct):
      return problem(
        .unlikeTypes, "\(construct) cannot bring \(first) and \(second) together",
        help: "cast one of them to the type of the other")
    case .wrongType(let type, let wanted, let clause):
      return problem(
        .wrongType, "\(clause) wants \(wanted), not \(type)",
        help: wanted == "boolean" ? "compare it with something" : nil)
    case .ungroupedColumn(let name):
      return problem(
        .ungroupedColumn, "'\(name)' stands neither in GROUP BY nor in an aggregate",
        help: "add it to GROUP BY, or say which of its values is meant: max(\(name))")
    case .misplacedFunction(let name, let isWindow, let clause):
      let kind = isWindow ? "the window function" : "the aggregate"
      let fix =
        isWindow ? "compute it in a CTE, and use its column" : clause == "WHERE" ? "put it into HAVING" : nil
      return problem(.misplacedFunction, "\(kind) \(name) cannot stand in \(clause)", help: fix)
    }
  }

  /// The names that there are; nil when there are none.
  static func list(_ candidates: [String]) -> String? {
    if candidates.isEmpty { return nil }
    return "there are " + candidates.prefix(12).joined(separator: ", ") + (candidates.count > 12 ? ", …" : "")
  }
}

extension QueryAnalysis.Finding.Kind {
  /// Whether it hangs on names alone, and not on what PostgreSQL does with types and clauses.
  var isOfEveryServer: Bool {
    switch self {
    case .unknownColumn, .ambiguousColumn, .unknownAlias, .unusedCTE, .unusedColumn, .unequalColumns,
      .unknownTable:
      true
    default: false
    }
  }
}
