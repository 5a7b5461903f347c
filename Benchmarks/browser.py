"""A headless Chromium over its DevTools pipe, for what only a browser can measure."""
import json
import os
import shutil
import subprocess
import tempfile


def chromium():
    return next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])), None)


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="whc-bench-browser-")
        ours, theirs = os.pipe(), os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        command = f"exec 3<&{ours[0]} 4>&{theirs[1]}; exec \"$0\" \"$@\""
        self.process = subprocess.Popen(
            ["bash", "-c", command, chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "--window-size=1400,900", "about:blank"],
            pass_fds=(ours[0], theirs[1]), stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self.output, self.input, self.number = os.fdopen(ours[1], "wb", buffering=0), os.fdopen(theirs[0], "rb"), 0
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tell("Page.enable")
        # Time of the page's own thread: what else the machine does is not in it.
        self.tell("Performance.enable", timeDomain="threadTicks")

    def message(self):
        parts = bytearray()
        while (byte := self.input.read(1)) not in (b"\0", b""):
            parts += byte
        return json.loads(parts)

    def send(self, method, session=None, **parameters):
        self.number += 1
        body = {"id": self.number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self.output.write(json.dumps(body).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def tell(self, method, **parameters):
        return self.send(method, self.session, **parameters)

    def open(self, address):
        self.tell("Page.navigate", url=address)
        return self.run("while (!window.whc) await new Promise((done) => setTimeout(done, 20));")

    def run(self, script):
        answer = self.tell("Runtime.evaluate", expression="(async () => {" + script + "})()", awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def cpu(self):
        metrics = {entry["name"]: entry["value"] for entry in self.tell("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


FRAMES = """
  const canvas = document.querySelector("#lineage canvas");
  const frames = async (act) => {
    const times = [];
    let last = performance.now();
    for (let i = 0; i < 60; i++) {
      act(i);
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((one, two) => one - two)[30];
  };
  const pointer = (type, x) => canvas.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: 450, pointerId: 1, bubbles: true }));
  const wheel = (deltaY) => canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX: 700, clientY: 450, bubbles: true, cancelable: true }));
  const drag = async () => { pointer("pointerdown", 900); const time = await frames((i) => pointer("pointermove", 900 - 6 * i)); pointer("pointerup", 500); return time; };
"""


def measure_page(path):
    """First paint, a keystroke's way to its results, and frames of the graph."""
    browser = Browser()
    try:
        browser.open(f"file://{path}")
        browser.run("await new Promise((done) => setTimeout(done, 1500));")
        paint = browser.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
        opened = browser.cpu()
        keys = []
        for text in ["m", "ma", "mar", "mar_0", "amount", "customer id", "select lower", "zzzz", "the amount of"]:
            for turn in range(2):
                before = browser.cpu()
                wall = browser.run(f"""
                  const input = document.getElementById("search");
                  const began = performance.now();
                  input.value = {json.dumps(text)};
                  input.dispatchEvent(new Event("input"));
                  document.getElementById("results").getBoundingClientRect();
                  return performance.now() - began;""")
                keys.append((1000 * (browser.cpu() - before), wall))
            browser.run("await new Promise((done) => setTimeout(done, 200));")
        browser.run("document.getElementById('search').value = ''; location.hash = '#!/lineage'; await new Promise((done) => setTimeout(done, 1000));")
        far = browser.run(FRAMES + "return await drag();")
        zoom = browser.run(FRAMES + "return await frames(() => wheel(-40));")
        near = browser.run(FRAMES + "return await drag();")
    finally:
        browser.stop()
    return {
        "first paint, ms": round(paint), "cpu to open, ms": round(1000 * opened),
        "keystroke to result, cpu ms": round(max(cpu for cpu, _ in keys)), "keystroke to result, median wall ms": round(sorted(wall for _, wall in keys)[len(keys) // 2]),
        "frames a second, all of the graph": round(1000 / far), "frames a second, zoom": round(1000 / zoom), "frames a second, near": round(1000 / near),
    }
