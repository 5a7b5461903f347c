import Testing

@testable import LanguageServer

/// A text with `|` where the cursor is.
private struct Marked {
  let bytes: [UInt8]
  let offset: Int

  init(_ text: String) {
    let all = Array(text.utf8)
    offset = all.firstIndex(of: UInt8(ascii: "|")) ?? all.count
    bytes = all.filter { $0 != UInt8(ascii: "|") }
  }
}

@Suite struct TemplateTextTests {
  private func tags(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return TemplateText(bytes).tags.map { String(decoding: bytes[$0.inside], as: UTF8.self) }
  }

  @Test func tagsEndOutsideOfTexts() {
    #expect(tags("a {{ f('}}') }} b {% if x %}{# }} #} {{ y") == [" f('}}') ", " if x ", " }} ", " y"])
    #expect(tags("{% raw %}{{ a }}{% endraw %}{{ b }}") == [" raw ", " endraw ", " b "])
    #expect(tags("{ {{}}") == [""])
  }

  @Test func aTextThatNobodyClosedEndsWithItsTag() {
    #expect(tags("from {{ ref('a }}\nwhere {{ b }}") == [" ref('a ", " b "])
  }

  @Test(arguments: [
    ("{{ ref('|orders') }}", ["ref"], 0), ("{{ ref('p', |'orders') }}", ["ref"], 1),
    ("{{ dbt_utils.star(from=ref('a|')) }}", ["ref"], 0),
    ("{{ dbt_utils.star(|from=x) }}", ["dbt_utils", "star"], 0),
    ("{{ f([1, 2], {'a': |3}) }}", ["f"], 1), ("{{ f((1, 2), |", ["f"], 1), ("{{ f(1)| }}", nil, 0),
    ("{{ (|1) }}", nil, 0),
  ])
  func innermostCall(text: String, path: [String]?, index: Int) {
    let marked = Marked(text)
    let template = TemplateText(marked.bytes)
    let tokens = template.tokens(of: template.tags[0])
    let call = CallSite.enclosing(marked.offset, in: tokens, of: marked.bytes)
    #expect(call?.path == path)
    if let call { #expect(call.index(at: marked.offset) == index) }
  }

  @Test func argumentsWithAndWithoutNames() throws {
    let bytes = Array("ref('p', 'm', v=2)".utf8)
    let call = try #require(CallSite.all(in: TagTokens.read(bytes, in: 0..<bytes.count), of: bytes).first)
    #expect(call.positional.map(\.literal) == ["p", "m"])
    #expect(call.arguments[2].name == "v")
    #expect(call.literal(named: "v") == nil)
    #expect(String(decoding: bytes[call.arguments[2].inside], as: UTF8.self) == "2")
  }
}

@Suite struct QueryOutlineTests {
  private func outline(_ text: String) -> QueryOutline { QueryOutline(TemplateText(Array(text.utf8))) }

  private static let query = """
    {{ config(materialized='table') }}
    with a as (select * from {{ ref('x') }} as one, {{ ref('y') }} two), -- b as (
    recent (k, v) as not materialized (select 'from z (', 1 from a left join "Quoted" q on true)
    select * from recent join a using (k) where exists (select 1 from shop.orders)
    """

  @Test func commonTables() {
    #expect(outline(Self.query).commonTables.map(\.name) == ["a", "recent"])
  }

  @Test func relationsByTheirNames() {
    let found = outline(Self.query).sources.map { source -> String in
      switch source.relation {
      case .call(let call): "\(call.name) \(call.positional[0].literal ?? "") \(source.alias ?? "")"
      case .name(let names): names.joined(separator: ".") + " " + (source.alias ?? "")
      }
    }
    #expect(
      found == ["ref x one", "ref y two", "a a", "Quoted q", "recent recent", "a a", "shop.orders orders"])
  }

  @Test func aQueryThatIsBeingWritten() {
    let marked = Marked("with a as (select 1 as x), b as (select a.| from a")
    let outline = QueryOutline(TemplateText(marked.bytes))
    #expect(outline.commonTables.map(\.name) == ["a", "b"])
    #expect(outline.sources(around: marked.offset).map(\.alias) == ["a"])
  }
}

@Suite struct PropertiesTextTests {
  private static let text = """
    version: 2
    models:
    - name: orders   # the first
      config: {materialized: table}
      columns:
      - name: id
        data_tests:
        - unique
        - relationships:
            to: ref('x')
      - name: "total"
        description: |
          a: b

      - 
    sources:
      - name: crm
        tables:
          - name: people
    """

  private func path(_ mark: String) -> [String] {
    let marked = Marked(mark)
    let whole = Array(Self.text.utf8)
    guard let range = whole.firstRange(of: marked.bytes) else { return ["not found"] }
    return PropertiesText(whole).path(to: range.lowerBound + marked.offset).map { $0.key ?? "-" }
  }

  @Test(arguments: [
    ("name: ord|ers", ["models", "-", "name"]), ("- name: i|d", ["models", "-", "columns", "-", "name"]),
    ("- uniq|ue", ["models", "-", "columns", "-", "data_tests", "-"]),
    ("to: ref|('x')", ["models", "-", "columns", "-", "data_tests", "-", "relationships", "to"]),
    ("name: \"tot|al\"", ["models", "-", "columns", "-", "name"]),
    ("name: peo|ple", ["sources", "-", "tables", "-", "name"]), ("name: cr|m", ["sources", "-", "name"]),
    ("sour|ces:", []),
  ])
  func wayToALine(mark: String, keys: [String]) {
    #expect(path(mark) == keys)
  }

  @Test func namesOfEntries() throws {
    let text = PropertiesText(Array(Self.text.utf8))
    #expect(text.named(under: ["models", "sources"]).map(\.name) == ["orders", "crm"])
    let id = try #require(Array(Self.text.utf8).firstRange(of: Array("ref('x')".utf8)))
    let way = text.path(to: id.lowerBound)
    #expect(text.value("name", of: way[1]) == "orders")
    #expect(text.value("name", of: way[3]) == "id")
    #expect(text.value("materialized", of: way[1]) == nil)
  }
}
