// A single-page application written with oidc-client-ts, unmodified, in Chromium: a public client whose requests to discovery,
// keys, token endpoint and userinfo come from another origin (CORS), through login, refresh and logout.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PATIENCE, startChromium } from '../../browser/chromium.mjs';

const world = JSON.parse(readFileSync(process.env.WORLD, 'utf8'));
const client = world.applications.find((one) => one.auth === 'none');
const [person] = world.people;

let chromium; let page;
before(async () => {
  chromium = await startChromium();
  // The world's certificate is of an authority that this browser has never heard of.
  const context = await chromium.newContext({ ignoreHTTPSErrors: true, locale: 'en' });
  context.setDefaultTimeout(PATIENCE);
  page = await context.newPage();
});
after(() => chromium?.close());

/** Runs `code` in the application with its UserManager, as the application's own script would. */
const inApplication = (code) => page.evaluate(async ([settings, text]) => {
  const manager = new globalThis.oidc.UserManager({ ...settings, userStore: new globalThis.oidc.WebStorageStateStore({ store: sessionStorage }) });
  const run = new Function('manager', `return (async () => { ${text} })();`);
  return run(manager);
}, [{
  authority: client.issuer, client_id: client.id, scope: 'openid email offline_access', response_type: 'code', loadUserInfo: true,
  automaticSilentRenew: false, prompt: 'consent', redirect_uri: client.redirect_uri, post_logout_redirect_uri: client.post_logout_redirect_uri,
}, code]);

test('logs in, reads userinfo, refreshes and logs out from another origin', async () => {
  await page.goto(client.home);
  await inApplication('manager.signinRedirect()');
  await page.locator('#pin-individual-id').fill(person.uin);
  await page.locator('#pin').fill(person.pin);
  await page.locator('#pin-login-button').click();
  await page.locator('#claim-email').check();
  await page.locator('#allow-button').click();
  await page.waitForURL(`${client.redirect_uri}?*`);

  const user = await inApplication('const user = await manager.signinRedirectCallback(); return { profile: user.profile, access: user.access_token, refresh: user.refresh_token };');
  assert.equal(user.profile.email, person.email);
  assert.ok(user.refresh, 'a refresh token for offline_access');

  const renewed = await inApplication('const user = await manager.signinSilent(); return { profile: user.profile, access: user.access_token, refresh: user.refresh_token };');
  assert.equal(renewed.profile.sub, user.profile.sub);
  assert.notEqual(renewed.access, user.access);
  assert.notEqual(renewed.refresh, user.refresh, 'RFC 9700 §2.2.2: a public client’s refresh tokens are rotated');

  await inApplication('manager.signoutRedirect()');
  const confirm = page.locator('#logout-button');
  await page.waitForURL((url) => url.href.startsWith(client.post_logout_redirect_uri) || url.pathname.endsWith('/logout'));
  if (page.url().startsWith(client.issuer)) await confirm.click();
  await page.waitForURL((url) => url.href.startsWith(client.post_logout_redirect_uri));
  await inApplication('await manager.signoutRedirectCallback();');

  await inApplication('manager.signinRedirect({ prompt: undefined })');
  await page.locator('#pin-login-button').waitFor();
});

test('a page of another origin may read what is public and nothing of the session', async () => {
  await page.goto(client.home);
  const answers = await page.evaluate(async (issuer) => {
    const status = (path, more) => fetch(issuer + path, more).then((answer) => answer.status, () => 'refused by the browser');
    return {
      discovery: await status('/.well-known/openid-configuration'),
      authorize: await status('/authorize?client_id=x', { credentials: 'include' }),
      cookies: await status('/userinfo', { credentials: 'include' }),
    };
  }, client.issuer);
  assert.deepEqual(answers, { discovery: 200, authorize: 'refused by the browser', cookies: 'refused by the browser' });
});
