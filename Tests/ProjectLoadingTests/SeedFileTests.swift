import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import ProjectLoading

@Suite struct SeedFileTests {
  private let folder: ProjectFolder

  init() throws { folder = try ProjectFolder("") }

  private struct Case: Decodable {
    var `in`: [String]
    var type: String
    var out: [String?]
  }

  /// Each line of the case file is a column with the type and the values that agate gave it in dbt's set-up.
  @Test func typesAndValuesAreThoseOfAgate() throws {
    let lines = try CaseFile.lines("seed-types.jsonl")
    #expect(lines.count > 500)
    for line in lines {
      let column = try JSONDecoder().decode(Case.self, from: Data(line.utf8))
      let rows = column.in.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\",x\n" }
      try folder.write("a,b\n" + rows.joined(), to: "seed.csv")
      let read = try SeedFile.inspect(path: folder.path + "/seed.csv", displayPath: "seed.csv")
      #expect(read.warnings.isEmpty)
      var seed = read.seed
      seed.isReadAsItStands = false
      #expect(seed.columns.map(\.type.rawValue) == [column.type, "text"], "\(column.in)")
      guard seed.columns[0].type.rawValue == column.type else { continue }
      let values = try Self.rows(seed).map { $0[0] }
      #expect(values.count == column.out.count)
      for (found, expected) in zip(values, column.out) {
        if column.type == "number", let found, let expected {
          #expect(Double(found) == Double(expected) || found == "NaN", "\(column.in)")
        } else if column.type == "integer", let number = found.flatMap(Int.init) {
          // 007 and -0 are read as integers by the server.
          #expect(String(number) == expected, "\(column.in)")
        } else {
          #expect(found == expected, "\(column.in)")
        }
      }
    }
  }

  @Test func quotesLineEndsAndByteOrderMarks() throws {
    let text =
      "\u{FEFF}id,\"a \"\"name\"\"\",note\r\n1,\"x, y\",\"two\r\nlines\"\r2,plain,\"q\"\"q\"\n3,\"ab\"cd,e\"f\"\n4,,\"\""
    let (seed, _) = try seed(text)
    #expect(seed.columns.map(\.name) == ["id", "a \"name\"", "note"])
    #expect(
      try Self.rows(seed) == [
        ["1", "x, y", "two\nlines"], ["2", "plain", "q\"q"], ["3", "abcd", "e\"f\""], ["4", nil, nil],
      ])
  }

  /// Every type in every form that the server reads as agate does, twice: the second row is passed at full speed.
  @Test func plainFilesAreGivenAsTheyStand() throws {
    let row = "-7,1.50,tRUE,2024-02-29,2024-02-29 23:05:09,2024-02-28T00:00:00,\"a, \"\"b\"\"\nc\",x y\n"
    let nulls = ",,,,,,,\n"
    for rows in [row + row + nulls + row, row + String(row.dropLast()), String(repeating: row, count: 9_000)]
    {
      for text in [
        rows,
        rows.replacingOccurrences(of: "\n", with: "\r\n").replacingOccurrences(of: "\"\r\nc", with: "\"\nc"),
      ] {
        let (seed, warnings) = try seed("i,n,b,d,t,u,q,x\n" + text)
        #expect(warnings.isEmpty)
        #expect(
          seed.columns.map(\.type) == [
            .integer, .number, .boolean, .date, .timestamp, .timestamp, .text, .text,
          ])
        #expect(seed.isReadAsItStands)
        #expect(try Self.bytes(seed) == text)
      }
    }
  }

  /// A value that means something else to COPY, or that COPY refuses, anywhere in the file.
  @Test(arguments: [
    "1,null\n", "NULL,x\n", "1,\"\"\n", "\"\",x\n", "1, \n", "1.0,x\n", " 1,x\n", "+1,x\n", "1%,x\n",
    "\"1,000\",x\n", "1,a\"b\n",
    "1,\"a\"b\n", "1\n", "\n", "1,x\r\n", "1,x\r", "1,\"a\r\nb\"\n", "1,\"a\n\\.\"\n", "1,\"x",
  ])
  func otherFilesAreWrittenAnew(row: String) throws {
    let plain = "7,y\n7,y\n"
    for text in [plain + row, plain + (row.hasSuffix("\n") ? row : row + "\n") + plain] {
      let (seed, _) = try seed("a,b\n" + text)
      #expect(!seed.isReadAsItStands)
      #expect(seed.columns[0].type == .integer)
    }
    #expect(try seed("a,b\n" + plain).seed.isReadAsItStands)
  }

  @Test(arguments: [
    ("1.5", "1e3"), ("1.5", "$2.5"), ("1.5", ".5"), ("true", "tr,ue"), ("2024-01-01", "2024-1-1"),
    ("2024-01-01", "2024-01- 1"),
    ("2024-01-01 10:00:00", "2024-01-01  7:00:00"), ("2024-01-01T10:00:00", "2024-01-01T10:00:00+02:00"),
    ("2024-01-01T10:00:00", "2024-W01-1T10:00"), ("x", "Null"), ("x", "\u{3000}"),
  ])
  func formsThatTheServerReadsDifferently(plain: String, odd: String) throws {
    let usual = "1;\(plain)\n1;\(plain)\n"
    #expect(try seed("a;b\n" + usual, delimiter: ";").seed.isReadAsItStands)
    let (seed, _) = try seed("a;b\n" + usual + "1;\(odd)\n" + usual, delimiter: ";")
    #expect(!seed.isReadAsItStands)
    #expect(try seed.columns[1].type == self.seed("a;b\n" + usual, delimiter: ";").seed.columns[1].type)
  }

  /// The pass at full speed narrows types as the slow look at each value does.
  @Test func aLateValueStillCounts() throws {
    let cases: [(String, String, SeedType)] = [
      ("1", "2.5", .number), ("1", "x", .text), ("true", "yes", .text), ("2024-01-01", "2024-02-30", .text),
      ("2024-01-01", "0000-01-01", .text), ("2024-01-01 10:00:00", "2024-01-01 24:00:00", .text),
      ("1", "12345678901234567890", .integer), ("1", "1234567890123456789012345678901", .number),
      ("0.5", "-", .text),
    ]
    for (usual, late, type) in cases {
      let rows = String(repeating: usual + ",z\n", count: 40_000)
      let (seed, _) = try seed("a,b\n" + rows + late + ",z\n" + rows)
      #expect(seed.rowCount == 80_001)
      #expect(seed.columns[0].type == type, "\(late)")
    }
  }

  @Test func delimiter() throws {
    let (seed, _) = try seed("a;b\n1;x,y\n", delimiter: ";")
    #expect(seed.columns.map(\.type) == [.integer, .text])
    #expect(try Self.rows(seed, delimiter: ";") == [["1", "x,y"]])
  }

  @Test func statedTypesAreNotInferred() throws {
    let folder = try ProjectFolder("== s.csv\nzip,n\n01234,01234\n")
    let (seed, _) = try SeedFile.inspect(
      path: folder.path + "/s.csv", displayPath: "s.csv", textColumns: ["zip"])
    #expect(seed.columns.map(\.type) == [.text, .integer])
  }

  @Test func emptyLinesAndShortRowsAreNulls() throws {
    let (seed, warnings) = try seed("a,b\n1,2\n\n3\n")
    #expect(seed.rowCount == 3)
    #expect(try Self.rows(seed) == [["1", "2"], [nil, nil], ["3", nil]])
    #expect(warnings.map(\.code) == ["ragged-row"])
  }

  @Test func noRows() throws {
    let (seed, _) = try seed("a,b\n")
    #expect(seed.rowCount == 0)
    #expect(seed.columns.map(\.type) == [.integer, .integer])
  }

  @Test func namesOfColumns() throws {
    let (seed, warnings) = try seed("id,,id,id\n1,2,3,4\n")
    #expect(seed.columns.map(\.name) == ["id", "b", "id_2", "id_3"])
    #expect(warnings.map(\.code) == ["unnamed-column", "duplicate-column", "duplicate-column"])
  }

  @Test func recordsLongerThanTheBuffer() throws {
    let long = String(repeating: "wörd,", count: 200_000)
    let (seed, _) = try seed("a,b\n1,\"\(long)\"\n2,z\n")
    #expect(try Self.rows(seed) == [["1", long], ["2", "z"]])
  }

  @Test func manyRecordsAcrossBuffers() throws {
    let rows = (0..<50_000).map { "\($0),\"na\"\"me \($0)\"\r\n" }
    let (seed, _) = try seed("id,name\r\n" + rows.joined())
    #expect(seed.rowCount == 50_000)
    let found = try Self.rows(seed)
    #expect(found.enumerated().allSatisfy { $1 == ["\($0)", "na\"me \($0)"] })
  }

  @Test func mistakes() throws {
    let cases = ["a,b\n1,2\n3,\"x\ny\",5,6\n", "", "a,b\n1,2\n\n", "a,,a\n1,2,3\n"]
    var text = ""
    for source in cases {
      let renderer = DiagnosticRenderer(colors: false) { _ in SourceText(source) }
      do {
        text += renderer.render(try seed(source).warnings) + "\n"
      } catch let error as DiagnosticsError {
        text += renderer.render(error.diagnostics) + "\n"
      }
    }
    #expect(Golden.mismatch(text, file: CaseFile.golden("seed-mistakes.txt")) == nil)
  }

  // MARK: Helpers

  /// A seed whose file goes away with the process's temporary folder of this test.
  private func seed(_ text: String, delimiter: Character = ",") throws -> (
    seed: SeedFile, warnings: [Diagnostic]
  ) {
    try folder.write(text, to: "seed.csv")
    return try SeedFile.inspect(
      path: folder.path + "/seed.csv", displayPath: "seeds/seed.csv", delimiter: delimiter.asciiValue ?? 44)
  }

  private static func bytes(_ seed: SeedFile) throws -> String {
    var stream = try SeedRows(seed)
    var text = ""
    while let chunk = try stream.next() { text += String(decoding: chunk, as: UTF8.self) }
    return text
  }

  /// The rows as a CSV reader sees them that takes unquoted nothing for NULL.
  private static func rows(_ seed: SeedFile, delimiter: Character = ",") throws -> [[String?]] {
    let text = try bytes(seed).replacingOccurrences(of: "\r\n", with: "\n")
    var rows: [[String?]] = []
    var row: [String?] = []
    var field = ""
    var isQuoted = false
    var isInside = false
    var previous: Character = "\n"
    for character in text {
      if isInside {
        if character == "\"" { isInside = false } else { field.append(character) }
      } else if character == "\"" {
        if previous == "\"", isQuoted { field.append("\"") }
        isQuoted = true
        isInside = true
      } else if character == delimiter || character == "\n" {
        row.append(field.isEmpty && !isQuoted ? nil : field)
        (field, isQuoted) = ("", false)
        if character == "\n" {
          rows.append(row)
          row = []
        }
      } else {
        field.append(character)
      }
      previous = character
    }
    return rows
  }
}
