public import Diagnostics
public import ProjectModel

extension Dialect {
  /// Bytes of an identifier that the server keeps.
  public var maximumIdentifierLength: Int { kind == .postgres ? 63 : 127 }

  public func quote(_ identifier: String) -> String {
    // Names are quoted thousands of times a run, and hardly any holds a quote.
    let holdsQuote = identifier.utf8.contains(UInt8(ascii: "\""))
    return "\"" + (holdsQuote ? identifier.replacing("\"", with: "\"\"") : identifier) + "\""
  }

  /// Names quoted and joined by `", "`: a column list.
  public func quoteList(_ identifiers: some Sequence<String>) -> String {
    identifiers.map(quote).joined(separator: ", ")
  }

  /// The name as it stands in SQL, each part quoted as its ``RelationName/Quoting`` says.
  public func render(_ relation: RelationName) -> String {
    var parts: [String] = []
    if let database = relation.database {
      parts.append(relation.quoting.database ? quote(database) : database)
    }
    if let schema = relation.schema {
      parts.append(relation.quoting.schema ? quote(schema) : schema)
    }
    parts.append(relation.quoting.identifier ? quote(relation.identifier) : relation.identifier)
    return parts.joined(separator: ".")
  }

  /// The last part alone, as `ALTER … RENAME TO` wants it.
  public func renderIdentifier(_ relation: RelationName) -> String {
    relation.quoting.identifier ? quote(relation.identifier) : relation.identifier
  }

  /// Schema and identifier without the database, for statements that take no three-part name.
  public func renderInDatabase(_ relation: RelationName) -> String {
    var local = relation
    local.database = nil
    return render(local)
  }

  /// A name as the server's catalogue holds it.
  ///
  /// PostgreSQL folds what is not quoted, and only ASCII letters of it; Redshift folds quoted names too
  /// (unless its `enable_case_sensitive_identifier` is on). What is too long is cut as the server does.
  public func stored(_ identifier: String, quoted: Bool) -> String {
    let folded = quoted && kind == .postgres ? identifier : Self.foldASCII(identifier)
    return clipped(folded, to: maximumIdentifierLength)
  }

  /// The name as the catalogue holds it: use it to look a relation up among those that exist.
  public func stored(_ relation: RelationName) -> RelationName {
    RelationName(
      database: relation.database.map { stored($0, quoted: relation.quoting.database) },
      schema: relation.schema.map { stored($0, quoted: relation.quoting.schema) },
      identifier: stored(relation.identifier, quoted: relation.quoting.identifier))
  }

  /// A name made by whc that fits: `name + suffix` when short enough, else the name's beginning, eight
  /// hexadecimal digits of a hash of all of it, and the suffix. The same input always gives the same name.
  public func fitted(_ name: String, suffix: String = "") -> String {
    let whole = name + suffix
    guard whole.utf8.count > maximumIdentifierLength else { return whole }
    let digits = "_" + StableHash.hexadecimal(of: name, digits: 8)
    let room = maximumIdentifierLength - digits.utf8.count - suffix.utf8.count
    guard room > 0 else {
      return clipped(StableHash.hexadecimal(of: whole, digits: 16), to: maximumIdentifierLength)
    }
    return clipped(name, to: room) + digits + suffix
  }

  /// The same place under `identifier + suffix`, fitted.
  public func fitted(_ relation: RelationName, suffix: String) -> RelationName {
    relation.renamed(fitted(relation.identifier, suffix: suffix))
  }

  /// What the server would refuse or silently cut; nil when the name is good.
  ///
  /// - Parameter role: what the name is for, in the words of the message: `relation`, `column`, `schema`.
  public func problem(withName name: String, role: String, at span: SourceSpan? = nil) -> Diagnostic? {
    let length = name.utf8.count
    if length == 0 {
      return Diagnostic("empty-name", "the \(role) has an empty name", at: span)
    }
    if name.utf8.contains(0) {
      return Diagnostic("bad-name", "the \(role)'s name holds a NUL byte", at: span)
    }
    guard length > maximumIdentifierLength else { return nil }
    let database = kind == .postgres ? "PostgreSQL" : "Redshift"
    return Diagnostic(
      "name-too-long",
      "\(role) name '\(name)' has \(length) bytes; \(database) keeps \(maximumIdentifierLength)", at: span,
      label: "too long by \(length - maximumIdentifierLength) bytes",
      help: "give it a shorter name, for example '\(fitted(name))'")
  }

  /// `text` up to `limit` bytes of UTF-8, never in the middle of a character's bytes.
  public func clipped(_ text: String, to limit: Int) -> String {
    let bytes = text.utf8
    guard bytes.count > limit else { return text }
    var end = bytes.index(bytes.startIndex, offsetBy: limit)
    while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
    return String(text[..<end])
  }

  static func foldASCII(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else { return text }
    return String(
      decoding: text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
