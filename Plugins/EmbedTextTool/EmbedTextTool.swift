import Foundation

/// `EmbedTextTool Name output files…`: writes an enum `Name` with a string literal for each file, called
/// like the file with `_` for the dot.
@main
enum EmbedTextTool {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else { throw CocoaError(.formatting) }
    var source = "// Made at build time; edit the files in the folder instead.\nenum \(arguments[1]) {\n"
    for path in arguments.dropFirst(3) {
      let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
      let name = URL(fileURLWithPath: path).lastPathComponent.map {
        $0.isLetter || $0.isNumber ? $0 : "_"
      }
      var fence = "#"
      while text.contains("\"\"\"" + fence) || text.contains("\\" + fence) { fence += "#" }
      source += "  static let \(String(name)): StaticString = \(fence)\"\"\"\n\(text)\n\"\"\"\(fence)\n"
    }
    try (source + "}\n").write(toFile: arguments[2], atomically: true, encoding: .utf8)
  }
}
