import Foundation
import SQLAnalysis

/// One file of `Cases`: queries over a few tables, each with what is to be known of it.
///
///     table customers: id integer not null, name text; key id
///     open events
///     language redshift
///     ---
///     select id from customers
///     =>
///     id integer not null: customers.id copied
///     key id
struct QueryCase: Sendable, CustomStringConvertible {
  let name: String
  let file: URL
  let language: SQLLanguage
  let relations: [TableName: RelationShape]
  let queries: [String]
  /// The file with the answers that the analysis gives now.
  let answered: String

  var description: String { name }

  static let all = all(URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases").path)

  static func all(_ folder: String) -> [QueryCase] {
    let folder = URL(filePath: folder)
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.sorted { $0.path < $1.path }.compactMap(QueryCase.init)
  }

  init?(_ file: URL) {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    name = file.lastPathComponent
    self.file = file
    var parts = text.components(separatedBy: "\n---\n")
    let head = parts.removeFirst()
    var relations: [TableName: RelationShape] = [:]
    for line in head.split(separator: "\n") where line.hasPrefix("table ") {
      let pieces = line.dropFirst("table ".count).split(separator: ":", maxSplits: 1)
      let name = Self.name(String(pieces[0]))
      let clauses = pieces[1].split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
      let columns = clauses[0].components(separatedBy: ", ").map(Self.column)
      let keys = clauses.dropFirst().map { clause in
        Set(clause.dropFirst("key ".count).components(separatedBy: ", "))
      }
      relations[name] = RelationShape(columns: columns, isComplete: true, keys: keys)
    }
    self.relations = relations
    let language: SQLLanguage =
      head.split(separator: "\n").contains("language redshift") ? .redshift : .postgres
    self.language = language
    queries = parts.map { $0.components(separatedBy: "\n=>")[0] }
    answered =
      ([head] + queries.map { "\($0)\n=>\n\(Self.answer($0, relations, language))" }).joined(
        separator: "\n---\n")
      + "\n"
  }

  private static func name(_ text: String) -> TableName {
    let parts = text.split(separator: ".").map(String.init)
    return TableName(schema: parts.count > 1 ? parts[0] : nil, name: parts[parts.count - 1])
  }

  private static func column(_ text: String) -> RelationShape.Column {
    let words = text.split(separator: " ").map(String.init)
    let isNotNull = words.suffix(2) == ["not", "null"]
    let type = words.dropFirst().dropLast(isNotNull ? 2 : 0).joined(separator: " ")
    return RelationShape.Column(name: words[0], type: SQLType(text: type), isNullable: !isNotNull)
  }

  private static func answer(
    _ query: String, _ relations: [TableName: RelationShape], _ language: SQLLanguage
  ) -> String {
    do {
      guard let analysis = try QueryAnalysis(query, in: language, resolve: { relations[$0] }) else {
        return "no query"
      }
      let shape = analysis.shape
      var lines = shape.columns.map { column in
        let nullable = column.isNullable.map { $0 ? "" : " not null" } ?? " null?"
        let origins = column.origins.map { "\($0.key) \($0.value.rawValue)" }.sorted().joined(separator: ", ")
        return "\(column.name) \(column.type?.description ?? "?")\(nullable): \(origins)"
      }
      if !shape.isComplete { lines.append("and more") }
      lines += shape.keys.map { key in
        "key \(key.sorted().map { shape.columns[$0].name }.joined(separator: ", "))"
      }.sorted()
      if !shape.conditions.isEmpty {
        lines.append("conditions \(shape.conditions.map(\.description).sorted().joined(separator: ", "))")
      }
      lines += analysis.findings.map { "finding \($0.kind) at \($0.offset.map(String.init) ?? "?")" }
      return lines.joined(separator: "\n")
    } catch {
      return "error \(error.message) at \(error.character.map(String.init) ?? "?")"
    }
  }
}
