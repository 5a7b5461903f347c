import Foundation

/// The time, and how log lines write it. All of it is UTC, as dbt's log lines are.
enum Clock {
  /// Seconds since 1970.
  static func now() -> Double { Date().timeIntervalSince1970 }

  /// `14:05:09`
  static func timeOfDay(_ time: Double = now()) -> String {
    let seconds = Int(time) % 86_400
    return "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
  }

  /// `14:05:09.012345`
  static func preciseTimeOfDay(_ time: Double = now()) -> String {
    "\(timeOfDay(time)).\(padded(Int(time * 1_000_000) % 1_000_000, to: 6))"
  }

  /// `2026-11-21T14:05:09.012345`, a `Z` behind it where the reader wants one.
  static func timestamp(_ time: Double = now()) -> String {
    var seconds = time_t(time)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let date = "\(parts.tm_year + 1900)-\(padded(Int(parts.tm_mon) + 1))-\(padded(Int(parts.tm_mday)))"
    return date + "T" + preciseTimeOfDay(time)
  }

  private static func padded(_ number: Int, to width: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
