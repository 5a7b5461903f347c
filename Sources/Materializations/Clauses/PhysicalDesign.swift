import Diagnostics
import ProjectModel
import Warehouse

/// How Redshift stores a relation: `dist`, `sort`, `sort_type`, `backup` and `auto_refresh` of a node, in dbt-redshift's
/// words. On PostgreSQL there is nothing of it.
struct PhysicalDesign {
  private let node: Node
  private let isRedshift: Bool
  /// What takes the place of a config that the model has not.
  private let star: StarDesign?

  init(_ input: PlanInput, star: StarDesign? = nil) {
    node = input.node
    self.star = star
    isRedshift = input.dialect.hasDistributionKeys
  }

  /// What stands behind the name of a table, or behind its columns.
  ///
  /// - Throws: `bad-config` for a list of distribution keys or an unknown kind of sort key.
  func ofTable() throws(DiagnosticsError) -> String {
    guard isRedshift else { return "" }
    if let dist = node.config["dist"], dist.string == nil, !dist.isNull {
      throw DiagnosticsError(
        Diagnostic(
          "bad-config", "'dist' of \(node.label) is \(dist.kindName); Redshift distributes by one column",
          at: node.span(ofConfig: "dist"), help: "name one column, or 'all', 'even' or 'auto'"))
    }
    let kind = node.config["sort_type"]?.string
    if let kind, !["compound", "interleaved"].contains(kind) {
      throw DiagnosticsError(
        Diagnostic(
          "bad-config", "'sort_type' of \(node.label) is '\(kind)'", at: node.span(ofConfig: "sort_type"),
          help: "it is 'compound' or 'interleaved'"))
    }
    return backup + distribution + sort(kind ?? "compound")
  }

  private var backup: String {
    node.config["backup"]?.bool == false ? "\n  backup no" : ""
  }

  /// dbt-redshift gives seeds a distribution and nothing else.
  var ofSeed: String { isRedshift ? distribution : "" }

  /// Materialized views say all of it, since what they leave out means other things than with tables.
  var ofMaterializedView: String {
    guard isRedshift else { return "" }
    let isKept = node.config["backup"]?.bool ?? true
    let style = distribution.isEmpty ? "\n  diststyle even" : distribution
    let refresh = node.config["auto_refresh"]?.bool ?? false
    return "\n  backup \(isKept ? "yes" : "no")\(style)\(sort(""))\n  auto refresh \(refresh ? "yes" : "no")"
  }

  private var distribution: String {
    let named = node.config["dist"]?.string ?? star?.distribution
    guard let dist = named?.trimmingPrefix(while: \.isWhitespace) else { return "" }
    switch dist.lowercased() {
    case "auto", "": return ""
    case "even", "all": return "\n  diststyle \(dist.lowercased())"
    default: return "\n  diststyle key distkey (\(dist.lowercased()))"
    }
  }

  private func sort(_ kind: String) -> String {
    guard let columns = node.config["sort"]?.strings ?? star?.sort, !columns.isEmpty else { return "" }
    if columns == ["auto"] { return "\n  sortkey auto" }
    return "\n  \(kind.isEmpty ? "" : kind + " ")sortkey (\(columns.joined(separator: ", ")))"
  }
}
