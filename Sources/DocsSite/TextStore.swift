/// The long texts of the page, SQL above all: each is kept once, and they are compressed in pieces that the page opens
/// when it shows or searches what is in them.
struct TextStore {
  /// Bytes of text in a piece: opening one takes a browser a few milliseconds.
  private static let pieceSize = 262_144

  private var numbers: [String: Int] = [:]
  private var firsts: [Int] = []
  private var pieces: [[UInt8]] = []
  private var open: [UInt8] = []

  /// The number under which the page finds the text.
  mutating func number(of text: String) -> Int {
    if let known = numbers[text] { return known }
    let number = numbers.count
    numbers[text] = number
    if open.isEmpty { firsts.append(number) }
    open += text.utf8
    // No text of PostgreSQL holds this byte.
    open.append(0)
    if open.count >= Self.pieceSize { close() }
    return number
  }

  /// `[[first number, compressed texts], …]`, without a byte that could end a `script` element.
  mutating func json() -> [UInt8] {
    close()
    var result = Array("[".utf8)
    for (first, piece) in zip(firsts, pieces) {
      if result.count > 1 { result.append(UInt8(ascii: ",")) }
      result += "[\(first),\"".utf8
      result += piece
      result += "\"]".utf8
    }
    return result + "]".utf8
  }

  private mutating func close() {
    guard !open.isEmpty else { return }
    pieces.append(Base64.encode(Deflate.compress(open)))
    open = []
  }
}
