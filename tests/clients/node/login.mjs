// How a citizen goes through the server's pages, in a browser without script.
import assert from 'node:assert/strict';
import { Browser, formsOf } from './browser.mjs';

function form(page, id) {
  const found = formsOf(page.html ?? '').find((one) => one.id === id);
  assert.ok(found, `a page with the form '${id}', not ${page.status} ${page.arrived ?? page.url}\n${page.html?.slice(0, 2000)}`);
  return found;
}

/** The next one-time password sent to an address. */
async function otpFor(world, to) {
  const answer = await fetch(`${world.otp}/next?to=${encodeURIComponent(to)}`);
  assert.equal(answer.status, 200, `an OTP for the address`);
  return (await answer.json()).otp;
}

/** Types the person's PIN; the consent page, or the relying party where consent was given before. */
async function byPin(browser, page, person) {
  return browser.submit(page, form(page, 'pin-login'), { individualId: person.uin, pin: person.pin });
}

/** Has an OTP sent by mail and types it. */
async function byOtp(browser, page, person, world) {
  const sent = await browser.submit(page, form(page, 'otp-send'), { individualId: person.uin, email: true });
  return browser.submit(sent, form(sent, 'otp-login'), { otp: await otpFor(world, person.email) });
}

/**
 * Opens the authorization URL, logs in and allows the essential claims and those of `allow`. `browser`: where it happens,
 * a fresh one if none is given.
 * @returns the URL at which the browser arrived at the relying party
 */
export async function logIn(world, person, { url, redirectUri, factor = 'otp', allow = [], browser = new Browser(redirectUri) }) {
  let page = await browser.open(url);
  page = factor === 'pin' ? await byPin(browser, page, person) : await byOtp(browser, page, person, world);
  if (!page.arrived) page = await browser.submit(page, allowing(form(page, 'consent'), allow));
  assert.ok(page.arrived, `the relying party, not ${page.status} ${page.url}\n${page.html?.slice(0, 2000)}`);
  return page.arrived;
}

/** Cancels at the login page. */
export async function cancel(url, redirectUri) {
  const browser = new Browser(redirectUri);
  const page = await browser.open(url);
  const left = await browser.submit(page, form(page, 'cancel'));
  assert.ok(left.arrived, `the relying party, not ${left.status} ${left.url}`);
  return left.arrived;
}

/** Opens the end of the session and confirms it where that is asked; where the browser was sent then. */
export async function logOut(browser, url) {
  let page = await browser.open(url);
  if (!page.arrived) page = await browser.submit(page, form(page, 'logout'));
  assert.ok(page.arrived, `the relying party, not ${page.status} ${page.url}\n${page.html?.slice(0, 2000)}`);
  return page.arrived;
}

const allowing = (consent, claims) => ({
  ...consent,
  fields: consent.fields.map((field) => (field.name === 'claim' ? { ...field, checked: claims.includes(field.value) } : field)),
});
