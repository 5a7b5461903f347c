public import Diagnostics
public import ProjectModel

/// Every kind of materialisation by the word that `materialized:` takes.
public enum MaterializationRegistry {
  /// In the order in which messages list them.
  public static let all: [any Materialization] = [
    ViewMaterialization(),
    TableMaterialization(),
    MaterializedViewMaterialization(),
    IncrementalMaterialization(),
    EphemeralMaterialization(),
    SeedMaterialization(),
    SnapshotMaterialization(),
    StagingMaterialization(),
    DimensionMaterialization(),
    FactMaterialization(),
    DateDimensionMaterialization(),
    TimeDimensionMaterialization(),
    AuditDimensionMaterialization(),
    JunkDimensionMaterialization(),
    BridgeMaterialization(),
    MiniDimensionMaterialization(),
  ]

  public static var names: [String] { all.map { type(of: $0).name } }

  /// - Throws: `unknown-materialization`, with the near miss.
  public static func materialization(of node: Node) throws(DiagnosticsError) -> any Materialization {
    let word = node.config.materialized
    if let found = byName[word] { return found }
    let place = node.span(ofConfig: "materialized")
    let words = names
    throw DiagnosticsError(
      Diagnostic(
        "unknown-materialization",
        "there is no materialization '\(word)'", meant: NearMiss(word, among: words),
        at: place,
        help: NearMiss.best(for: word, among: words) == nil
          ? "it can be \(names.map { "'\($0)'" }.joined(separator: ", ")), or one that the project or a package "
            + "defines with {% materialization %}" : nil))
  }

  /// Whether a node's own tests run before it is published, when the run has tests.
  public static func gates(_ node: Node) -> Bool {
    // Each batch is committed for itself.
    if node.isMicrobatch { return false }
    return switch node.config["publish"]?.string {
    case "after_tests": true
    case "before_tests": false
    default: byName[node.config.materialized]?.gatesByDefault ?? false
    }
  }

  private static let byName = Dictionary(
    uniqueKeysWithValues: all.map { (type(of: $0).name, $0) })
}
