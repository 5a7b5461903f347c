/// A statement of a script was refused; those before it were carried out.
public struct ScriptError: Error, Sendable {
  /// 0-based, which of the statements the server refused. Statements after it were not run.
  public var index: Int
  public var error: WarehouseError

  public init(index: Int, error: WarehouseError) {
    self.index = index
    self.error = error
  }
}
