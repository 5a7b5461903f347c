import Jinja
import OrderedCollections
import ProjectModel

/// Configs as they stand in files, before templates were rendered: what `state:modified` compares in projects with the
/// flag `state_modified_compare_more_unrendered_values`, so that an environment variable's value is no change.
///
/// As dbt 1.11 has them in `unrendered_config`: of properties the text, of `config()` the syntax tree.
enum WrittenConfigs {
  /// Of dbt_project.yml.
  static let flag = "state_modified_compare_more_unrendered_values"

  typealias Values = OrderedDictionary<String, PlainValue>

  /// The named arguments of a template's first `config()`; nil where it has none.
  static func ofCall(in code: String) -> Values? {
    guard code.contains("config("),
      let template = try? Template(parsing: code, name: "", syntax: DbtJinja.syntax),
      let call = template.firstCall(of: "config"), !call.named.isEmpty
    else { return nil }
    return call.named.reduce(into: [:]) { written, argument in
      written[argument.name] = .string(CallArguments.treeText(argument.name, argument.value))
    }
  }

  /// The configs of a node's properties, those under `config:` as their file has them.
  static func ofProperties(_ patch: NodePatch, of type: ResourceType) -> Values {
    var values = patch.entry.config
    let entries = patch.file.written[ConfigResolver.key(of: type)]?.sequence ?? []
    var entry = entries.first { $0["name"]?.string == patch.entry.name }
    if let version = patch.version {
      entry = entry?["versions"]?.sequence?.first { $0["v"]?.scalar == version }
    }
    if let written = entry?["config"]?.plain.mapping { ConfigRules.deepMerge(written, into: &values) }
    return values
  }
}
