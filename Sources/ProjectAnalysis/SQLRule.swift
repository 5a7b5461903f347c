public import StarModel

/// What can be found in the SQL of a project without a server. `sql_rules` weighs each: `error`, `warn` or `off`.
public enum SQLRule: String, WeighedRule {
  // What the server refuses.
  case syntax = "sql-syntax"
  case unknownColumn = "unknown-column"
  case ambiguousColumn = "ambiguous-column"
  case unknownAlias = "unknown-alias"
  case unequalColumns = "unequal-columns"
  case noSuchOperator = "no-such-operator"
  case noSuchFunction = "no-such-function"
  case noSuchCast = "no-such-cast"
  case unlikeTypes = "unlike-types"
  case wrongType = "wrong-type"
  case ungroupedColumn = "ungrouped-column"
  case misplacedFunction = "misplaced-function"
  // What properties promise and the SQL does not keep.
  case contractMismatch = "contract-mismatch"
  case missingColumn = "missing-column"
  // What is lawful and seldom meant.
  case unknownTable = "unknown-table"
  case relationWithoutRef = "relation-without-ref"
  case starInContract = "star-in-contract"
  case unusedCTE = "unused-cte"
  case unusedColumn = "unused-column"

  public static let key = "sql_rules"
  public static let takesOneWord = true

  /// Whether a build that meets it runs as well as without: only `whc check` tells of these, unless a project weighs them.
  public var isRemark: Bool {
    switch self {
    case .unknownTable, .relationWithoutRef, .starInContract, .unusedCTE, .unusedColumn: true
    default: false
    }
  }
}

public typealias SQLRuleSettings = RuleSettings<SQLRule>
