import Diagnostics
import ProjectModel

/// What `--event-time-start`, `--event-time-end` and `--sample` come to.
struct EventTimeFlags {
  /// The batches that are run; nil: as the models say.
  var range: Batch?
  /// The rows that are read; nil: all.
  var sample: Batch?

  /// - Parameter now: when the run began; a sample of `3 days` ends then.
  /// - Throws: `bad-flag` for values that are no times, and for one end without the other.
  init(_ flags: Flags, now: EventTime) throws(DiagnosticsError) {
    let start = try Self.time(flags.eventTimeStart, "--event-time-start")
    let end = try Self.time(flags.eventTimeEnd, "--event-time-end")
    switch (start, end) {
    case (nil, nil): break
    case (let start?, let end?):
      guard start < end else {
        throw Self.wrong("--event-time-start must lie before --event-time-end")
      }
      range = Batch(start: start, end: end)
    case (nil, _): throw Self.wrong("--event-time-end is given without --event-time-start")
    case (_, nil): throw Self.wrong("--event-time-start is given without --event-time-end")
    }
    if let text = flags.sample {
      sample = try Self.window(text, now: now)
      range = sample
    }
  }

  private static func wrong(_ summary: String, help: String? = nil) -> DiagnosticsError {
    DiagnosticsError(Diagnostic("bad-flag", summary, help: help))
  }

  private static func time(_ text: String?, _ option: String) throws(DiagnosticsError) -> EventTime? {
    guard let text else { return nil }
    guard let time = EventTime(text) else {
      throw wrong(
        "\(option) '\(text)' is no time", help: "write 2024-01-31, or 2024-01-31T12:00:00")
    }
    return time
  }

  private static func window(_ text: String, now: EventTime) throws(DiagnosticsError) -> Batch {
    let help = "write --sample '3 days', or --sample '{start: 2024-01-01, end: 2024-02-01}'"
    if text.drop(while: \.isWhitespace).first == "{" {
      let given = try YAMLArgument.mapping(text, of: "--sample")
      guard let start = given["start"]?.string.flatMap({ EventTime($0) }),
        let end = given["end"]?.string.flatMap({ EventTime($0) })
      else { throw wrong("--sample '\(text)' has no 'start' and 'end' that are times", help: help) }
      return Batch(start: start, end: end)
    }
    let words = text.split(separator: " ")
    guard words.count == 2, let count = Int(words[0]) else {
      throw wrong("--sample '\(text)' is not a number and a unit", help: help)
    }
    var unit = words[1].lowercased()[...]
    while unit.hasSuffix("s") { unit.removeLast() }
    guard let size = BatchSize(rawValue: String(unit)) else {
      throw wrong(
        "--sample '\(text)' goes by '\(words[1])'; it can be hours, days, months or years",
        help: help)
    }
    return Batch(start: now.moved(by: -count, size), end: now)
  }
}
