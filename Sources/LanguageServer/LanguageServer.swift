import Diagnostics
public import Foundation
import ProjectLoading
import ProjectModel

/// A language server for dbt projects: diagnostics, definitions, hovers, completions.
///
/// It speaks the Language Server Protocol 3.17; messages come in by ``receive(_:)`` and go out by `send`. Questions are
/// answered from the last reading of the project and the text as it is now, so that nobody waits for a reading but the
/// first question.
public actor LanguageServer {
  /// How a session ended: `exit` without `shutdown` is a fault of the editor's.
  public enum End: Sendable { case orderly, abrupt }

  private enum Phase { case waiting, running, stopped }

  private let reader: any ProjectReader
  private let version: String
  private let pause: Duration
  private let send: @Sendable (Data) -> Void

  private var phase = Phase.waiting
  public private(set) var end: End?
  private var encoding = PositionEncoding.utf16
  private var watchesFiles = false
  /// Folders that the editor has open, absolute.
  private var roots: [String] = []
  private var documents: [String: TextDocument] = [:]
  private var projects: [String: OpenProject] = [:]
  /// The files of each project that something was said of.
  private var marked: [String: Set<String>] = [:]
  private var lastGeneration: [String: Int] = [:]

  /// - Parameters:
  ///   - version: the server's own
  ///   - pause: between a change and the reading that sees it
  ///   - send: takes whole messages without their headers
  public init(
    reader: any ProjectReader, version: String, pause: Duration = .milliseconds(150),
    send: @escaping @Sendable (Data) -> Void
  ) {
    self.reader = reader
    self.version = version
    self.pause = pause
    self.send = send
  }

  /// Takes one message and answers it.
  public func receive(_ message: Data) async {
    guard let envelope = try? JSONDecoder().decode(Message.Envelope.self, from: message) else {
      send(Message.refusal(.broken, to: nil))
      return
    }
    // An answer to one of our requests.
    guard let method = envelope.method else { return }
    guard let id = envelope.id else {
      try? await notice(method, message)
      return
    }
    do {
      send(try await answer(method, message, id))
    } catch let failure as Message.Failure {
      send(Message.refusal(failure, to: id))
    } catch {
      send(Message.refusal(.wrong(method, Self.reason(error)), to: id))
    }
  }

  /// Waits until all projects are read as they are now.
  public func settled() async {
    for project in projects.values { await project.settled() }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    default: "\(error)"
    }
  }

  private func parameters<Value: Decodable>(_ type: Value.Type, _ message: Data) throws -> Value {
    try JSONDecoder().decode(Message.Parameters<Value>.self, from: message).params
  }

  // MARK: Requests

  private func answer(_ method: String, _ message: Data, _ id: Message.Identifier) async throws -> Data {
    if method == "initialize", phase == .waiting {
      return Message.answer(start(try parameters(LSP.Initialize.self, message)), to: id)
    }
    guard phase != .waiting else { throw Message.Failure.notReady }
    guard phase != .stopped else { throw Message.Failure.stopped }
    switch method {
    case "shutdown":
      phase = .stopped
      for project in projects.values { await project.stop() }
      return Message.answer(String?.none, to: id)
    case "textDocument/definition":
      return Message.answer(
        try await definition(try parameters(LSP.TextDocumentPosition.self, message)), to: id)
    case "textDocument/hover":
      return Message.answer(try await hover(try parameters(LSP.TextDocumentPosition.self, message)), to: id)
    case "textDocument/completion":
      return Message.answer(
        try await completion(try parameters(LSP.TextDocumentPosition.self, message)), to: id)
    case "textDocument/references":
      return Message.answer(
        try await references(try parameters(LSP.ReferenceParameters.self, message)), to: id)
    case "textDocument/signatureHelp":
      return Message.answer(
        try await signature(try parameters(LSP.TextDocumentPosition.self, message)), to: id)
    case "textDocument/documentSymbol":
      return Message.answer(try await outline(try parameters(LSP.DocumentParameters.self, message)), to: id)
    case "textDocument/codeAction":
      return Message.answer(fixes(try parameters(LSP.ActionParameters.self, message)), to: id)
    case "workspace/symbol":
      return Message.answer(await symbols(try parameters(LSP.SymbolQuery.self, message)), to: id)
    case "workspace/executeCommand":
      return Message.answer(try await execute(try parameters(LSP.CommandParameters.self, message)), to: id)
    default: throw Message.Failure.unknown(method)
    }
  }

  private func start(_ parameters: LSP.Initialize) -> LSP.Initialized {
    phase = .running
    let encodings = parameters.capabilities?.general?.positionEncodings ?? []
    encoding = encodings.contains(PositionEncoding.utf8.rawValue) ? .utf8 : .utf16
    watchesFiles = parameters.capabilities?.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false
    let folders = parameters.workspaceFolders?.map(\.uri) ?? []
    roots = (folders.isEmpty ? [parameters.rootUri].compactMap { $0 } : folders).compactMap(FileURI.path)
    return LSP.Initialized(
      capabilities: LSP.ServerCapabilities(
        positionEncoding: encoding.rawValue,
        executeCommandProvider: LSP.ServerCapabilities.Commands(commands: [Self.compiledCommand])),
      serverInfo: LSP.Initialized.Server(version: version))
  }

  // MARK: Notifications

  private func notice(_ method: String, _ message: Data) async throws {
    if method == "exit" {
      end = phase == .stopped ? .orderly : .abrupt
      return
    }
    guard phase == .running else { return }
    switch method {
    case "initialized":
      if watchesFiles {
        send(Message.request("client/registerCapability", LSP.Registration.files, id: .text("files")))
      }
      for root in roots { if let folder = reader.folder(of: root) { await reread(folder) } }
    case "textDocument/didOpen":
      let item = try parameters(LSP.Opened.self, message).textDocument
      documents[item.uri] = TextDocument(
        uri: item.uri, version: item.version, text: item.text, encoding: encoding)
      await reread(of: item.uri)
    case "textDocument/didChange":
      let changed = try parameters(LSP.Changed.self, message)
      documents[changed.textDocument.uri]?.apply(
        changed.contentChanges, version: changed.textDocument.version)
      await reread(of: changed.textDocument.uri)
    case "textDocument/didClose":
      let uri = try parameters(LSP.DocumentParameters.self, message).textDocument.uri
      documents[uri] = nil
      await reread(of: uri)
    case "textDocument/didSave":
      await reread(of: try parameters(LSP.DocumentParameters.self, message).textDocument.uri)
    case "workspace/didChangeWatchedFiles": for folder in projects.keys.sorted() { await reread(folder) }
    default: break
    }
  }

  private func reread(of uri: String) async {
    guard let path = FileURI.path(uri), let folder = reader.folder(of: path) else { return }
    await reread(folder)
  }

  private func reread(_ folder: String) async {
    var texts: [String: [UInt8]] = [:]
    for (uri, document) in documents {
      if let path = FileURI.path(uri), path.hasPrefix(folder + "/") { texts[path] = document.bytes }
    }
    await project(folder).change(texts)
  }

  private func project(_ folder: String) -> OpenProject {
    if let known = projects[folder] { return known }
    let made = OpenProject(folder, reader: reader, pause: pause) { [weak self] view, generation in
      await self?.publish(view, generation)
    }
    projects[folder] = made
    return made
  }

  // MARK: Mistakes

  private func publish(_ view: ProjectView, _ generation: Int) {
    guard phase == .running, generation > lastGeneration[view.folder, default: 0] else { return }
    lastGeneration[view.folder] = generation
    var found: [String: [LSP.Diagnostic]] = [:]
    for diagnostic in view.diagnostics where diagnostic.severity != .note {
      let span = diagnostic.span ?? SourceSpan(file: "dbt_project.yml", line: 1, column: 1)
      let uri = self.uri(of: view.path(of: span.file))
      found[uri, default: []].append(described(diagnostic, at: span, uri, view))
    }
    for uri in marked[view.folder, default: []].union(found.keys).sorted() {
      send(
        Message.notification(
          "textDocument/publishDiagnostics",
          LSP.Publication(uri: uri, version: documents[uri]?.version, diagnostics: found[uri] ?? [])))
    }
    marked[view.folder] = Set(found.keys)
  }

  private func described(
    _ diagnostic: Diagnostic, at span: SourceSpan, _ uri: String, _ view: ProjectView
  ) -> LSP.Diagnostic {
    let lines =
      [diagnostic.summary, diagnostic.label.map { "(\($0))" }] + diagnostic.notes + [
        diagnostic.help.map { "help: " + $0 }
      ]
    let related = diagnostic.secondary.map { label in
      let other = self.uri(of: view.path(of: label.span.file))
      return LSP.Diagnostic.Related(
        location: LSP.Location(uri: other, range: document(other).range(label.span)), message: label.text)
    }
    return LSP.Diagnostic(
      range: document(uri).range(span), severity: diagnostic.severity == .error ? 1 : 2,
      code: diagnostic.code.rawValue, message: lines.compactMap { $0 }.joined(separator: "\n"),
      relatedInformation: related.isEmpty ? nil : related,
      data: diagnostic.meant.map { LSP.Diagnostic.Fix(wrong: $0.wrong, right: $0.right) })
  }

  /// A file by the name that the editor gave it, or by one of our own.
  private func uri(of path: String) -> String {
    documents.keys.first { FileURI.path($0) == path } ?? FileURI.uri(path)
  }

  /// A text as the editor has it, or as it is on disk; nothing when it cannot be read.
  private func document(_ uri: String) -> TextDocument {
    if let open = documents[uri] { return open }
    let bytes = FileURI.path(uri).flatMap { try? FileSystem.read($0) } ?? []
    return TextDocument(uri: uri, version: nil, source: SourceText(bytes), encoding: encoding)
  }

  private func fixes(_ parameters: LSP.ActionParameters) -> [LSP.CodeAction] {
    let uri = parameters.textDocument.uri
    let document = self.document(uri)
    return parameters.context.diagnostics.compactMap { diagnostic in
      let start = document.offset(of: diagnostic.range.start)
      let end = document.offset(of: diagnostic.range.end)
      guard let fix = diagnostic.data,
        let range = document.bytes[start..<max(start, end)].firstRange(of: Array(fix.wrong.utf8))
      else { return nil }
      return LSP.CodeAction(
        title: "Change to '\(fix.right)'", diagnostics: [diagnostic],
        edit: .init(changes: [uri: [.init(range: document.range(range), newText: fix.right)]]))
    }
  }

  // MARK: Questions

  /// The file that is asked about; nil when no project has it.
  private func file(_ uri: String) async -> (reader: FileReader, document: TextDocument)? {
    guard let path = FileURI.path(uri), let folder = reader.folder(of: path) else { return nil }
    if projects[folder] == nil { await reread(folder) }
    guard let view = await project(folder).current() else { return nil }
    let document = self.document(uri)
    return (FileReader(view, path: path, bytes: document.bytes), document)
  }

  private func definition(_ place: LSP.TextDocumentPosition) async throws -> [LSP.Location] {
    guard let (file, document) = await file(place.textDocument.uri) else { return [] }
    return file.definitions(at: document.offset(of: place.position)).map(location)
  }

  private func location(_ target: Target) -> LSP.Location {
    let uri = self.uri(of: target.path)
    return LSP.Location(uri: uri, range: document(uri).range(target.span))
  }

  private func hover(_ place: LSP.TextDocumentPosition) async throws -> LSP.Hover? {
    guard let (file, document) = await file(place.textDocument.uri),
      let found = file.place(at: document.offset(of: place.position))
    else { return nil }
    return LSP.Hover(
      contents: LSP.Markup(value: HoverText(view: file.view).text(of: found.meaning)),
      range: document.range(found.range))
  }

  private func completion(_ place: LSP.TextDocumentPosition) async throws -> LSP.CompletionList {
    guard let (file, document) = await file(place.textDocument.uri) else {
      return LSP.CompletionList(items: [])
    }
    let (range, items) = file.completions(at: document.offset(of: place.position))
    let replaced = document.range(range)
    return LSP.CompletionList(
      items: items.map { item in
        LSP.CompletionItem(
          label: item.label, kind: item.kind, detail: item.detail,
          documentation: item.documentation.map { LSP.Markup(value: $0) },
          sortText: "\(item.rank)\(item.label)",
          textEdit: LSP.TextEdit(range: replaced, newText: item.label))
      })
  }

  private func references(_ place: LSP.ReferenceParameters) async throws -> [LSP.Location] {
    guard let (file, document) = await file(place.textDocument.uri) else { return [] }
    let offset = document.offset(of: place.position)
    let uses = file.references(at: offset) { self.document(self.uri(of: $0)).bytes }
    let found = uses.map { use in
      let uri = self.uri(of: use.path)
      return LSP.Location(uri: uri, range: self.document(uri).range(use.range))
    }
    return place.context?.includeDeclaration == true
      ? file.definitions(at: offset).map(location) + found : found
  }

  private func signature(_ place: LSP.TextDocumentPosition) async throws -> LSP.SignatureHelp? {
    guard let (file, document) = await file(place.textDocument.uri),
      let (macro, argument) = file.signature(at: document.offset(of: place.position))
    else { return nil }
    let label = HoverText.signature(macro)
    let bytes = Array(label.utf8)
    let call = CallSite.all(in: TagTokens.read(bytes, in: 0..<bytes.count), of: bytes).first
    let parameters = (call?.arguments ?? []).map { argument in
      LSP.SignatureHelp.Signature.Parameter(
        label: argument.name ?? String(decoding: bytes[argument.inside], as: UTF8.self))
    }.filter { !$0.label.isEmpty }
    return LSP.SignatureHelp(
      signatures: [
        .init(
          label: label, documentation: macro.description.isEmpty ? nil : LSP.Markup(value: macro.description),
          parameters: parameters)
      ], activeParameter: argument)
  }

  private func outline(_ parameters: LSP.DocumentParameters) async throws -> [LSP.DocumentSymbol] {
    guard let (file, document) = await file(parameters.textDocument.uri) else { return [] }
    return file.symbols().map { symbol in
      let range = document.range(symbol.range)
      return LSP.DocumentSymbol(
        name: symbol.name, detail: symbol.detail, kind: symbol.kind, range: range, selectionRange: range)
    }
  }

  private func symbols(_ query: LSP.SymbolQuery) async -> [LSP.WorkspaceSymbol] {
    var result: [LSP.WorkspaceSymbol] = []
    for folder in projects.keys.sorted() {
      guard let view = await projects[folder]?.current() else { continue }
      result += view.symbols(matching: query.query).prefix(200).map {
        LSP.WorkspaceSymbol(
          name: $0.name, kind: $0.kind, location: location($0.target), containerName: $0.container)
      }
    }
    return result
  }

  // MARK: Commands

  /// Takes the URI of a model's file and gives its compiled SQL.
  private static let compiledCommand = "whc.compiledSQL"

  private func execute(_ parameters: LSP.CommandParameters) async throws -> String? {
    guard parameters.command == Self.compiledCommand else {
      throw Message.Failure(code: -32602, message: "there is no command '\(parameters.command)'")
    }
    guard let uri = parameters.arguments?.first, let (file, _) = await file(uri) else { return nil }
    return file.view.nodes(in: file.path).first.flatMap { file.view.compiled[$0.id]?.sql }
  }
}
