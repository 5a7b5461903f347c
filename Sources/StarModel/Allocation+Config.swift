import Diagnostics
import OrderedCollections
import ProjectModel

extension Allocation {
  static let keys = ["measure", "over", "header", "decimals"]

  /// `allocate: [{measure: shipping, over: amount, header: order_id}]`.
  ///
  /// - Parameter measures: what the fact declares.
  static func read(_ reader: inout ConfigReader, measures: [String], grain: [String]) -> [Allocation] {
    guard let value = reader.value("allocate") else { return [] }
    guard let items = value.list ?? value.mapping.map({ [.mapping($0)] }) else {
      reader.bad("allocate", value, at: "allocate", expected: "a list of {measure:, over:, header:}")
      return []
    }
    var found: [Allocation] = []
    for item in items {
      guard let mapping = item.mapping, let measure = mapping["measure"]?.string,
        let header = mapping["header"]
      else {
        reader.bad(
          "an entry of allocate", item, at: "allocate", expected: "a mapping with 'measure:' and 'header:'")
        continue
      }
      let place = "allocate of \(measure) in \(reader.node.name)"
      reader.refuseUnknown(mapping, known: keys, in: place, at: "allocate")
      var allocation = Allocation(
        measure: measure,
        header: reader.columns(header, key: "header of allocate (\(measure))", at: "allocate") ?? [])
      if let over = mapping["over"], !over.isNull {
        allocation.over = over.string
        if over.string == nil || over.string == measure {
          reader.bad("over of allocate (\(measure))", over, at: "allocate", expected: "another column")
        }
      }
      if let decimals = mapping["decimals"] {
        if let number = decimals.int, (0...12).contains(number) {
          allocation.decimals = number
        } else {
          reader.bad(
            "decimals of allocate (\(measure))", decimals, at: "allocate",
            expected: "a whole number from 0 to 12")
        }
      }
      if !measures.contains(measure) {
        reader.report(
          "bad-config-value",
          "allocate of \(reader.node.name) shares out '\(measure)', which is none of its measures",
          meant: NearMiss(measure, among: measures), at: "allocate",
          help: "add it to 'measures:'")
      }
      if found.contains(where: { $0.measure == measure }) {
        reader.report(
          "bad-config-value", "allocate of \(reader.node.name) shares out '\(measure)' twice", at: "allocate")
      }
      if !allocation.header.isEmpty, Set(allocation.header).isSuperset(of: grain), !grain.isEmpty {
        reader.report(
          "bad-config-value",
          "\(place): its header (\(allocation.header.joined(separator: ", "))) is the grain, so it has one line",
          at: "allocate", help: "name the column that the lines of a header share")
      }
      found.append(allocation)
    }
    return found
  }
}
