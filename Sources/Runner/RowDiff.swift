import Warehouse

/// What is different between the rows that a unit test got and those it expected, whatever their order.
///
/// Rows that are alike in most columns are held against each other. The text is the table that dbt shows: `→` before a row
/// with changed values (`expected→actual`), `+++` before one that was not expected, `---` before one that is missing.
struct RowDiff {
  private struct Line {
    var mark: String
    var cells: [String]
  }

  private let columns: [String]
  private var lines: [Line] = []
  private var changed = 0
  private var added = 0
  private var missing = 0

  /// - Parameter result: both kinds of rows, told apart by the column `actual_or_expected`.
  /// - Returns: nil when there is no difference.
  init?(_ result: QueryResult) {
    guard let side = result.columns.lastIndex(where: { $0.name.lowercased() == "actual_or_expected" })
    else { return nil }
    let isBoolean = result.columns.map { $0.type == "boolean" }
    var actual: [[String?]] = []
    var expected: [[String?]] = []
    for row in result.rows {
      var values = zip(row, isBoolean).map { value, isBoolean in
        isBoolean ? value.map { $0 == "t" ? "True" : "False" } : value
      }
      let kind = values.remove(at: side)
      if kind == "actual" { actual.append(values) } else { expected.append(values) }
    }
    columns = result.columns.enumerated().filter { $0.offset != side }.map { $0.element.name.lowercased() }
    compare(Self.sorted(actual), Self.sorted(expected))
    if changed + added + missing == 0 { return nil }
  }

  /// `2 rows differ, 1 is missing`
  var summary: String {
    func rows(_ count: Int, _ one: String, _ many: String) -> String? {
      count == 0 ? nil : count == 1 ? "1 row \(one)" : "\(count) rows \(many)"
    }
    return [
      rows(changed, "differs", "differ"), rows(missing, "is missing", "are missing"),
      rows(added, "was not expected", "were not expected"),
    ].compactMap { $0 }.joined(separator: ", ")
  }

  var text: String {
    let all = [Line(mark: "@@", cells: columns)] + lines
    let rows = all.map { [$0.mark] + $0.cells }
    let widths = (0...columns.count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { index, cell in
        index == columns.count ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
      }.joined(separator: ",") + "\n"
    }.joined()
  }

  // MARK: Comparison

  private mutating func compare(_ actual: [[String?]], _ expected: [[String?]]) {
    let partners = Self.pair(actual, expected)
    var open = Array(expected.indices)
    var next = 0
    func line(_ mark: String, _ row: [String?]) -> Line { Line(mark: mark, cells: row.map { $0 ?? "NULL" }) }
    // A missing row stands where it would have been.
    func missingRows(before limit: Int) -> [Line] {
      var lines: [Line] = []
      while next < open.count, open[next] < limit {
        if !partners.contains(open[next]) { lines.append(line("---", expected[open[next]])) }
        next += 1
      }
      return lines
    }
    for (index, row) in actual.enumerated() {
      guard let partner = partners[index] else {
        lines.append(line("+++", row))
        added += 1
        continue
      }
      let gone = missingRows(before: partner)
      missing += gone.count
      lines += gone
      if row == expected[partner] {
        lines.append(line("", row))
      } else {
        changed += 1
        let cells = zip(expected[partner], row).map { old, new in
          old == new ? new ?? "NULL" : "\(old ?? "NULL")→\(new ?? "NULL")"
        }
        lines.append(Line(mark: "→", cells: cells))
      }
    }
    let gone = missingRows(before: expected.count)
    missing += gone.count
    lines += gone
    open = []
    lines = Self.shortened(lines)
  }

  /// For each actual row the expected row that it is held against: equal ones first, then those that share most values.
  private static func pair(_ actual: [[String?]], _ expected: [[String?]]) -> [Int?] {
    var partners = [Int?](repeating: nil, count: actual.count)
    var free = Set(expected.indices)
    var byRow: [[String?]: [Int]] = [:]
    for index in expected.indices.reversed() { byRow[expected[index], default: []].append(index) }
    for (index, row) in actual.enumerated() {
      guard let equal = byRow[row]?.popLast() else { continue }
      partners[index] = equal
      free.remove(equal)
    }
    var candidates: [(likeness: Int, actual: Int, expected: Int)] = []
    for index in actual.indices where partners[index] == nil {
      for other in free {
        let likeness = zip(actual[index], expected[other]).count { $0 == $1 && $0 != nil }
        if likeness > 0 { candidates.append((likeness, index, other)) }
      }
    }
    candidates.sort { ($1.likeness, $0.actual, $0.expected) < ($0.likeness, $1.actual, $1.expected) }
    for candidate in candidates where partners[candidate.actual] == nil && free.contains(candidate.expected) {
      partners[candidate.actual] = candidate.expected
      free.remove(candidate.expected)
    }
    return partners
  }

  /// Equal rows are shown next to a difference only; `...` stands for the others.
  private static func shortened(_ lines: [Line]) -> [Line] {
    let isShown = lines.indices.map { index in
      lines[max(0, index - 1)...min(lines.count - 1, index + 1)].contains { !$0.mark.isEmpty }
    }
    var result: [Line] = []
    for (index, line) in lines.enumerated() {
      if isShown[index] {
        result.append(line)
      } else if index == 0 || isShown[index - 1] {
        result.append(Line(mark: "...", cells: line.cells.map { _ in "..." }))
      }
    }
    return result
  }

  /// Nulls last, column by column, so that the order of rows does not matter.
  private static func sorted(_ rows: [[String?]]) -> [[String?]] {
    rows.sorted { left, right in
      for (a, b) in zip(left, right) where a != b {
        guard let a else { return false }
        guard let b else { return true }
        if let x = Double(a), let y = Double(b), x != y { return x < y }
        return a < b
      }
      return false
    }
  }
}
