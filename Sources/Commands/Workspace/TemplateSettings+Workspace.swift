import Compiler
import OrderedCollections
import ProjectLoading
import ProjectModel

extension TemplateSettings {
  /// What templates see of a run, put together from the project, the target and the flags.
  init(stage: ProjectStage, project: LoadedProject, target: Target, console: Console) {
    let root = project.root.definition
    self.init(
      projectName: root.name, projectRoot: root.rootPath,
      packages: project.packages.map {
        Package(name: $0.name, vars: $0.definition.vars, version: $0.definition.version)
      },
      adapterType: target.kind.rawValue, database: target.database, schema: target.schema,
      target: target.context, invocationID: console.invocation.id,
      runStartedAt: console.invocation.startedAt)
    dispatch = root.dispatch.map {
      DispatchRule(macroNamespace: $0.macroNamespace, searchOrder: $0.searchOrder)
    }
    quoting = RelationName.Quoting(
      database: root.quoting.database ?? true, schema: root.quoting.schema ?? true,
      identifier: root.quoting.identifier ?? true)
    queryComment = QueryComment(
      template: root.queryComment.isOff ? "" : root.queryComment.text, append: root.queryComment.append)
    cliVars = stage.vars
    injectsEphemerals = stage.flags.injectsEphemerals
    environment = stage.flags.environment
    reads = stage.reads
    warnings = (try? WarningPolicy(stage.flags).ofTemplates) ?? .told
    var shown = stage.flags.shown
    if let file = try? stage.profileFile() { shown["profiles_dir"] = .string(file.folder) }
    shown["vars"] = .mapping(stage.vars)
    var flags: OrderedDictionary<String, PlainValue> = [:]
    for (key, value) in shown { flags[key.uppercased()] = value }
    self.flags = flags
    invocationArguments = shown
  }
}
