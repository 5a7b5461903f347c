/// Turns addresses in escaped text into links.
struct Linker {
  let limit: Int?
  let rel: String
  let target: String?
  let schemes: [String]

  func link(_ text: String) -> String {
    var result = ""
    var word: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if Bytes.isSpace(scalar) {
        if !word.isEmpty { result += link(word: String(word)) }
        word = []
        result.unicodeScalars.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    return word.isEmpty ? result : result + link(word: String(word))
  }

  private func trimmed(_ text: String) -> String {
    guard let limit, text.unicodeScalars.count > limit else { return text }
    return String(text.unicodeScalars.prefix(max(limit, 0))) + "..."
  }

  private func link(word: String) -> String {
    var head = ""
    var middle = word
    var tail = ""
    var isTrimming = true
    while isTrimming {
      isTrimming = false
      for opening in ["(", "<", "&lt;"] where middle.utf8.starts(with: opening.utf8) {
        head += opening
        middle = String(middle.dropFirst(opening.count))
        isTrimming = true
      }
    }
    isTrimming = true
    while isTrimming {
      isTrimming = false
      for closing in [")", ">", ".", ",", "&gt;"] where middle.hasSuffix(closing) {
        tail = closing + tail
        middle = String(middle.dropLast(closing.count))
        isTrimming = true
      }
    }
    for (opening, closing) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
      let opened = count(opening, in: middle)
      if opened <= count(closing, in: middle) { continue }
      for _ in 0..<min(opened, count(closing, in: tail)) {
        guard let at = StringSearch.find(closing, in: tail) else { break }
        let end = at + closing.utf8.count
        middle += String(decoding: tail.utf8.prefix(end), as: UTF8.self)
        tail = String(decoding: tail.utf8.dropFirst(end), as: UTF8.self)
      }
    }
    return head + linked(middle) + tail
  }

  private func count(_ part: String, in text: String) -> Int {
    var count = 0
    var position = 0
    while let found = StringSearch.find(part, in: text, from: position) {
      count += 1
      position = found + part.utf8.count
    }
    return count
  }

  private func linked(_ text: String) -> String {
    let relation = rel.isEmpty ? "" : " rel=\"\(Escaping.html(rel))\""
    let frame = target.map { $0.isEmpty ? "" : " target=\"\(Escaping.html($0))\"" } ?? ""
    if Self.isWebAddress(text) {
      let prefix = text.hasPrefix("https://") || text.hasPrefix("http://") ? "" : "https://"
      return "<a href=\"\(prefix)\(text)\"\(relation)\(frame)>\(trimmed(text))</a>"
    }
    if text.hasPrefix("mailto:"), Self.isMailAddress(String(text.dropFirst(7))) {
      return "<a href=\"\(text)\">\(text.dropFirst(7))</a>"
    }
    if text.contains("@"), !text.hasPrefix("www."), !text.hasPrefix("@"), !text.contains(":"),
      Self.isMailAddress(text)
    {
      return "<a href=\"mailto:\(text)\">\(text)</a>"
    }
    for scheme in schemes where text != scheme && text.hasPrefix(scheme) {
      return "<a href=\"\(text)\"\(relation)\(frame)>\(text)</a>"
    }
    return text
  }

  private static func isMailAddress(_ text: String) -> Bool {
    guard let regex = try? RegularExpression("^\\S+@\\w[\\w.-]*\\.\\w+$") else { return false }
    return (try? regex.match(Array(text.unicodeScalars), at: 0)) != nil
  }

  private static let webAddress =
    "^((https?://|www\\.)(([\\w%-]+\\.)+)?([a-z]{2,63}|xn--[\\w%]{2,59})"
    + "|([\\w%-]{2,63}\\.)+(com|net|int|edu|gov|org|info|mil)"
    + "|(https?://)((([\\d]{1,3})(\\.[\\d]{1,3}){3})|(\\[([\\da-f]{0,4}:){2}([\\da-f]{0,4}:?){1,6}])))"
    + "(?::[\\d]{1,5})?(?:[/?#]\\S*)?$"

  private static func isWebAddress(_ text: String) -> Bool {
    guard let regex = try? RegularExpression(webAddress, flags: [.ignoreCase]) else { return false }
    return (try? regex.match(Array(text.unicodeScalars), at: 0)) != nil
  }
}
