/// The diagram as a picture of its own: facts in the middle, their dimensions on both sides, a crow's foot at the end
/// where there are many.
extension StarDiagram {
  /// A box with its place; all lengths in pixels.
  private struct Box {
    static let line = 18
    static let head = 26

    var entity: Entity
    var x: Int
    var y: Int
    var width: Int

    static func height(_ entity: Entity) -> Int { head + line * entity.columns.count + 8 }

    /// About what the text needs: letters of 12 pixels are 7 wide.
    static func width(_ entity: Entity) -> Int {
      let longest = entity.columns.map { $0.name.count + 5 }.max() ?? 0
      return max(140, 24 + 7 * max(longest, entity.name.count + 2))
    }

    /// The middle of a column's line; that of the name when there is no such column.
    func middle(of column: String) -> Int {
      let index = entity.columns.firstIndex { $0.name == column }
      return y + (index.map { Self.head + Self.line * $0 + Self.line / 2 + 2 } ?? Self.head / 2)
    }
  }

  func svg(_ entities: [Entity], _ references: [Reference]) -> String {
    let boxes = Self.place(entities)
    let width = (boxes.map { $0.x + $0.width }.max() ?? 0) + 20
    let height = (boxes.map { $0.y + Box.height($0.entity) }.max() ?? 0) + 20
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" "
        + "height=\"\(height)\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"12\">",
      "<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
    ]
    for reference in references {
      guard let fact = boxes.first(where: { $0.entity.isFact && $0.entity.name == reference.fact }),
        let dimension = boxes.first(where: { !$0.entity.isFact && $0.entity.name == reference.dimension })
      else { continue }
      lines += Self.connection(fact, dimension, reference)
    }
    for box in boxes { lines += Self.draw(box) }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  /// Dimensions go to the side that is shorter so far.
  private static func place(_ entities: [Entity]) -> [Box] {
    let facts = entities.filter(\.isFact)
    var sides: [(boxes: [Entity], height: Int)] = [([], 0), ([], 0)]
    for entity in entities where !entity.isFact {
      let side = sides[0].height <= sides[1].height ? 0 : 1
      sides[side].boxes.append(entity)
      sides[side].height += Box.height(entity) + 30
    }
    func column(_ entities: [Entity], x: Int, total: Int) -> [Box] {
      let width = entities.map(Box.width).max() ?? 0
      let own = entities.map { Box.height($0) + 30 }.reduce(0, +)
      var y = 20 + (total - own) / 2
      return entities.map { entity in
        defer { y += Box.height(entity) + 30 }
        return Box(entity: entity, x: x, y: y, width: width)
      }
    }
    let columns = [sides[0].boxes, facts, sides[1].boxes]
    let total = columns.map { $0.map { Box.height($0) + 30 }.reduce(0, +) }.max() ?? 0
    var x = 20
    return columns.flatMap { entities -> [Box] in
      let boxes = column(entities, x: x, total: total)
      if let width = boxes.first?.width { x += width + 110 }
      return boxes
    }
  }

  private static func connection(_ fact: Box, _ dimension: Box, _ reference: Reference) -> [String] {
    let isLeft = dimension.x < fact.x
    let (from, to) = (fact.middle(of: reference.key), dimension.middle(of: reference.surrogateKey))
    let start = isLeft ? fact.x : fact.x + fact.width
    let end = isLeft ? dimension.x + dimension.width : dimension.x
    let out = isLeft ? -1 : 1
    let (bend, foot, bar) = (start + 50 * out, start + 10 * out, end - 8 * out)
    return [
      "<path class=\"line\" d=\"M\(start) \(from) C\(bend) \(from) \(end - 50 * out) \(to) \(end) \(to)\" fill=\"none\" "
        + "stroke=\"#5b6770\"/>",
      "<path class=\"line\" d=\"M\(foot) \(from) L\(start) \(from - 5) M\(foot) \(from) L\(start) \(from + 5) "
        + "M\(bar) \(to - 5) L\(bar) \(to + 5)\" stroke=\"#5b6770\"/>",
    ]
  }

  private static func draw(_ box: Box) -> [String] {
    let height = Box.height(box.entity)
    var lines = [
      "<g data-name=\"\(escaped(box.entity.name))\">",
      box.entity.note.isEmpty ? "" : "<title>\(escaped(box.entity.note))</title>",
      "<rect class=\"\(box.entity.isFact ? "fact" : "dimension")\" x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" height=\"\(height)\" rx=\"5\" "
        + "fill=\"\(box.entity.isFact ? "#cfe8e8" : "#f3ead3")\" stroke=\"#5b6770\"/>",
      "<text class=\"name\" x=\"\(box.x + 10)\" y=\"\(box.y + 17)\" font-weight=\"bold\">\(escaped(box.entity.name))</text>",
      "<path class=\"line\" d=\"M\(box.x) \(box.y + Box.head) h\(box.width)\" stroke=\"#5b6770\"/>",
    ]
    for column in box.entity.columns {
      let y = box.middle(of: column.name) + 4
      lines.append("<text x=\"\(box.x + 10)\" y=\"\(y)\">\(escaped(column.name))</text>")
      if !column.key.isEmpty {
        lines.append(
          "<text class=\"note\" x=\"\(box.x + box.width - 10)\" y=\"\(y)\" text-anchor=\"end\" fill=\"#5b6770\">\(column.key)</text>"
        )
      }
    }
    return lines.filter { !$0.isEmpty } + ["</g>"]
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
