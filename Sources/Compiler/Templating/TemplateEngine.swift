public import Diagnostics
import Jinja
import OrderedCollections
public import ProjectModel

/// dbt's templates without a manifest: what they say of themselves, names, macros.
///
/// Made once for a run from its settings and the macros of all packages, and then shared by all threads.
/// ``NodeCompiler`` renders nodes when the manifest is there.
public struct TemplateEngine: Sendable {
  public let settings: TemplateSettings
  let library: MacroLibrary
  private let staticReaders: [String: StaticReader]

  /// - Parameter macros: those of the project and its packages; the built-in ones come by themselves, those among
  ///   `macros` are left out.
  public init(_ settings: TemplateSettings, macros: [ProjectModel.MacroDefinition]) {
    self.settings = settings
    let library = MacroLibrary(
      settings: settings, macros: macros, builtIns: Self.builtInMacros(adapterType: settings.adapterType))
    self.library = library
    let packages = Set(settings.packages.map(\.name) + [settings.projectName])
    staticReaders = Dictionary(
      uniqueKeysWithValues: packages.map {
        ($0, StaticReader(library: library, settings: settings, package: $0))
      })
  }

  /// Whether microbatch models are run batch by batch: not where a project has its own
  /// `get_incremental_microbatch_sql`, unless its flags say so.
  public var runsInBatches: Bool {
    settings.behavior("REQUIRE_BATCHED_EXECUTION_FOR_CUSTOM_MICROBATCH_STRATEGY")
      || library.isUntouched(
        "get_incremental_microbatch_sql", dispatched: false, from: settings.projectName)
  }

  /// The macros that whc brings along, in the packages `dbt`, `dbt_postgres` and, for Redshift, `dbt_redshift`:
  /// the manifest lists them with the project's.
  public static func builtInMacros(adapterType: String) -> [ProjectModel.MacroDefinition] {
    let packages = ["dbt", "dbt_postgres"] + (adapterType == "redshift" ? ["dbt_redshift"] : [])
    return Prelude.macros.filter { packages.contains($0.packageName) }
  }

  /// All macros, the built-in ones first, each with `dependsOn` filled.
  public func resolvedMacros() -> [ProjectModel.MacroDefinition] {
    library.all.map { macro in
      var definition = macro.definition
      definition.dependsOn = library.dependencies(of: macro)
      return definition
    }
  }

  /// Macros and all that these call, directly or through others.
  func macros(reachedFrom macros: [NodeID]) -> Set<NodeID> {
    var found = Set(macros)
    var waiting = macros
    while let id = waiting.popLast() {
      guard let macro = library.macro(id) else { continue }
      for called in library.dependencies(of: macro) where found.insert(called).inserted {
        waiting.append(called)
      }
    }
    return found
  }

  /// Reads every macro that has not been read yet and says what is wrong with it.
  public func validateMacros() -> [Diagnostic] {
    library.all.compactMap { macro in
      do throws(TemplateError) {
        _ = try macro.parsed()
        return nil
      } catch {
        return TemplateDiagnostics.diagnostic(for: error, at: error.location.flatMap { library.span(of: $0) })
      }
    }
  }

  /// The id of the macro that a name means in a package: `test_unique`, or with its package `dbt_utils.star`.
  public func macroID(named name: String, from packageName: String) -> NodeID? {
    let parts = name.split(separator: ".", maxSplits: 1)
    if parts.count == 2 { return library.resolve(String(parts[1]), from: String(parts[0]))?.id }
    return library.resolve(name, from: packageName)?.id
  }

  /// The materializations that projects and packages define: `materialization_insert_by_period_default`.
  public func materializationMacro(named name: String) -> NodeID? {
    for prefix in library.dispatchPrefixes {
      if let macro = library.resolve("materialization_\(name)_\(prefix)", from: settings.projectName) {
        return macro.id
      }
    }
    return nil
  }

  /// The materialization of a package that takes the place of a built-in one, where packages may.
  func packageMaterialization(named name: String) -> ProjectModel.MacroDefinition? {
    library.packageOverride(of: name)?.definition
  }

  /// Reads what a template says of itself, with `execute` false.
  ///
  /// A template that holds nothing but literal calls is read from its syntax tree; any other is rendered.
  ///
  /// - Throws: when the template is not Jinja, or an error arises while it is rendered.
  public func parse(_ source: TemplateSource) throws(DiagnosticsError) -> ParsedTemplate {
    if let quick = builtInTest(source) { return quick }
    if source.testArguments == nil, !JinjaText.hasTags(source.text) { return ParsedTemplate() }
    let template: Template
    do throws(TemplateError) {
      template = try Template(parsing: source.text, name: source.file, syntax: DbtJinja.syntax)
    } catch {
      throw DiagnosticsError(syntaxError(error, source))
    }
    if source.testArguments == nil, let reader = staticReaders[source.packageName],
      let read = reader.read(template, source)
    {
      return read
    }
    return try render(template, source)
  }

  private func render(_ template: Template, _ source: TemplateSource) throws(DiagnosticsError)
    -> ParsedTemplate
  {
    let context = RenderContext(
      .parse,
      subject: RenderContext.Subject(
        text: source.text, file: source.file, firstLine: source.firstLine, name: source.name,
        packageName: source.packageName, fqn: source.fqn, resourceType: source.resourceType, node: source.node
      ),
      engine: self)
    do throws(TemplateError) {
      if let arguments = source.testArguments {
        if let name = testMacro(source.text),
          let macro = library.resolve(name.macro, from: name.package ?? source.packageName)
        {
          context.noted.macros.append(macro.id)
        }
        try context.addTestArguments(arguments)
      }
      _ = try context.interpreter.render(template)
    } catch {
      throw context.failure(error)
    }
    var parsed = context.noted
    parsed.isStatic = false
    parsed.introspects = library.introspects(MacroCalls(in: template), from: source.packageName)
    if source.testArguments != nil, !parsed.introspects {
      parsed.introspects = parsed.macros.contains { id in
        library.macro(id).map { library.introspects(callOf: $0, from: source.packageName) } ?? false
      }
    }
    return parsed
  }

  private func syntaxError(_ error: TemplateError, _ source: TemplateSource) -> Diagnostic {
    let span = error.location.map {
      SourceSpan(file: source.file, line: $0.line + source.firstLine - 1, column: $0.column)
    }
    return TemplateDiagnostics.diagnostic(for: error, at: span)
  }

  /// `test_unique`, and its package if one is named, from `{{ test_unique(**_dbt_generic_test_kwargs) }}`.
  private func testMacro(_ text: String) -> (package: String?, macro: String)? {
    guard let open = text.firstRange(of: "{{"), let call = text.firstRange(of: "(**") else { return nil }
    guard open.upperBound < call.lowerBound else { return nil }
    let name = text[open.upperBound..<call.lowerBound].trimmed.split(separator: ".", maxSplits: 1)
    return name.count == 2 ? (String(name[0]), String(name[1])) : name.first.map { (nil, String($0)) }
  }
}
