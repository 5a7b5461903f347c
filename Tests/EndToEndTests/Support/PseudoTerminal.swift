import Foundation
import Synchronization

/// A terminal that a program writes to and a test reads: what stands on its screen in the end, lines that were drawn
/// over left out.
final class PseudoTerminal: Sendable {
  /// For the program's standard streams.
  let slave: FileHandle
  private let master: Int32
  private let bytes = Mutex<[UInt8]>([])
  private let done = DispatchSemaphore(value: 0)

  struct Unavailable: Error {}

  init(columns: Int) throws {
    let name: String
    (master, name) = try Self.open()
    var size = winsize(ws_row: 50, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    let descriptor = Foundation.open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Unavailable() }
    slave = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let master = self.master
    DispatchQueue(label: "whc.test.terminal").async { @Sendable in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(master, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        // The last writer has gone: an error on Linux, the end on macOS.
        if count <= 0 { break }
        self.bytes.withLock { $0 += buffer[..<count] }
      }
      self.done.signal()
    }
  }

  deinit { close(master) }

  /// The near side, and the name of the far side.
  private static func open() throws -> (master: Int32, name: String) {
    // Neither side is for other programs that are started meanwhile: as long as one held it, there would be no end.
    let master = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard master >= 0 else { throw Unavailable() }
    #if canImport(Darwin)
      guard grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
        throw Unavailable()
      }
      return (master, String(cString: name))
    #else
      // The C library hides posix_openpt's companions from Swift; these are what they ask the kernel (tty_ioctl(4)).
      let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
      var locked: Int32 = 0
      var index: UInt32 = 0
      guard ioctl(master, unlock, &locked) == 0, ioctl(master, number, &index) == 0 else {
        throw Unavailable()
      }
      return (master, "/dev/pts/\(index)")
    #endif
  }

  /// Every line, once nobody writes any more. Blanks at the ends of lines are left out.
  func lines() async -> [String] {
    try? slave.close()
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { @Sendable in
        self.done.wait()
        continuation.resume()
      }
    }
    return Self.screen(of: bytes.withLock { $0 })
  }

  /// The few control sequences that a progress display needs: up, to the line's beginning, erase; colours have no
  /// place here.
  static func screen(of bytes: [UInt8]) -> [String] {
    var lines: [[Unicode.Scalar]] = [[]]
    var row = 0
    var column = 0
    var text = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
    func put(_ scalar: Unicode.Scalar) {
      while lines[row].count < column { lines[row].append(" ") }
      if column < lines[row].count { lines[row][column] = scalar } else { lines[row].append(scalar) }
      column += 1
    }
    while let scalar = text.popFirst() {
      switch scalar {
      case "\r": column = 0
      case "\n":
        row += 1
        if row == lines.count { lines.append([]) }
      case "\u{1B}" where text.first == "[":
        text.removeFirst()
        var argument = ""
        while let next = text.first, !("@"..."~").contains(next) {
          argument.unicodeScalars.append(next)
          text.removeFirst()
        }
        switch text.popFirst() {
        case "A": row = max(0, row - (Int(argument) ?? 1))
        case "J":
          lines.removeSubrange((row + 1)...)
          lines[row] = Array(lines[row].prefix(column))
        case "K": lines[row] = argument == "2" ? [] : Array(lines[row].prefix(column))
        default: break
        }
      default: put(scalar)
      }
    }
    return lines.map { line in
      var line = line[...]
      while line.last == " " { line.removeLast() }
      return String(String.UnicodeScalarView(line))
    }
  }
}
