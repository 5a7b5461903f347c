public import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes files so that a reader sees the old contents or the new ones, never half of them.
public enum ArtifactFile {
  /// Writes `bytes` to `path` unless they are already there; folders are made as needed.
  ///
  /// The new contents go to a file beside the old one, which then takes its name.
  ///
  /// - Returns: true when the file was written.
  /// - Throws: `cannot-write` with the system's reason; the old file is then as it was.
  @discardableResult
  public static func write(_ bytes: [UInt8], to path: String) throws(DiagnosticsError) -> Bool {
    if holds(bytes, at: path) { return false }
    let file = try PendingFile(path)
    bytes.withUnsafeBytes { file.append($0) }
    try file.finish()
    return true
  }

  /// Writes JSON to `path` as `body` makes it; the file's earlier contents stay until all of it is there.
  ///
  /// - Throws: `cannot-write` with the system's reason; the old file is then as it was.
  public static func write(
    json path: String, _ body: (inout JSONWriter) -> Void
  ) throws(DiagnosticsError) {
    let file = try PendingFile(path)
    var json = JSONWriter(into: file)
    body(&json)
    json.flush()
    try file.finish()
  }

  @discardableResult
  public static func write(_ text: String, to path: String) throws(DiagnosticsError) -> Bool {
    try write(Array(text.utf8), to: path)
  }

  /// Makes a folder unless it is there, and sees to it that files can be written in it.
  ///
  /// - Throws: `cannot-write`
  public static func prepareFolder(_ path: String) throws(DiagnosticsError) {
    try makeFolder(above: path + "/")
    var status = stat()
    guard stat(path, &status) == 0 else { throw cannotWrite(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      errno = ENOTDIR
      throw cannotWrite(path)
    }
    guard access(path, W_OK | X_OK) == 0 else { throw cannotWrite(path) }
  }

  /// The file's bytes; nil when there is none.
  ///
  /// - Throws: `cannot-read` when it is there and cannot be read.
  public static func read(_ path: String) throws(DiagnosticsError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw DiagnosticsError(Diagnostic("cannot-read", "cannot read '\(path)': \(reason())"))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, let bytes = contents(of: descriptor, count: Int(status.st_size))
    else {
      throw DiagnosticsError(Diagnostic("cannot-read", "cannot read '\(path)': \(reason())"))
    }
    return bytes
  }

  private static func contents(of descriptor: Int32, count: Int) -> [UInt8]? {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = Self.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
        if got < 0 {
          if errno == EINTR { continue }
          failed = true
          return
        }
        if got == 0 { return }
        filled += got
      }
    }
    return failed ? nil : bytes
  }

  private static func read(_ descriptor: Int32, _ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, start, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, start, count)
    #else
      Darwin.read(descriptor, start, count)
    #endif
  }

  private static func holds(_ bytes: [UInt8], at path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    // Most changes change the size, so most files need not be read.
    guard fstat(descriptor, &status) == 0, Int(status.st_size) == bytes.count else { return false }
    return contents(of: descriptor, count: bytes.count) == bytes
  }

  static func makeFolder(above path: String) throws(DiagnosticsError) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let folder = String(path[..<slash])
    if mkdir(folder, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw cannotWrite(folder) }
    try makeFolder(above: folder)
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw cannotWrite(folder) }
  }

  static func cannotWrite(_ path: String) -> DiagnosticsError {
    let help: String? =
      switch errno {
      case ENOSPC, EDQUOT: "free some space and run the command again; nothing else is lost"
      case EACCES, EPERM, EROFS, ENOTDIR:
        "choose another folder with --target-path, or make this one a folder that you may write"
      default: nil
      }
    return DiagnosticsError(Diagnostic("cannot-write", "cannot write '\(path)': \(reason())", help: help))
  }

  private static func reason() -> String { String(cString: strerror(errno)).lowercased() }
}
