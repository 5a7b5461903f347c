import Materializations
import Warehouse

/// A place where files can be put for the database to read them by itself: a bucket of S3, for Redshift.
public struct RowStage: Sendable {
  /// A file that lies there.
  public struct File: Sendable {
    /// As COPY names it, with the role that may read it: `'s3://bucket/rows.csv' iam_role '…'`.
    public var source: String
    public var remove: @Sendable () -> Void

    public init(source: String, remove: @escaping @Sendable () -> Void) {
      self.source = source
      self.remove = remove
    }
  }

  public var put: @Sendable (_ bytes: [UInt8]) throws -> File

  public init(put: @escaping @Sendable (_ bytes: [UInt8]) throws -> File) { self.put = put }
}

/// A seed's rows by COPY from a stage.
struct StagedRows {
  let contents: SeedContents
  let stage: RowStage
  let session: any Session

  /// What stands for NULL. Other values are quoted, so that an empty text stays one.
  private static let null = "@whc null@"

  /// - Returns: the number of rows.
  func copy(_ stream: SeedStream) throws -> Int {
    var rows = CopiedRows(delimiter: contents.delimiter, width: contents.columns.count)
    var bytes: [UInt8] = []
    var count = 0
    func write(_ rows: [[String?]]) {
      count += rows.count
      for row in rows {
        bytes += row.map(Self.field).joined(separator: ",").utf8
        bytes.append(UInt8(ascii: "\n"))
      }
    }
    while let chunk = try stream.next() {
      rows.add(chunk)
      write(rows.take())
    }
    write(rows.end())
    guard count > 0 else { return 0 }
    let file = try stage.put(bytes)
    defer { file.remove() }
    _ = try session.run(
      """
      copy \(contents.place)
      from \(file.source)
      format as csv null as '\(Self.null)' dateformat 'auto' timeformat 'auto' compupdate off
      """)
    return count
  }

  private static func field(_ value: String?) -> String {
    guard let value else { return null }
    return "\"" + value.replacing("\"", with: "\"\"") + "\""
  }
}
