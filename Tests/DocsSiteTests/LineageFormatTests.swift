import DocsSite
import Foundation
import ProjectModel
import TestSupport
import Testing

@Suite struct LineageFormatTests {
  @Test(arguments: LineageFormat.allCases)
  func drawsTheShop(format: LineageFormat) throws {
    let text = format.render(try ShopDocs.manifest())
    let golden = ShopDocs.tests.appending(path: "DocsSiteTests/Goldens/shop.\(format.rawValue)")
    if let mismatch = Golden.mismatch(text, file: golden) { Issue.record("\(mismatch)") }
  }

  @Test func showsOnlyWhatIsChosen() throws {
    let chosen: Set = [NodeID("model.shop.dim_customer"), NodeID("model.shop.stg_customers")]
    let text = LineageFormat.dot.render(try ShopDocs.manifest(), only: chosen)
    #expect(text.contains("\"model.shop.stg_customers\" -> \"model.shop.dim_customer\""))
    #expect(!text.contains("raw_customers"))
  }
}
