public import Diagnostics
import ProjectModel

/// A `dbt_project.yml` as written: what must be known of it before the profile, and so before templates.
public struct RawProject: Sendable {
  /// The project's folder, absolute.
  public var folder: String
  public var document: YAMLDocument
  public var root: YAMLNode
  /// A hash of the file's bytes.
  public var digest: UInt64
  public var warnings: [Diagnostic]
  /// SHA-256 of the file without white space at its ends.
  public var checksum: String

  /// Reads a project's definition.
  ///
  /// - Parameter prefix: What messages put before the names of the project's files: empty for the root project,
  ///   `dbt_packages/dbt_utils/` for a package.
  /// - Throws: `no-project` when the folder holds no dbt_project.yml, `broken-yaml` when it cannot be read.
  public static func read(folder: String, prefix: String = "") throws(DiagnosticsError) -> RawProject {
    let folder = FileSystem.absolute(folder)
    let path = folder + "/dbt_project.yml"
    let file = prefix + "dbt_project.yml"
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch {
      throw DiagnosticsError(error.isMissing ? noProject(folder) : unreadable(file, error.reason))
    }
    let (document, warnings) = try YAMLParser.read(bytes, file: file)
    guard let root = document.root, root.mapping != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "broken-yaml", "dbt_project.yml must hold a mapping of keys to values",
          at: SourceSpan(file: file, line: 1, column: 1), label: "no 'name:' here",
          help: "the smallest project is one line: name: my_project"))
    }
    return RawProject(
      folder: folder, document: document, root: root, digest: ContentHash.of(bytes), warnings: warnings,
      checksum: SHA256.hexadecimal(withoutEnds(bytes)))
  }

  private static func withoutEnds(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let rest = bytes.drop(while: isSpace)
    return rest.prefix((rest.lastIndex { !isSpace($0) } ?? rest.startIndex - 1) - rest.startIndex + 1)
  }

  /// The folder that holds a dbt_project.yml: the given one or the nearest above it.
  public static func findFolder(from start: String) -> String? {
    var folder = FileSystem.absolute(start)
    while true {
      if FileSystem.isFile(folder + "/dbt_project.yml") { return folder }
      guard folder != "/", let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
  }

  /// `name:` as written; dbt never renders it.
  public var name: String? { root["name"]?.string }

  /// The profile's name, unrendered.
  public var profile: (text: String, span: SourceSpan)? {
    guard let node = root["profile"], let text = node.string else { return nil }
    return (text, document.span(of: node))
  }

  private static func noProject(_ folder: String) -> Diagnostic {
    Diagnostic(
      "no-project", "there is no dbt_project.yml in \(folder)",
      help: "change into a project's folder, name it with --project-dir, or begin one with 'whc init'")
  }

  static func unreadable(_ file: String, _ reason: String) -> Diagnostic {
    Diagnostic(
      "unreadable-file", "\(file) cannot be read: \(reason)", at: SourceSpan(file: file, line: 1, column: 1))
  }
}

extension YAMLParser {
  /// ``parse(_:file:)`` with its one kind of error.
  static func read(_ bytes: [UInt8], file: String) throws(DiagnosticsError) -> (
    document: YAMLDocument, warnings: [Diagnostic]
  ) {
    do { return try parse(bytes, file: file) } catch let error as DiagnosticsError { throw error } catch {
      throw DiagnosticsError(RawProject.unreadable(file, "\(error)"))
    }
  }
}
