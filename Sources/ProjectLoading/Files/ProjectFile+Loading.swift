import Diagnostics
import ProjectModel

extension ProjectFile {
  /// Seeds above this many bytes are not hashed.
  static let seedHashLimit = 1 << 20

  /// The absolute path.
  func path(in root: String) -> String {
    originalFilePath.hasPrefix("/") ? originalFilePath : root + "/" + originalFilePath
  }

  /// Takes a text that is not on disk yet, as ``read(root:displayPath:)`` takes one that is.
  mutating func take(_ bytes: [UInt8]) {
    checksum = .none
    contents = bytes
    digest = ContentHash.of(bytes)
  }

  /// Reads the file's bytes; what they say is for ``understand(displayPath:)``.
  mutating func read(root: String, displayPath: String) throws(DiagnosticsError) {
    let path = path(in: root)
    if kind == .seed, let size = FileSystem.size(path), size > Self.seedHashLimit {
      checksum = .path(originalFilePath)
      digest = ContentHash.of(path)
      return
    }
    do { contents = try FileSystem.read(path) } catch {
      throw DiagnosticsError(RawProject.unreadable(displayPath, error.reason))
    }
    digest = ContentHash.of(contents)
  }

  /// Makes the text, its checksum and, for YAML, its tree out of the bytes, which are given up.
  ///
  /// - Returns: warnings.
  mutating func understand(displayPath: String) throws(DiagnosticsError) -> [Diagnostic] {
    let bytes = contents
    contents = []
    if case .path = checksum { return [] }
    if kind == .schema {
      let (document, warnings) = try YAMLParser.read(bytes, file: displayPath)
      self.document = document
      // Snapshots that are written in YAML alone take their file's checksum.
      if document.root?["snapshots"] != nil { checksum = Self.checksum(bytes, Self.trimmed(bytes)) }
      return warnings
    }
    guard let whole = String(validating: bytes, as: UTF8.self) else {
      throw DiagnosticsError(notUTF8(bytes, displayPath))
    }
    let trimmed = Self.trimmed(bytes)
    if trimmed.count < bytes.count {
      for byte in bytes[..<trimmed.lowerBound] {
        firstColumn += 1
        if byte == UInt8(ascii: "\n") { (firstLine, firstColumn) = (firstLine + 1, 1) }
      }
    }
    checksum = Self.checksum(bytes, trimmed)
    if kind != .seed {
      // The server would stumble over a byte order mark.
      let isMarked = bytes[trimmed].starts(with: [0xEF, 0xBB, 0xBF])
      if isMarked { firstColumn += 3 }
      let kept = isMarked ? trimmed.dropFirst(3) : trimmed
      text = kept.count == bytes.count ? whole : String(decoding: bytes[kept], as: UTF8.self)
    }
    return []
  }

  private static func checksum(_ bytes: [UInt8], _ range: Range<Int>) -> Checksum {
    .sha256(bytes.withUnsafeBufferPointer { SHA256.hexadecimal(UnsafeBufferPointer(rebasing: $0[range])) })
  }

  private static func trimmed(_ bytes: [UInt8]) -> Range<Int> {
    bytes.withUnsafeBufferPointer(PythonText.inside)
  }

  private func notUTF8(_ bytes: [UInt8], _ displayPath: String) -> Diagnostic {
    let source = SourceText(bytes)
    let bad = (0..<source.lineStarts.count).first {
      String(validating: source.line($0 + 1), as: UTF8.self) == nil
    }
    return Diagnostic(
      "unreadable-file", "\(displayPath) is not UTF-8",
      at: SourceSpan(file: displayPath, line: (bad ?? 0) + 1, column: 1),
      label: "this line holds bytes that are no character", help: "save the file as UTF-8")
  }
}
