import Foundation
import PackagePlugin

/// Makes the files of a target's `Page` or `Catalogue` folder part of the program, as string literals of
/// `EmbeddedPage` or `EmbeddedCatalogue`.
///
/// SwiftPM's own `.embedInCode` writes arrays of numbers, over which the compiler sits for minutes; a
/// string literal of the same size costs it nothing.
@main
struct EmbedText: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folders = ["Page", "Catalogue"].map { ($0, target.directoryURL.appending(path: $0)) }
    return try folders.filter { FileManager.default.fileExists(atPath: $0.1.path) }.map { name, folder in
      let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { !$0.lastPathComponent.hasPrefix(".") }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
      let output = context.pluginWorkDirectoryURL.appending(path: "Embedded\(name).swift")
      return .buildCommand(
        displayName: "Embedding \(name) of \(target.name)",
        executable: try context.tool(named: "EmbedTextTool").url,
        arguments: ["Embedded\(name)", output.path] + files.map(\.path),
        inputFiles: files, outputFiles: [output])
    }
  }
}
