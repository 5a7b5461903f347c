#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The few questions to the file system that the embedded server needs.
enum ServerFiles {
  struct Status {
    var owner: uid_t
    var group: gid_t
    /// Permission bits.
    var mode: UInt32
    var isFolder: Bool
  }

  /// nil when there is nothing. A symbolic link is not followed.
  static func status(_ path: String) -> Status? {
    var information = stat()
    guard lstat(path, &information) == 0 else { return nil }
    let kind = UInt32(information.st_mode) & UInt32(S_IFMT)
    return Status(
      owner: information.st_uid, group: information.st_gid, mode: UInt32(information.st_mode) & 0o7777,
      isFolder: kind == UInt32(S_IFDIR))
  }

  static func text(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  /// Replaces the file in one step.
  ///
  /// - Returns: whether that was possible.
  @discardableResult
  static func write(_ text: String, to path: String) -> Bool {
    let new = "\(path).\(getpid())"
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    let isWhole = put(text, into: descriptor)
    close(descriptor)
    return isWhole && rename(new, to: path)
  }

  /// Replaces the contents; the file keeps its owner and rights.
  static func overwrite(_ path: String, _ text: String) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = put(text, into: descriptor)
    close(descriptor)
  }

  private static func put(_ text: String, into descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) } == bytes.count
  }

  /// Makes the folder and those above it; what is there already stays as it is.
  static func makeFolder(_ path: String, mode: UInt32 = 0o755, owner: (uid_t, gid_t)? = nil) throws {
    guard status(path) == nil else { return }
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    if parent != path { try makeFolder(parent) }
    guard mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else {
      throw ChildProcess.Failure(reason: "\(path): \(String(cString: strerror(errno)))")
    }
    chmod(path, mode_t(mode))
    if let owner { _ = chown(path, owner.0, owner.1) }
  }

  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  static func rename(_ path: String, to other: String) -> Bool {
    #if canImport(Darwin)
      Darwin.rename(path, other) == 0
    #elseif canImport(Musl)
      Musl.rename(path, other) == 0
    #else
      Glibc.rename(path, other) == 0
    #endif
  }

  static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  static func list(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// The last lines of a text file.
  static func tail(_ path: String, lines: Int = 12) -> [String] {
    guard let text = text(path) else { return [] }
    return text.split(separator: "\n").suffix(lines).map(String.init)
  }

  static func size(_ path: String) -> Int {
    var information = stat()
    return stat(path, &information) == 0 ? Int(information.st_size) : 0
  }

  /// The path with links resolved where it exists; as given otherwise.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else {
      return URL(fileURLWithPath: path).standardizedFileURL.path
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, start, count)
}

/// Held by one process at a time; given back when the process ends, however it ends.
enum FileLock {
  /// Runs `body` while the lock is held.
  ///
  /// - Returns: nil when `seconds` went by without getting it, or the file cannot be opened.
  static func hold<Result>(_ path: String, seconds: Int, _ body: () throws -> Result) rethrows -> Result? {
    let descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, clock.now < deadline else { return nil }
      usleep(20_000)
    }
    return try body()
  }
}
