import Artifacts
import Foundation
import OrderedCollections
import ProjectModel

/// The three shapes in which an event is written.
enum LogLines {
  /// `14:05:09  1 of 3 START …`; only the first of several lines has the time.
  static func text(_ event: LogEvent) -> String {
    "\(Clock.timeOfDay(event.time))  \(event.message)\n"
  }

  /// `14:05:09.012345 [info ] [MainThread]: …`, as in the log file and with `--log-format debug`.
  static func detailed(_ event: LogEvent) -> String {
    let level = padded(event.level.rawValue, to: 5)
    let thread = padded(event.thread, to: 10)
    return "\(Clock.preciseTimeOfDay(event.time)) [\(level)] [\(thread)]: \(withoutColours(event.message))\n"
  }

  /// One object a line: `{"data": {…}, "info": {…}}`.
  static func json(
    _ event: LogEvent, invocationID: String, extra: OrderedDictionary<String, PlainValue> = [:]
  ) -> String {
    var writer = JSONWriter()
    writer.mapping([
      "data": .mapping(event.data),
      "info": [
        "category": "", "code": .string(event.code), "extra": .mapping(extra),
        "invocation_id": .string(invocationID),
        "level": .string(event.level.rawValue), "msg": .string(withoutColours(event.message)),
        "name": .string(event.name), "pid": .int(Int(ProcessInfo.processInfo.processIdentifier)),
        "thread": .string(event.thread), "ts": .string(Clock.timestamp(event.time) + "Z"),
      ],
    ])
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  /// Text without ANSI's colour sequences.
  static func withoutColours(_ text: String) -> String {
    guard text.utf8.contains(0x1B) else { return text }
    var bytes: [UInt8] = []
    var isInside = false
    for byte in text.utf8 {
      if byte == 0x1B { isInside = true }
      if !isInside { bytes.append(byte) }
      if isInside, byte == UInt8(ascii: "m") { isInside = false }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
