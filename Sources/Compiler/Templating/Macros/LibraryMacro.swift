import Diagnostics
import Jinja
import ProjectModel
import Synchronization

/// A macro of the run: its definition, and its tree once somebody asked for it.
final class LibraryMacro: Sendable {
  struct Parsed: Sendable {
    var template: Template
    var macro: Jinja.MacroDefinition
    var calls: MacroCalls
  }

  let definition: ProjectModel.MacroDefinition
  /// Whether it belongs to the packages that whc brings along.
  let isBuiltIn: Bool
  private let state = Mutex<Result<Parsed, TemplateError>?>(nil)

  init(_ definition: ProjectModel.MacroDefinition, isBuiltIn: Bool) {
    self.definition = definition
    self.isBuiltIn = isBuiltIn
  }

  var id: NodeID { definition.id }
  var name: String { definition.name }
  var packageName: String { definition.packageName }

  /// The tree, made at the first call. Two threads that ask at once may both make it; both get the same.
  ///
  /// - Throws: a syntax error with its place in the macro's text.
  func parsed() throws(TemplateError) -> Parsed {
    if let known = state.withLock({ $0 }) { return try known.get() }
    let result: Result<Parsed, TemplateError>
    do throws(TemplateError) {
      let template = try Template(
        parsing: definition.text, name: definition.id.rawValue, syntax: DbtJinja.syntax)
      guard let macro = template.macros.first else {
        throw TemplateError(.syntax, "the block of macro '\(definition.name)' defines no macro")
      }
      result = .success(Parsed(template: template, macro: macro, calls: MacroCalls(in: template)))
    } catch {
      result = .failure(error)
    }
    state.withLock { if $0 == nil { $0 = result } }
    return try result.get()
  }
}
