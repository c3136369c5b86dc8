// The real program and a real browser, each in a state of its own, and what both of them complain about.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const VECHE = process.env.VECHE ?? ["release", "debug"].map((kind) => join(root, "target", kind, "veche")).find(existsSync);
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

// The machine's network is closed to the browser: it is not to look for anything by itself.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// WCAG 2.2 AA, and what axe holds to be good practice.
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const QUESTION = "Should cars leave our courtyard?";

// Where every page of the demonstration is. Statement 1 and question 1 are always there.
export const PAGES = {
  assemblies: "/",
  assembly: "/lindenhof",
  question: "/lindenhof/q/1",
  respond: "/lindenhof/q/1/respond",
  state: "/lindenhof/q/1/state",
  stand: "/lindenhof/q/1/stand",
  map: "/lindenhof/q/1/map",
  classic: "/lindenhof/q/1/map/classic",
  summary: "/lindenhof/q/1/summary",
  statements: "/lindenhof/q/1/statements",
  statement: "/lindenhof/q/1/s/1",
  report: "/lindenhof/q/1/s/1/report",
  check: "/lindenhof/q/1/check",
  mine: "/lindenhof/me",
  receipt: "/lindenhof/receipt/0",
  organise: "/lindenhof/organise",
  nothing: "/lindenhof/q/99",
};

// Opens the demonstration in a fresh folder and a browser beside it.
export async function openHouse() {
  const data = await mkdtemp(join(tmpdir(), "veche-browser-"));
  const server = spawn(VECHE, ["demo", "--json", "--data", data, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, VECHE_LOG: "warn" },
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const url = await firstLine(server);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    url,
    // Its data folder, for commands that need one.
    data,
    browser,
    // Somebody with a browser of their own: a page that is watched.
    person: (options = {}) => person(browser, url, options),
    // What the command says about this house: its exit code and its words.
    veche: (...words) => run(words),
    close: async () => {
      await browser.close();
      server.kill("SIGTERM");
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

function firstLine(server) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`${VECHE} demo ended with ${code} before it served anything.`)));
    createInterface({ input: server.stdout }).once("line", (line) => resolve(JSON.parse(line).url));
  });
}

async function run(words) {
  try {
    const { stdout } = await promisify(execFile)(VECHE, words);
    return { code: 0, words: stdout };
  } catch (error) {
    return { code: error.code, words: `${error.stdout}${error.stderr}` };
  }
}

async function person(browser, url, { js = true, scripts = true, ...options }) {
  const context = await browser.newContext({
    baseURL: url,
    javaScriptEnabled: js,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  // The page as it is without its scripts, while tools can still look at it.
  if (!scripts) await context.route("**/*.js", (route) => route.abort());
  const page = await context.newPage();
  const complaints = [];
  watch(page, url, complaints, scripts);
  return {
    context,
    page,
    // Nothing was asked of anybody else, and nothing went wrong on the way.
    leave: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

function watch(page, url, complaints, scripts) {
  page.on("console", (message) => {
    const expected = message.text().includes("the server responded with a status of 4") || !scripts;
    if (["error", "warning"].includes(message.type()) && !expected) {
      complaints.push(`console: ${message.text()} (${page.url()})`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message} (${page.url()})`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()} (${page.url()})`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(`${url}/`) && !to.startsWith(`blob:${url}/`)) complaints.push(`asked somebody else: ${to}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} from ${response.url()}`);
  });
}

// Axe finds nothing on the page as it is now. Where the system puts its own few colours in place of ours, axe still
// computes with ours, so contrast is left to the system there.
export async function accessible(page) {
  const axe = new AxeBuilder({ page }).withTags(TAGS);
  if (await page.evaluate(() => matchMedia("(forced-colors: active)").matches)) axe.disableRules("color-contrast");
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(found, [], `on ${page.url()}`);
}

// How far the page reaches beyond the window to the side, and by which elements; nothing if it fits.
export const tooWide = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (element) => element.closest(".scroll, pre, svg") !== null;
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1 && !scrolls(one));
    const names = wide.map((one) => `${one.localName}.${one.className} "${one.textContent.trim().slice(0, 30)}"`);
    return document.documentElement.scrollWidth > width ? [`${document.documentElement.scrollWidth} of ${width} px`, ...names] : [];
  });

// The entries of the record, read as anybody can: the signed head says how many there are, and each
// row of 256 holds them after their lengths.
export async function entries(url, slug = "lindenhof") {
  const record = `${url}/${slug}/record`;
  const size = Number((await (await fetch(`${record}/checkpoint`)).text()).split("\n")[1]);
  const found = [];
  for (let row = 0; row * 256 < size; row++) {
    const width = Math.min(256, size - row * 256);
    const digits = String(row).padStart(3, "0");
    assert.ok(row < 1000, "longer records have longer paths");
    const reply = await fetch(`${record}/tile/entries/${digits}${width < 256 ? `.p/${width}` : ""}`);
    const bytes = Buffer.from(await reply.arrayBuffer());
    for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) {
      found.push(JSON.parse(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)).toString()));
    }
  }
  return found;
}
