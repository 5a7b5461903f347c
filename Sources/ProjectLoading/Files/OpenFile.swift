#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file open for reading from front to back; closed when it goes out of use.
struct OpenFile: ~Copyable {
  private let descriptor: Int32

  init(path: String) throws(FileSystem.Failure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileSystem.Failure(
        path: path, reason: String(cString: strerror(errno)), isMissing: errno == ENOENT)
    }
  }

  /// No file: nothing can be read from it.
  init() { descriptor = -1 }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills an array from an index on.
  ///
  /// - Returns: how many bytes were read: 0 at the end of the file, less when it cannot be read.
  func read(into bytes: inout [UInt8], from start: Int) -> Int {
    let descriptor = descriptor
    return bytes.withUnsafeMutableBytes {
      fill(descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
  }

  /// The next bytes, at most `size` of them; nil at the end.
  func chunk(_ size: Int = 1 << 18) -> [UInt8]? {
    let descriptor = descriptor
    let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = max(0, fill(descriptor, UnsafeMutableRawBufferPointer(buffer)))
    }
    return chunk.isEmpty ? nil : chunk
  }
}

// Outside the type, where the name `read` means the system's.
private func fill(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
  guard let base = bytes.baseAddress else { return 0 }
  while true {
    let got = read(descriptor, base, bytes.count)
    if got < 0, errno == EINTR { continue }
    return got
  }
}
