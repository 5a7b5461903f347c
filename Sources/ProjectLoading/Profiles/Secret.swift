/// A value that is used and never shown: printing, reflecting and interpolating give asterisks.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let value: String

  public init(_ value: String) { self.value = value }

  /// The value itself, for the one call that needs it.
  public func reveal() -> String { value }

  public var description: String { "********" }
  public var debugDescription: String { "********" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
