/// Which tables a column may lead to, by its name and by the keys of the others.
enum SourceLinks {
  struct Candidate {
    var table: TableProfile
    var column: String
    /// False where nothing but the values speaks for it.
    var isNamed: Bool
  }

  /// Best first.
  static func candidates(
    _ column: ColumnProfile, of table: TableProfile, among all: [TableProfile]
  ) -> [Candidate] {
    let name = ColumnWords.snake(column.name)
    guard [.number, .text, .uuid].contains(column.kind), !ColumnWords.changed.contains(name) else {
      return []
    }
    let own = SourceReading(table).key.first
    var named: [(candidate: Candidate, rank: Int)] = []
    var others: [Candidate] = []
    for other in all {
      let reading = SourceReading(other)
      guard let key = reading.key.first, reading.key.count == 1, let target = other[key],
        target.kind == column.kind
      else { continue }
      let isSelf = other.name == table.name && other.schema == table.schema
      if isSelf && key == column.name { continue }
      if let rank = rank(name, subject: ColumnWords.subject(other.name), key: ColumnWords.snake(key), isSelf)
      {
        named.append((Candidate(table: other, column: key, isNamed: true), rank))
      } else if !isSelf, column.name != own,
        name.hasSuffix("_id") || ColumnWords.says(name, ColumnWords.people)
      {
        others.append(Candidate(table: other, column: key, isNamed: false))
      }
    }
    return named.sorted { $0.rank < $1.rank }.map(\.candidate) + others
  }

  /// How well a column's name fits a table's; lower is better, nil is not at all.
  private static func rank(_ name: String, subject: String, key: String, _ isSelf: Bool) -> Int? {
    let last = subject.split(separator: "_").last.map(String.init) ?? subject
    if !isSelf, key.hasSuffix("id"), key != "id",
      ColumnWords.squashed(name).hasSuffix(ColumnWords.squashed(key))
    {
      return name == key ? 0 : 3
    }
    let endings = ["_id", "_key", "_code", "_no", "_nr", "_number", "_sku", "_uuid", ""]
    if isSelf {
      let words = [
        "parent", "manager", "supervisor", "reports_to", "referrer", "referred_by", "parent_\(last)",
      ]
      return words.contains { word in endings.contains { name == word + $0 } } ? 0 : nil
    }
    let whole = ColumnWords.squashed(name)
    if endings.contains(where: { whole == ColumnWords.squashed(subject + $0) }) { return 0 }
    // A key with a name of its own, such as sku or customer_no.
    if key != "id" && key != "code" && key != "name" && name == key { return 1 }
    if endings.contains(where: { name == last + $0 && !$0.isEmpty }) { return 2 }
    if endings.contains(where: { name.hasSuffix("_" + subject + $0) }) { return 3 }
    if endings.contains(where: { name.hasSuffix("_" + last + $0) && !$0.isEmpty }) { return 4 }
    return nil
  }
}
