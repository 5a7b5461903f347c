import ArgumentParser
import Compiler
import Diagnostics
import Materializations
import OrderedCollections
import ProjectModel
import Runner

/// `whc rebuild`: the whole history of dimensions made anew beside their tables, compared, and written when told to.
struct RebuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Make the whole history of a dimension anew and show what differs; --apply writes it",
    discussion: """
      Exit code 0: nothing differs, or it was written; 3: something differs and nothing was written.
      """)

  @Argument(help: "Dimensions to rebuild, as with --select")
  var names: [String] = []

  @Flag(help: "Write the differences; facts follow with their next build")
  var apply = false

  @Option(help: "text or json")
  var output = Output.text

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var global: GlobalOptions

  enum Output: String, ExpressibleByArgument { case text, json }

  func run() async throws {
    let configure: (inout Flags) -> Void = { flags in
      var asked = selection
      asked.select = names + asked.select
      asked.apply(&flags)
      flags.fullRefresh = true
      flags.answersData = true
    }
    try await Command.run("rebuild", global, configure: configure) { workspace, console in
      let (nodes, graph) = try chosen(workspace, console)
      let found = try await workspace.withSession { [apply] session, runtime in
        let rebuilder = Planning(workspace, graph, rebuilds: true)
          .rebuilder(on: session, cache: runtime.cache)
        return try nodes.map { try rebuilder.rebuild($0, apply: apply) }
      }
      let listings = found.map { RebuildListing($0, name: workspace.manifest.nodes[$0.node]?.name ?? "") }
      switch output {
      case .text: console.print(listings.map(\.text).joined(separator: "\n"))
      case .json: console.print(JSONText.indented(.list(listings.map(\.json))) + "\n")
      }
      if found.contains(where: { !$0.isEmpty && !$0.isApplied }) { throw ExitCode(3) }
    }
  }

  private func chosen(_ workspace: Workspace, _ console: Console) throws -> (
    nodes: [Node], graph: ExecutionGraph
  ) {
    guard !names.isEmpty || !selection.select.isEmpty || selection.selector != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-flag", "rebuild needs to be told which dimension",
          help: "'whc rebuild dim_customer' shows what would change"))
    }
    let chosen = try workspace.select(defaults: [.model], all: [.model])
    console.report(chosen.diagnostics)
    let nodes = chosen.ids.compactMap { workspace.manifest.nodes[$0] }
      .filter { $0.resourceType == .model }.sorted { $0.id < $1.id }
    guard let other = nodes.first(where: { $0.config.materialized != "dimension" }) else {
      return (nodes, ExecutionGraph(workspace.executable(chosen), of: workspace.selector))
    }
    throw DiagnosticsError(
      Diagnostic(
        "not-a-dimension", "\(other.name) is no dimension, and only dimensions have a history to rebuild",
        at: other.config.origins["materialized"]))
  }
}

/// A difference as text and as JSON.
private struct RebuildListing {
  private let found: DimensionDifference
  private let name: String

  init(_ found: DimensionDifference, name: String) {
    self.found = found
    self.name = name
  }

  private var single: [(words: String, key: String, count: DimensionDifference.Count?)] {
    [
      ("members added", "members_added", found.membersAdded),
      ("members removed", "members_removed", found.membersRemoved),
      ("versions added", "versions_added", found.versionsAdded),
      ("versions removed", "versions_removed", found.versionsRemoved),
      ("intervals moved", "intervals_moved", found.intervalsMoved),
    ]
  }

  var text: String {
    guard !found.isEmpty else { return "\(name) is what a rebuild gives\n" }
    var lines = ["\(name): \(found.isApplied ? "rebuilt" : "a rebuild would change")"]
    var entries = single.compactMap { entry in entry.count.map { (entry.words, $0) } }
    entries += found.columns.map { ("\($0.name) changed", $0) }
    for (words, entry) in entries {
      lines.append("  \(words): \(entry.count)")
      lines += entry.samples.map { "    \($0)" }
      if entry.count > entry.samples.count { lines.append("    …") }
    }
    lines += found.facts.map { "  \($0.name): \($0.count) row\($0.count == 1 ? "" : "s") to rekey" }
    if !found.isApplied {
      lines.append("nothing was changed; 'whc rebuild \(name) --apply' does it")
    } else if !found.facts.isEmpty {
      lines.append("facts with 'rekey: auto' follow with their next build")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  var json: PlainValue {
    func value(_ count: DimensionDifference.Count?) -> PlainValue {
      ["count": .int(count?.count ?? 0), "samples": .list((count?.samples ?? []).map { .string($0) })]
    }
    var root: OrderedDictionary<String, PlainValue> = [
      "node": .string(found.node.rawValue), "differs": .bool(!found.isEmpty),
      "applied": .bool(found.isApplied),
    ]
    for entry in single { root[entry.key] = value(entry.count) }
    root["columns_changed"] = .mapping(
      OrderedDictionary(uniqueKeysWithValues: found.columns.map { ($0.name, value($0)) }))
    root["fact_rows_to_rekey"] = .mapping(
      OrderedDictionary(uniqueKeysWithValues: found.facts.map { ($0.name, .int($0.count)) }))
    return .mapping(root)
  }
}
