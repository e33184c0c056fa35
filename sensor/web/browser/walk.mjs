// Walks through the page as a person with a keyboard would, and looks at what a
// person could not use: text without contrast, pages that scroll sideways, links
// without words. It asks nothing of the house but one order that may be sent, and
// goes without that where there is none.
//
//   AUSCULT_URL       where the page is, such as https://127.0.0.1:8443
//   AUSCULT_ACCOUNT   an account with the role act
//   AUSCULT_PASSWORD  its password
//   AUSCULT_MODULES   the folder that holds playwright-core
//   AUSCULT_CHROMIUM  the browser; /usr/bin/chromium when left out
//   AUSCULT_PAGES     more pages to look at, with spaces between
//   AUSCULT_SEND      "no" leaves the order unsent
//   AUSCULT_SHOTS     a folder for pictures of every page; none when left out
import { createRequire } from "node:module";
import { join } from "node:path";
import { audit } from "./look.mjs";

const env = process.env;
const base = env.AUSCULT_URL;
const { chromium } = createRequire(join(env.AUSCULT_MODULES, "walk.cjs"))("playwright-core");

const desk = { width: 1280, height: 900 };
const hand = { width: 390, height: 844 };
const small = { width: 360, height: 780 };
const troubles = [];
const trouble = (what) => troubles.push(what);
const began = Date.now();
const said = (what) => console.log(`${((Date.now() - began) / 1000).toFixed(1)} s: ${what}`);

// press tabs until the focused element fits, so that nothing is reached that a
// keyboard cannot reach.
async function tabTo(page, what, fits, limit = 400) {
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(fits)) {
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      if (ring === "none") trouble(`${what}: the focus cannot be seen`);
      return;
    }
  }
  throw new Error(`${what}: the keyboard does not reach it on ${page.url()}`);
}

async function follow(page, what, fits) {
  await tabTo(page, what, fits);
  const from = page.url();
  await Promise.all([page.waitForURL((u) => u.href !== from), page.keyboard.press("Enter")]);
}

async function signIn(page) {
  await page.goto(base + "/orders");
  if (new URL(page.url()).pathname !== "/login") trouble("a stranger was not led to the sign-in page");
  if (!(await page.evaluate(() => document.activeElement.name === "account"))) trouble("the account field does not have the focus");
  await page.keyboard.type(env.AUSCULT_ACCOUNT);
  await page.keyboard.press("Tab");
  await page.keyboard.type(env.AUSCULT_PASSWORD);
  await Promise.all([page.waitForURL("**/orders"), page.keyboard.press("Enter")]);
  said("signed in with the keyboard");
}

// walk goes overview, device, finding, order, and sends it where it may be sent.
async function walk(page) {
  const visited = ["/"];
  await page.goto(base + "/");
  const draft = await page.evaluate(() => document.querySelector("#send .card .about a")?.getAttribute("href") ?? null);
  if (!draft) {
    said("no order waits to be sent; the walk takes any device");
    await page.goto(base + "/devices?has=findings");
    await follow(page, "the first device", () => document.activeElement.matches(".rows .lead a"));
  } else {
    await follow(page, "the device of a draft", () => document.activeElement.matches("#send .card .about a"));
  }
  visited.push(new URL(page.url()).pathname);
  await follow(page, "its finding", () => document.activeElement.matches("#findings a"));
  visited.push(new URL(page.url()).pathname);
  if (!visited.at(-1).startsWith("/findings/")) throw new Error(`a finding leads to ${visited.at(-1)}`);
  await follow(page, "its order", () => document.activeElement.matches("#orders a"));
  visited.push(new URL(page.url()).pathname);
  if (!visited.at(-1).startsWith("/orders/")) throw new Error(`an order leads to ${visited.at(-1)}`);
  said("walked " + visited.join(" "));
  if (!draft || env.AUSCULT_SEND === "no") return visited;
  await tabTo(page, "the button that sends", () => document.activeElement.value === "send");
  await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), page.keyboard.press("Enter")]);
  await page.waitForSelector("[role=status]");
  said("sent: " + (await page.textContent("[role=status]")));
  if (await page.$("[role=alert].refused")) trouble("the order was refused: " + (await page.textContent("[role=alert].refused")));
  return visited;
}

// lookAt opens every page on a desk and in a hand, and looks at it light and dark.
async function lookAt(browser, cookies, paths) {
  for (const [size, viewport] of Object.entries({ desk, hand, small })) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, reducedMotion: "reduce" });
    await context.addCookies(cookies);
    const page = await watched(context);
    for (const path of paths) {
      await page.goto(base + path);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        for (const t of await page.evaluate(audit)) trouble(`${path} (${size}, ${colorScheme}): ${t}`);
        if (env.AUSCULT_SHOTS) await page.screenshot({ path: join(env.AUSCULT_SHOTS, `${size}-${colorScheme}-${path.replaceAll(/[^a-z0-9]+/gi, "_")}.png`), fullPage: true });
      }
    }
    await context.close();
  }
  said(`looked at ${paths.length} pages, three sizes, two schemes`);
}

// watched is a page whose errors and requests elsewhere are troubles.
async function watched(context) {
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && trouble(`console on ${page.url()}: ${m.text()}`));
  page.on("pageerror", (e) => trouble(`error on ${page.url()}: ${e.message}`));
  page.on("request", (r) => new URL(r.url()).origin !== new URL(base).origin && trouble(`request to another host: ${r.url()}`));
  page.on("response", (r) => r.status() >= 400 && trouble(`${r.status()} for ${r.url()}`));
  return page;
}

// onPaper shows that an order prints without its forms.
async function onPaper(page, path) {
  await page.goto(base + path);
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".top nav", ".decide", ".find"]) {
    const e = await page.$(hidden);
    if (e && (await e.isVisible())) trouble(`${hidden} is printed`);
  }
  if (env.AUSCULT_SHOTS) await page.pdf({ path: join(env.AUSCULT_SHOTS, "order.pdf"), format: "A4" }).catch(() => {});
  if (env.AUSCULT_SHOTS) await page.screenshot({ path: join(env.AUSCULT_SHOTS, "print-order.png"), fullPage: true });
  await page.emulateMedia({ media: null });
}

const browser = await chromium.launch({
  executablePath: env.AUSCULT_CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: desk });
  const page = await watched(context);
  await signIn(page);
  const visited = await walk(page);
  await onPaper(page, visited.at(-1));
  const more = (env.AUSCULT_PAGES || "").split(" ").filter(Boolean);
  const pages = ["/", "/devices", "/findings", "/orders", "/register", "/coverage", "/audit", ...visited.slice(1), ...more];
  await lookAt(browser, await context.cookies(), pages);
} catch (e) {
  trouble(e.message);
} finally {
  await browser.close();
}
for (const t of [...new Set(troubles)].slice(0, 60)) console.log("TROUBLE " + t);
process.exitCode = troubles.length ? 1 : 0;
