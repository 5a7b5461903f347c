/// A node's SQL after rendering, with the way back to what the user wrote.
public struct CompiledNode: Sendable {
  public var id: NodeID
  /// As it is written to `target/compiled`: the ephemeral parents' CTEs injected.
  public var sql: String
  public var sourceMap: SourceMap
  /// The CTEs of ephemeral parents that were put in front, in order.
  public var injected: [InjectedExpression] = []
  /// False when `--no-inject-ephemeral-ctes` left the CTEs of ephemeral parents out.
  public var hasInjected = true
  /// Whether the same manifest, target, variables and ``flags`` give this SQL whenever it is rendered: the template asked
  /// nothing of the database, the clock, the environment, the run or chance, and told nobody anything.
  public var isRepeatable = false
  /// The flags that the template asked for, by upper-case name, in order.
  public var flags: [String] = []

  public init(id: NodeID, sql: String, sourceMap: SourceMap) {
    self.id = id
    self.sql = sql
    self.sourceMap = sourceMap
  }
}
