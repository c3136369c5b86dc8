// With the keyboard alone: Tab, Enter, and always seeing where one is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openHouse, PAGES, QUESTION } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

// What has the focus: its name, whether one sees that it has it, and whether something lies over it.
const focus = (page) =>
  page.evaluate(() => {
    const one = document.activeElement;
    if (one === document.body || one === null) return null;
    const style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 20), 1), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 10), 1), innerHeight - 1);
    const at = document.elementFromPoint(x, y);
    return {
      name: (one.getAttribute("aria-label") || one.innerText || one.labels?.[0]?.innerText || "").trim().replace(/\s+/g, " ").slice(0, 60),
      ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
      inView: box.bottom > 0 && box.top < innerHeight,
      free: at !== null && (one.contains(at) || at.contains(one)),
    };
  });

// Presses Tab until that name has the focus.
async function tabTo(page, name, key = "Tab") {
  const passed = [];
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press(key);
    const at = await focus(page);
    if (at === null) continue;
    assert.ok(at.ring, `one does not see that “${at.name}” has the focus (${page.url()})`);
    assert.ok(at.inView && at.free, `“${at.name}” has the focus, and something hides it (${page.url()})`);
    if (at.name.replace(/^[▲▼●] /, "").startsWith(name)) return;
    passed.push(at.name);
  }
  assert.fail(`Tab never reached “${name}” (${page.url()}), only ${passed.join(", ")}`);
}

async function pressed(page, name, heading) {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: heading }).first().waitFor();
}

for (const [how, options] of Object.entries({
  "on a desktop": {},
  "without JavaScript": { js: false },
  "at 400 % zoom": { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
})) {
  test(`from the first page to the check ${how}`, async () => {
    const { page, leave } = await house.person(options);
    await page.goto("/");
    await pressed(page, "Lindenhof", /Lindenhof/);
    await pressed(page, QUESTION, QUESTION);
    await pressed(page, "Say what you think", "Say what you think");
    for (const name of ["Agree", "Disagree", "Pass"]) {
      const words = await page.getByRole("article").locator(".said").innerText();
      await tabTo(page, name);
      await page.keyboard.press("Enter");
      await page.getByText(`“${words}”`).first().waitFor();
    }
    await tabTo(page, "Undo", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByText("You took your answer back").waitFor();
    await pressed(page, "Write a statement", "Write a statement");
    await tabTo(page, "What is missing?");
    await page.keyboard.type(`The keyboard ${how} is enough.`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Your statement is on the record" }).waitFor();
    await page.goto(PAGES.question);
    await pressed(page, "Where do I stand?", "Where you stand");
    await page.goto(PAGES.question);
    await pressed(page, "Check this result", "Check this result");
    await leave();
  });
}

test("the first Tab leads past the head of the page", async () => {
  const { page, leave } = await house.person();
  for (const address of Object.values(PAGES)) {
    await page.goto(address);
    await tabTo(page, "Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(() => document.activeElement.closest("header") === null);
    assert.ok(inside, `after skipping, Tab is still in the head of ${address}`);
  }
  await leave();
});
