import Diagnostics
import ProjectAnalysis
import ProjectLoading
import ProjectModel

/// A place in a file of the project or its packages.
struct Target: Sendable, Hashable {
  /// Absolute.
  var path: String
  var span: SourceSpan

  init(_ path: String, line: Int = 1, column: Int = 1) {
    self.path = path
    span = SourceSpan(file: path, line: line, column: column)
  }

  init(_ span: SourceSpan, in view: ProjectView) {
    path = view.path(of: span.file)
    self.span = span
  }
}

extension FileReader {
  /// Where what stands at a byte is defined; none for what whc brings along.
  func definitions(at offset: Int) -> [Target] {
    guard let place = place(at: offset) else { return [] }
    switch place.meaning {
    case .node(let node): return [target(node)]
    case .source(let source): return source.span.map { [Target($0, in: view)] } ?? []
    case .sources(let name):
      let spans = view.manifest.sources.values.filter { $0.sourceName == name }.compactMap(\.span)
      return spans.first.map { [Target($0, in: view)] } ?? []
    case .macro(let macro):
      guard let span = macro.span, let folder = view.packages[macro.packageName] else { return [] }
      return [Target(folder + "/" + macro.originalFilePath, line: span.start.line, column: span.start.column)]
    case .block(let block):
      return view.packages[block.packageName].map { [target(block, in: $0)] } ?? []
    case .column(let column, _):
      return column.node == view.nodes(in: path).first?.id ? [] : origin(of: column)
    case .ownColumn(_, let name):
      return QueryOutline(TemplateText(bytes)).commonTable(named: name).map { [target($0)] } ?? []
    case .commonTable(let table): return [target(table)]
    }
  }

  private func target(_ table: QueryOutline.CommonTable) -> Target {
    let place = SourceText(bytes).position(of: table.nameRange.lowerBound)
    return Target(path, line: place.line, column: place.column)
  }

  /// Where the block of documentation begins in its file.
  private func target(_ block: DocBlock, in folder: String) -> Target {
    let path = folder + "/" + block.originalFilePath
    guard let bytes = path == self.path ? self.bytes : try? FileSystem.read(path),
      let found = FileReader(view, path: path, bytes: bytes).symbols().first(where: { $0.name == block.name })
    else { return Target(path) }
    let place = SourceText(bytes).position(of: found.range.lowerBound)
    return Target(path, line: place.line, column: place.column)
  }

  private func target(_ node: Node) -> Target {
    Target(node.rootPath + "/" + node.originalFilePath, line: node.firstLine)
  }

  /// Where a column is made: in the SQL of its node, or where the properties name it.
  private func origin(of column: ProjectColumn) -> [Target] {
    guard let node = view.manifest.nodes[column.node] else {
      let source = view.manifest.sources[column.node]
      let span = source?.columns.values.first { $0.name.lowercased() == column.name.lowercased() }?.span
      return (span ?? source?.span).map { [Target($0, in: view)] } ?? []
    }
    if let query = view.query(of: node), let code = view.compiled[node.id],
      let offset = query.shape.column(column.name)?.offset,
      let span = code.sourceMap.position(of: offset, in: code.sql)
    {
      return [Target(span, in: view)]
    }
    return [target(node)]
  }

  /// Everything in the project's files that reads what stands at a byte.
  func references(at offset: Int, read: (String) -> [UInt8]?) -> [(
    path: String, bytes: [UInt8], range: Range<Int>
  )] {
    guard let place = place(at: offset) else { return [] }
    var files: Set<String> = []
    for node in view.manifest.nodes.values where !node.rawCode.isEmpty && node.test == nil {
      files.insert(node.rootPath + "/" + node.originalFilePath)
    }
    for macro in view.manifest.macros.values {
      if let folder = view.packages[macro.packageName] { files.insert(folder + "/" + macro.originalFilePath) }
    }
    for node in view.manifest.nodes.values {
      if let span = node.patchSpan { files.insert(view.path(of: span.file)) }
    }
    for exposure in view.manifest.exposures.values {
      if let span = exposure.span { files.insert(view.path(of: span.file)) }
    }
    return files.sorted().flatMap { file -> [(path: String, bytes: [UInt8], range: Range<Int>)] in
      guard let bytes = file == path ? self.bytes : read(file) else { return [] }
      let reader = FileReader(view, path: file, bytes: bytes)
      return reader.uses(of: place.meaning).map { (file, bytes, $0) }
    }
  }

  /// Where this file names it.
  private func uses(of meaning: Place.Meaning) -> [Range<Int>] {
    let text = TemplateText(bytes)
    var tokens = text.tags.filter { $0.kind != .comment }.map(text.tokens)
    if isProperties { tokens.append(TagTokens.read(bytes, in: 0..<bytes.count)) }
    return tokens.flatMap { tokens in
      CallSite.all(in: tokens, of: bytes).compactMap { call -> Range<Int>? in
        switch meaning {
        case .node(let node):
          return call.name == "ref" && referred(by: call)?.id == node.id ? call.positional.last?.inside : nil
        case .source(let source):
          let words = call.positional.compactMap(\.literal)
          return call.name == "source" && words == [source.sourceName, source.name]
            ? call.positional.last?.inside : nil
        case .sources(let name):
          return call.name == "source" && call.positional.first?.literal == name
            ? call.positional.first?.inside : nil
        case .macro(let macro):
          return view.macro(call.path, from: package)?.id == macro.id ? call.pathRange : nil
        case .block(let block):
          return call.name == "doc" && call.positional.last?.literal == block.name
            ? call.positional.last?.inside : nil
        case .column, .ownColumn, .commonTable: return nil
        }
      }
    }
  }
}
