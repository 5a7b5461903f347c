import ProjectModel

/// A file of one value that ``CacheWriter`` wrote: what it is, a checksum, which whc wrote it, the value.
struct CacheFile {
  private let magic: [UInt8]

  /// - Parameter magic: what the file begins with; no other kind of cache has it.
  init(magic: String) { self.magic = Array(magic.utf8) }

  /// The value; nil when the file is missing, damaged, cut, another whc's, or of another kind.
  ///
  /// - Parameter make: gets the reader and the checksum, which tells this value from all others.
  func read<Value>(_ path: String, build: String, _ make: (inout CacheReader, UInt64) -> Value) -> Value? {
    readStart(path, build: build) { reader, checksum in
      let value = make(&reader, checksum)
      return reader.isAtEnd ? value : nil
    }
  }

  /// The same for what stands in front of the rest, which is not read.
  func readStart<Value>(
    _ path: String, build: String, _ make: (inout CacheReader, UInt64) -> Value?
  ) -> Value? {
    guard CacheShape.isKnown, let contents = try? ArtifactFile.read(path), contents.starts(with: magic) else {
      return nil
    }
    return contents.withUnsafeBytes { bytes in
      let body = UnsafeRawBufferPointer(rebasing: bytes[magic.count...])
      guard body.count > 8 else { return nil }
      let payload = UnsafeRawBufferPointer(rebasing: body[8...])
      let checksum = UInt64(littleEndian: body.loadUnaligned(as: UInt64.self))
      guard ContentHash.of(payload) == checksum else { return nil }
      var reader = CacheReader(payload, of: contents)
      guard reader.text() == build else { return nil }
      return make(&reader, checksum)
    }
  }

  /// Writes the value; nil without room or rights for it.
  ///
  /// - Returns: the checksum.
  func write(_ value: some CacheCoded, _ path: String, build: String, reserving capacity: Int) -> UInt64? {
    guard CacheShape.isKnown else { return nil }
    var writer = CacheWriter(reserving: capacity)
    writer.add(text: build)
    writer.add(value)
    guard let file = try? PendingFile(path) else { return nil }
    let checksum = writer.withBytes { payload in
      let checksum = ContentHash.of(payload)
      magic.withUnsafeBytes { file.append($0) }
      withUnsafeBytes(of: checksum.littleEndian) { file.append($0) }
      file.append(payload)
      return checksum
    }
    return (try? file.finish()) == nil ? nil : checksum
  }
}
