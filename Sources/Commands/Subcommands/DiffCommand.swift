import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel
import Runner
import StarModel
import Warehouse

/// `whc diff`: the rows of two builds of a model, compared inside of the database.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare the rows of a model with those of another build of it, by key",
    discussion: """
      whc diff fct_order --target prod
      whc diff fct_order --state prod-artifacts --key order_id
      The other build is that of another target of the profile, or that of the manifest in --state; both stand in one \
      database. Rows are matched by the key that tests, constraints, unique_key or the star declare.
      """)

  @Argument(help: "A model, seed or snapshot")
  var model: String

  @Option(
    parsing: .upToNextOption, help: "The columns that tell rows apart, when nothing declares them")
  var key: [String] = []

  @Option(help: "Samples of each difference")
  var limit = 5

  @Option(help: "text or json")
  var output = Output.text

  @Flag(
    name: .customLong("fail-on-difference"), help: "End with the exit code 1 when something differs"
  )
  var failsOnDifference = false

  @OptionGroup var global: GlobalOptions

  enum Output: String, ExpressibleByArgument { case text, json }

  func run() async throws {
    // The target names the other build.
    var here = global
    here.target = nil
    try await Command.run("diff", here, configure: { $0.answersData = true }) {
      workspace, console in
      let node = try Self.node(model, workspace.manifest)
      guard let relation = node.relation else { throw Self.unknown(model, workspace.manifest) }
      let other = try await other(of: node, workspace)
      guard other != relation else {
        throw DiagnosticsError(
          Diagnostic(
            "same-relation", "both builds of \(node.name) are the relation \(relation.written)",
            help:
              "--target names another target of the profile, --state the artifacts of another build"
          ))
      }
      let key = self.key.flatMap {
        $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      let used = key.isEmpty ? Self.key(of: node, Star(workspace.manifest)) : key
      let found = try await workspace.withSession { [limit] session, _ in
        let dialect = session.dialect
        return try DataDifference(
          here: dialect.stored(relation), there: dialect.stored(other), key: used, limit: max(0, limit),
          session: session)
      }
      let listing = DifferenceListing(
        found, name: node.name, here: relation.written, there: other.written)
      switch output {
      case .text: console.print(listing.text)
      case .json: console.print(JSONText.indented(listing.json))
      }
      if failsOnDifference, !found.isEmpty { throw ExitCode(1) }
    }
  }

  /// The relation of the other build.
  private func other(of node: Node, _ workspace: Workspace) async throws -> RelationName {
    let manifest: Manifest
    switch (global.target, workspace.flags.state) {
    case (let target?, nil):
      let scratch = NSTemporaryDirectory() + "/whc-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: scratch) }
      var options = global
      options.projectDirectory = workspace.flags.projectDirectory
      options.target = target
      options.targetPath = scratch + "/target"
      options.logPath = scratch + "/logs"
      options.quiet = true
      var flags = Flags(options)
      flags.command = "diff"
      flags.answersData = true
      manifest = Command.kept(try await Workspace.open(flags, console: Console(flags))).manifest
    case (nil, let folder?):
      guard let earlier = try PreviousRun.manifest(in: workspace.path(folder)) else {
        throw DiagnosticsError(
          Diagnostic(
            "no-manifest", "there is no manifest.json in \(folder)",
            help: "--state names the target folder of an earlier run"))
      }
      manifest = earlier
    default:
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "whc diff compares with --target or with --state: give one of them",
          help: "whc diff \(model) --target prod"))
    }
    guard let relation = manifest.nodes[node.id]?.relation else {
      throw DiagnosticsError(
        Diagnostic(
          "relation-not-found", "the other build has no \(node.resourceType.rawValue) \(node.name)")
      )
    }
    return relation
  }

  private static func node(_ name: String, _ manifest: Manifest) throws(DiagnosticsError) -> Node {
    let names = LineageListing.names(manifest)
    guard let id = names.first(where: { $0.value == name })?.key, let node = manifest.nodes[id],
      node.isRelational
    else { throw unknown(name, manifest) }
    return node
  }

  private static func unknown(_ name: String, _ manifest: Manifest) -> DiagnosticsError {
    let names = manifest.nodes.values.filter(\.isRelational).map(\.name)
    return DiagnosticsError(
      Diagnostic(
        "unknown-relation",
        "'\(name)' is no model, seed or snapshot of this project with a relation",
        meant: NearMiss(name, among: names), help: "'whc ls' shows all of them"))
  }

  /// What tells a node's rows apart, as it is declared; empty when nothing says so.
  private static func key(of node: Node, _ star: Star) -> [String] {
    if let dimension = star.dimensions[node.id] {
      // Surrogate keys are another build's own matter.
      return dimension.naturalKey + (dimension.isVersioned ? [dimension.columns.validFrom] : [])
    }
    if let fact = star.facts[node.id] { return fact.grain }
    if !node.primaryKey.isEmpty { return node.primaryKey }
    let stated = node.config.uniqueKey
    guard stated.allSatisfy({ $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }) else {
      return []
    }
    if node.resourceType == .snapshot, !stated.isEmpty { return stated + ["dbt_valid_from"] }
    return stated
  }
}

/// A difference as text and as JSON.
private struct DifferenceListing {
  let found: DataDifference
  let name: String
  let here: String
  let there: String

  init(_ found: DataDifference, name: String, here: String, there: String) {
    self.found = found
    self.name = name
    self.here = here
    self.there = there
  }

  var text: String {
    let by = found.key.isEmpty ? "row by row" : "by \(found.key.joined(separator: ", "))"
    var lines = ["\(name): \(here) here, \(there) there, \(by)"]
    if let problem = found.keyProblem { lines.append("  \(problem); whole rows are compared") }
    lines.append("  rows: \(found.rowsHere) here, \(found.rowsThere) there")
    if found.withoutKeyHere + found.withoutKeyThere > 0 {
      lines.append(
        "  rows with NULL in the key, not compared: \(found.withoutKeyHere) here, \(found.withoutKeyThere) there"
      )
    }
    if !found.columnsOnlyHere.isEmpty {
      lines.append("  columns only here: \(found.columnsOnlyHere.joined(separator: ", "))")
    }
    if !found.columnsOnlyThere.isEmpty {
      lines.append("  columns only there: \(found.columnsOnlyThere.joined(separator: ", "))")
    }
    lines += found.retyped.map { "  \($0.name) is \($0.here) here, \($0.there) there" }
    func add(_ title: String, _ count: DataDifference.Count) {
      guard count.count > 0 else { return }
      lines.append("  \(title): \(count.count)")
      lines += count.samples.map { "    \($0)" }
      if count.count > count.samples.count { lines.append("    …") }
    }
    add("only here", found.onlyHere)
    add("only there", found.onlyThere)
    if found.changedRows > 0 { lines.append("  changed rows: \(found.changedRows)") }
    for column in found.columns { add(column.name, column) }
    if found.isEmpty { lines.append("  nothing differs") }
    return lines.joined(separator: "\n")
  }

  var json: PlainValue {
    func list(_ texts: [String]) -> PlainValue { .list(texts.map { .string($0) }) }
    func count(_ count: DataDifference.Count) -> PlainValue {
      ["count": .int(count.count), "samples": list(count.samples)]
    }
    var columns: OrderedDictionary<String, PlainValue> = [:]
    for column in found.columns { columns[column.name] = count(column) }
    return [
      "name": .string(name), "here": .string(here), "there": .string(there), "key": list(found.key),
      "key_problem": found.keyProblem.map { .string($0) } ?? .null,
      "rows": ["here": .int(found.rowsHere), "there": .int(found.rowsThere)],
      "null_keys": ["here": .int(found.withoutKeyHere), "there": .int(found.withoutKeyThere)],
      "only_here": count(found.onlyHere), "only_there": count(found.onlyThere),
      "changed_rows": .int(found.changedRows), "changed_columns": .mapping(columns),
      "columns_only_here": list(found.columnsOnlyHere),
      "columns_only_there": list(found.columnsOnlyThere),
      "types": .list(
        found.retyped.map {
          ["column": .string($0.name), "here": .string($0.here), "there": .string($0.there)]
        }),
      "differs": .bool(!found.isEmpty),
    ]
  }
}
