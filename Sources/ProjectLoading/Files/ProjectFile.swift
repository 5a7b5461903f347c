/// What the parse stage does with a file, decided by its folder and its extension.
public enum FileKind: String, Sendable, Hashable, CaseIterable {
  case macro, model, snapshot, analysis, singularTest, genericTest, seed, documentation, schema, fixture,
    function
}

/// A file of a package with its text.
public struct ProjectFile: Sendable {
  public var kind: FileKind
  /// The folder of `model-paths` and its like in which it was found: `models`.
  public var searchedPath: String
  /// Below that folder: `staging/stg_orders.sql`.
  public var relativePath: String
  /// Without white space at both ends, as dbt keeps it; empty for seeds, which are read when they are loaded.
  public var text: String = ""
  /// Where `text` begins in the file.
  public var firstLine = 1
  public var firstColumn = 1
  public var checksum: Checksum = .none
  /// For YAML files.
  public var document: YAMLDocument?
  /// A hash of the file's bytes, or of its path where the bytes are not read.
  public var digest: UInt64 = 0
  /// The bytes between reading and understanding.
  var contents: [UInt8] = []

  public init(kind: FileKind, searchedPath: String, relativePath: String) {
    self.kind = kind
    self.searchedPath = searchedPath
    self.relativePath = relativePath
  }

  /// Below the package: `models/staging/stg_orders.sql`.
  public var originalFilePath: String {
    searchedPath.isEmpty || searchedPath == "." ? relativePath : searchedPath + "/" + relativePath
  }

  /// The file's name without folder and extension.
  public var name: String {
    let base =
      relativePath.utf8.lastIndex(of: UInt8(ascii: "/")).map {
        relativePath[relativePath.index(after: $0)...]
      }
      ?? relativePath[...]
    guard let dot = base.utf8.lastIndex(of: UInt8(ascii: ".")), dot > base.startIndex else {
      return String(base)
    }
    return String(base[..<dot])
  }
}

/// What dbt compares to see whether a file changed.
public enum Checksum: Sendable, Hashable {
  case none
  case sha256(String)
  /// Seeds above 1 MiB are known by their path alone.
  case path(String)
}
