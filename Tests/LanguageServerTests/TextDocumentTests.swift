import Foundation
import Testing

@testable import LanguageServer

@Suite struct TextDocumentTests {
  @Test func positionsCountUnitsOfTheEncoding() {
    let text = "select 'é😀x'\nfrom t"
    let utf16 = TextDocument(uri: "file:///m.sql", version: 1, text: text, encoding: .utf16)
    let utf8 = TextDocument(uri: "file:///m.sql", version: 1, text: text, encoding: .utf8)
    let x = Array(text.utf8).firstIndex(of: UInt8(ascii: "x"))!
    #expect(utf16.position(of: x) == LSP.Position(line: 0, character: 11))
    #expect(utf8.position(of: x) == LSP.Position(line: 0, character: 14))
    for document in [utf16, utf8] {
      for offset in [0, 7, 8, 10, 14, 15, 16, 17, 22] {
        #expect(document.offset(of: document.position(of: offset)) == offset)
      }
    }
    #expect(utf16.offset(of: LSP.Position(line: 0, character: 99)) == 16)
    #expect(utf16.offset(of: LSP.Position(line: 9, character: 0)) == text.utf8.count)
  }

  @Test func changesApplyInTheirOrder() {
    var document = TextDocument(
      uri: "file:///m.sql", version: 1, text: "select 1\r\nfrom a\n", encoding: .utf16)
    func range(_ line: Int, _ start: Int, _ end: Int) -> LSP.Range {
      LSP.Range(start: .init(line: line, character: start), end: .init(line: line, character: end))
    }
    document.apply(
      [
        .init(range: range(1, 5, 6), text: "{{ ref('é') }}"),
        .init(range: range(0, 7, 8), text: "a,\n  b"),
      ], version: 2)
    #expect(String(decoding: document.bytes, as: UTF8.self) == "select a,\n  b\r\nfrom {{ ref('é') }}\n")
    #expect(document.version == 2)
    document.apply([.init(range: nil, text: "x")], version: 3)
    #expect(document.bytes == Array("x".utf8))
  }

  @Test func pathsAndURIs() {
    #expect(FileURI.path("file:///a%20b/m%C3%A9.sql") == "/a b/mé.sql")
    #expect(FileURI.path("file:///folder/") == "/folder")
    #expect(FileURI.path("untitled:Untitled-1") == nil)
    #expect(FileURI.path(FileURI.uri("/a b/mé#.sql")) == "/a b/mé#.sql")
  }
}

@Suite struct MessageStreamTests {
  @Test func messagesComeWholeHoweverTheBytesCome() throws {
    let sent = MessageStream.framed(Data("{\"a\":1}".utf8)) + MessageStream.framed(Data("{}".utf8))
    var stream = MessageStream()
    var found: [Data] = []
    for byte in sent { found += try stream.take([byte]) }
    #expect(found == [Data("{\"a\":1}".utf8), Data("{}".utf8)])
    var whole = MessageStream()
    #expect(try whole.take(sent) == found)
  }

  @Test(arguments: [
    "Content-Length: x\r\n\r\n", "Length: 2\r\n\r\n{}", "Content-Length: 999999999999\r\n\r\n",
  ])
  func brokenHeadersEndTheStream(_ text: String) {
    var stream = MessageStream()
    #expect(throws: MessageStream.Broken.self) { try stream.take(Array(text.utf8)) }
  }
}
