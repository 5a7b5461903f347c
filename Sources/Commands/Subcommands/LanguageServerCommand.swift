import ArgumentParser
import Diagnostics
import Foundation
import LanguageServer

/// `whc lsp`: the language server for editors, on standard input and output.
struct LanguageServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp",
    abstract: "Serve editors: diagnostics as you type, definitions, hovers, completions",
    discussion: """
      Speaks the Language Server Protocol on standard input and output; an editor starts it. No database is asked. \
      docs/editors.md has the settings of VS Code, Neovim and Helix.
      """)

  @Flag(help: "Accepted for editors that say how they speak; there is no other way")
  var stdio = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let output = FileHandle.standardOutput
    let server = LanguageServer(reader: EditorProject(global), version: Version.whc) { message in
      // An editor that went away reads no answers; the end of its input ends the server.
      try? output.write(contentsOf: MessageStream.framed(message))
    }
    var stream = MessageStream()
    for await bytes in Self.input() {
      do {
        for message in try stream.take(bytes) {
          await server.receive(message)
          if let end = await server.end { throw ExitCode(end == .orderly ? 0 : 1) }
        }
      } catch let broken as MessageStream.Broken {
        throw Console(Flags(global)).exit(
          Diagnostic("broken-message", "standard input is no stream of messages: \(broken)"))
      }
    }
    throw ExitCode(1)
  }

  /// What comes in, as it comes; ends with the input.
  private static func input() -> AsyncStream<Data> {
    AsyncStream { continuation in
      // Reading blocks, so it has a thread of its own.
      Thread.detachNewThread {
        while true {
          let bytes = FileHandle.standardInput.availableData
          guard !bytes.isEmpty else { break }
          continuation.yield(bytes)
        }
        continuation.finish()
      }
    }
  }
}
