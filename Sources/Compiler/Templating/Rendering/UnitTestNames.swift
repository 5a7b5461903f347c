import Jinja
import ProjectModel

/// What names mean while a model is rendered for a unit test: its inputs are CTEs of made-up rows, and macros, variables
/// and environment are as the test states them.
struct UnitTestNames {
  /// The names of the CTEs by what they stand for: models, seeds, snapshots, sources.
  var inputs: [NodeID: String] = [:]
  /// The tested model, when the test gives rows for `this`.
  var this: NodeID?
  /// The test as messages name it.
  var test: UnitTest

  /// A CTE and what it stands for.
  struct Input {
    var id: NodeID
    var name: String
    var relation: RelationName?
    var packageName: String
    /// The CTE's name after dbt's prefix.
    var expression: String
    var rows: UnitTest.Rows
  }

  /// The overrides of macros that are named without a package.
  func extras(_ library: MacroLibrary, from package: String) -> [String: Value] {
    var result: [String: Value] = [:]
    func set(_ name: String, _ value: PlainValue) {
      if case .macro? = library.find(name, from: package) {
        result[name] = .function(name) { _, _ in Value(value) }
      } else {
        result[name] = Value(value)
      }
    }
    for (name, value) in test.overrides.macros where name.hasPrefix("dbt.") {
      set(String(name.dropFirst(4)), value)
    }
    for (name, value) in test.overrides.macros where !name.contains(".") { set(name, value) }
    return result
  }

  /// What a call of a package's macro gives; nil when the test does not say.
  func override(of name: String, in package: String) -> Value? {
    test.overrides.macros[package + "." + name].map { value in .function(name) { _, _ in Value(value) } }
  }

  /// The reference to an input's CTE.
  func relation(for id: NodeID) -> RelationObject? {
    inputs[id].map { RelationObject.ephemeral($0, limit: nil) }
  }

  func missing(_ name: String) -> HostFailure {
    HostFailure(
      "missing-input", "unit test '\(test.node.name)' gives no rows for \(name)",
      label: "read here by model '\(test.modelName)'",
      help: "add an input \(name) to 'given'; 'rows: []' makes it empty")
  }
}
