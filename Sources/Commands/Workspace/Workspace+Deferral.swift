import Compiler
import Diagnostics
import ProjectModel

extension Workspace {
  /// The compiler for a command that works on `selected`: with `--defer`, references to nodes that are not there
  /// lead to the environment whose manifest `--defer-state` or `--state` names.
  ///
  /// - Parameter builds: the kinds of which the command makes what is selected, so that it will be there in time.
  /// - Throws: `no-state`, or what the database says when it is asked what exists.
  func compiler(for selected: [NodeID], builds: Set<ResourceType>) async throws -> NodeCompiler {
    guard flags.defers else { return compiler }
    var deferral = Deferral(manifest, to: try deferredManifest())
    let selected = Set(selected)
    let made = selected.filter { id in manifest.nodes[id].map { builds.contains($0.resourceType) } ?? false }
    let open = deferral.counterparts.keys.filter { id in
      !made.contains(id) && (!flags.favorsState || selected.contains(id))
    }
    let relations = open.compactMap { id in manifest.nodes[id]?.relation.map { (id, $0) } }
    let existing =
      relations.isEmpty
      ? []
      : try await withSession { _, runtime in
        relations.filter { runtime.cache.relation($0.1) != nil }.map(\.0)
      }
    let here = made.union(existing)
    deferral.decide(selected: selected, favorsState: flags.favorsState) { here.contains($0) }
    return compiler.deferring(deferral)
  }

  private func deferredManifest() throws(DiagnosticsError) -> Manifest {
    guard let folder = flags.deferState ?? flags.state else {
      throw DiagnosticsError(
        Diagnostic(
          "no-state", "--defer needs --state or --defer-state, and neither is given",
          help: "name the folder that holds the other environment's manifest.json"))
    }
    guard let manifest = try PreviousRun.manifest(in: path(folder)) else {
      throw DiagnosticsError(
        Diagnostic(
          "no-state", "there is no manifest.json in \(folder), which --defer reads",
          help: "name the folder that holds the other environment's manifest.json"))
    }
    return manifest
  }
}
