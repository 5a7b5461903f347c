public import Diagnostics
import OrderedCollections
public import ProjectLoading
public import ProjectModel
import Warehouse

/// Makes the manifest from a loaded project: the parse stage.
///
/// Templates are read in parallel; properties, configs, names and references are then worked out in one go.
///
/// ```swift
/// let result = await ManifestBuilder(project: project, settings: settings).build()
/// ```
public struct ManifestBuilder {
  /// The manifest as far as it could be made, with everything that is wrong with the project.
  public struct Result: Sendable {
    public var manifest: Manifest
    /// The engine that read the templates; it renders them later.
    public var engine: TemplateEngine
    public var diagnostics: [Diagnostic]

    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  }

  typealias Values = OrderedDictionary<String, PlainValue>

  let project: LoadedProject
  let settings: TemplateSettings
  let parallelism: Int

  var manifest: Manifest
  var diagnostics: [Diagnostic] = []
  var drafts: [NodeDraft] = []
  /// Sources and what overrides them, in order.
  var sourceEntries: [SourceEntry] = []
  var unitTestEntries: [UnitTestEntry] = []
  /// Where each part of the semantic layer is named, and the metrics that are switched off.
  var semanticSpans: [NodeID: SourceSpan] = [:]
  var disabledMetrics: Set<String> = []
  var configs: ConfigResolver
  var resolver: ReferenceResolver
  /// Entries of properties by draft: indices into `drafts`.
  var patches: [Int: NodePatch] = [:]
  /// Positions in `drafts` by name.
  var draftsByName: [String: [Int]] = [:]
  let renderers: [YAMLRenderer]

  public init(project: LoadedProject, settings: TemplateSettings, parallelism: Int? = nil) {
    self.project = project
    self.settings = settings
    self.parallelism = parallelism ?? ProjectLoader.defaultParallelism
    manifest = Manifest(projectName: project.root.name, adapterType: settings.adapterType)
    configs = ConfigResolver(project.packages)
    resolver = ReferenceResolver(
      rootPackage: project.root.name, flags: project.root.definition.flags)
    renderers = project.packages.map { package in
      var vars = package.definition.vars
      for (key, value) in package.definition.vars[package.name]?.mapping ?? [:] { vars[key] = value }
      for (key, value) in project.root.definition.vars { vars[key] = value }
      for (key, value) in project.root.definition.vars[package.name]?.mapping ?? [:] { vars[key] = value }
      return YAMLRenderer(
        .properties(package: package.name), cliVars: settings.cliVars, environment: settings.environment,
        reads: settings.reads, target: settings.target, vars: vars)
    }
  }

  public consuming func build() async -> Result {
    let macros = readMacros()
    let engine = TemplateEngine(settings, macros: macros)
    diagnostics += engine.validateMacros()
    addMacros(engine)
    addDocs()
    await readNodeFiles(engine)
    addRunHooks(engine)
    readProperties(engine)
    settleNodes(engine)
    settleSources()
    resolveReferences()
    shapeSemantics()
    reportDeprecations()
    settleUnitTests()
    checkFunctions()
    checkNames()
    checkSpaces()
    checkSharedNames()
    reportItertools()
    reportOverriddenMaterializations(engine)
    checkMicrobatches(runsInBatches: engine.runsInBatches)
    reportUnusedConfigs()
    diagnostics = diagnostics.inReadingOrder
    return Result(manifest: manifest, engine: engine, diagnostics: diagnostics)
  }

  // MARK: Macros

  /// Whether macros tell their arguments even where no properties do, and properties must agree with them.
  var checksMacroArguments: Bool { flag("validate_macro_args", otherwise: false) }

  private mutating func readMacros() -> [MacroDefinition] {
    var result: [MacroDefinition] = []
    var places: [NodeID: SourceSpan?] = [:]
    for package in project.packages {
      for file in package.files where file.kind == .macro || file.kind == .genericTest {
        do throws(DiagnosticsError) {
          var found = try TemplateEngine.macros(
            in: file.text, file: package.displayPath(file), packageName: package.name,
            originalFilePath: file.originalFilePath,
            withArguments: checksMacroArguments && file.kind == .macro)
          if file.firstLine > 1 {
            for index in found.indices {
              found[index].span?.start.line += file.firstLine - 1
              found[index].span?.end.line += file.firstLine - 1
            }
          }
          for macro in found {
            if let other = places.updateValue(macro.span, forKey: macro.id) {
              diagnostics.append(Self.duplicate("macro", macro.name, macro.span, other))
            } else {
              result.append(macro)
            }
          }
        } catch {
          diagnostics += error.diagnostics
        }
      }
    }
    return result
  }

  private mutating func addMacros(_ engine: TemplateEngine) {
    let macros = engine.resolvedMacros()
    manifest.macros.reserveCapacity(macros.count)
    for macro in macros { manifest.macros[macro.id] = macro }
  }

  // MARK: Docs

  private mutating func addDocs() {
    // dbt comes with one block, for the page of a project that has no overview of its own.
    let overview = DocBlock.overview
    manifest.docs[overview.id] = overview
    for package in project.packages {
      for file in package.files where file.kind == .documentation {
        let display = package.displayPath(file)
        let source = SourceText(file.text)
        func place(_ offset: Int) -> SourceSpan {
          var position = source.position(of: offset)
          position.line += file.firstLine - 1
          return SourceSpan(file: display, start: position)
        }
        do throws(TemplateBlocks.Failure) {
          for block in try TemplateBlocks.find("docs", in: file.text) {
            let id = NodeID(.documentation, package: package.name, name: block.name)
            if manifest.docs[id] != nil {
              diagnostics.append(Self.duplicate("docs block", block.name, place(block.tagOffset), nil))
              continue
            }
            manifest.docs[id] = DocBlock(
              id: id, name: block.name, packageName: package.name, path: file.relativePath,
              originalFilePath: file.originalFilePath, contents: contents(block, at: place(block.offset)))
          }
        } catch {
          diagnostics.append(error.diagnostic(keyword: "docs", place: place))
        }
      }
    }
  }

  private mutating func contents(_ block: TemplateBlock, at span: SourceSpan) -> String {
    let text = block.contents.trimmingWhiteSpace
    guard YAMLNode.holdsTemplate(text) else { return text }
    do throws(DiagnosticsError) {
      return try YAMLRenderer(.project).renderDescription(text, at: span) { _, _ in nil }.trimmingWhiteSpace
    } catch {
      diagnostics += error.diagnostics
      return text
    }
  }

  // MARK: Node files

  private static let nodeKinds: [FileKind] = [.model, .snapshot, .analysis, .singularTest, .seed, .function]

  mutating func readNodeFiles(_ engine: TemplateEngine) async {
    let parser = NodeFileParser(engine: engine, packages: project.packages)
    let files = project.packages.indices.flatMap { package in
      project.packages[package].files.indices.filter {
        Self.nodeKinds.contains(project.packages[package].files[$0].kind)
      }.map { (package, $0) }
    }
    let packages = project.packages
    @Sendable func read(_ range: Range<Int>) -> ([NodeDraft], [Diagnostic]) {
      var drafts: [NodeDraft] = []
      drafts.reserveCapacity(range.count)
      var diagnostics: [Diagnostic] = []
      for (package, file) in files[range] {
        let (found, wrong) = parser.parse(packages[package].files[file], package: package)
        drafts += found
        diagnostics += wrong
      }
      return (drafts, diagnostics)
    }
    // More chunks than tasks at once, so that one slow folder does not hold up the end.
    let chunk = max(32, files.count / (parallelism * 4) + 1)
    let parts = await withTaskGroup(of: (Int, [NodeDraft], [Diagnostic]).self) { group in
      for start in stride(from: 0, to: files.count, by: chunk) {
        group.addTask {
          let (drafts, diagnostics) = read(start..<min(start + chunk, files.count))
          return (start, drafts, diagnostics)
        }
      }
      var parts: [(Int, [NodeDraft], [Diagnostic])] = []
      for await part in group { parts.append(part) }
      return parts.sorted { $0.0 < $1.0 }
    }
    drafts.reserveCapacity(files.count * 4)
    for (_, found, wrong) in parts {
      drafts += found
      diagnostics += wrong
    }
    for (index, draft) in drafts.enumerated() where draft.node.resourceType != .test {
      draftsByName[draft.node.name, default: []].append(index)
    }
  }

  // MARK: Hooks of the run

  private mutating func addRunHooks(_ engine: TemplateEngine) {
    for (index, package) in project.packages.enumerated() {
      let hooks = [
        ("on-run-start", package.definition.onRunStart), ("on-run-end", package.definition.onRunEnd),
      ]
      for (kind, statements) in hooks {
        for (number, hook) in statements.enumerated() {
          let name = "\(package.name)-\(kind)-\(number)"
          var node = Node(
            id: NodeID(.operation, package: package.name, name: name), resourceType: .operation, name: name,
            packageName: package.name, path: "hooks/\(name).sql", originalFilePath: "./dbt_project.yml",
            rootPath: package.definition.rootPath, fqn: [package.name, "hooks", name], rawCode: hook.sql,
            checksum: "", alias: name, config: NodeConfig())
          // A hook has no file of its own.
          node.checksum = package.definition.checksum
          node.tags = [kind]
          node.firstLine = hook.span.start.line
          var draft = NodeDraft(node: node, package: index, file: package.definition.file)
          var source = TemplateSource(
            text: hook.sql, file: draft.file, resourceType: .operation, packageName: package.name, name: name)
          source.firstLine = hook.span.start.line
          source.fqn = node.fqn
          do throws(DiagnosticsError) { draft.take(try engine.parse(source)) } catch {
            diagnostics += error.diagnostics
          }
          drafts.append(draft)
        }
      }
    }
  }

  // MARK: Messages

  static func duplicate(_ kind: String, _ name: String, _ span: SourceSpan?, _ other: SourceSpan?)
    -> Diagnostic
  {
    Diagnostic(
      "duplicate-name", "\(kind) '\(name)' is defined twice; a name may be used once in a package",
      at: span,
      label: "the second one", secondary: other.map { [.init(span: $0, text: "the first one")] } ?? [],
      help: "rename one of them")
  }
}

extension [Diagnostic] {
  /// Errors and warnings as they were found, each once.
  var inReadingOrder: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return filter { seen.insert($0).inserted }
  }
}

extension String {
  /// Without white space at both ends.
  var trimmingWhiteSpace: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}

extension DocBlock {
  /// What the documentation of a project without an `__overview__` block opens with.
  fileprivate static let overview = DocBlock(
    id: NodeID(.documentation, package: "dbt", name: "__overview__"), name: "__overview__",
    packageName: "dbt",
    path: "overview.md", originalFilePath: "docs/overview.md",
    contents: """
      ### This project's documentation

      Every model, source, seed and snapshot has a page with its description, its columns and their tests, its SQL,
      and what it is built from. The graph shows how they hang together.

      A docs block with the name `__overview__` takes the place of this text.
      """)
}
