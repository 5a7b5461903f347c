/// A measure of a header (the shipping of an order) that each of its lines bears a share of.
public struct Allocation: Sendable, Hashable {
  /// The column of the fact's SQL with the header's amount, the same on each of its lines; in the table it holds the
  /// share.
  public var measure: String
  /// The column that the shares are in proportion to; nil: each line bears the same.
  public var over: String?
  /// The columns that tell headers apart.
  public var header: [String]
  /// The decimal places of a share. What rounding leaves goes to later lines, so that the shares add up.
  public var decimals: Int

  public init(measure: String, over: String? = nil, header: [String], decimals: Int = 2) {
    self.measure = measure
    self.over = over
    self.header = header
    self.decimals = decimals
  }
}
