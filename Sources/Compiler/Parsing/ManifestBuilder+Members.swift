import ProjectModel
import StarModel

extension ManifestBuilder {
  /// Tests that are declared on a dimension's columns leave its member rows out: "Unknown" is no region.
  mutating func leaveMembersOut() {
    var rows: [NodeID: String] = [:]
    for node in manifest.nodes.values {
      let found: (key: String, members: [DimensionMember], isText: Bool)? =
        switch node.config.materialized {
        case "dimension":
          Dimension.decode(node).value.map {
            ($0.surrogateKey.name, $0.members, $0.surrogateKey.method == .hash)
          }
        case "mini_dimension":
          MiniDimension.decode(node).value.map {
            ($0.surrogateKey.name, $0.members, $0.surrogateKey.method == .hash)
          }
        case "date_dimension": DateDimension.decode(node).value.map { ($0.surrogateKey, $0.members, false) }
        case "audit_dimension": AuditDimension.decode(node).value.map { ($0.surrogateKey, $0.members, false) }
        case "time_dimension": TimeDimension.decode(node).value.map { ($0.surrogateKey, $0.members, false) }
        case "junk_dimension": JunkDimension.decode(node).value.map { ($0.surrogateKey, $0.members, false) }
        default: nil
        }
      guard let found, !found.members.isEmpty else { continue }
      let keys = found.members.map { found.isText ? "'\($0.key)'" : "\($0.key)" }.joined(separator: ", ")
      rows[node.id] = "\"\(found.key)\" not in (\(keys))"
    }
    guard !rows.isEmpty else { return }
    for index in manifest.nodes.values.indices {
      guard let test = manifest.nodes.values[index].test, test.columnName != nil,
        let tested = test.attachedNode, let predicate = rows[tested]
      else { continue }
      let own = manifest.nodes.values[index].config["where"]?.string
      manifest.nodes.values[index].config["where"] =
        .string(own.map { "(\($0)) and \(predicate)" } ?? predicate)
    }
  }
}
