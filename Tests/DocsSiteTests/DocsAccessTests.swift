import DocsSite
import Foundation
import ProjectModel
import Testing

/// Whether everybody can use the page: names and roles, keyboard, contrast, narrow screens, old addresses.
@Suite(
  .enabled(if: Browser.path != nil, "no Chromium is installed; 'make test' installs one"), .serialized)
struct DocsAccessTests {
  /// A page of each sort.
  private static let routes = [
    "overview", "lineage", "lineage?focus=model.shop.fct_order_line", "matrix", "tests", "timeline",
    "changes",
    "kind/dimension", "tag/core", "model/model.shop.fct_order_line", "model/model.shop.dim_customer",
    "model/model.shop.mart_daily_sales", "macro/macro.shop.total", "nonsense",
  ]

  private static func page() throws -> [UInt8] {
    var input = try ShopDocs.input()
    for id in input.results.keys {
      input.results[id]?.timing = [
        .init(name: "execute", startedAt: 1_700_000_001, completedAt: 1_700_000_002)
      ]
    }
    var before = DocumentedBuild(name: "yesterday", manifest: input.manifest)
    before.manifest.nodes[NodeID("model.shop.dim_customer")]?.rawCode += "\n-- old"
    input.before = before
    return DocsPage.render(input)
  }

  /// JavaScript that visits every route and calls `look(name)` there.
  private static func everywhere(_ look: String) -> String {
    """
    const found = new Set();
    for (const route of \(routes)) {
      location.hash = "#!/" + route;
      await wait(60);
      await until(() => !document.querySelector("[aria-busy]"));
      \(look)
    }
    report.found = [...found].join(" | ");
    """
  }

  @Test func everythingHasANameAndARole() throws {
    let report = try Browser.report(
      page: try Self.page(), route: "",
      script: Self.everywhere(
        """
        const nameOf = (element) => {
          const labelled = element.getAttribute("aria-labelledby");
          return (element.getAttribute("aria-label") || (labelled && document.getElementById(labelled)?.textContent)
            || element.getAttribute("alt") || element.textContent || element.getAttribute("title") || element.labels?.[0]?.textContent || "").trim();
        };
        for (const element of document.querySelectorAll("a, button, input, select, canvas, [role]:not([role=status]), nav, aside, svg[role=img]")) {
          if (!nameOf(element)) found.add(route + ": no name " + element.outerHTML.slice(0, 80));
        }
        for (const svg of document.querySelectorAll("svg")) if (!svg.closest("[aria-hidden], [role=img]")) found.add(route + ": picture " + svg.outerHTML.slice(0, 60));
        for (const image of document.querySelectorAll("img:not([alt])")) found.add(route + ": image without words");
        const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
        if (new Set(ids).size !== ids.length) found.add(route + ": id twice " + ids.filter((id, at) => ids.indexOf(id) !== at));
        for (const name of ["aria-controls", "aria-activedescendant", "aria-labelledby"]) {
          for (const element of document.querySelectorAll("[" + name + "]")) if (!document.getElementById(element.getAttribute(name))) found.add(route + ": " + name);
        }
        for (const cell of document.querySelectorAll("th:not([scope])")) found.add(route + ": header of nothing " + cell.textContent);
        if (!route.startsWith("lineage") && document.querySelectorAll("main h1").length !== 1) found.add(route + ": titles");
        let level = 1;
        for (const title of document.querySelectorAll("main h1, main h2, main h3")) {
          const next = Number(title.tagName[1]);
          if (next > level + 1) found.add(route + ": " + title.textContent + " skips a level");
          level = next;
        }
        if (document.querySelectorAll("main").length !== 1 || !document.querySelector("header nav[aria-label]")) found.add(route + ": landmarks");
        for (const element of document.querySelectorAll("[onclick], .pressable")) found.add(route + ": only for a mouse");
        for (const element of document.querySelectorAll("pre, .code pre")) if (element.scrollHeight > element.clientHeight + 1 && element.tabIndex < 0) found.add(route + ": cannot be scrolled by keys");
        """))
    #expect(report["problems"] == "")
    #expect(report["found"] == "")
  }

  /// WCAG 2.2, 1.4.3: 4.5 to 1 for text, 3 to 1 for large text.
  @Test func textStandsOutInLightAndDark() throws {
    let faint = Self.everywhere(
      """
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const element = text.parentElement;
        if (!text.textContent.trim() || /^(SCRIPT|STYLE|NOSCRIPT)$/.test(element.tagName) || element.closest("svg, .unseen, .skip, [hidden], [aria-hidden], [disabled]") || !element.getClientRects().length) continue;
        const style = getComputedStyle(element), under = ground(element), ink = over(rgba(style.color), under);
        const [one, two] = [light(ink), light(under)].sort((a, b) => b - a), ratio = (one + .05) / (two + .05);
        const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5)) found.add(document.documentElement.dataset.theme + " " + element.tagName + "." + element.className + " " + ratio.toFixed(2) + " " + text.textContent.trim().slice(0, 20));
      }
      """)
    let report = try Browser.report(
      page: try Self.page(), route: "",
      script: """
        const scratch = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const rgba = (colour) => { scratch.clearRect(0, 0, 1, 1); scratch.fillStyle = colour; scratch.fillRect(0, 0, 1, 1); const [r, g, b, a] = scratch.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
        const over = (top, under) => top.slice(0, 3).map((value, i) => value * top[3] + under[i] * (1 - top[3])).concat(1);
        const light = (colour) => colour.slice(0, 3).map((value) => { const part = value / 255; return part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4; }).reduce((sum, part, i) => sum + part * [.2126, .7152, .0722][i], 0);
        const ground = (element) => { const layers = []; for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor)); return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
        const look = async () => { \(faint) return report.found; };
        report.first = await look();
        document.getElementById("theme").click();
        report.second = await look();
        """)
    #expect(report["problems"] == "")
    #expect(report["first"] == "")
    #expect(report["second"] == "")
  }

  @Test func nothingIsWiderThanAPhone() throws {
    let report = try Browser.report(
      page: try Self.page(), route: "", width: 500,
      script: """
        report.width = innerWidth <= 520;
        """
          + Self.everywhere(
            """
            if (document.documentElement.scrollWidth > innerWidth) found.add(route + " " + document.documentElement.scrollWidth);
            """)
            + """
            const menu = document.getElementById("menu");
            menu.click();
            report.menu = menu.getAttribute("aria-expanded") + " " + getComputedStyle(document.getElementById("sidebar")).visibility;
            document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
            report.closed = menu.getAttribute("aria-expanded");
            """)
    #expect(report["problems"] == "")
    #expect(report["width"] == "true")
    #expect(report["found"] == "")
    #expect(report["menu"]?.hasPrefix("true") == true)
    #expect(report["closed"] == "false")
  }

  @Test func addressesOfDbtsOwnPageLandWhereTheyDid() throws {
    let report = try Browser.report(
      page: try Self.page(), route: "#!/model/model.shop.dim_customer?g_v=1&g_i=%2Bdim_customer%2B",
      script: """
        const go = async (hash) => { location.hash = hash; await wait(100); return document.querySelector("h1")?.textContent; };
        report.model = document.querySelector("h1").textContent;
        report.source = await go("#!/source/" + (whc.data.nodes.find((node) => node.type === "source") || whc.data.nodes[0]).id + "#details");
        report.test = await go("#!/test/" + whc.data.tests[0].id);
        report.macro = await go("#!/macro/macro.shop.total");
        report.exposure = await go("#!/exposure/exposure.shop.sales_dashboard");
        report.overview = await go("#!/overview");
        report.package = await go("#!/overview/shop");
        await go("#!/overview?g_v=1&g_i=%2Bdim_customer%2B1");
        report.graph = location.hash + " " + lineage.focused();
        await go("#!/overview?g_v=1");
        report.whole = lineage.shown().length > 5 && lineage.focused() === null;
        """)
    #expect(report["problems"] == "")
    #expect(report["model"] == "dim_customer")
    #expect(report["source"] != "Not found")
    #expect(report["test"] != "Not found")
    #expect(report["macro"] == "total")
    #expect(report["exposure"] == "Sales dashboard")
    #expect(report["overview"] == "shop" && report["package"] == "shop")
    #expect(report["graph"]?.hasSuffix("down=1 model.shop.dim_customer") == true)
    #expect(report["whole"] == "true")
  }

  @Test func sqlTagsAndTestsAreFoundToo() throws {
    let report = try Browser.report(
      page: try Self.page(), route: "",
      script: """
        const input = document.getElementById("search");
        const list = () => [...document.querySelectorAll("#results li")].map((item) => item.textContent);
        const find = (text) => { input.value = text; input.dispatchEvent(new Event("input")); return list(); };
        report.tag = find("#core")[0];
        report.test = find("unique dim_product")[0];
        find("one -- compiled");
        await until(() => list().some((text) => text.includes("SQL")));
        report.sql = list()[0];
        report.role = document.getElementById("results").getAttribute("role") + " " + input.getAttribute("aria-activedescendant") + " " + input.getAttribute("aria-expanded");
        """)
    #expect(report["problems"] == "")
    #expect(report["tag"]?.hasPrefix("#core") == true)
    #expect(report["test"]?.contains("unique_dim_product") == true)
    #expect(report["sql"]?.contains("SQL select 1 as one -- compiled") == true)
    #expect(report["role"] == "listbox result-0 true")
  }

  @Test func picturesOfTheProjectAreShownOthersAreLinks() throws {
    var input = try ShopDocs.input()
    input.images["assets/plan.gif"] =
      "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    input.manifest.nodes[NodeID("model.shop.dim_customer")]?.description =
      "![the plan](assets/plan.gif) ![there](https://example.org/x.png) ![no](javascript:hacked())"
    let report = try Browser.report(
      page: DocsPage.render(input), route: "#!/model/model.shop.dim_customer",
      script: """
        const images = [...document.querySelectorAll(".lead img")];
        await until(() => images.every((image) => image.complete));
        report.images = images.map((image) => image.alt + " " + image.src.slice(0, 14) + " " + image.naturalWidth).join();
        report.links = [...document.querySelectorAll(".lead a")].map((entry) => entry.href).join();
        """)
    #expect(report["images"] == "the plan data:image/gif 1")
    #expect(report["links"] == "https://example.org/x.png")
  }
}
