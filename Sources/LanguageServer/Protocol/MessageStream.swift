public import Foundation

/// Cuts a stream of bytes into messages, each behind headers of which one says its length.
///
/// Language Server Protocol 3.17, "Base Protocol".
public struct MessageStream: Sendable {
  /// What is no message; nothing behind it can be understood.
  public struct Broken: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  private var waiting: [UInt8] = []

  /// No editor sends a text of this size.
  private static let limit = 256 << 20

  public init() {}

  /// The messages that are whole now.
  public mutating func take(_ bytes: some Sequence<UInt8>) throws(Broken) -> [Data] {
    waiting += bytes
    var messages: [Data] = []
    var start = 0
    while let headerEnd = Self.headerEnd(in: waiting[start...]) {
      let length = try Self.length(waiting[start..<headerEnd])
      guard headerEnd + length <= waiting.count else { break }
      messages.append(Data(waiting[headerEnd..<headerEnd + length]))
      start = headerEnd + length
    }
    waiting.removeFirst(start)
    return messages
  }

  /// A message as it is sent.
  public static func framed(_ message: Data) -> Data {
    Data("Content-Length: \(message.count)\r\n\r\n".utf8) + message
  }

  /// The first byte behind the empty line; nil when it has not come yet.
  private static func headerEnd(in bytes: ArraySlice<UInt8>) -> Int? {
    bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
  }

  private static func length(_ header: ArraySlice<UInt8>) throws(Broken) -> Int {
    for line in String(decoding: header, as: UTF8.self).split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      guard let length = Int(parts[1]), (0...limit).contains(length) else {
        throw Broken(description: "a message says that it has \(parts[1]) bytes")
      }
      return length
    }
    throw Broken(description: "a message does not say its length")
  }
}
