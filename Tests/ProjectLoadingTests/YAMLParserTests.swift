import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel
import TestSupport
import Testing

@Suite struct YAMLParserTests {
  /// Each line of the case file is a plain scalar with what PyYAML's safe loader makes of it, dates in ISO form.
  @Test func plainScalarsResolveAsInPyYAML() throws {
    let lines = try CaseFile.lines("yaml-scalars.jsonl")
    #expect(lines.count > 80)
    for line in lines {
      let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let text = try #require(object["text"] as? String)
      let expected: PlainValue
      if let value = object["s"] as? String {
        expected = .string(value)
      } else if let value = object["f"] as? String {
        expected = .double(try #require(Double(value.replacingOccurrences(of: "inf", with: "infinity"))))
      } else if let value = object["i"] as? Int {
        expected = .int(value)
      } else if object["n"] != nil {
        expected = .null
      } else {
        expected = .bool(try #require(object["b"] as? Bool))
      }
      let found = try parse("k: \(text)\n")["k"]?.plain
      if case .double(let number) = expected, number.isNaN {
        guard case .double(let other)? = found else { Issue.record("\(text)"); continue }
        #expect(other.isNaN)
      } else {
        #expect(found == expected, "\(text)")
      }
    }
  }

  @Test func quotedScalarsAreText() throws {
    #expect(try parse("k: 'yes'")["k"]?.plain == "yes")
    #expect(try parse("k: \"1\"")["k"]?.plain == "1")
    #expect(try parse("k: !!str 1")["k"]?.plain == "1")
    #expect(try parse("k: |\n  1\nl: 2\n")["k"]?.plain == "1\n")
  }

  /// dbt strips a file before it reads it.
  @Test func aBlockOfTextAtTheEndHasNoNewline() throws {
    #expect(try parse("k: |\n  1\n\n")["k"]?.plain == "1")
    #expect(try parse("k: 'a'\n \n\t\n")["k"]?.plain == "a")
  }

  @Test func anchorsAliasesAndMerges() throws {
    let text = """
      base: &base {a: 1, b: 2}
      more: &more {b: 3, c: 4}
      one:
        <<: *base
        b: 5
      both:
        x: 0
        <<: [*base, *more]
      list: &list [1, 2]
      again: *list
      """
    let root = try parse(text)
    #expect(root["one"]?.plain == ["a": 1, "b": 5])
    #expect(root["both"]?.plain == ["b": 2, "c": 4, "a": 1, "x": 0])
    #expect(root["again"]?.plain == [1, 2])
  }

  @Test func placesCountBytes() throws {
    let document = try YAMLParser.parse(
      Array("\u{FEFF}a:\n  - näme: x ü\n    b: {c: d}\n".utf8), file: "f.yml"
    ).document
    let item = try #require(document.root?["a"]?.sequence?.first)
    #expect(
      document.span(of: try #require(item["näme"]))
        == SourceSpan(file: "f.yml", line: 2, column: 12, length: 4))
    let inner = try #require(item["b"]?["c"])
    #expect(document.span(of: inner) == SourceSpan(file: "f.yml", line: 3, column: 12, length: 1))
    #expect(item.place.line == 2 && item.place.endLine == 3)
  }

  @Test func keysThatAreNotText() throws {
    let entries = try #require(parse("on: 1\n2: x\n~: y\n").mapping)
    #expect(entries.map(\.key) == ["True", "2", "None"])
    #expect(entries.allSatisfy { !$0.isTextKey })
  }

  @Test func emptyFiles() throws {
    for text in ["", "# nothing\n", "---\n"] {
      let root = try YAMLParser.parse(Array(text.utf8), file: "f.yml").document.root
      #expect(root == nil || root?.isNull == true, "\(text)")
    }
  }

  @Test func theLastOfTwoEqualKeysWins() throws {
    let (document, warnings) = try YAMLParser.parse(Array("a: 1\nb: 2\na: 3\n".utf8), file: "f.yml")
    #expect(document.root?.plain == ["a": 3, "b": 2])
    #expect(warnings.map(\.code) == ["duplicate-key"])
  }

  @Test func brokenFiles() {
    let cases = [
      "models:\n\t- name: a\n", "models:\n  - name: a\n   description: x\n", "a: b: c\n",
      "a: {{ var('x') }}\n",
      "a: \"never closed\nb: 1\n", "a: [1, 2\nb: 3\n", "a: *nothing\n", "a: 1\n---\nb: 2\n",
      "a: !special 1\n",
      "a: @x\n", "? [1, 2]\n: x\n", "<<: 1\n", "a: \u{1}\n", "key\nother: 1\n",
    ]
    var text = ""
    for source in cases {
      let renderer = DiagnosticRenderer(colors: false) { _ in SourceText(source) }
      do {
        _ = try YAMLParser.parse(Array(source.utf8), file: "models/schema.yml")
        text += "no error in \(source)\n\n"
      } catch let error as DiagnosticsError {
        text += renderer.render(error.diagnostics) + "\n"
      } catch {
        Issue.record(error)
      }
    }
    #expect(Golden.mismatch(text, file: CaseFile.golden("broken-yaml.txt")) == nil)
  }

  @Test func aliasesCannotGrowWithoutEnd() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<12 {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
    }
    #expect(throws: DiagnosticsError.self) { try YAMLParser.parse(Array(text.utf8), file: "f.yml") }
  }

  private func parse(_ text: String) throws -> YAMLNode {
    try #require(try YAMLParser.parse(Array(text.utf8), file: "f.yml").document.root)
  }
}
