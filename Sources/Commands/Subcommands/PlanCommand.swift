import ArgumentParser
import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Runner
import Warehouse

/// `whc plan`: the statements that a run would send, and in which transactions.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Print the statements that a run would send; nothing is changed")

  @Flag(help: "Plan for an empty database, without a server")
  var offline = false

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var types: ResourceTypeOptions
  @OptionGroup var refresh: FullRefreshOption
  @OptionGroup var emptiness: EmptyOption
  @OptionGroup var eventTimes: EventTimeOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let configure: (inout Flags) -> Void = {
      selection.apply(&$0)
      types.apply(&$0)
      refresh.apply(&$0)
      emptiness.apply(&$0)
      eventTimes.apply(&$0)
      $0.answersData = true
    }
    try await Command.run("plan", global, configure: configure) { workspace, console in
      let types: Set<ResourceType> = [.model, .seed, .snapshot]
      let chosen = try workspace.select(defaults: types, all: types)
      console.report(chosen.diagnostics)
      let graph = ExecutionGraph(workspace.executable(chosen), of: workspace.selector)
      guard graph.count > 0 else {
        console.tell(LogEvent("NoNodesSelected", "Q038", .warn, "No nodes selected!"))
        return
      }
      let planning = Planning(workspace, graph)
      let plans: [Planning.Planned]
      if offline {
        plans = planning.plans(on: OfflineSession(workspace.target.dialect), cache: planning.emptyCache())
      } else {
        plans = try await workspace.withSession { session, runtime in
          planning.plans(on: session, cache: runtime.cache)
        }
      }
      console.print(plans.compactMap(\.text).joined(separator: "\n"))
      let problems = plans.flatMap(\.problems)
      console.report(problems)
      if problems.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }
  }
}
