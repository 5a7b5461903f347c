import Synchronization

/// The lines at the foot of a terminal that are drawn again and again; whatever else is written goes above them.
final class LiveRegion: Sendable {
  /// How many lines of it are on the screen now.
  private let drawn = Mutex(0)

  /// Writes `text` where the lines were, and `lines` below it.
  func write(_ text: String = "", below lines: [String], on terminal: Terminal) {
    drawn.withLock { drawn in
      terminal.write(Self.erasure(of: drawn) + text + lines.map { $0 + "\n" }.joined())
      drawn = lines.count
    }
  }

  /// Takes the lines away while others write to the screen; the next drawing brings them back.
  func yield(on terminal: Terminal, to write: () -> Void) {
    drawn.withLock { drawn in
      if drawn > 0 { terminal.write(Self.erasure(of: drawn)) }
      drawn = 0
      write()
    }
  }

  private static func erasure(of lines: Int) -> String {
    lines == 0 ? "" : "\u{1B}[\(lines)A\u{1B}[J"
  }
}
