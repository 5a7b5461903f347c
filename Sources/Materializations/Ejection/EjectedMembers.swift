import Diagnostics
import ProjectModel
import StarModel

/// The macro that leaves the member rows of dimensions out of tests that are declared on their columns, as they are
/// here: "Unknown" is no region.
struct EjectedMembers {
  private let ejection: Ejection

  init(_ ejection: Ejection) { self.ejection = ejection }

  /// nil when no such test asks a dimension with members.
  ///
  /// - Throws: `cannot-eject` where the project has the macro already.
  var macro: Ejection.File? {
    get throws(DiagnosticsError) {
      let rows = conditions
      guard !rows.isEmpty else { return nil }
      let name = "get_where_subquery"
      if let own = ejection.manifest.macros[NodeID("macro.\(ejection.manifest.projectName).\(name)")] {
        throw DiagnosticsError(
          Diagnostic(
            "cannot-eject",
            "the project has a macro '\(name)', which tests need to leave out rows of members",
            at: own.span, help: "disable it for the time being, and bring the two together in the new folder")
        )
      }
      let lines = rows.map { relation, condition in
        "    '\(relation)': '\(condition.replacing("'", with: "\\'"))'"
      }
      return Ejection.File(
        path: "macros/leave_members_out.sql",
        text: """
          {#- Tests of a dimension's columns leave out the rows that stand for no member. -#}
          {% macro \(name)(relation) -%}
            {%- set members = {
          \(lines.joined(separator: ",\n"))
            } -%}
            {%- set conditions = [] -%}
            {%- if config.get('where') %}{% do conditions.append(config.get('where')) %}{% endif -%}
            {%- if model.column_name and relation.identifier in members -%}
              {%- do conditions.append(members[relation.identifier]) -%}
            {%- endif -%}
            {%- if not conditions %}{% do return(relation) %}{% endif -%}
            (select * from {{ relation }} where ({{ conditions | join(') and (') }})) as tested
          {%- endmacro %}

          """)
    }
  }

  /// By the names of relations, those of dimensions that have tests of columns.
  private var conditions: [(relation: String, condition: String)] {
    let star = ejection.star
    let tested = Set(
      ejection.manifest.nodes.values.filter { $0.test?.columnName != nil && StarCheck($0) == nil }
        .compactMap { $0.test?.attachedNode })
    func row(_ id: NodeID, _ key: String, _ members: [DimensionMember], isText: Bool = false) -> (
      String, String
    )? {
      guard tested.contains(id), !members.isEmpty, let relation = ejection.manifest.nodes[id]?.relation else {
        return nil
      }
      let keys = members.map { isText ? "'\($0.key)'" : "\($0.key)" }.joined(separator: ", ")
      return (relation.identifier, "\(ejection.q(key)) not in (\(keys))")
    }
    return star.dimensions.values.compactMap {
      row($0.node, $0.surrogateKey.name, $0.members, isText: $0.surrogateKey.method == .hash)
    } + star.dateDimensions.values.compactMap { row($0.node, $0.surrogateKey, $0.members) }
      + star.timeDimensions.values.compactMap { row($0.node, $0.surrogateKey, $0.members) }
      + star.junkDimensions.values.compactMap { row($0.node, $0.surrogateKey, $0.members) }
  }
}
