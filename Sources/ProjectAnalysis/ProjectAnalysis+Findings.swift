import Diagnostics
import ProjectModel
import SQLAnalysis
import StarModel

/// From remarks on queries to diagnostics on the user's own lines.
extension ProjectAnalysis {
  /// Tells a finding about a node of the project as heavy as the node's settings want it, once.
  mutating func tell(_ rule: SQLRule, _ diagnostic: Diagnostic, of node: Node) {
    guard !Suppressions(node).allow(diagnostic) else { return }
    let settings = SQLRuleSettings(node)
    guard let weighed = settings.weigh(diagnostic), told.insert(weighed).inserted else { return }
    findings.append(
      Finding(
        node: node.id, diagnostic: weighed, isRemark: rule.isRemark && settings.choices[rule] == nil))
  }

  mutating func tellMistakes(inSettingsOf node: Node) {
    var mistakes = Suppressions(node).mistakes
    if node.config[SQLRule.key] != nil || node.config["meta"]?.mapping?["whc"] != nil {
      mistakes += SQLRuleSettings(node).diagnostics
    }
    for mistake in mistakes where told.insert(mistake).inserted {
      findings.append(Finding(node: node.id, diagnostic: mistake, isRemark: mistake.severity != .error))
    }
  }

  mutating func tell(_ query: AnalyzedQuery, of node: Node, _ code: CompiledNode) {
    // What a package says wrong is for its author to mend.
    guard node.packageName == manifest.projectName else { return }
    for remark in query.remarks.sorted(by: { ($0.offset ?? 0) < ($1.offset ?? 0) }) {
      let place = remark.offset.flatMap { code.sourceMap.place(of: $0, in: code.sql) }
      // What a macro or a loop wrote may be of use elsewhere.
      let isOwn = place?.span.file == node.originalFilePath
      if remark.rule == .unusedCTE, !isOwn { continue }
      if remark.rule == .unusedColumn, !isOwn || place?.isVerbatim != true { continue }
      // A name that is near to none of the CTEs may be found on the server's search path.
      if remark.rule == .unknownTable, remark.meant == nil { continue }
      guard place != nil || remark.offset == nil else { continue }
      tell(
        remark.rule,
        Diagnostic(
          DiagnosticCode(rawValue: remark.rule.rawValue), severity: .warning, remark.message,
          meant: remark.meant, at: place?.span ?? SourceSpan(file: node.originalFilePath, line: 1, column: 1),
          notes: remark.rule == .syntax
            ? ["read with the grammar of PostgreSQL 15; columns behind it are not known"] : [],
          help: remark.help), of: node)
    }
    tellRelations(of: query, node, code)
  }

  /// Relations of the project that a query reads without saying so: nothing sees to it that they are built first.
  private mutating func tellRelations(of query: AnalyzedQuery, _ node: Node, _ code: CompiledNode) {
    for read in query.reads {
      guard read.table.schema != nil, let id = self.node(of: read.table), id != node.id,
        !node.dependsOn.contains(id), let other = manifest.nodes[id], other.isRelational,
        let place = read.offset.flatMap({ code.sourceMap.place(of: $0, in: code.sql) }), place.isVerbatim
      else { continue }
      tell(
        .relationWithoutRef,
        Diagnostic(
          "relation-without-ref", severity: .warning,
          "'\(read.table)' is the \(other.resourceType.rawValue) \(other.name), which \(node.name) does not name",
          at: place.span, help: "write {{ ref('\(other.name)') }}: it is built first then"), of: node)
    }
  }
}

extension SourceMap {
  /// Where a byte comes from, and whether it stands there as it is.
  fileprivate func place(of offset: Int, in text: String) -> (span: SourceSpan, isVerbatim: Bool)? {
    guard let span = position(of: offset, in: text) else { return nil }
    return (span, segments.last { $0.output <= offset }?.isVerbatim ?? false)
  }
}
