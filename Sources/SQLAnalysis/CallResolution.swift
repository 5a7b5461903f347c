import Synchronization

/// Which function or operator a call means (PostgreSQL manual, 10.2 and 10.3).
enum CallResolution: Sendable {
  enum Argument: Sendable, Hashable {
    case type(SQLType)
    /// A text in quotes or NULL, which takes the type that its place wants.
    case untyped
    /// Nobody knows its type.
    case unknown
  }

  /// The type of the result, and what the first argument is taken for; nil where it is not known.
  case found(SQLType?, first: SQLType?)
  /// None of them takes these arguments.
  case none

  private struct Call: Hashable {
    var name: String
    var isOperator: Bool
    var arguments: [Argument]
  }

  /// A project's queries make the same few calls again and again.
  private static let known = Mutex<[Call: CallResolution]>([:])

  /// nil when there is no operator of the name with so many operands.
  static func ofOperator(_ name: String, _ operands: [Argument]) -> CallResolution? {
    resolved(Call(name: name, isOperator: true, arguments: operands)) {
      let routines = ServerCatalogue.shared.operators[name] ?? []
      return routines.filter { $0.arguments.count == operands.count }
    }
  }

  /// nil when there is no function of the name.
  static func ofFunction(_ name: String, _ arguments: [Argument]) -> CallResolution? {
    resolved(Call(name: name, isOperator: false, arguments: arguments)) {
      ServerCatalogue.shared.functions[name] ?? []
    }
  }

  private static func resolved(_ call: Call, among routines: () -> [Routine]) -> CallResolution? {
    if let known = known.withLock({ $0[call] }) { return known }
    let routines = routines()
    guard !routines.isEmpty else { return nil }
    let resolution = CallResolution(routines, call.arguments, isOperator: call.isOperator)
    known.withLock { $0[call] = resolution }
    return resolution
  }

  static func isPolymorphic(_ type: SQLType) -> Bool { PolymorphicTypes.has(type) }

  typealias Routine = ServerCatalogue.Routine

  /// - Parameter isOperator: whether an untyped operand is taken for the type of the other one first
  private init(_ routines: [Routine], _ arguments: [Argument], isOperator: Bool) {
    let catalogue = ServerCatalogue.shared
    let arguments = arguments.map { argument in
      // A type of the user's may have casts that nobody here knows.
      if case .type(let type) = argument, !catalogue.knows(type) { return Argument.unknown }
      return argument
    }
    var fitting = routines.compactMap { Candidate($0, arguments, catalogue) }
    if fitting.isEmpty {
      self = .none
      return
    }
    if arguments.contains(.unknown) {
      let results = Set(fitting.map(\.result))
      self = .found(results.count == 1 ? fitting[0].result : nil, first: nil)
      return
    }
    if let exact = Self.exact(fitting, arguments, isOperator: isOperator) {
      self = exact.resolution
      return
    }
    fitting = Self.best(fitting) { $0.exactMatches(arguments) }
    if fitting.count > 1 { fitting = Self.best(fitting) { $0.preferredMatches(arguments, catalogue) } }
    if fitting.count > 1, arguments.contains(.untyped) {
      fitting = Self.byCategory(fitting, arguments, catalogue)
    }
    if fitting.count > 1, let same = Self.sharedType(arguments) {
      let assumed = arguments.map { _ in Argument.type(same) }
      let accepting = fitting.filter { Candidate($0.routine, assumed, catalogue) != nil }
      if accepting.count == 1 { fitting = accepting }
    }
    self = fitting.count == 1 ? fitting[0].resolution : .found(nil, first: nil)
  }

  /// The one that has just these types.
  private static func exact(_ fitting: [Candidate], _ arguments: [Argument], isOperator: Bool) -> Candidate? {
    var wanted = arguments
    if isOperator, arguments.count == 2, let same = sharedType(arguments) {
      wanted = [.type(same), .type(same)]
    }
    return fitting.first { candidate in
      zip(candidate.parameters, wanted).allSatisfy { .type($0) == $1.unmodified }
    }
  }

  private static func best(_ candidates: [Candidate], by score: (Candidate) -> Int) -> [Candidate] {
    let scores = candidates.map(score)
    let most = scores.max() ?? 0
    return zip(candidates, scores).filter { $0.1 == most }.map(\.0)
  }

  /// What untyped arguments decide: a string where one of the candidates takes it, else what all agree on.
  private static func byCategory(
    _ candidates: [Candidate], _ arguments: [Argument], _ catalogue: ServerCatalogue
  ) -> [Candidate] {
    var chosen: [Int: ServerCatalogue.Category] = [:]
    for (index, argument) in arguments.enumerated() where argument == .untyped {
      let all = candidates.map { catalogue.category(of: $0.parameters[index]) }
      let letters = Set(all.map(\.letter))
      guard
        let letter = letters.count == 1
          ? letters.first : letters.first(where: { $0 == ServerCatalogue.Category.text })
      else { return candidates }
      let isPreferred = all.contains { $0.letter == letter && $0.isPreferred }
      chosen[index] = ServerCatalogue.Category(letter: letter, isPreferred: isPreferred)
    }
    let left = candidates.filter { candidate in
      chosen.allSatisfy { index, wanted in
        let category = catalogue.category(of: candidate.parameters[index])
        return category.letter == wanted.letter && (category.isPreferred || !wanted.isPreferred)
      }
    }
    return left.isEmpty ? candidates : left
  }

  /// The type of all arguments that have one, when others have none.
  private static func sharedType(_ arguments: [Argument]) -> SQLType? {
    let types = Set(
      arguments.compactMap { argument -> SQLType? in
        if case .type(let type) = argument { type.unmodified } else { nil }
      })
    return types.count == 1 && arguments.contains(.untyped) ? types.first : nil
  }
}

extension CallResolution.Argument {
  fileprivate var unmodified: Self {
    if case .type(let type) = self { .type(type.unmodified) } else { self }
  }
}

/// A routine that takes the arguments of a call.
private struct Candidate {
  let routine: ServerCatalogue.Routine
  /// One for each argument.
  let parameters: [SQLType]
  /// nil when it is not known.
  let result: SQLType?

  /// nil when it does not take them.
  init?(
    _ routine: ServerCatalogue.Routine, _ arguments: [CallResolution.Argument], _ catalogue: ServerCatalogue
  ) {
    let declared = routine.arguments
    var parameters = declared
    if routine.isVariadic, arguments.count >= declared.count, let last = declared.last {
      let element = last.isArray ? last.element : last.name == "anyarray" ? SQLType("anyelement") : last
      parameters =
        declared.dropLast() + Array(repeating: element, count: arguments.count - declared.count + 1)
    } else {
      guard (declared.count - routine.defaults...declared.count).contains(arguments.count) else { return nil }
      parameters = Array(declared.prefix(arguments.count))
    }
    var family = PolymorphicTypes()
    for (parameter, argument) in zip(parameters, arguments) {
      if PolymorphicTypes.has(parameter) {
        guard family.take(argument, as: parameter, catalogue) else { return nil }
      } else if case .type(let type) = argument, parameter.name != "\"any\"",
        !catalogue.converts(type, to: parameter)
      {
        return nil
      }
    }
    self.routine = routine
    self.parameters = parameters
    result = PolymorphicTypes.has(routine.result) ? family.type(of: routine.result) : routine.result
  }

  var resolution: CallResolution { .found(result, first: parameters.first) }

  func exactMatches(_ arguments: [CallResolution.Argument]) -> Int {
    zip(parameters, arguments).count { .type($0) == $1.unmodified }
  }

  /// Arguments that stay as they are, or become the preferred type of their kind.
  func preferredMatches(_ arguments: [CallResolution.Argument], _ catalogue: ServerCatalogue) -> Int {
    zip(parameters, arguments).count { parameter, argument in
      guard case .type(let type) = argument else { return false }
      let category = catalogue.category(of: parameter)
      return parameter == type.unmodified
        || category.isPreferred && category.letter == catalogue.category(of: type).letter
    }
  }
}

/// What the pseudo-types of a routine stand for in one call (PostgreSQL manual, 38.2.5).
private struct PolymorphicTypes {
  /// Of `anyelement` and its family, which have to agree.
  private var element: SQLType?
  /// Of `anycompatible` and its family, which become one type.
  private var compatible: SQLType?
  private var range: SQLType?
  private var isOpen = false

  /// What ranges are of.
  private static let subtypes: [String: SQLType] = [
    "int4range": .integer, "int8range": .bigint, "numrange": .numeric, "daterange": .date,
    "tsrange": .timestamp,
    "tstzrange": .timestamptz,
  ]

  static func has(_ type: SQLType) -> Bool {
    type.name.hasPrefix("any") && type.name != "\"any\""
  }

  /// Whether an argument can stand there, with those before it.
  mutating func take(
    _ argument: CallResolution.Argument, as parameter: SQLType, _ catalogue: ServerCatalogue
  ) -> Bool {
    guard case .type(let modified) = argument else {
      isOpen = isOpen || argument == .unknown
      return true
    }
    let type = modified.unmodified
    if parameter.name.hasSuffix("range") {
      let isMulti = parameter.name.hasSuffix("multirange")
      guard catalogue.category(of: type).letter == "R", type.name.hasSuffix("multirange") == isMulti else {
        return false
      }
      if let range, range != type { return false }
      range = type
      guard let own = Self.subtypes[type.name] else { return true }
      return take(
        .type(own), as: SQLType(parameter.name.hasPrefix("anycompatible") ? "anycompatible" : "anyelement"),
        catalogue)
    }
    if parameter.name == "anyenum" { return false }
    if parameter.name.hasSuffix("nonarray"), type.isArray { return false }
    let isArray = parameter.name.hasSuffix("array") && !parameter.name.hasSuffix("nonarray")
    if isArray, !type.isArray { return false }
    let own = isArray ? type.element : type
    if parameter.name.hasPrefix("anycompatible") {
      guard let known = compatible else {
        compatible = own
        return true
      }
      guard let common = CommonType.type(of: known, own) else { return false }
      compatible = common
      return true
    }
    if let element, element != own { return false }
    element = own
    return true
  }

  /// nil when the arguments do not tell.
  func type(of result: SQLType) -> SQLType? {
    if isOpen { return nil }
    if result.name.hasSuffix("range") { return range.map { $0.ranged(like: result) } }
    let own = result.name.hasPrefix("anycompatible") ? compatible ?? .text : element
    guard let own else { return nil }
    if result.name.hasSuffix("array"), !result.name.hasSuffix("nonarray") {
      return own.isArray ? nil : own.array
    }
    return own
  }
}

extension SQLType {
  /// A range's multirange, and the other way round.
  fileprivate func ranged(like pseudo: SQLType) -> SQLType {
    let isMulti = name.hasSuffix("multirange")
    if pseudo.name.hasSuffix("multirange") == isMulti { return self }
    let stem = name.dropLast(isMulti ? "multirange".count : "range".count)
    return SQLType(stem + (isMulti ? "range" : "multirange"))
  }
}
