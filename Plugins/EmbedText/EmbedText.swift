import Foundation
import PackagePlugin

/// Makes the files of a target's `Page` folder part of the program, as string literals.
///
/// SwiftPM's own `.embedInCode` writes arrays of numbers, over which the compiler sits for minutes; a
/// string literal of the same size costs it nothing.
@main
struct EmbedText: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = target.directoryURL.appending(path: "Page")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { !$0.lastPathComponent.hasPrefix(".") }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedPage.swift")
    return [
      .buildCommand(
        displayName: "Embedding the page of \(target.name)",
        executable: try context.tool(named: "EmbedTextTool").url,
        arguments: ["EmbeddedPage", output.path] + files.map(\.path),
        inputFiles: files, outputFiles: [output])
    ]
  }
}
