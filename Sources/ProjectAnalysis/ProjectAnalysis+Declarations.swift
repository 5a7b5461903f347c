import Diagnostics
import OrderedCollections
import ProjectModel
import SQLAnalysis
import StarModel

/// What properties and configs say of columns, held against the columns that there are.
///
/// Only what is certain is told: a column is missing where all columns are known, a type differs where both are.
extension ProjectAnalysis {
  mutating func checkDeclarations() {
    for node in manifest.nodes.values where node.packageName == manifest.projectName {
      switch node.resourceType {
      case .test: check(test: node)
      case .model, .snapshot:
        checkContract(of: node)
        checkConfig(of: node)
        checkStar(node)
      default: break
      }
    }
  }

  // MARK: Columns that there are

  /// The columns of a relation as others find it; nil when it may have others.
  private func columns(of id: NodeID) -> [String]? {
    guard let shape = tables[id]?.shape, shape.isComplete else { return nil }
    return shape.columns.map(\.name)
  }

  /// The columns that a node's SQL gives; nil when it may give others.
  private func queryColumns(of id: NodeID) -> [String]? {
    guard let shape = queries[id]?.shape, shape.isComplete else { return nil }
    return shape.columns.map(\.name)
  }

  /// A name as PostgreSQL looks for it; nil for what is no plain name: an expression, or one in quotes.
  private func folded(_ written: String, of id: NodeID) -> String? {
    guard let first = written.utf8.first, first == UInt8(ascii: "_") || first.isLetter,
      written.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") })
    else { return nil }
    let declared = manifest.nodes[id]?.columns[written] ?? manifest.sources[id]?.columns[written]
    return declared?.quote == true ? written : written.lowercased()
  }

  /// - Parameters:
  ///   - known: the columns that there are; nil: nobody knows
  ///   - subject: who names it: `unique_key of orders`
  private mutating func check(
    _ written: String, among known: [String]?, of owner: NodeID, _ subject: String, at span: SourceSpan?,
    in node: Node
  ) {
    guard let known, let name = folded(written, of: owner), !known.contains(name),
      // A name that was written in quotes elsewhere.
      !known.contains(written)
    else { return }
    let ownerName = manifest.nodes[owner]?.name ?? manifest.sources[owner]?.name ?? ""
    tell(
      .missingColumn,
      Diagnostic(
        "missing-column", severity: .warning,
        "\(subject) names '\(written)', which is no column of \(ownerName)",
        meant: NearMiss(written, among: known), at: span ?? node.patchSpan,
        // Two columns of a query may have one name, and a fact's table those of its SQL.
        help: QueryAnalysis.Finding.list(Array(OrderedSet(known)))),
      of: node)
  }

  // MARK: Tests

  /// Tests whose arguments are columns: of which other tests' are, only they know.
  private static let columnTests: Set<String> = ["unique", "not_null", "accepted_values", "relationships"]

  private mutating func check(test node: Node) {
    // Of a test of a source that names another relation, nothing says which of the two it stands under.
    let only = node.dependsOn.count == 1 ? node.dependsOn[0] : nil
    guard let test = node.test, let tested = test.attachedNode ?? only else { return }
    let isOwn = test.namespace == nil && Self.columnTests.contains(test.name)
    guard isOwn || test.namespace == "dbt_utils" else { return }
    if let column = test.columnName ?? test.arguments["column_name"]?.string {
      check(
        column, among: columns(of: tested), of: tested, "the test \(test.name)", at: node.patchSpan, in: node)
    }
    if test.name == "unique_combination_of_columns" {
      for column in test.arguments["combination_of_columns"]?.strings ?? [] {
        check(
          column, among: columns(of: tested), of: tested, "the test \(test.name)", at: node.patchSpan,
          in: node)
      }
    }
    guard isOwn, test.name == "relationships", let field = test.arguments["field"]?.string else { return }
    // The relation that it leads to stands beside the one that is tested; it may be the same.
    let others = node.dependsOn.filter { $0 != tested }
    guard others.count < 2 else { return }
    let target = others.first ?? tested
    check(
      field, among: columns(of: target), of: target, "the field of the test relationships",
      at: node.patchSpan, in: node)
  }

  // MARK: Configs

  private mutating func checkConfig(of node: Node) {
    let isSnapshot = node.resourceType == .snapshot
    let given = queryColumns(of: node.id)
    func place(_ key: String) -> SourceSpan? { node.config.origins[key] ?? node.patchSpan }
    if isSnapshot || node.config.materialized == "incremental" {
      for column in node.config.uniqueKey {
        check(
          column, among: given, of: node.id, "unique_key of \(node.name)", at: place("unique_key"), in: node)
      }
    }
    if isSnapshot {
      if node.config["strategy"]?.string == "timestamp", let column = node.config["updated_at"]?.string {
        check(
          column, among: given, of: node.id, "updated_at of \(node.name)", at: place("updated_at"), in: node)
      }
      for column in node.config["check_cols"]?.list?.compactMap(\.string) ?? [] {
        check(
          column, among: given, of: node.id, "check_cols of \(node.name)", at: place("check_cols"), in: node)
      }
    }
    if ["table", "materialized_view"].contains(node.config.materialized) {
      for index in node.config["indexes"]?.list ?? [] {
        for column in index.mapping?["columns"]?.strings ?? [] {
          check(
            column, among: given, of: node.id, "an index of \(node.name)", at: place("indexes"), in: node)
        }
      }
    }
    guard node.hasContract else { return }
    for constraint in node.constraints {
      for column in constraint.mapping?["columns"]?.strings ?? [] {
        check(
          column, among: given, of: node.id, "a constraint of \(node.name)", at: node.patchSpan, in: node)
      }
    }
  }

  // MARK: Contracts

  private mutating func checkContract(of node: Node) {
    guard node.hasContract, let shape = queries[node.id]?.shape else { return }
    let types = node.config["contract"]?.mapping?["alias_types"]?.bool ?? true
    var notes: [String] = []
    var place: SourceSpan?
    var left = shape.columns
    for column in node.columns.values {
      let name = column.quote == true ? column.name : column.name.lowercased()
      guard let index = left.firstIndex(where: { $0.name == name || $0.name == column.name }) else {
        guard shape.isComplete else { continue }
        notes.append(
          "'\(column.name)' is declared, but the query does not give it"
            + NearMiss.suffix(for: name, among: left.map(\.name)))
        place = place ?? column.span
        continue
      }
      let given = left.remove(at: index)
      guard let written = column.dataType.map({ types ? SQLTypeAlias.resolved($0) : $0 }),
        let declared = SQLType(text: written), let type = given.type,
        declared.contractClass != type.contractClass
      else { continue }
      notes.append("'\(column.name)' is declared as \(written), the query gives \(type)")
      place = place ?? column.span
    }
    // Nobody could have declared what is not known to be there.
    if !node.columns.isEmpty {
      notes += left.map { column in
        "the query gives '\(column.name)'\(column.type.map { " (\($0))" } ?? ""), which is not declared"
      }
    }
    if !notes.isEmpty {
      tell(
        .contractMismatch,
        Diagnostic(
          "contract-mismatch", severity: .warning, "the query of \(node.name) does not keep its contract",
          at: place ?? node.patchSpan ?? node.config.origins["contract"], notes: notes,
          help: "change the query or the declared columns, so that names and types agree"), of: node)
    } else if let star = shape.columns.first(where: { !$0.isListed }) {
      tell(
        .starInContract,
        Diagnostic(
          "star-in-contract", severity: .warning,
          "a '*' over a relation gives '\(star.name)' of \(node.name), whose contract names its columns",
          at: node.patchSpan ?? node.config.origins["contract"],
          help: "list the columns: a new one there would break the contract here"), of: node)
    }
  }

  // MARK: Stars

  private mutating func checkStar(_ node: Node) {
    let given = queryColumns(of: node.id)
    func place(_ key: String) -> SourceSpan? { node.config.origins[key] ?? node.patchSpan }
    if let dimension = star.dimensions[node.id] {
      for column in dimension.naturalKey {
        check(
          column, among: given, of: node.id, "natural_key of \(node.name)", at: place("natural_key"),
          in: node)
      }
      if let column = dimension.effectiveAt {
        check(
          column, among: given, of: node.id, "effective_at of \(node.name)", at: place("effective_at"),
          in: node)
      }
    }
    // Other kinds of facts add columns of their own.
    guard let fact = star.facts[node.id], fact.kind == .transaction || fact.kind == .factless, let given
    else { return }
    // A grain may be made of the keys that lookups give.
    let published = given + (tables[node.id]?.shape.columns.map(\.name) ?? [])
    for (key, columns) in [
      ("grain", fact.grain), ("degenerate", fact.degenerate),
      ("event_time", [fact.eventTime].compactMap { $0 }),
    ] {
      for column in columns {
        check(column, among: published, of: node.id, "\(key) of \(node.name)", at: place(key), in: node)
      }
    }
    for (edge, target) in star.lookups(of: fact, manifest) {
      for column in edge.key ?? [] {
        check(
          column, among: published, of: node.id, "the lookup of \(target.name)", at: place(edge.declaredBy),
          in: node)
      }
    }
  }
}

extension Node {
  fileprivate var hasContract: Bool { self.config["contract"]?.mapping?["enforced"]?.bool ?? false }
}

extension SQLType {
  /// The class that dbt's contracts compare: that of the driver, in which all strings are one.
  fileprivate var contractClass: String {
    let base =
      switch name {
      case "character varying", "character", "name", "\"char\"": "text"
      case "smallint": "integer"
      case "real": "double precision"
      case "time without time zone", "time with time zone": "time"
      default: name
      }
    return isArray ? base + "[]" : base
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
  fileprivate var isDigit: Bool { self >= 0x30 && self <= 0x39 }
}
