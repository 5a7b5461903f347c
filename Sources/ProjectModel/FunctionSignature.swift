/// What a function of the warehouse takes and gives.
public struct FunctionSignature: Sendable {
  public struct Argument: Sendable {
    public var name: String
    /// The type as SQL writes it.
    public var dataType: String
    public var description: String?
    /// What stands after DEFAULT; nil: the argument must be given.
    public var defaultValue: PlainValue?

    public init(name: String, dataType: String, description: String?, defaultValue: PlainValue?) {
      self.name = name
      self.dataType = dataType
      self.description = description
      self.defaultValue = defaultValue
    }
  }

  public var arguments: [Argument]
  public var returnType: String
  public var returnDescription: String?

  public init(arguments: [Argument], returnType: String, returnDescription: String?) {
    self.arguments = arguments
    self.returnType = returnType
    self.returnDescription = returnDescription
  }

  /// As the manifest has them.
  public var argumentValues: PlainValue {
    .list(
      arguments.map {
        [
          "name": .string($0.name), "data_type": .string($0.dataType),
          "description": $0.description.map { .string($0) } ?? .null,
          "default_value": $0.defaultValue ?? .null,
        ]
      })
  }

  public var returnValue: PlainValue {
    [
      "data_type": .string(returnType), "description": returnDescription.map { .string($0) } ?? .null,
    ]
  }
}
