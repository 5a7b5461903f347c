import Foundation

/// Where output goes and what it can show.
struct Terminal: Sendable {
  /// True when a person is looking: lines may be drawn over.
  var isInteractive: Bool
  var usesColor: Bool
  /// Columns; read again whenever something is drawn, since windows change.
  var width: Int { Self.columns(of: descriptor) ?? 100 }
  let descriptor: Int32

  /// - Parameter useColors: the user's word (`--use-colors`, `--no-use-colors`); nil: colours on a terminal,
  ///   none where `NO_COLOR` is set (no-color.org) or `TERM` is dumb.
  static func current(descriptor: Int32 = STDOUT_FILENO, useColors: Bool? = nil) -> Terminal {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(descriptor) == 1
    let isDumb = environment["TERM"] == "dumb"
    let wantsColor = isTerminal && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
    return Terminal(
      isInteractive: isTerminal && !isDumb, usesColor: useColors ?? wantsColor, descriptor: descriptor)
  }

  /// Plain, for what is said before any flag is read.
  static var standardOutput: Terminal {
    Terminal(isInteractive: false, usesColor: false, descriptor: STDOUT_FILENO)
  }
  static var standardError: Terminal {
    Terminal(isInteractive: false, usesColor: false, descriptor: STDERR_FILENO)
  }

  func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// Colours by meaning; plain text when the terminal has none.
struct Style: Sendable {
  var isOn: Bool

  func good(_ text: String) -> String { wrap(text, "32") }
  func bad(_ text: String) -> String { wrap(text, "31") }
  func caution(_ text: String) -> String { wrap(text, "33") }
  func quiet(_ text: String) -> String { wrap(text, "2") }
  func strong(_ text: String) -> String { wrap(text, "1") }
  func accent(_ text: String) -> String { wrap(text, "36") }

  private func wrap(_ text: String, _ code: String) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
