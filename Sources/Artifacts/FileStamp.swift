#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What tells a file that was written from the same file written again, by anybody: which one it is, how large, and
/// when the system last saw it change.
///
/// For files that whc makes; what people write is known by its contents alone.
public struct FileStamp: Sendable, Hashable {
  var device: UInt64
  var file: UInt64
  var size: UInt64
  /// Nanoseconds of the last change of the contents or of anything about the file, which nobody can set back.
  var changed: UInt64

  init(device: UInt64, file: UInt64, size: UInt64, changed: UInt64) {
    self.device = device
    self.file = file
    self.size = size
    self.changed = changed
  }

  /// nil when there is no such file.
  public init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    #if canImport(Darwin)
      let time = status.st_ctimespec
    #else
      let time = status.st_ctim
    #endif
    self.init(
      device: UInt64(truncatingIfNeeded: status.st_dev), file: UInt64(truncatingIfNeeded: status.st_ino),
      size: UInt64(truncatingIfNeeded: status.st_size),
      changed: UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000
        &+ UInt64(truncatingIfNeeded: time.tv_nsec))
  }
}
