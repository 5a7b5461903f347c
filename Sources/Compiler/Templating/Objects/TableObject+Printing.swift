import Jinja

// agate's `print_table`, `print_csv`, `print_json` and `print_structure`.
extension TableObject {
  func printing(_ name: String) -> Value? {
    guard ["print_table", "print_csv", "print_json", "print_structure"].contains(name) else { return nil }
    return .function(name) { arguments, call in
      let lines: [String] =
        switch name {
        case "print_table": try self.drawn(arguments)
        case "print_csv": try self.commaSeparated()
        case "print_json": ["[" + (try self.objects().joined(separator: ", ")) + "]"]
        default: self.structure()
        }
      if let printer = try call.lookup("print") {
        for line in lines { _ = try call.call(printer, Arguments([.string(line)])) }
      }
      return Value.none
    }
  }

  private func drawn(_ arguments: Arguments) throws -> [String] {
    let bound = try arguments.bind(
      "print_table", ["max_rows", "max_columns", "output", "max_column_width", "locale", "max_precision"])
    func limit(_ index: Int, _ standard: Int) -> Int {
      bound[index].map { $0.isNone ? Int.max : $0.intValue ?? standard } ?? standard
    }
    let (maxRows, maxColumns, maxWidth) = (limit(0, 20), limit(1, 6), limit(3, 20))
    let columns = Array(columnNames.indices.prefix(maxColumns))
    let isCut = columnNames.count > columns.count
    func cut(_ text: String) -> String {
      text.count > maxWidth ? String(text.prefix(max(maxWidth - 3, 0))) + "..." : text
    }
    var head = columns.map { cut(columnNames[$0]) }
    let formats = columns.map { column in
      columnTypes[column] == .number
        ? NumberFormat(rows.map { $0.values[column] }, atMost: limit(5, 3)) : nil
    }
    var cells = try rows.prefix(maxRows).map { row in
      try zip(columns, formats).map { column, format in
        let value = row.values[column]
        return value.isNone ? "" : cut(try format?.text(value) ?? value.text())
      }
    }
    if isCut {
      head.append("...")
      for index in cells.indices { cells[index].append("...") }
    }
    let widths = head.indices.map { column in
      ([head[column].count] + cells.map { $0[column].count }).max() ?? 0
    }
    if rows.count > maxRows { cells.append(head.map { _ in "..." }) }
    // Text stands at the left, everything else at the right.
    func line(_ cells: [String]) -> String {
      let parts = cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: max(widths[column] - cell.count, 0))
        let isText = column >= columns.count || columnTypes[columns[column]] == .text
        return isText ? cell + space : space + cell
      }
      return "| " + parts.joined(separator: " | ") + " |"
    }
    let rule = "| " + widths.map { String(repeating: "-", count: $0) }.joined(separator: " | ") + " |"
    return [line(head), rule] + cells.map(line)
  }

  private func commaSeparated() throws -> [String] {
    func quoted(_ text: String) -> String {
      text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
    let lines = try rows.map { row in
      try zip(row.values, columnTypes).map { value, type in
        value.isNone
          ? "" : quoted(type == .timestamp ? try value.text().replacing(" ", with: "T") : try value.text())
      }.joined(separator: ",")
    }
    return [columnNames.map(quoted).joined(separator: ",")] + lines
  }

  private func objects() throws -> [String] {
    try rows.map { row in
      let pairs = try zip(columnNames, zip(row.values, columnTypes)).map { name, cell in
        "\(Self.json(name)): \(try Self.json(cell.0, cell.1))"
      }
      return "{" + pairs.joined(separator: ", ") + "}"
    }
  }

  private static func json(_ value: Value, _ type: ColumnType) throws -> String {
    switch (value, type) {
    case (.none, _): "null"
    case (.bool(let flag), _): flag ? "true" : "false"
    case (_, .number): try Double(value.text()).map { try Value.double($0).text() } ?? value.text()
    case (_, .integer): try value.text()
    case (_, .timestamp): json(try value.text().replacing(" ", with: "T"))
    default: json(try value.text())
    }
  }

  private static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private func structure() -> [String] {
    let types = columnTypes.map(\.rawValue)
    let widths = (
      max(6, columnNames.map(\.count).max() ?? 0), max(9, types.map(\.count).max() ?? 0)
    )
    func line(_ left: String, _ right: String) -> String {
      "| " + left + String(repeating: " ", count: widths.0 - left.count) + " | " + right
        + String(repeating: " ", count: widths.1 - right.count) + " |"
    }
    let rule = line(String(repeating: "-", count: widths.0), String(repeating: "-", count: widths.1))
    return [line("column", "data_type"), rule] + zip(columnNames, types).map(line)
  }
}

/// How the numbers of a column are drawn: thousands apart, all with as many decimals as the longest has.
private struct NumberFormat {
  private let places: Int
  private let isCut: Bool

  init(_ values: [Value], atMost limit: Int) {
    let longest = values.map { Self.parts($0).decimals.count }.max() ?? 0
    places = min(longest, limit)
    isCut = longest > limit
  }

  func text(_ value: Value) -> String? {
    var (sign, whole, decimals) = Self.parts(value)
    guard whole.allSatisfy(\.isNumber) else { return nil }
    let rounds = decimals.count > places && (decimals.dropFirst(places).first?.wholeNumberValue ?? 0) >= 5
    decimals = Array(decimals.prefix(places)) + Array(repeating: "0", count: max(places - decimals.count, 0))
    if rounds { Self.increment(&whole, &decimals) }
    var grouped: [Character] = []
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    return sign + String(grouped) + (places > 0 ? "." + String(decimals) : "") + (isCut ? "…" : "")
  }

  private static func increment(_ whole: inout [Character], _ decimals: inout [Character]) {
    var digits = whole + decimals
    var index = digits.count - 1
    while index >= 0, digits[index] == "9" {
      digits[index] = "0"
      index -= 1
    }
    if index < 0 {
      digits.insert("1", at: 0)
    } else if let digit = digits[index].wholeNumberValue {
      digits[index] = Character(String(digit + 1))
    }
    whole = Array(digits.dropLast(decimals.count))
    decimals = Array(digits.suffix(decimals.count))
  }

  /// A number's sign and digits; zeros at its end do not count.
  private static func parts(_ value: Value) -> (sign: String, whole: [Character], decimals: [Character]) {
    guard let text = try? value.text(), !value.isNone else { return ("", [], []) }
    let sign = text.hasPrefix("-") ? "-" : ""
    let halves = text.dropFirst(sign.count).split(separator: ".", omittingEmptySubsequences: false)
    var decimals = halves.count > 1 ? Array(halves[1]) : []
    while decimals.last == "0" { decimals.removeLast() }
    return (sign, Array(halves[0]), decimals)
  }
}
