import Diagnostics
import ProjectLoading
import ProjectModel

extension ManifestBuilder {
  /// Reads an entry of `functions:`: what a function takes and gives.
  mutating func addFunction(
    _ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader, _ tests: inout GenericTestBuilder
  ) {
    let signature = Self.signature(name, node, &reader)
    addNode(name, node, "functions", .function, PropertyKeys.function, &reader, &tests, signature: signature)
  }

  private static func signature(
    _ name: String, _ node: YAMLNode, _ reader: inout PropertiesReader
  ) -> FunctionSignature? {
    guard let returns = node["returns"], let type = returns["data_type"]?.string else {
      reader.report(
        "bad-value", "function '\(name)' does not say what it returns",
        at: node["returns"] ?? node["name"] ?? node,
        label: "'returns:' needs a 'data_type'")
      return nil
    }
    var arguments: [FunctionSignature.Argument] = []
    for item in node["arguments"]?.sequence ?? [] {
      guard let argument = item["name"]?.string, let type = item["data_type"]?.string else {
        reader.report(
          "bad-value", "an argument of function '\(name)' needs a name and a data_type", at: item)
        continue
      }
      let standard = item["default_value"]?.plain
      if standard == nil || standard == .null, let last = arguments.last, last.defaultValue != nil {
        reader.report(
          "bad-value",
          "argument '\(argument)' of function '\(name)' has no default and comes after '\(last.name)', which has one",
          at: item, label: "arguments with defaults come last")
      }
      arguments.append(
        FunctionSignature.Argument(
          name: argument, dataType: type, description: item["description"]?.string,
          defaultValue: standard == .null ? nil : standard))
    }
    return FunctionSignature(
      arguments: arguments, returnType: type, returnDescription: returns["description"]?.string)
  }

  /// A function without an entry in properties cannot be made: nobody says what it returns.
  mutating func checkFunctions() {
    for node in manifest.nodes.values where node.resourceType == .function && node.signature == nil {
      guard node.patchSpan == nil else { continue }
      diagnostics.append(
        Diagnostic(
          "bad-value", "function '\(node.name)' does not say what it returns", at: place(of: node),
          help: "describe it under 'functions:' in a properties file, with 'returns: {data_type: …}'"))
    }
  }
}
