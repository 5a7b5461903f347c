import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A mini-dimension as three models: who had which values from when to when, the combinations of them, and the first
/// with the keys of the second.
struct EjectedMiniDimension {
  private let table: MiniDimensionTable
  private let mini: MiniDimension
  private let node: Node
  private let input: PlanInput
  private let ejection: Ejection

  /// The model with the history, which facts look up.
  static func history(of node: Node) -> String { node.name + "__history" }

  /// - Throws: what is wrong between the declaration and the columns of the SQL.
  init(_ mini: MiniDimension, _ node: Node, _ input: PlanInput, _ ejection: Ejection) throws(DiagnosticsError)
  {
    self.mini = mini
    self.node = node
    self.input = input
    self.ejection = ejection
    guard let (base, split) = ejection.star.base(of: mini.node, ejection.manifest) else {
      throw DiagnosticsError(mini.withoutBase(at: node.span(ofConfig: "materialized")))
    }
    table = try MiniDimensionTable(mini, split, base, input, target: try input.target())
  }

  private var states: String { node.name + "__states" }

  var files: [Ejection.File] {
    let layout = table.layout
    let columns = layout.definitions.filter { $0.name != mini.surrogateKey.name }.map {
      ColumnDescription(
        name: $0.name, type: $0.type.replacing(" not null", with: "").replacing(" default false", with: ""))
    }
    let stem =
      node.originalFilePath.hasSuffix(".sql")
      ? String(node.originalFilePath.dropLast(4)) : node.originalFilePath
    let history = EjectedDimension(
      layout, node, columns, ejection, name: states, path: stem + "__states.sql")
    return history.files + [
      Ejection.File(path: node.originalFilePath, text: combinations),
      Ejection.File(path: stem + "__history.sql", text: keyed),
    ]
  }

  private func q(_ name: String) -> String { ejection.q(name) }
  private var values: ColumnList { ColumnList(table.columns.map(\.name), ejection.dialect) }
  private func combination(_ alias: String) -> String { "row(\(values.of(alias)))::text" }
  private var isHash: Bool { mini.surrogateKey.method == .hash }

  private var notMember: String {
    let keys = mini.members.map { isHash ? "'\($0.key)'" : "\($0.key)" }.joined(separator: ", ")
    return keys.isEmpty ? "" : " and d.\(q(mini.surrogateKey.name)) not in (\(keys))"
  }

  private var combinations: String {
    let members = mini.members.map { member in
      let own = isHash ? "'\(member.key)'" : "\(member.key)"
      let row = table.columns.map { DimensionTable.text(member, $0.name, $0.type, ejection.dialect) }
      return "\nunion all\nselect \(([own] + row).joined(separator: ", "))"
    }
    return Ejection.combinations(
      "select * from {{ ref('\(states)') }}", key: mini.surrogateKey.name,
      counted: isHash
        ? NewKey.hash(table.columns.map { "n.\(q($0.name))" })
        : "row_number() over (order by \(combination("n")))",
      isHash: isHash, columns: values.of("n"),
      from:
        "(select distinct on (\(combination("s"))) \(values.of("s")) from stated s order by \(combination("s"))) n",
      known: "\(combination("d")) = \(combination("n"))\(notMember)", members: members, ejection)
  }

  private var keyed: String {
    let columns = table.layout.definitions.map {
      ($0.name == mini.surrogateKey.name ? "d." : "s.") + q($0.name)
    }
    return Ejection.configured(
      """
      select \(columns.joined(separator: ", "))
      from {{ ref('\(states)') }} s
      left join {{ ref('\(node.name)') }} d on \(combination("d")) = \(combination("s"))\(notMember)

      """, as: "view", notes: ["Who had which combination, from when to when."])
  }
}
