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

  /// What a node says of itself by `config()`: the trees of the first call's named arguments, or the values, where dbt
  /// keeps these, having read them without rendering: of its own `unique` and `not_null`, and of a model that holds
  /// nothing but literal calls.
  static func ofCall(_ draft: NodeDraft) -> Values {
    let code = draft.node.rawCode
    let macros = draft.node.macroDependsOn
    let isOwnTest = draft.node.test != nil && (macros.contains(ownTests[0]) || macros.contains(ownTests[1]))
    guard !isOwnTest, code.contains("config("),
      let template = try? Template(parsing: code, name: "", syntax: DbtJinja.syntax),
      !(draft.isStatic && draft.node.resourceType == .model && isReadable(template)),
      let call = template.firstCall(of: "config"), !call.named.isEmpty
    else { return draft.call }
    return call.named.reduce(into: [:]) { written, argument in
      written[argument.name] = .string(CallArguments.treeText(argument.name, argument.value))
    }
  }

  private static let ownTests = [NodeID("macro.dbt.test_unique"), NodeID("macro.dbt.test_not_null")]

  /// Whether there is nothing in a template but text and calls of `ref`, `source` and `config`.
  private static func isReadable(_ template: Template) -> Bool {
    template.statements.allSatisfy { statement in
      switch statement.kind {
      case .text: true
      case .output(let value):
        if case .call(let operand, _) = value.kind, case .name(let name) = operand.kind {
          ["ref", "source", "config"].contains(name)
        } else {
          false
        }
      default: false
      }
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
    if let written = entry?["config"]?.plain.mapping { Self.join(written, to: &values) }
    return values
  }

  /// Mappings are merged and lists put together, as dbt puts what was written over what was rendered: a list stands
  /// there twice.
  private static func join(_ more: Values, to values: inout Values) {
    for (key, value) in more {
      switch (values[key], value) {
      case (.mapping(var known)?, .mapping(let entries)):
        join(entries, to: &known)
        values[key] = .mapping(known)
      case (.list(let known)?, .list(let items)): values[key] = .list(known + items)
      default: values[key] = value
      }
    }
  }
}
