/// The documentation as one HTML file that needs nothing else: no server, no network.
public enum DocsPage {
  /// - Returns: the bytes of `index.html`.
  public static func render(_ input: DocsInput) -> [UInt8] {
    let (data, texts) = SiteData.parts(input)
    let packed = Base64.encode(Deflate.compress(data))
    let title = Array("\(input.manifest.projectName) documentation".utf8)
    var page: [UInt8] = []
    page.reserveCapacity(packed.count + texts.count + 196_608)
    var rest = bytes(EmbeddedPage.index_html)[...]
    while let mark = nextMark(in: rest) {
      page += rest[..<mark.start]
      switch mark.name {
      case "title": page += escaped(title)
      case "styles": styles.forEach { page += bytes($0) }
      case "scripts": scripts.forEach { page += bytes($0) }
      case "data": page += packed
      case "texts": page += texts
      default: page += rest[mark.start..<mark.end]
      }
      rest = rest[mark.end...]
    }
    return page + rest
  }

  private static let styles: [StaticString] = [
    EmbeddedPage.base_css, EmbeddedPage.layout_css, EmbeddedPage.pages_css,
    EmbeddedPage.graph_css, EmbeddedPage.stars_css, EmbeddedPage.runs_css,
  ]

  /// In order: each uses only what stands before it.
  private static let scripts: [StaticString] = [
    EmbeddedPage.texts_js, EmbeddedPage.data_js, EmbeddedPage.markdown_js, EmbeddedPage.sql_js,
    EmbeddedPage.search_js, EmbeddedPage.layout_js, EmbeddedPage.drawing_js, EmbeddedPage.hands_js,
    EmbeddedPage.graph_js, EmbeddedPage.stars_js, EmbeddedPage.columns_js, EmbeddedPage.runs_js,
    EmbeddedPage.changes_js, EmbeddedPage.pages_js,
    EmbeddedPage.tree_js, EmbeddedPage.lineage_js, EmbeddedPage.app_js,
  ]

  private static func bytes(_ text: StaticString) -> [UInt8] {
    Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// The first `{{name}}`; a brace alone is text.
  private static func nextMark(in text: ArraySlice<UInt8>) -> (start: Int, end: Int, name: String)? {
    var at = text.startIndex
    while let start = text[at...].firstIndex(of: 0x7B) {
      at = start + 1
      guard text[start...].starts(with: [0x7B, 0x7B]), let close = text[at...].firstIndex(of: 0x7D),
        text[close...].starts(with: [0x7D, 0x7D])
      else { continue }
      return (start, close + 2, String(decoding: text[(start + 2)..<close], as: UTF8.self))
    }
    return nil
  }

  private static func escaped(_ text: [UInt8]) -> [UInt8] {
    text.flatMap { byte in
      switch byte {
      case UInt8(ascii: "<"): Array("&lt;".utf8)
      case UInt8(ascii: ">"): Array("&gt;".utf8)
      case UInt8(ascii: "&"): Array("&amp;".utf8)
      case UInt8(ascii: "\""): Array("&quot;".utf8)
      default: [byte]
      }
    }
  }
}
