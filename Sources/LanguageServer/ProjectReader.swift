/// Understands a project as it is on disk, with the texts that an editor holds in place of its files.
public protocol ProjectReader: Sendable {
  /// The folder of the project that a file belongs to, absolute; nil: none.
  func folder(of path: String) -> String?

  /// - Parameters:
  ///   - folder: absolute
  ///   - texts: of files by absolute paths, where they are others than on disk
  func read(_ folder: String, texts: [String: [UInt8]]) async -> ProjectView
}
