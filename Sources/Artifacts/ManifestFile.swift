public import Diagnostics
import ProjectModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `manifest.json` in its folder, written no further than it has to be.
///
/// A large project's manifest is a hundred megabytes of which an invocation that found nothing changed changes some
/// hundred bytes: the metadata in front. A small file beside it says which parse the rest, the body, comes from and
/// what its contents hash to; when the body is still that, only the metadata are written.
public struct ManifestFile: Sendable {
  public let path: String
  private var notePath: String { folder + "/whc-manifest.bin" }
  private let folder: String

  /// - Parameter folder: the target folder.
  public init(in folder: String) {
    self.folder = folder
    path = folder + "/manifest.json"
  }

  /// Writes the manifest; a reader sees the old one or the new one.
  ///
  /// - Parameter parse: what the parse that made the manifest is known by (``ParseCache/identity``); nil when the
  ///   artifact says more than the parse, or when the parse was not kept.
  /// - Throws: `cannot-write`; the old file is then as it was.
  public func write(_ artifact: ManifestArtifact, of parse: UInt64?) throws(DiagnosticsError) {
    guard let parse else { return try writeWhole(artifact) }
    if renew(artifact, of: parse) { return }
    try writeWhole(artifact)
    let metadata = Self.metadata(of: artifact)
    guard let body = Body(path, from: metadata.count) else { return }
    // Without the note the next run writes all of the manifest, no more.
    try? Note(parse: parse, bodyStart: metadata.count, size: body.size, hash: body.hash).write(notePath)
  }

  /// Writes the metadata alone, which is enough when the rest comes from this parse; nothing but the metadata of
  /// `artifact` is looked at.
  ///
  /// - Returns: false when all of it must be written.
  public func renew(_ artifact: ManifestArtifact, of parse: UInt64) -> Bool {
    let metadata = Self.metadata(of: artifact)
    guard let note = Note.read(notePath), note.parse == parse, note.bodyStart == metadata.count else {
      return false
    }
    return replaceMetadata(metadata, before: note)
  }

  private static func metadata(of artifact: ManifestArtifact) -> [UInt8] {
    var head = JSONWriter()
    artifact.writeHead(to: &head)
    return head.bytes
  }

  private func writeWhole(_ artifact: ManifestArtifact) throws(DiagnosticsError) {
    try ArtifactFile.write(json: path) { artifact.write(to: &$0) }
  }

  /// Puts metadata of the same length in the place of the old ones: one write within the file's first page.
  ///
  /// - Returns: false when the body is not the one that the note speaks of, or when the file has other names, whose
  ///   owners do not expect it to change.
  private func replaceMetadata(_ metadata: [UInt8], before note: Note) -> Bool {
    guard metadata.count < 4_096, let body = Body(path, from: note.bodyStart), body.size == note.size,
      body.hash == note.hash, !body.isShared
    else { return false }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return metadata.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } == metadata.count
  }
}

/// What of a file follows its first bytes.
private struct Body {
  let hash: UInt64
  /// Bytes of the whole file.
  let size: Int
  /// Whether the file has more than one name.
  let isShared: Bool

  /// nil when the file cannot be read.
  init?(_ path: String, from start: Int) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) > start else { return nil }
    size = Int(status.st_size)
    isShared = status.st_nlink > 1
    var hash = ContentHash()
    let window = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { window.deallocate() }
    var at = start
    while at < size {
      let wanted = min(window.count, size - at)
      guard pread(descriptor, window.baseAddress, wanted, off_t(at)) == wanted else { return nil }
      hash.add(UnsafeRawBufferPointer(rebasing: window[..<wanted]))
      at += wanted
    }
    self.hash = hash.value
  }
}

/// What is known of the manifest that was written last.
private struct Note {
  var parse: UInt64
  /// Where the metadata end and the body begins.
  var bodyStart: Int
  var size: Int
  var hash: UInt64

  private static let magic = Array("whc manifest 1\n".utf8)

  /// nil when there is none that can be used.
  static func read(_ path: String) -> Note? {
    guard let bytes = try? ArtifactFile.read(path), bytes.starts(with: magic) else { return nil }
    return bytes.withUnsafeBytes { bytes in
      var reader = CacheReader(UnsafeRawBufferPointer(rebasing: bytes[magic.count...]))
      let note = Note(
        parse: reader.fixed(), bodyStart: reader.count(), size: reader.count(), hash: reader.fixed())
      return reader.isAtEnd && note.bodyStart > 0 ? note : nil
    }
  }

  func write(_ path: String) throws(DiagnosticsError) {
    var writer = CacheWriter()
    writer.add(fixed: parse)
    writer.add(count: bodyStart)
    writer.add(count: size)
    writer.add(fixed: hash)
    try ArtifactFile.write(Self.magic + writer.bytes, to: path)
  }
}
