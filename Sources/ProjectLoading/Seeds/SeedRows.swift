public import Diagnostics

/// The rows of a seed as CSV that `COPY … (FORMAT csv)` reads: values in the form of their types, NULL as an unquoted
/// empty field. Where the file is that already, its own bytes.
public struct SeedRows: ~Copyable {
  private var reader: CSVReader
  private let types: [SeedType]
  private let isReadAsItStands: Bool
  private let delimiter: UInt8
  private let file: String

  /// - Throws: `unreadable-file`.
  public init(_ seed: SeedFile) throws(DiagnosticsError) {
    do { reader = try CSVReader(path: seed.path, delimiter: seed.delimiter) } catch {
      throw DiagnosticsError(RawProject.unreadable(seed.displayPath, error.reason))
    }
    types = seed.columns.map(\.type)
    isReadAsItStands = seed.isReadAsItStands
    delimiter = seed.delimiter
    file = seed.displayPath
    _ = reader.next()
  }

  /// The next bytes, about 64 KiB of them or more; they need not end with a row. nil at the end.
  ///
  /// - Throws: `ragged-row` when the file changed since it was inspected.
  public mutating func next() throws(DiagnosticsError) -> [UInt8]? {
    if isReadAsItStands { return reader.nextBytes() }
    var chunk: [UInt8] = []
    chunk.reserveCapacity(1 << 16 + 1 << 12)
    while chunk.count < 1 << 16, reader.next() {
      let fields = reader.fields
      guard fields.count <= types.count else {
        throw DiagnosticsError(
          Diagnostic(
            "ragged-row", "this row has \(fields.count) fields, the header has \(types.count)",
            at: SourceSpan(file: file, line: reader.line, column: 1)))
      }
      for index in types.indices {
        if index > 0 { chunk.append(delimiter) }
        guard index < fields.count else { continue }
        let type = types[index]
        let delimiter = delimiter
        reader.withValue(fields[index]) { SeedValue.append($0, of: type, delimiter: delimiter, to: &chunk) }
      }
      chunk.append(0x0A)
    }
    return chunk.isEmpty ? nil : chunk
  }
}
