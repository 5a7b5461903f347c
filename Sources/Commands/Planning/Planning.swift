import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Runner
import Warehouse

/// Makes the plans of a selection in the order in which they would run, each as if those before it had been
/// carried out.
struct Planning: Sendable {
  /// A node's plan as text, or why there is none.
  struct Planned: Sendable {
    var text: String?
    var problems: [Diagnostic]
  }

  private let workspace: Workspace
  private let request: RunRequest

  /// - Parameter rebuilds: whether the histories of dimensions are made anew.
  init(_ workspace: Workspace, _ graph: ExecutionGraph, rebuilds: Bool = false) {
    self.workspace = workspace
    var flags = PlanFlags()
    flags.fullRefresh = workspace.flags.fullRefresh
    flags.rebuild = rebuilds
    flags.empty = workspace.flags.empty
    // Names of tables built aside carry the run's id; a plan that is printed twice should be the same text.
    flags.runID = "00000000"
    request = RunRequest(graph: graph, threads: 1, failFast: false, flags: flags)
  }

  /// A catalogue in which every schema of the project is there and empty.
  func emptyCache() -> RelationCache {
    let cache = RelationCache()
    cache.fill(workspace.schemas, with: [])
    return cache
  }

  /// What the plans of some models would be made from.
  ///
  /// - Throws: the diagnostics of all that do not compile or are refused.
  func inputs(
    of nodes: [Node], on session: any Session, cache: RelationCache
  ) throws -> [NodeID: PlanInput] {
    let preview = PlanPreview(environment: environment(session, cache), request: request, session: session)
    var inputs: [NodeID: PlanInput] = [:]
    var problems: [Diagnostic] = []
    for node in nodes {
      do {
        inputs[node.id] = try preview.input(of: node)
      } catch let error as DiagnosticsError {
        problems += error.diagnostics
      }
    }
    guard problems.isEmpty else { throw DiagnosticsError(problems) }
    return inputs
  }

  func plans(on session: any Session, cache: RelationCache) -> [Planned] {
    let preview = PlanPreview(environment: environment(session, cache), request: request, session: session)
    return order.compactMap { workspace.manifest.nodes[$0] }.map { node in
      do {
        let plan = try preview.plan(node)
        for relation in plan.drops { cache.remove(relation) }
        for relation in plan.creates { cache.add(relation) }
        return Planned(text: PlanText().text(of: plan), problems: [])
      } catch let error as DiagnosticsError {
        return Planned(text: nil, problems: error.diagnostics)
      } catch {
        return Planned(text: nil, problems: [Diagnostic("no-plan", "\(node.name): \(error)")])
      }
    }
  }

  func rebuilder(on session: any Session, cache: RelationCache) -> DimensionRebuilder {
    DimensionRebuilder(environment: environment(session, cache), request: request, session: session)
  }

  private func environment(_ session: any Session, _ cache: RelationCache) -> RunEnvironment {
    let workspace = self.workspace
    return RunEnvironment(
      manifest: workspace.manifest, compiler: workspace.compiler,
      warehouse: NoWarehouse(dialect: session.dialect),
      cache: cache, openSeed: { try workspace.openSeed($0) }, readSeed: { try workspace.readSeed($0) },
      report: { _ in }, now: { Clock.now() })
  }

  /// Parents before children, by id where nothing else decides.
  private var order: [NodeID] {
    let graph = request.graph
    var missing = graph.parentCounts
    var ready = (0..<graph.count).filter { missing[$0] == 0 }
    var result: [NodeID] = []
    while !ready.isEmpty {
      ready.sort { graph.ids[$0] > graph.ids[$1] }
      guard let member = ready.popLast() else { break }
      result.append(graph.ids[member])
      for child in graph.children(of: member) {
        missing[child] -= 1
        if missing[child] == 0 { ready.append(child) }
      }
    }
    return result
  }
}

/// Stands where a run has its database; plans are made on a session that is there already.
private struct NoWarehouse: Warehouse {
  var dialect: Dialect

  func connect(as name: String) async throws -> any Connection {
    throw WarehouseError.cannotConnect(host: "", port: 0, message: "plans connect to nothing", sqlState: nil)
  }
}
