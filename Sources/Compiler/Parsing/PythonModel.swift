/// What a Python model says of itself: its calls of `dbt.ref`, `dbt.source`, `dbt.config` and `dbt.config.get`.
///
/// Their arguments are literals, which Python and Jinja write alike; so the calls are given as a template that
/// makes them, and parsing goes its usual way. The model itself is never run.
struct PythonModel {
  /// The calls as a template, each on the line where it stands in the file.
  private(set) var template = ""

  private let bytes: [UInt8]
  private var position = 0
  private var keysRead: [String] = []
  private var defaults: [String] = []

  init(_ text: String) {
    bytes = Array(text.utf8)
    scan()
    if !keysRead.isEmpty {
      let keys = keysRead.joined(separator: ", ")
      template +=
        "{{ config(config_keys_used=[\(keys)], config_keys_defaults=[\(defaults.joined(separator: ", "))]) }}"
    }
  }

  private static let calls = ["dbt.ref(", "dbt.source(", "dbt.config(", "dbt.config.get("].map {
    Array($0.utf8)
  }

  private mutating func scan() {
    while position < bytes.count {
      if let call = Self.calls.first(where: starts(with:)), !isWord(before: position) {
        position += call.count
        // What stands in the arguments may be a call itself; it is read again from there.
        let start = position
        note(String(decoding: call.dropFirst(4).dropLast(), as: UTF8.self), arguments())
        let lines = bytes[start..<position].lazy.filter { $0 == UInt8(ascii: "\n") }.count
        template += String(repeating: "\n", count: lines)
      } else if !skipTextOrComment() {
        if bytes[position] == UInt8(ascii: "\n") { template += "\n" }
        position += 1
      }
    }
  }

  private mutating func note(_ name: String, _ arguments: [UInt8]) {
    let text = String(decoding: arguments, as: UTF8.self)
    guard name == "config.get" else {
      template += "{{ \(name)(\(text)) }}"
      return
    }
    let parts = text.split(separator: ",", maxSplits: 1).map(\.trimmed)
    guard let key = parts.first, !key.isEmpty else { return }
    keysRead.append(key)
    defaults.append(parts.count > 1 ? parts[1] : "none")
  }

  /// The text up to the parenthesis that closes the call, on one line and without comments.
  private mutating func arguments() -> [UInt8] {
    var result: [UInt8] = []
    var depth = 1
    while position < bytes.count {
      let start = position
      if skipTextOrComment() {
        if bytes[start] != UInt8(ascii: "#") { result += bytes[start..<position] }
        continue
      }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return result }
      default: break
      }
      result.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
    }
    return result
  }

  /// Goes behind a string or a comment that begins here.
  private mutating func skipTextOrComment() -> Bool {
    let quote = bytes[position]
    if quote == UInt8(ascii: "#") {
      while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      return true
    }
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return false }
    let isTriple = starts(with: [quote, quote, quote])
    let end = isTriple ? [quote, quote, quote] : [quote]
    position += end.count
    while position < bytes.count, !starts(with: end) {
      if isTriple, bytes[position] == UInt8(ascii: "\n") { template += "\n" }
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    position = min(position + end.count, bytes.count)
    return true
  }

  private func starts(with word: [UInt8]) -> Bool {
    position + word.count <= bytes.count && bytes[position..<(position + word.count)].elementsEqual(word)
  }

  private func isWord(before position: Int) -> Bool {
    guard position > 0 else { return false }
    let byte = bytes[position - 1]
    return byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte >= 0x80
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
