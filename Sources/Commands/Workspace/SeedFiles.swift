import Diagnostics
import Materializations
import ProjectLoading
import ProjectModel
import Runner
import Synchronization

/// The seed files of a run: each is read once for its header and types, and once for its rows.
final class SeedFiles: Sendable {
  private let known = Mutex<[String: SeedFile]>([:])
  private let countsBytes: Bool
  private let warn: @Sendable ([Diagnostic]) -> Void

  /// - Parameter countsBytes: whether the longest value of each text column is looked for, which reads the file once more.
  init(countsBytes: Bool = false, warn: @escaping @Sendable ([Diagnostic]) -> Void) {
    self.countsBytes = countsBytes
    self.warn = warn
  }

  /// A seed's header and the types of its columns.
  ///
  /// - Throws: `unreadable-file`, `empty-seed`, `ragged-row`, `bad-value` for a delimiter of more than one byte.
  func table(of node: Node) throws(DiagnosticsError) -> SeedTable {
    let path = node.rootPath + "/" + node.originalFilePath
    let stated = node.config["column_types"]?.mapping?.keys ?? []
    let (file, warnings) = try SeedFile.inspect(
      path: path, displayPath: node.originalFilePath, delimiter: try delimiter(of: node),
      textColumns: Set(stated))
    warn(warnings)
    known.withLock { $0[path] = file }
    let longest = try countsBytes ? Self.longestValues(of: file) : []
    let columns = file.columns.enumerated().map { index, column in
      SeedTable.Column(
        name: column.name, type: Self.type(column.type), longest: countsBytes ? longest[index] : nil)
    }
    return SeedTable(path: path, delimiter: file.delimiter, columns: columns, rowCount: file.rowCount)
  }

  private static func longestValues(of file: SeedFile) throws(DiagnosticsError) -> [Int?] {
    var longest = [Int?](repeating: nil, count: file.columns.count)
    var rows = CopiedRows(delimiter: file.delimiter, width: file.columns.count)
    func see(_ found: [[String?]]) {
      for row in found {
        for (index, value) in row.prefix(longest.count).enumerated() {
          if let value { longest[index] = max(longest[index] ?? 0, value.utf8.count) }
        }
      }
    }
    var reader = try SeedRows(file)
    while let bytes = try reader.next() {
      rows.add(bytes)
      see(rows.take())
    }
    see(rows.end())
    return longest
  }

  /// The rows in the form that COPY takes, chunk by chunk.
  func open(_ contents: SeedContents) throws -> SeedStream {
    let file =
      if let known = known.withLock({ $0[contents.path] }) {
        known
      } else {
        try SeedFile.inspect(
          path: contents.path, displayPath: contents.path, delimiter: contents.delimiter
        ).seed
      }
    let rows = OpenRows(try SeedRows(file))
    return SeedStream { try rows.next() }
  }

  func place(of cell: SeedCell, in node: Node) -> SourceSpan? {
    guard let delimiter = try? delimiter(of: node) else { return nil }
    return SeedPlace(
      path: node.rootPath + "/" + node.originalFilePath, displayPath: node.originalFilePath,
      delimiter: delimiter
    ).span(count: cell.line, column: cell.column, value: cell.value)
  }

  private func delimiter(of node: Node) throws(DiagnosticsError) -> UInt8 {
    guard let text = node.config["delimiter"]?.string else { return UInt8(ascii: ",") }
    guard text.utf8.count == 1, let byte = text.utf8.first else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-value", "the delimiter of seed '\(node.name)' must be one character, not '\(text)'",
          at: node.config.origins["delimiter"]))
    }
    return byte
  }

  private static func type(_ type: SeedType) -> SeedTable.InferredType {
    switch type {
    case .integer: .integer
    case .number: .number
    case .boolean: .boolean
    case .date: .date
    case .timestamp: .timestamp
    case .text: .text
    }
  }
}

/// Gives a reader that may not be copied to a closure.
private final class OpenRows {
  private var rows: SeedRows

  init(_ rows: consuming SeedRows) { self.rows = rows }

  func next() throws(DiagnosticsError) -> [UInt8]? { try rows.next() }
}
