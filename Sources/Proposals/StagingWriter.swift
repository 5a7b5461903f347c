/// The sources, and a staging model for each table.
struct StagingWriter {
  let schema: String
  let tables: [StagedTable]

  var sources: String {
    var text = CommentedText()
    text.add("version: 2")
    text.add("")
    text.add("sources:")
    text.add("  - name: \(sourceName)")
    text.add("    schema: \(YAMLWord.text(schema))")
    text.add("    tables:")
    for table in tables {
      text.add("      - name: \(YAMLWord.text(table.profile.name))", size(table.profile))
      if let comment = table.profile.comment { text.add("        description: \(YAMLWord.quoted(comment))") }
    }
    return text.text("#")
  }

  private var sourceName: String { ColumnWords.snake(schema) }

  private func size(_ table: TableProfile) -> String {
    guard let sampled = table.sampled else { return Counts.rows(table) }
    return "about \(Counts.rows(table)), of which \(Counts.text(sampled)) were looked at"
  }

  var properties: String {
    var text = CommentedText()
    text.add("version: 2")
    text.add("")
    text.add("models:")
    for table in tables where !table.profile.columns.isEmpty {
      text.add("  - name: \(table.model)")
      text.add("    description: \(YAMLWord.quoted(description(table)))")
      for remark in table.profile.remarks { text.add("    # \(CommentedText.oneLine(remark))") }
      text.add("    config: {materialized: staging}")
      text.add("    columns:")
      for column in table.columns where column.role != .technical || !isRead(column, by: table) {
        text.add("      - name: \(YAMLWord.text(column.name))", column.evidence)
        if column.role == .key, table.key.count == 1, case .current = table.reading.shape {
          text.add("        data_tests: [unique, not_null]")
        } else if column.role == .key {
          text.add("        data_tests: [not_null]")
        }
      }
      text.add("")
    }
    return text.text("#")
  }

  private func description(_ table: StagedTable) -> String {
    let key = table.key.map(\.name).joined(separator: ", ")
    switch table.reading.shape {
    case .current: return "One row for each \(key)."
    case .history: return "One row for each version of \(key), and one for each end that no version follows."
    case .log(let log):
      return log.hasTies
        ? "One row for each \(key) and time of change." : "One row for each change of \(key)."
    case .keyless: return "The rows of \(table.profile.schema).\(table.profile.name)."
    }
  }

  /// Ends of intervals and sequences are read by the model and not shown.
  private func isRead(_ column: StagedTable.Column, by table: StagedTable) -> Bool {
    switch table.reading.shape {
    case .history: return true
    case .log(let log): return column.source.name != log.operation.column
    case .current, .keyless: return false
    }
  }

  // MARK: SQL

  func model(_ table: StagedTable) -> String {
    let profile = table.profile
    let head = "-- \(CommentedText.oneLine("\(profile.schema).\(profile.name)")): \(size(profile))\n"
    switch table.reading.shape {
    case .current, .keyless:
      return head + select(table.columns) + "from \(source(profile))\n"
    case .history(let intervals): return head + history(table, intervals)
    case .log(let log): return head + changes(table, log)
    }
  }

  private func source(_ table: TableProfile) -> String {
    "{{ source('\(sourceName)', '\(table.name.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))') }}"
  }

  private func select(_ columns: [StagedTable.Column], from list: [String] = []) -> String {
    let all =
      columns.map { column in
        column.expression == column.name ? "  \(column.name)" : "  \(column.expression) as \(column.name)"
      } + list
    return "select\n\(all.joined(separator: ",\n"))\n"
  }

  /// Versions as they are stated, and the ends after which nothing holds as deletions.
  private func history(_ table: StagedTable, _ intervals: TableProfile.Intervals) -> String {
    let columns = table.columns.filter { $0.role != .technical }
    let rest = columns.filter { $0.role != .changed }
    let (from, to) = (StagedTable.quoted(intervals.from), StagedTable.quoted(intervals.to))
    guard intervals.ended > 0 else {
      return "-- Each version ends where the next begins, so \(to) says nothing of its own.\n"
        + select(columns) + "from \(source(table.profile))\n"
    }
    let end = intervals.endsTheDayBefore ? "\(to) + 1" : to
    let isDate = table.column(of: intervals.to)?.source.kind == .date
    let ending = intervals.endsTheDayBefore && !isDate ? "\(to) + interval '1 day'" : end
    let keys = intervals.key.map(StagedTable.quoted).joined(separator: ", ")
    let (what, does) = (Counts.many(intervals.ended, "version"), intervals.ended == 1 ? "ends" : "end")
    let stated = rest + columns.filter { $0.role == .changed }
    return """
      -- \(what) \(does) and no other follows at once: such an end is a deletion.
      with versions as (
        select *, lead(\(from)) over (partition by \(keys) order by \(from)) as following_version
        from \(source(table.profile))
      )

      \(select(stated, from: ["  'u' as operation"]))from versions
      union all
      select
      \((rest.map { "  \($0.expression)" } + ["  \(ending)", "  'd'"]).joined(separator: ",\n"))
      from versions
      where \(to) < '9000-01-01' and (following_version is null or following_version > \(ending))

      """
  }

  private func changes(_ table: StagedTable, _ log: SourceReading.Log) -> String {
    let shown = table.columns.filter { $0.role != .technical || $0.source.name == log.operation.column }
    guard log.hasTies else { return select(shown) + "from \(source(table.profile))\n" }
    let order = [log.sequence].compactMap(\.self).map { "\(StagedTable.quoted($0)) desc" }
    let keys = (table.reading.key + [log.time]).map(StagedTable.quoted).joined(separator: ", ")
    let by = order.isEmpty ? "\(StagedTable.quoted(log.operation.column))" : order.joined(separator: ", ")
    return """
      -- Several changes of one time: the last one counts\(log.sequence.map { ", by \($0)" } ?? "; nothing says which that is").
      with ranked as (
        select *, row_number() over (partition by \(keys) order by \(by)) as place
        from \(source(table.profile))
      )

      \(select(shown))from ranked
      where place = 1

      """
  }
}

/// Names and texts as YAML takes them.
enum YAMLWord {
  static func text(_ text: String) -> String {
    let plain = text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
    }
    let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    let begins = text.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
    return plain && begins && !words.contains(text.lowercased()) ? text : quoted(text)
  }

  static func quoted(_ text: String) -> String {
    let text = CommentedText.oneLine(text)
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  static func list(_ names: [String]) -> String {
    names.count == 1 ? text(names[0]) : "[" + names.map(text).joined(separator: ", ") + "]"
  }
}
