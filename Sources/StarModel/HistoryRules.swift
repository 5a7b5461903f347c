public import Diagnostics
public import ProjectModel

/// What a dimension's declaration says otherwise than an earlier one did: its history was written by the old rule.
public enum HistoryRules {
  /// - Parameter previous: the manifest that `--state` names.
  public static func check(_ star: Star, _ manifest: Manifest, previous: Manifest) -> [Diagnostic] {
    let before = Star(previous)
    return star.dimensions.values.flatMap { new -> [Diagnostic] in
      guard let old = before.dimensions[new.node], let node = manifest.nodes[new.node],
        node.packageName == manifest.projectName
      else { return [] }
      return changes(old, new).compactMap { change in
        node.weighed(
          .historyRuleChanged, "\(change.what) of \(new.name) was \(change.old) and is now \(change.new)",
          at: change.column.flatMap { node.columns[$0]?.span } ?? node.config.origins[change.key] ?? new.span,
          help: change.help)
      }
    }
  }

  private struct Change {
    var what: String
    var old: String
    var new: String
    /// The config key that says it.
    var key: String
    var column: String?
    var help: String
  }

  private static func changes(_ old: Dimension, _ new: Dimension) -> [Change] {
    var found: [Change] = []
    let past = "versions that are there were made by the old rule and stay as they are"
    if old.scdType != new.scdType {
      found.append(
        Change(
          what: "scd_type", old: "\(old.scdType.rawValue)", new: "\(new.scdType.rawValue)", key: "scd_type",
          help: past))
    }
    for column in Set(old.columnTypes.keys).union(new.columnTypes.keys).sorted() {
      let (was, now) = (old.type(of: column), new.type(of: column))
      // What follows from the model's own type was told.
      let isFollowed = was == old.scdType && now == new.scdType
      if was != now && !isFollowed {
        found.append(
          Change(
            what: "scd_type of \(column)", old: "\(was.rawValue)", new: "\(now.rawValue)", key: "scd_type",
            column: column, help: past))
      }
    }
    if old.naturalKey != new.naturalKey {
      found.append(
        Change(
          what: "natural_key", old: old.naturalKey.joined(separator: ", "),
          new: new.naturalKey.joined(separator: ", "), key: "natural_key",
          help: "members that are there are known by the old key; begin a new dimension under another name"))
    }
    if old.surrogateKey.method != new.surrogateKey.method {
      found.append(
        Change(
          what: "surrogate_key.method", old: old.surrogateKey.method.rawValue,
          new: new.surrogateKey.method.rawValue, key: "surrogate_key",
          help: "facts that are there hold keys of the old kind"))
    }
    return found
  }
}
