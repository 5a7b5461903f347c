import ArgumentParser
import Artifacts
import Diagnostics
import Foundation
import Jinja
import ProjectLoading

/// `whc render`: a workbench for templates, in dbt's environment and without a project.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Render a template, or one a line from standard input")

  @Argument(help: "The template's file; - for standard input") var file: String?

  @Flag(
    name: .customLong("json-lines"),
    help:
      "Read lines {\"template\": …, \"context\": {…}}, answer each with {\"ok\": …} or {\"error\": …, \"line\": n}"
  )
  var jsonLines = false

  @Option(help: "A JSON file with the template's variables") var context: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    if jsonLines {
      renderLines()
    } else {
      let console = Console(Flags(global))
      do throws(DiagnosticsError) {
        try renderFile(console)
      } catch {
        throw console.exit(error.diagnostics)
      }
    }
  }

  private func renderLines() {
    let workbench = Workbench()
    let output = Terminal.standardOutput
    while let line = readLine(strippingNewline: true) {
      if line.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { continue }
      output.write(
        String(decoding: workbench.render(line: Array(line.utf8)) + [UInt8(ascii: "\n")], as: UTF8.self))
    }
  }

  private func renderFile(_ console: Console) throws(DiagnosticsError) {
    guard let file else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-flag", "render needs a file, '-' or --json-lines", help: "whc render models/a.sql"))
    }
    let template = file == "-" ? FileHandle.standardInput.readDataToEndOfFile().map { $0 } : try read(file)
    var request = JSONText.quoted(String(decoding: template, as: UTF8.self))
    request = "{\"template\": \(request)"
    if let context { request += ", \"context\": " + String(decoding: try read(context), as: UTF8.self) }
    let line = Workbench().render(line: Array((request + "}").utf8))
    let answer = try JSONReader.read(line, file: "<answer>").mapping
    if let text = answer?["ok"]?.string {
      Terminal.standardOutput.write(text + (text.hasSuffix("\n") ? "" : "\n"))
      return
    }
    let name = file == "-" ? "<standard input>" : file
    let source = SourceText(template)
    let span = answer?["line"]?.int.map { line in
      SourceSpan(file: name, line: line, column: 1, length: max(1, source.line(line).count))
    }
    throw DiagnosticsError(
      Diagnostic("bad-jinja", answer?["error"]?.string ?? "the template cannot be rendered", at: span))
  }

  private func read(_ path: String) throws(DiagnosticsError) -> [UInt8] {
    do { return try FileSystem.read(FileSystem.absolute(path)) } catch {
      throw DiagnosticsError(Diagnostic("unreadable-file", "\(path) cannot be read: \(error.reason)"))
    }
  }
}
