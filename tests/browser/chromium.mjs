// Debian's Chromium, driven by playwright-core; axe-core looks at what people with disabilities meet.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const pictures = resolve(import.meta.dirname, '../../target/tests/browser');
mkdirSync(pictures, { recursive: true });

const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
/** Milliseconds that anything may take, for a busy machine. */
export const PATIENCE = 120_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The relying parties' logo: one blue pixel, so that no test needs another host. */
const LOGO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==', 'base64');

export function startChromium() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    timeout: PATIENCE,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

/**
 * A page in a fresh profile, in one language on one screen, `light` or `dark`; `agent` is what the browser calls itself. Whatever the page complains about, and every host it asks that is not
 * among `origins`, is kept in `complaints`.
 */
export async function openPage(browser, { screen = 'desktop', language = 'en', colors = 'light', script = true, agent, origins }) {
  const context = await browser.newContext({ ...SCREENS[screen], locale: language, colorScheme: colors, javaScriptEnabled: script, userAgent: agent });
  context.setDefaultTimeout(PATIENCE);
  const complaints = [];
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.pathname === '/logo.png') return route.fulfill({ contentType: 'image/png', body: LOGO });
    if (!origins.includes(url.origin)) complaints.push(`asked ${url.origin}`);
    return route.continue();
  });
  const page = await context.newPage();
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints, close: () => context.close() };
}

/** Saves a picture of the whole page, for people to look at. */
export const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

/** Saves what a phone's camera would see of the QR code as rendered, and gives the file. */
export async function pictureOfQr(page, name) {
  const path = join(pictures, `${name}-qr.png`);
  await page.locator('#qr').screenshot({ path });
  return path;
}

/** What a page owes to everybody: it fits the screen, its controls have names, its language is told. */
export const shortcomings = (page, language) => page.evaluate((language) => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`wider than the screen: ${root.scrollWidth} > ${root.clientWidth}`);
  if (root.lang !== language) found.push(`the page says its language is '${root.lang}'`);
  if (document.querySelectorAll('h1').length !== 1) found.push('not one main heading');
  for (const input of document.querySelectorAll('input:not([type=hidden])')) {
    if (input.labels.length === 0) found.push(`no label for #${input.id}`);
  }
  for (const button of document.querySelectorAll('button, a')) {
    if (!button.textContent.trim()) found.push(`no name for #${button.id}`);
  }
  return found;
}, language);

/** What axe-core finds wrong, one line each: WCAG 2.2 A and AA, and what it calls best practice. Colours are as the page's scheme has them. */
export async function violations(page) {
  // Not by a script element: the page's policy takes none but its own.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
  });
}

/** Counts from now on: how far the layout shifts by itself (0 is nothing), and what a screen reader is told. */
export async function watchPage(page) {
  await page.evaluate(() => {
    globalThis.watched = { shift: 0, told: [] };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.watched.shift += entry.value;
    }).observe({ type: 'layout-shift' });
    for (const live of document.querySelectorAll('[role=status], [role=alert], [aria-live]')) {
      new MutationObserver(() => globalThis.watched.told.push(live.textContent))
        .observe(live, { childList: true, characterData: true, subtree: true });
    }
  });
  return () => page.evaluate(() => globalThis.watched);
}

/** Goes to an element by the Tab key alone, and sees that one can tell where one is. */
export async function tabTo(page, selector) {
  for (let pressed = 0; pressed < 40; pressed += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate((selector) => {
      const at = document.activeElement;
      return at?.matches(selector) ? getComputedStyle(at).outlineStyle : undefined;
    }, selector);
    if (outline === undefined) continue;
    if (outline === 'none') throw new Error(`${selector} does not show that it has the focus`);
    return;
  }
  throw new Error(`${selector} is not reached by Tab`);
}
