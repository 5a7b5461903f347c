import Foundation

/// Paths as `file:` URIs, and back (RFC 8089).
enum FileURI {
  /// The absolute path; nil for what is no file of this machine.
  static func path(_ uri: String) -> String? {
    guard let url = URL(string: uri), url.isFileURL else { return nil }
    let path = url.path(percentEncoded: false)
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  static func uri(_ path: String) -> String {
    URL(filePath: path, directoryHint: .notDirectory).absoluteString
  }
}
