// swift-tools-version: 6.2
import PackageDescription

/// Every target compiles in Swift 6 language mode, says which imports its interface needs,
/// and treats a warning as an error.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A module of the product; `docs/ARCHITECTURE.md` says what each is responsible for, and
/// `ArchitectureTests` holds the directions.
func module(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// Tests of one module; `data` names the folders beside them that hold cases and goldens.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], exclude: data, swiftSettings: strict)
}

let package = Package(
  name: "whc",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "whc", targets: ["whc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    module("Diagnostics", []),
    module("ProjectModel", ["Diagnostics", collections]),
    module("Jinja", []),
    module("ProjectLoading", ["ProjectModel", "Diagnostics", collections, yams]),
    module("Warehouse", ["ProjectModel", "Diagnostics", collections]),
    module("StarModel", ["ProjectModel", "Diagnostics", collections]),
    module("Proposals", ["Warehouse", "Diagnostics"]),
    .systemLibrary(
      name: "CPgQuery", providers: [.apt(["libpg-query-dev"]), .brew(["libpg_query"])]),
    .target(
      name: "SQLAnalysis", dependencies: ["CPgQuery"], exclude: ["Catalogue"], swiftSettings: strict,
      linkerSettings: [
        // Linked into the program: people who run it need not have the library.
        .linkedLibrary(":libpg_query.a", .when(platforms: [.linux])),
        .linkedLibrary("pg_query", .when(platforms: [.macOS])),
      ], plugins: ["EmbedText"]),
    module(
      "Compiler",
      [
        "Jinja", "SQLAnalysis", "StarModel", "ProjectLoading", "Warehouse", "ProjectModel", "Diagnostics",
        collections,
      ]),
    module(
      "ProjectAnalysis", ["SQLAnalysis", "StarModel", "ProjectModel", "Diagnostics", collections]),
    module(
      "LanguageServer",
      ["ProjectAnalysis", "SQLAnalysis", "Compiler", "ProjectLoading", "ProjectModel", "Diagnostics"]),
    module(
      "Materializations",
      ["SQLAnalysis", "StarModel", "Warehouse", "ProjectModel", "Diagnostics", collections]),
    module(
      "Runner",
      ["Materializations", "Compiler", "StarModel", "Warehouse", "ProjectModel", "Diagnostics", collections]),
    module("LibpqWarehouse", ["Warehouse", "ProjectModel", "Diagnostics"]),
    module("AWS", ["ProjectLoading", "ProjectModel"]),
    module(
      "Artifacts",
      ["ProjectAnalysis", "SQLAnalysis", "StarModel", "ProjectModel", "Diagnostics", collections]),
    // The page's HTML, CSS and JavaScript stand in files of their own and become string literals.
    .target(
      name: "DocsSite",
      dependencies: [
        "Artifacts", "ProjectAnalysis", "StarModel", "ProjectModel", "Diagnostics", collections,
      ],
      exclude: ["Page"], swiftSettings: strict, plugins: ["EmbedText"]),
    .executableTarget(name: "EmbedTextTool", path: "Plugins/EmbedTextTool", swiftSettings: strict),
    .plugin(
      name: "EmbedText", capability: .buildTool(), dependencies: ["EmbedTextTool"],
      path: "Plugins/EmbedText"),
    module(
      "Commands",
      [
        "LanguageServer", "DocsSite", "Artifacts", "Runner", "LibpqWarehouse", "Warehouse", "AWS",
        "Materializations",
        "ProjectAnalysis", "SQLAnalysis", "Proposals", "StarModel", "Compiler", "Jinja", "ProjectLoading",
        "ProjectModel", "Diagnostics",
        argumentParser, collections,
      ]),
    .executableTarget(name: "whc", dependencies: ["Commands"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["LibpqWarehouse", "Warehouse"], path: "Tests/TestSupport",
      swiftSettings: strict),
    tests("ArchitectureTests", []),
    tests("DiagnosticsTests", ["Diagnostics"], data: ["Goldens"]),
    tests(
      "ProjectLoadingTests", ["ProjectLoading", "ProjectModel", "Diagnostics"], data: ["Goldens", "Cases"]),
    tests("ProposalsTests", ["Proposals"]),
    tests("AWSTests", ["AWS", "ProjectLoading"]),
    tests(
      "LanguageServerTests",
      ["LanguageServer", "ProjectAnalysis", "Compiler", "ProjectLoading", "ProjectModel", "Diagnostics"]),
    tests("StarModelTests", ["StarModel", "ProjectModel", "Diagnostics", collections]),
    tests(
      "SQLAnalysisTests", ["SQLAnalysis", "LibpqWarehouse", "Warehouse"], data: ["Cases"]),
    tests("JinjaTests", ["Jinja"], data: ["Cases"]),
    tests("WarehouseTests", ["Warehouse", "ProjectModel", "Diagnostics"]),
    tests("LibpqWarehouseTests", ["LibpqWarehouse", "Warehouse", "ProjectModel", "Diagnostics"]),
    tests(
      "CompilerTests",
      [
        "Compiler", "StarModel", "Warehouse", "Artifacts", "ProjectLoading", "ProjectModel", "Diagnostics",
        collections,
      ],
      data: ["Parsing/Goldens", "Selection/Cases"]),
    tests("ArtifactsTests", ["Artifacts", "ProjectModel", "Diagnostics", collections], data: ["Shop"]),
    tests(
      "DocsSiteTests",
      [
        "DocsSite", "ProjectAnalysis", "Artifacts", "StarModel", "ProjectModel", "Diagnostics", collections,
      ], data: ["Goldens"]),
    tests(
      "CommandsTests",
      [
        "Commands", "ProjectAnalysis", "StarModel", "Artifacts", "Runner", "Compiler", "ProjectLoading",
        "Warehouse", "ProjectModel",
        "Diagnostics", argumentParser, collections,
      ], data: ["Cases", "Goldens"]),
    tests(
      "EndToEndTests", ["whc", "LibpqWarehouse", "Warehouse"],
      data: ["Errors", "WrongModels", "Behaviours", "Sequences", "Steps", "Proposals", "Ejections", "Editor"]),
    tests(
      "RunnerTests", ["Runner", "Compiler", "Materializations", "Warehouse", "ProjectModel", "Diagnostics"]),
    tests(
      "MaterializationsTests",
      [
        "Materializations", "StarModel", "LibpqWarehouse", "Warehouse", "ProjectModel", "Diagnostics",
        collections,
      ],
      data: ["Goldens", "Star/Goldens"]),
  ]
)
