// Makes docs/question.png for the README: node tests/browser/screenshot.mjs

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openHouse, PAGES } from "./house.mjs";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
await mkdir(docs, { recursive: true });
const house = await openHouse();
try {
  const { page, leave } = await house.person({ viewport: { width: 1200, height: 1000 } });
  await page.goto(PAGES.question);
  await page.screenshot({ path: `${docs}question.png` });
  await leave();
  console.log("docs/question.png is made anew.");
} finally {
  await house.close();
}
