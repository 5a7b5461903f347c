public import Diagnostics
public import OrderedCollections
import Synchronization

/// What of a node only those look at who render, check or write down that very node: the larger part of it by far.
public struct NodeDetails: Sendable {
  /// The template's text; empty for seeds.
  public var rawCode: String
  public var language: String = "sql"
  /// SHA-256 of the file's stripped contents in hexadecimal; `checksumName` is "none" when there is no file.
  public var checksum: String
  public var checksumName: String = "sha256"

  public var unrenderedConfig: OrderedDictionary<String, PlainValue> = [:]

  public var description: String = ""
  /// The docs blocks that the description names.
  public var docBlocks: [NodeID] = []
  public var columns: OrderedDictionary<String, ColumnProperties> = [:]
  public var docsShow: Bool = true
  public var docsColor: String?
  public var patchSpan: SourceSpan?

  public var refs: [RefCall] = []
  public var sources: [SourceCall] = []
  /// `function()` calls as written: a name, or a package and a name.
  public var functions: [[String]] = []
  /// `metric()` calls as written.
  public var metrics: [[String]] = []
  public var macroDependsOn: [NodeID] = []

  public var test: TestMetadata?
  /// For functions.
  public var signature: FunctionSignature?
  public var constraints: [PlainValue] = []
  /// What tells whether an enforced contract changed; nil when none is enforced.
  public var contractChecksum: String?
  /// In ISO's form, with the offset from UTC.
  public var deprecationDate: String?
  /// Which column of a model counts time, as the manifest has it; nil when the model is no time spine.
  public var timeSpine: PlainValue?
  public var primaryKey: [String] = []
  /// Where the node's own text begins: line and column in `originalFilePath` for a block inside a file.
  public var firstLine: Int = 1

  public init(rawCode: String, checksum: String) {
    self.rawCode = rawCode
    self.checksum = checksum
  }

  /// What is asked of all nodes of a project, known without their details.
  public struct Marks: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A test of properties.
    public static let genericTest = Marks(rawValue: 1)
    /// No text but white space.
    public static let blank = Marks(rawValue: 2)
    /// Constraints of the node or of a column.
    public static let constrained = Marks(rawValue: 4)
    /// A generic test of a package, or of a star's declaration.
    public static let namespacedTest = Marks(rawValue: 8)
  }

  public var marks: Marks {
    var marks: Marks = []
    if let test {
      marks.insert(.genericTest)
      if test.namespace != nil { marks.insert(.namespacedTest) }
    }
    if rawCode.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { marks.insert(.blank) }
    if !constraints.isEmpty || columns.values.contains(where: { !$0.constraints.isEmpty }) {
      marks.insert(.constrained)
    }
    return marks
  }
}

/// Where details lie that have not been asked for.
public protocol NodeDetailsSource: AnyObject, Sendable {
  func details(at place: Range<Int>) -> NodeDetails
}

/// A node's details, made when somebody asks for them; copies share them until one is changed.
public struct LaterDetails: Sendable {
  // Changed only while one value holds it, which `value` checks before it gives it out; all others only read it.
  @usableFromInline
  final class Made: @unchecked Sendable {
    @usableFromInline var details: NodeDetails

    @inlinable
    init(_ details: NodeDetails) { self.details = details }
  }

  @usableFromInline
  final class Kept: Sendable {
    let source: any NodeDetailsSource
    let place: Range<Int>
    let marks: NodeDetails.Marks
    private let known = Mutex<Made?>(nil)

    init(_ source: any NodeDetailsSource, _ place: Range<Int>, _ marks: NodeDetails.Marks) {
      self.source = source
      self.place = place
      self.marks = marks
    }

    @usableFromInline var made: Made {
      known.withLock { known in
        if let known { return known }
        let made = Made(source.details(at: place))
        known = made
        return made
      }
    }
  }

  /// nil while the details are those that ``kept`` gives.
  @usableFromInline var made: Made?
  @usableFromInline let kept: Kept?

  public init(_ details: NodeDetails) {
    made = Made(details)
    kept = nil
  }

  /// Details that a source gives when they are asked for.
  public init(_ source: any NodeDetailsSource, at place: Range<Int>, marks: NodeDetails.Marks) {
    kept = Kept(source, place, marks)
  }

  @inlinable
  public var value: NodeDetails {
    get { (made ?? kept?.made)?.details ?? NodeDetails(rawCode: "", checksum: "") }
    _modify {
      let isOwn = isKnownUniquelyReferenced(&made)
      let own = (isOwn ? made : nil) ?? Made(value)
      made = own
      yield &own.details
    }
  }

  public var marks: NodeDetails.Marks { made.map(\.details.marks) ?? kept?.marks ?? [] }

  /// Where the details lie unless they were changed.
  public var source: (any NodeDetailsSource)? { made == nil ? kept?.source : nil }

  /// Where the source has these details; nil when they are another's, or were changed.
  public func place(in source: any NodeDetailsSource) -> Range<Int>? {
    guard made == nil, let kept, kept.source === source else { return nil }
    return kept.place
  }
}
