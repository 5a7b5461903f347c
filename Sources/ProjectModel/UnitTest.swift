public import OrderedCollections

/// A question to one model's query alone: what comes out of it when rows that are made up go in.
public struct UnitTest: Sendable {
  /// Values by column; a column that is not there is NULL.
  public typealias Row = OrderedDictionary<String, PlainValue>

  public enum Rows: Sendable {
    case values([Row])
    /// `format: sql`: a query that gives the rows.
    case query(String)
  }

  /// Rows that stand in for one input of the model.
  public struct Input: Sendable {
    /// The input as it is written: `ref('orders')`, `source('shop', 'orders')`, `this`.
    public var name: String
    public var rows: Rows

    public init(name: String, rows: Rows) {
      self.name = name
      self.rows = rows
    }
  }

  /// What has another meaning while the model is rendered.
  public struct Overrides: Sendable {
    /// By name, or by `package.name`: what a call of the macro gives.
    public var macros: Row = [:]
    public var variables: Row = [:]
    public var environment: Row = [:]

    public init(macros: Row = [:], variables: Row = [:], environment: Row = [:]) {
      self.macros = macros
      self.variables = variables
      self.environment = environment
    }
  }

  /// The test as something that runs: its own id and name, the tested model's text and relation.
  public var node: Node
  /// The tested model.
  public var model: NodeID
  /// The tested model's name, as the test states it.
  public var modelName: String
  public var inputs: [Input]
  public var expected: Rows
  public var overrides: Overrides

  public init(
    node: Node, model: NodeID, modelName: String, inputs: [Input], expected: Rows, overrides: Overrides
  ) {
    self.node = node
    self.model = model
    self.modelName = modelName
    self.inputs = inputs
    self.expected = expected
    self.overrides = overrides
  }

  /// `orders::counts_items`, as lines of a run name the test.
  public var label: String { modelName + "::" + node.name }
}
