/// The part of the Language Server Protocol 3.17 that is spoken here, by the names of its specification.
enum LSP {
  /// 0-based; `character` counts units of the encoding that was agreed on.
  struct Position: Codable, Hashable, Sendable {
    var line: Int
    var character: Int
  }

  struct Range: Codable, Hashable, Sendable {
    var start: Position
    var end: Position
  }

  struct Location: Codable, Hashable, Sendable {
    var uri: String
    var range: Range
  }

  struct TextDocumentIdentifier: Codable, Sendable { var uri: String }

  struct TextDocumentPosition: Decodable, Sendable {
    var textDocument: TextDocumentIdentifier
    var position: Position
  }

  struct DocumentParameters: Decodable, Sendable { var textDocument: TextDocumentIdentifier }

  struct ReferenceParameters: Decodable, Sendable {
    struct Context: Decodable, Sendable { var includeDeclaration: Bool }
    var textDocument: TextDocumentIdentifier
    var position: Position
    var context: Context?
  }

  struct SymbolQuery: Decodable, Sendable { var query: String }

  // MARK: The beginning

  struct Initialize: Decodable, Sendable {
    struct Folder: Decodable, Sendable { var uri: String }
    struct Capabilities: Decodable, Sendable {
      struct General: Decodable, Sendable { var positionEncodings: [String]? }
      struct Workspace: Decodable, Sendable {
        struct Watching: Decodable, Sendable { var dynamicRegistration: Bool? }
        var didChangeWatchedFiles: Watching?
      }
      var general: General?
      var workspace: Workspace?
    }
    var rootUri: String?
    var workspaceFolders: [Folder]?
    var capabilities: Capabilities?
  }

  struct Initialized: Encodable, Sendable {
    struct Server: Encodable, Sendable {
      var name = "whc"
      var version: String
    }
    var capabilities: ServerCapabilities
    var serverInfo: Server
  }

  struct ServerCapabilities: Encodable, Sendable {
    struct Synchronization: Encodable, Sendable {
      let openClose = true
      /// Incremental.
      let change = 2
      let save = true
    }
    struct Completion: Encodable, Sendable {
      let triggerCharacters = ["'", "\"", ".", "(", "{"]
    }
    struct SignatureHelp: Encodable, Sendable {
      let triggerCharacters = ["(", ","]
    }
    struct Commands: Encodable, Sendable {
      let commands: [String]
    }
    var positionEncoding: String
    let textDocumentSync = Synchronization()
    let completionProvider = Completion()
    let hoverProvider = true
    let definitionProvider = true
    let referencesProvider = true
    let documentSymbolProvider = true
    let workspaceSymbolProvider = true
    let codeActionProvider = true
    let signatureHelpProvider = SignatureHelp()
    let executeCommandProvider: Commands
  }

  struct Registration: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
      struct Options: Encodable, Sendable {
        struct Watcher: Encodable, Sendable { let globPattern: String }
        let watchers: [Watcher]
      }
      let id: String
      let method: String
      let registerOptions: Options
    }
    let registrations: [Entry]

    static let files = Registration(registrations: [
      Entry(
        id: "files", method: "workspace/didChangeWatchedFiles",
        registerOptions: .init(watchers: [.init(globPattern: "**/*.{sql,yml,yaml,md,csv}")]))
    ])
  }

  // MARK: Documents

  struct Opened: Decodable, Sendable {
    struct Item: Decodable, Sendable {
      var uri: String
      var languageId: String?
      var version: Int?
      var text: String
    }
    var textDocument: Item
  }

  struct Changed: Decodable, Sendable {
    struct Document: Decodable, Sendable {
      var uri: String
      var version: Int?
    }
    struct Change: Decodable, Sendable {
      /// nil: the whole text.
      var range: Range?
      var text: String
    }
    var textDocument: Document
    var contentChanges: [Change]
  }

  // MARK: Mistakes

  struct Diagnostic: Codable, Hashable, Sendable {
    struct Related: Codable, Hashable, Sendable {
      var location: Location
      var message: String
    }
    var range: Range
    /// 1 error, 2 warning, 3 information.
    var severity: Int
    var code: String
    var source = "whc"
    var message: String
    var relatedInformation: [Related]?
    /// A name in what is marked, and the one that was most likely meant; handed back when the editor asks for fixes.
    var data: Fix?

    struct Fix: Codable, Hashable, Sendable {
      var wrong: String
      var right: String
    }
  }

  struct Publication: Encodable, Sendable {
    var uri: String
    var version: Int?
    var diagnostics: [Diagnostic]
  }

  struct ActionParameters: Decodable, Sendable {
    struct Context: Decodable, Sendable { var diagnostics: [Diagnostic] }
    var textDocument: TextDocumentIdentifier
    var context: Context
  }

  struct CodeAction: Encodable, Sendable {
    struct Edit: Encodable, Sendable { var changes: [String: [TextEdit]] }
    var title: String
    let kind = "quickfix"
    var diagnostics: [Diagnostic]
    let isPreferred = true
    var edit: Edit
  }

  struct TextEdit: Encodable, Hashable, Sendable {
    var range: Range
    var newText: String
  }

  // MARK: Answers

  struct Markup: Encodable, Hashable, Sendable {
    let kind = "markdown"
    var value: String
  }

  struct Hover: Encodable, Sendable {
    var contents: Markup
    var range: Range?
  }

  struct CompletionItem: Encodable, Hashable, Sendable {
    enum Kind: Int, Encodable, Sendable {
      case function = 3
      case field = 5
      case variable = 6
      case module = 9
      case property = 10
      case value = 12
      case keyword = 14
      case file = 17
      case reference = 18
      case structure = 22
    }
    var label: String
    var kind: Kind
    var detail: String?
    var documentation: Markup?
    var sortText: String?
    var textEdit: TextEdit?
  }

  struct CompletionList: Encodable, Sendable {
    let isIncomplete = false
    var items: [CompletionItem]
  }

  struct SignatureHelp: Encodable, Sendable {
    struct Signature: Encodable, Sendable {
      struct Parameter: Encodable, Sendable { var label: String }
      var label: String
      var documentation: Markup?
      var parameters: [Parameter]
    }
    var signatures: [Signature]
    let activeSignature = 0
    var activeParameter: Int
  }

  struct DocumentSymbol: Encodable, Hashable, Sendable {
    var name: String
    var detail: String?
    /// 12 function, 5 class, 8 field, 13 variable.
    var kind: Int
    var range: Range
    var selectionRange: Range
  }

  struct WorkspaceSymbol: Encodable, Hashable, Sendable {
    var name: String
    var kind: Int
    var location: Location
    var containerName: String?
  }

  struct CommandParameters: Decodable, Sendable {
    var command: String
    var arguments: [String]?
  }

  struct LogMessage: Encodable, Sendable {
    /// 1 error, 2 warning, 3 information.
    var type: Int
    var message: String
  }
}
