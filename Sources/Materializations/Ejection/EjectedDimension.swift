import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A dimension as plain models: a log of what its source said, and a table over the log.
///
/// The log of `input: snapshot` is a snapshot of the input, that of `input: changes` an incremental model. Everything
/// in the table follows from the log, but for what is taken from the table itself: keys, and rows that facts made.
struct EjectedDimension {
  let layout: DimensionLayout
  let node: Node
  /// The model's name, which is another one than the node's for the history of a mini-dimension.
  let name: String
  /// Where the model's file stands.
  let path: String
  /// The relation's name in the target before the models here build it.
  let relation: String
  /// Those of the table as it is, in order.
  let columns: [ColumnDescription]
  let ejection: Ejection

  var dimension: Dimension { layout.dimension }
  var keys: ColumnList { layout.keys }

  init(
    _ layout: DimensionLayout, _ node: Node, _ columns: [ColumnDescription], _ ejection: Ejection,
    name: String? = nil, path: String? = nil
  ) {
    self.layout = layout
    self.node = node
    self.name = name ?? node.name
    self.path = path ?? node.originalFilePath
    relation = layout.target.identifier
    self.columns = columns
    self.ejection = ejection
  }

  var files: [Ejection.File] {
    let log =
      switch dimension.input {
      case .changes: (loads == nil ? [] : [input]) + [Ejection.File(path: beside("__changes"), text: changes)]
      case .snapshot: [input, Ejection.File(path: "snapshots/\(name)__history.sql", text: snapshot)]
      }
    return log + [
      Ejection.File(path: beside("__before"), text: before), Ejection.File(path: path, text: table),
    ] + views + recorded + tests + (loads.map { [$0.macros] } ?? [])
  }

  private var input: Ejection.File {
    Ejection.File(path: beside("__input"), text: Ejection.configured(Ejection.query(node), as: "view"))
  }

  private var table: String {
    let opening = remembers || loads != nil ? "{%- set built = load_relation(this) %}\n" : ""
    let with = "\(opening)with \(parts.joined(separator: ",\n\n"))"
    guard let loads else {
      return Ejection.configured("\(with)\n\n\(rows)", as: "table", notes: notes)
    }
    let inferred = layout.hasInferred ? "m.\(layout.isInferred)" : nil
    return Ejection.configured(
      loads.wrapped(
        "\(with),\n\nmade as (\n\(rows))", columns: columns.map(\.name), unless: inferred),
      as: "table", settings: ["pre_hook='\(loads.begins)'", "post_hook='\(loads.ended)'"],
      notes: notes + [loads.dependency])
  }

  /// nil unless loads leave a row in an audit dimension.
  private var loads: EjectedLoads? {
    guard !layout.carries.isEmpty else { return nil }
    let isSnapshot = dimension.input == .snapshot
    return EjectedLoads(
      of: node, rows: [(dimension.surrogateKey.name, layout.surrogateType)],
      read: isSnapshot ? "null" : "(select count(*) from {{ ref('\(name)__input') }})", unknown: nil, ejection
    )
  }

  /// The queries that lead from the log to the table's rows.
  private var parts: [String] {
    [stated] + timeline + versions + (remembers ? [known] : []) + [shaped, keyed]
  }

  /// Whether the table's own rows of before say something that the log does not.
  var remembers: Bool { dimension.surrogateKey.method == .integer || layout.hasInferred }

  private var tests: [Ejection.File] {
    var tests =
      dimension.isVersioned
      ? [file("no_two_current_versions", oneCurrent), file("no_overlapping_versions", noOverlap)] : []
    let found = links.filter(\.mustBeFound)
    if !found.isEmpty {
      let isMissing = found.map { "\(q($0.column)) is null" }.joined(separator: " or ")
      let own = "true\(layout.notMember("d"))\(layout.hasInferred ? " and not d.\(layout.isInferred)" : "")"
      tests.append(
        file(
          "outriggers_are_found", "select *\nfrom {{ ref('\(name)') }} d\nwhere \(own) and (\(isMissing))\n"))
    }
    return tests
  }

  /// The keys to other dimensions.
  var links: [OutriggerKeys.Link] { OutriggerKeys(layout: layout).links }

  /// The views that stand beside the table.
  private var views: [Ejection.File] {
    let table = "{{ ref('\(name)') }}"
    func view(_ suffix: String, _ sql: String) -> Ejection.File {
      Ejection.File(path: beside(suffix), text: Ejection.configured(sql, as: "view"))
    }
    var views: [Ejection.File] = []
    if let durable = dimension.durableKey.map(q) {
      views.append(view(DurableKey.asWas, "select *\nfrom \(table)"))
      views.append(
        view(
          DurableKey.asIs,
          "select distinct on (\(durable)) *\nfrom \(table)\norder by \(durable), \(layout.validFrom) desc"))
    }
    if dimension.hasCurrentView {
      views.append(
        view(
          DimensionMaterialization.currentView, "select *\nfrom \(table)\nwhere \(layout.isCurrent)"))
    }
    return views
  }

  func beside(_ suffix: String) -> String {
    path.hasSuffix(".sql") ? String(path.dropLast(4)) + suffix + ".sql" : path + suffix
  }

  private var notes: [String] {
    var notes = [
      "Everything follows from what the source said so far, which \(name)__\(log) keeps: never rebuild that."
    ]
    if dimension.surrogateKey.method == .integer {
      notes.append("A version keeps its key as long as this table is there.")
    }
    if dimension.lateArriving == .error {
      notes.append("A version that comes late no longer stops the load: it goes where it belongs.")
    }
    notes.append("Two rows of one key and time, and keys or times that are NULL, no longer stop the load.")
    return notes
  }

  // MARK: Words

  var log: String { dimension.input == .changes ? "changes" : "history" }
  func q(_ name: String) -> String { ejection.q(name) }
  var timeType: String { layout.timeType }
  var earliest: String { layout.earliest }

  /// `partition by "customer_id"`
  var each: String { "partition by \(keys.bare)" }

  /// `, "name", "city"`; nothing where there are no attributes.
  func attributes(_ alias: String? = nil) -> String {
    layout.attributeNames.map { ", " + (alias.map { "\($0)." } ?? "") + q($0) }.joined()
  }

  /// The type that the table has for a column.
  func type(_ name: String) -> String {
    columns.first { $0.name == name }?.type ?? layout.attributes.first { $0.name == name }?.type ?? "text"
  }

  // MARK: Tests

  private func file(_ test: String, _ sql: String) -> Ejection.File {
    Ejection.File(path: "tests/star/\(name)__\(test).sql", text: sql)
  }

  private var notNull: String { keys.names.map { "\(q($0)) is not null" }.joined(separator: " and ") }

  private var oneCurrent: String {
    """
    select \(keys.bare)
    from {{ ref('\(name)') }}
    where \(layout.isCurrent)
    group by \(keys.bare)
    having count(*) > 1 and \(notNull)

    """
  }

  private var noOverlap: String {
    """
    select *
    from (
      select \(keys.bare), \(layout.validTo) as valid_to,
        lead(\(layout.validFrom)) over (\(each) order by \(layout.validFrom)) as following
      from {{ ref('\(name)') }}
      where \(notNull)
    ) versions
    where following < coalesce(valid_to, 'infinity')

    """
  }
}
