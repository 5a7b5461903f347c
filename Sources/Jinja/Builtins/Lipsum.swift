/// Filler text.
enum Lipsum {
  private static let words = [
    "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit", "sed", "tempor", "magna",
    "aliqua", "enim", "minim", "veniam", "nostrud", "ullamco", "laboris", "nisi", "commodo", "consequat",
    "duis", "aute", "irure", "velit", "esse", "cillum", "fugiat", "nulla", "pariatur",
  ]

  static func generate(_ arguments: Arguments) throws -> Value {
    let bound = try arguments.bind("generate_lorem_ipsum", ["n", "html", "min", "max"])
    let count = try bound[0]?.index() ?? 5
    let isHTML = try bound[1]?.isTrue() ?? true
    let least = try bound[2]?.index() ?? 20
    let most = try bound[3]?.index() ?? 100
    guard least < most else {
      throw TemplateError(.value, "empty range for randrange() (\(least), \(most), \(most - least))")
    }
    let paragraphs = (0..<max(0, count)).map { _ in paragraph(Int.random(in: least..<most)) }
    if !isHTML { return .string(paragraphs.joined(separator: "\n\n")) }
    return .markup(paragraphs.map { "<p>\($0)</p>" }.joined(separator: "\n"))
  }

  private static func paragraph(_ length: Int) -> String {
    var parts: [String] = []
    var startsSentence = true
    for index in 0..<max(1, length) {
      var word = words.randomElement() ?? "lorem"
      if startsSentence { word = CaseMapping.capitalize(word) }
      startsSentence = index % 11 == 10
      if startsSentence { word += "." } else if index % 5 == 4 { word += "," }
      parts.append(word)
    }
    var text = parts.joined(separator: " ")
    if text.hasSuffix(",") { text.removeLast() }
    return text.hasSuffix(".") ? text : text + "."
  }
}
