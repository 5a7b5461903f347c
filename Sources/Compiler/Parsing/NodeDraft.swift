import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// A node as its own file tells it, before properties and dbt_project.yml have their say.
struct NodeDraft: Sendable {
  var node: Node
  /// Index of the package; 0 is the root project.
  var package: Int
  /// The file as spans name it.
  var file: String
  /// What the template's `config()` calls say together.
  var call: OrderedDictionary<String, PlainValue> = [:]
  var callSpans: [String: SourceSpan] = [:]
  /// Whether the template was read from its syntax tree alone.
  var isStatic = false
}

/// Reads files of nodes: each is a template that says what it refers to.
struct NodeFileParser: Sendable {
  let engine: TemplateEngine
  let packages: [LoadedPackage]

  /// The nodes of a file; a template that cannot be read gives diagnostics and, as far as it is known, its node.
  func parse(_ file: ProjectFile, package: Int) -> (drafts: [NodeDraft], diagnostics: [Diagnostic]) {
    switch file.kind {
    case .snapshot: return snapshots(file, package)
    case .seed: return ([draft(.seed, file.name, file, package, text: "")], [])
    case .model where file.relativePath.hasSuffix(".py"): return python(file, package)
    case .model: return template(.model, file, package)
    case .analysis: return template(.analysis, file, package)
    case .singularTest: return template(.test, file, package)
    case .function: return template(.function, file, package)
    default: return ([], [])
    }
  }

  private func template(_ type: ResourceType, _ file: ProjectFile, _ package: Int) -> (
    [NodeDraft], [Diagnostic]
  ) {
    var draft = draft(type, file.name, file, package, text: file.text)
    // A function in Python is a template, too.
    if file.relativePath.hasSuffix(".py") { draft.node.language = "python" }
    let diagnostics = read(&draft, firstLine: file.firstLine)
    return ([draft], diagnostics)
  }

  /// Each `{% snapshot %}` block is a node; its name is part of its place in the tree, and so is the file's.
  private func snapshots(_ file: ProjectFile, _ package: Int) -> ([NodeDraft], [Diagnostic]) {
    let source = SourceText(file.text)
    let display = packages[package].displayPath(file)
    func place(_ offset: Int) -> SourceSpan {
      var position = source.position(of: offset)
      position.line += file.firstLine - 1
      return SourceSpan(file: display, start: position)
    }
    do throws(TemplateBlocks.Failure) {
      var drafts: [NodeDraft] = []
      var diagnostics: [Diagnostic] = []
      for block in try TemplateBlocks.find("snapshot", in: file.text) {
        var draft = draft(.snapshot, block.name, file, package, text: block.contents)
        draft.node.fqn = Self.folders(file.relativePath, packages[package].name) + [file.name, block.name]
        draft.node.firstLine = place(block.offset).start.line
        diagnostics += read(&draft, firstLine: draft.node.firstLine)
        drafts.append(draft)
      }
      return (drafts, diagnostics)
    } catch {
      return ([], [error.diagnostic(keyword: "snapshot", place: place)])
    }
  }

  private func draft(_ type: ResourceType, _ name: String, _ file: ProjectFile, _ package: Int, text: String)
    -> NodeDraft
  {
    let owner = packages[package]
    var contents = NodeContents(
      id: NodeID(type, package: owner.name, name: name), resourceType: type, name: name,
      packageName: owner.name,
      path: file.relativePath, originalFilePath: file.originalFilePath, rootPath: owner.definition.rootPath,
      fqn: Self.folders(file.relativePath, owner.name) + [name], alias: name, config: NodeConfig(),
      details: NodeDetails(rawCode: text, checksum: ""))
    if type == .analysis {
      contents.path = "analysis/" + file.relativePath
      contents.fqn = Self.folders(contents.path, owner.name) + [name]
    }
    switch file.checksum {
    case .none: contents.details.checksumName = "none"
    case .sha256(let text): contents.details.checksum = text
    case .path(let path): (contents.details.checksum, contents.details.checksumName) = (path, "path")
    }
    contents.details.firstLine = file.firstLine
    return NodeDraft(node: Node(contents), package: package, file: owner.displayPath(file))
  }

  private func read(_ draft: inout NodeDraft, text: String? = nil, firstLine: Int) -> [Diagnostic] {
    var source = TemplateSource(
      text: text ?? draft.node.rawCode, file: draft.file, resourceType: draft.node.resourceType,
      packageName: draft.node.packageName, name: draft.node.name)
    source.firstLine = firstLine
    source.fqn = draft.node.fqn
    do throws(DiagnosticsError) {
      draft.take(try engine.parse(source))
      return []
    } catch {
      return error.diagnostics
    }
  }

  /// The package and the folders of a path below `models` and its like.
  static func folders(_ path: String, _ package: String) -> [String] {
    var result = [package]
    var rest = path.utf8[...]
    while let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
      if slash > rest.startIndex { result.append(String(decoding: rest[..<slash], as: UTF8.self)) }
      rest = rest[rest.index(after: slash)...]
    }
    return result
  }

  /// A model in Python is a node like another, so that the rest of its project is built; it fails when its turn
  /// comes.
  private func python(_ file: ProjectFile, _ package: Int) -> ([NodeDraft], [Diagnostic]) {
    var draft = draft(.model, file.name, file, package, text: file.text)
    draft.node.language = "python"
    let diagnostics = read(&draft, text: PythonModel(file.text).template, firstLine: file.firstLine)
    return ([draft], diagnostics)
  }
}

extension NodeDraft {
  mutating func take(_ parsed: ParsedTemplate) {
    node.refs = parsed.refs
    node.sources = parsed.sources
    node.functions = parsed.functions
    node.metrics = parsed.metrics
    node.macroDependsOn = parsed.macros
    node.introspects = parsed.introspects
    isStatic = parsed.isStatic
    call = parsed.config
    callSpans = parsed.configSpans
  }
}

extension TemplateBlocks.Failure {
  func diagnostic(keyword: String, place: (Int) -> SourceSpan) -> Diagnostic {
    switch self {
    case .unclosed(let name, let offset):
      Diagnostic(
        "bad-jinja", "\(keyword) '\(name)' is not closed", at: place(offset), label: "begins here",
        help: "end it with {% end\(keyword) %}")
    case .nameless(let offset):
      Diagnostic("bad-jinja", "a \(keyword) block needs a name", at: place(offset), label: "no name follows")
    }
  }
}
