// audit runs inside a page and returns sentences about what is wrong with it.
export function audit() {
  const troubles = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1).map((e) => e.tagName + "." + e.className);
    troubles.push(`scrolls sideways: ${root.scrollWidth} of ${root.clientWidth}; ${wide.slice(-3).join(" ")}`);
  }

  // Contrast as WCAG 2.2 defines it (success criterion 1.4.3): 4.5 to 1, and 3 to 1
  // for large text, which this page does not make use of.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (css) => {
    if (known.has(css)) return known.get(css);
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    known.set(css, [r, g, b, a / 255]);
    return known.get(css);
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const ground = (e) => {
    const layers = [];
    for (let x = e; x; x = x.parentElement) layers.push(rgba(getComputedStyle(x).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement;
    if (!n.textContent.trim() || !e.checkVisibility() || e.closest(".unseen, .skip")) continue;
    const style = getComputedStyle(e), below = ground(e);
    const c = contrast(over(rgba(style.color), below), below);
    const what = `${e.tagName.toLowerCase()}.${e.className}`;
    if (c < 4.5 && !seen.has(what)) {
      seen.add(what);
      troubles.push(`contrast ${c.toFixed(2)} of ${what} "${n.textContent.trim().slice(0, 30)}"`);
    }
  }

  // Room: words that stand in a column of letters cannot be read.
  const narrow = new Set([...document.querySelectorAll("dd, td, dt, p, li")].filter((e) => e.checkVisibility() && e.textContent.trim().length > 12 && e.clientWidth > 0 && e.clientWidth < 32));
  for (const e of [...narrow].slice(0, 3)) troubles.push(`${e.tagName.toLowerCase()} "${e.textContent.trim().slice(0, 30)}" has ${e.clientWidth} px`);

  // Names: every control and link says what it is; every page has one heading.
  for (const e of document.querySelectorAll("a, button, summary")) if (e.checkVisibility() && !e.textContent.trim() && !e.getAttribute("aria-label")) troubles.push(`${e.outerHTML.slice(0, 80)} has no words`);
  for (const e of document.querySelectorAll("input:not([type=hidden]), select")) if (!e.labels?.length && !e.getAttribute("aria-label")) troubles.push(`field ${e.name} has no label`);
  if (document.querySelectorAll("h1").length !== 1) troubles.push(`${document.querySelectorAll("h1").length} first headings`);
  let last = 1;
  for (const h of document.querySelectorAll("h1, h2, h3")) {
    const level = Number(h.tagName[1]);
    if (level > last + 1) troubles.push(`heading "${h.textContent.trim().slice(0, 30)}" skips a level`);
    last = level;
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((x, i) => ids.indexOf(x) !== i))) troubles.push(`id ${id} stands twice`);
  for (const a of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(a.getAttribute("href").slice(1))) troubles.push(`the link ${a.getAttribute("href")} leads nowhere`);
  return troubles;
}
