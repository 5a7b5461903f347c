import OrderedCollections
import ProjectModel
import Warehouse

/// Rows as `show` prints them: dbt's table, at most six columns of at most 20 characters, or JSON with everything.
struct ShowTable {
  static let columnLimit = 6
  static let widthLimit = 20
  static let placesLimit = 3

  private let names: [String]
  private let columns: [ShownColumn]
  private let rows: [[String?]]
  private let limit: Int

  /// - Parameter columns: how many of them text shows at most.
  init(_ result: QueryResult, columns limit: Int = ShowTable.columnLimit) {
    self.limit = limit
    names = Self.distinct(result.columns.map(\.name))
    columns = result.columns.map(ShownColumn.init)
    rows = result.rows
  }

  // MARK: Text

  /// Lines of a table that Markdown reads, too.
  var text: String {
    let shown = min(columns.count, limit)
    var cells = (0..<shown).map { index in [names[index]] + self.cells(of: index) }.map { $0.map(Self.cut) }
    var alignsLeft = columns.prefix(shown).map(\.isLeftAligned)
    if shown < columns.count {
      cells.append(Array(repeating: "...", count: rows.count + 1))
      alignsLeft.append(true)
    }
    let widths = cells.map { column in column.map(\.unicodeScalars.count).max() ?? 0 }
    func line(_ row: Int) -> String {
      let parts = cells.indices.map { index -> String in
        let cell = cells[index][row]
        let gap = String(repeating: " ", count: widths[index] - cell.unicodeScalars.count)
        return alignsLeft[index] ? cell + gap : gap + cell
      }
      return "| " + parts.joined(separator: " | ") + " |\n"
    }
    let rule = "| " + widths.map { String(repeating: "-", count: $0) }.joined(separator: " | ") + " |\n"
    return line(0) + rule + (0..<rows.count).map { line($0 + 1) }.joined()
  }

  private func cells(of index: Int) -> [String] {
    let kind = columns[index]
    guard kind == .decimal else { return rows.map { row in row[index].map(kind.text) ?? "" } }
    let numbers = rows.map { row in row[index].flatMap { PlainDecimal($0) } }
    let places = numbers.compactMap { $0?.fraction.count }.max() ?? 0
    let more = places > Self.placesLimit ? "…" : ""
    return zip(rows, numbers).map { row, number in
      number.map { $0.text(places: min(places, Self.placesLimit)) + more } ?? row[index] ?? ""
    }
  }

  private static func cut(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > widthLimit else { return text }
    return String(String.UnicodeScalarView(scalars.prefix(widthLimit - 3))) + "..."
  }

  /// A second column of a name gets a number: `a`, `a_2`.
  private static func distinct(_ names: [String]) -> [String] {
    var seen: [String: Int] = [:]
    return names.map { name in
      seen[name, default: 0] += 1
      let count = seen[name] ?? 1
      return count == 1 ? name : "\(name)_\(count)"
    }
  }

  // MARK: JSON

  /// - Parameter node: the node's name; nil for SQL typed by hand.
  func json(node: String?) -> String {
    var object: OrderedDictionary<String, PlainValue> = [:]
    if let node { object["node"] = .string(node) }
    object["show"] = .list(
      rows.map { row in
        var entry: OrderedDictionary<String, PlainValue> = [:]
        for (index, name) in names.enumerated() { entry[name] = value(row[index], columns[index]) }
        return .mapping(entry)
      })
    return JSONText.indented(.mapping(object)) + "\n"
  }

  private func value(_ text: String?, _ kind: ShownColumn) -> PlainValue {
    guard let text else { return .null }
    switch kind {
    case .integer: return Int(text).map(PlainValue.int) ?? .string(text)
    case .decimal: return Double(text).map { $0.isFinite ? .double($0) : .string(text) } ?? .string(text)
    case .boolean: return text == "t" ? true : text == "f" ? false : .string(text)
    case .timestamp, .zonedTimestamp:
      var bytes = Array(kind.text(text).utf8)
      if bytes.count > 10, bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
      return .string(String(decoding: bytes, as: UTF8.self))
    default: return .string(kind.text(text))
    }
  }
}
