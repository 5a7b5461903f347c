// What the page was written with: one block of data and the long texts in pieces, all compressed.

/** The text in a block. */
async function unpack(block) {
  const packed = atob(block);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  const stream = new DecompressionStream("deflate-raw");
  const writer = stream.writable.getWriter();
  writer.write(bytes);
  writer.close();
  return new Response(stream.readable).text();
}

/** The pieces stand at the page's end, so that it can begin without them. */
const whole = new Promise((done) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done);
  else done();
});
let pieces = null;

async function openPiece(index) {
  await whole;
  pieces ??= JSON.parse(document.getElementById("texts").textContent || "[]")
    .map(([first, block]) => ({ first, block, texts: null }));
  const piece = pieces[index];
  piece.texts ??= unpack(piece.block).then((text) => text.split("\0"));
  return piece.texts;
}

/** A long text by its number. */
async function textOf(number) {
  if (number === undefined) return "";
  await whole;
  if (!pieces) await openPiece(0);
  let index = pieces.length - 1;
  while (pieces[index].first > number) index -= 1;
  return (await openPiece(index))[number - pieces[index].first];
}

/** All long texts in the order of their numbers. */
async function allTexts() {
  await whole;
  if (document.getElementById("texts").textContent.length < 3) return [];
  await openPiece(0);
  const lists = await Promise.all(pieces.map((_, index) => openPiece(index)));
  return lists.flatMap((texts) => texts.slice(0, -1));
}
