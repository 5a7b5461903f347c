import ProjectModel

/// `bitemporal:` of a dimension: every state that a row of its table was ever in is kept, with the time at which it
/// was written and the time at which it was written over.
public struct RecordedTime: Sendable, Hashable {
  /// The column with the time from which on the table held the row so.
  public var from = "recorded_from"
  /// The column with the time up to which it did: `infinity` for what it holds now.
  public var to = "recorded_to"

  public init() {}

  /// `bitemporal: true`, or `{recorded_from:, recorded_to:}` with other names; nil when it is not asked for.
  static func read(_ reader: inout ConfigReader) -> RecordedTime? {
    guard let value = reader.value("bitemporal") else { return nil }
    if let flag = value.bool { return flag ? RecordedTime() : nil }
    guard let mapping = value.mapping else {
      reader.bad(
        "bitemporal", value, at: "bitemporal", expected: "true, false or {recorded_from:, recorded_to:}")
      return nil
    }
    var names = RecordedTime()
    reader.refuseUnknown(
      mapping, known: [names.from, names.to], in: "bitemporal of \(reader.node.name)", at: "bitemporal")
    names.from = reader.name(in: mapping, names.from, of: "bitemporal") ?? names.from
    names.to = reader.name(in: mapping, names.to, of: "bitemporal") ?? names.to
    return names
  }
}
