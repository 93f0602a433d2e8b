// Debian's Chromium, driven by playwright-core.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const pictures = resolve(import.meta.dirname, '../../target/tests/browser');
mkdirSync(pictures, { recursive: true });

const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
/** The relying parties' logo: one blue pixel, so that no test needs another host. */
const LOGO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==', 'base64');

export function startChromium() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

/**
 * A page in a fresh profile, in one language on one screen. Whatever the page complains about, and every host it asks that is not
 * among `origins`, is kept in `complaints`.
 */
export async function openPage(browser, { screen = 'desktop', language = 'en', script = true, origins }) {
  const context = await browser.newContext({ ...SCREENS[screen], locale: language, javaScriptEnabled: script });
  context.setDefaultTimeout(30_000);
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
