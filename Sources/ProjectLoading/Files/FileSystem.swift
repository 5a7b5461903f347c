#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Plain reads of files and folders.
public enum FileSystem {
  /// What the system says when a file cannot be read.
  public struct Failure: Error, Sendable {
    public var path: String
    public var reason: String
    public var isMissing: Bool
  }

  /// A file's bytes.
  ///
  /// - Throws: ``Failure`` when the file is missing, not readable or a folder.
  public static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw failure(path) }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(path: path, reason: "it is a folder", isMissing: false)
    }
    // One byte more than the file holds, so that the usual file needs one read: what leaves room is its end.
    let endsWithRoom = info.st_mode & S_IFMT == S_IFREG
    var bytes: [UInt8] = []
    var room = max(Int(info.st_size), 0) + 1
    while true {
      var got = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, length in
        got = readSome(descriptor, buffer.baseAddress, room)
        length = max(got, 0)
      }
      if got < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      if got == 0 { return bytes }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      if endsWithRoom, got < room { return bytes }
      room = bytes.count > Int(info.st_size) ? 1 << 16 : 16
    }
  }

  public static func isFile(_ path: String) -> Bool { mode(path) == S_IFREG }
  public static func isFolder(_ path: String) -> Bool { mode(path) == S_IFDIR }

  /// Bytes in a file; nil when it cannot be asked.
  public static func size(_ path: String) -> Int? {
    var info = stat()
    return stat(path, &info) == 0 ? Int(info.st_size) : nil
  }

  /// An absolute path without `.`, `..` and doubled slashes; links are not followed.
  public static func absolute(_ path: String) -> String {
    var full = path
    if !path.hasPrefix("/") {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let folder = getcwd(&buffer, buffer.count) == nil ? "/" : text(buffer)
      full = folder + "/" + path
    }
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// One folder's files and folders, each sorted by name; linked files count as files.
  ///
  /// - Parameter followsLinks: Whether linked folders count, too; dbt does not enter them.
  static func list(_ folder: String, followsLinks: Bool = false) -> (files: [String], folders: [String])? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var files: [String] = []
    var folders: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_REG): files.append(name)
      case Int32(DT_DIR): folders.append(name)
      case Int32(DT_LNK):
        if isFile(folder + "/" + name) { files.append(name) }
        if followsLinks, isFolder(folder + "/" + name) { folders.append(name) }
      default:
        switch mode(folder + "/" + name) {
        case S_IFREG: files.append(name)
        case S_IFDIR: folders.append(name)
        default: break
        }
      }
    }
    return (files.sorted(), folders.sorted())
  }

  /// The files below a folder, as paths below it: a folder's own files first, then its folders' in order.
  static func walk(_ folder: String) -> [String] {
    var result: [String] = []
    func visit(_ path: String, _ prefix: String) {
      guard let (files, folders) = list(path) else { return }
      for file in files { result.append(prefix + file) }
      for name in folders { visit(path + "/" + name, prefix + name + "/") }
    }
    visit(folder, "")
    return result
  }

  private static func mode(_ path: String) -> mode_t {
    var info = stat()
    return stat(path, &info) == 0 ? info.st_mode & S_IFMT : 0
  }

  private static func failure(_ path: String) -> Failure {
    let code = errno
    return Failure(path: path, reason: String(cString: strerror(code)), isMissing: code == ENOENT)
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

// Inside the enumeration the name `read` means its own function.
private func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
