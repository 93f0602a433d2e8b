// The citizen's own page in Chromium: signs in by one-time password, sees what was agreed to, withdraws it; the relying
// party's token is of no more use. With script and without, in three languages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world/world.mjs';
import { openPage, picture, shortcomings, startChromium, violations } from './chromium.mjs';
import { beginLogin, startSite } from './relying_party.mjs';

let site, world, chromium;

before(async () => {
  site = await startSite();
  world = await startWorld({ redirectUri: site.callback, limits: { otps_per_transaction: 10 } });
  chromium = await startChromium();
});

after(async () => {
  await chromium?.close();
  await world?.stop();
  site?.stop();
});

/** Types identifier and one-time password on a login page, up to whatever comes after it. */
async function signInByOtp(page, person) {
  await page.fill('#otp-individual-id', person.uin);
  await page.click('#otp-send-button');
  await page.locator('#otp').waitFor();
  const delivered = await fetch(`${world.otp}/next?to=${encodeURIComponent(person.email)}`);
  assert.ok(delivered.ok, 'a one-time password was sent');
  await page.fill('#otp', (await delivered.json()).otp);
  await page.click('#otp-login-button');
}

/** A login at the first relying party, with consent in the browser; gives its tokens. */
async function logInAtTheShop(page, person) {
  const login = await beginLogin(world.clients[0]);
  await page.goto(login.url);
  await signInByOtp(page, person);
  await page.click('#allow-button');
  await page.waitForURL((url) => url.href.startsWith(site.callback));
  return { login, tokens: await login.redeem(page.url()) };
}

async function signInToTheAccount(page, person) {
  await page.goto(`${world.origin}/account`);
  await page.click('#sign-in');
  await signInByOtp(page, person);
  await page.locator('#consents').waitFor();
}

const opened = (how) => openPage(chromium, { ...how, origins: [world.origin, new URL(site.callback).origin] });

for (const [language, colors, screen, script] of [['en', 'light', 'desktop', true], ['fr', 'dark', 'phone', true],
  ['ar', 'dark', 'desktop', true], ['fr', 'light', 'desktop', false]]) {
  test(`a citizen withdraws on the page, ${language}, ${script ? 'with' : 'without'} script`, async () => {
    const { page, complaints, close } = await opened({ language, colors, screen, script });
    const [person] = world.people;
    /** Looks at a page: axe-core finds nothing, it fits, it says its language. Both look by script. */
    const fine = async (what) => {
      await picture(page, `account-${what}-${screen}-${language}-${colors}`);
      if (!script) return;
      assert.deepEqual(await violations(page), [], what);
      assert.deepEqual(await shortcomings(page, language), [], what);
    };
    const { login, tokens } = await logInAtTheShop(page, person);
    assert.equal((await login.userinfo(tokens)).name, person.name);

    await page.goto(`${world.origin}/account`);
    await fine('signed-out');
    await signInToTheAccount(page, person);
    await fine('given');
    const shop = page.locator('.given');
    assert.equal(await shop.count(), 1);
    assert.equal(await shop.getAttribute('data-state'), 'given');
    assert.equal(await shop.locator('h3').textContent(), language === 'fr' ? 'Maison shop' : 'Party shop');

    await page.locator('.withdraw button').click();
    await page.locator('.given[data-state="ended"]').waitFor();
    await fine('ended');
    await assert.rejects(login.userinfo(tokens), (refusal) => refusal.status === 401 || refusal.cause?.status === 401
      || /invalid_token/.test(JSON.stringify(refusal.cause ?? refusal)));

    await page.click('#sign-out-button');
    await page.locator('#sign-in').waitFor();
    await page.goto(`${world.origin}/account`);
    assert.equal(await page.locator('#consents').count(), 0);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test('the next login after a withdrawal asks again', async () => {
  const { page, close } = await opened({});
  const person = world.people[1];
  await logInAtTheShop(page, person);
  await page.context().clearCookies();
  const login = await beginLogin(world.clients[0]);
  await page.goto(login.url);
  await signInByOtp(page, person);
  await page.waitForURL((url) => url.href.startsWith(site.callback));

  await signInToTheAccount(page, person);
  await page.locator('.withdraw button').click();
  await page.locator('.given[data-state="ended"]').waitFor();
  // The browser is logged in still; what was withdrawn is asked for all the same.
  await page.goto((await beginLogin(world.clients[0])).url);
  await page.click('#allow-button');
  await page.waitForURL((url) => url.href.startsWith(site.callback));
  await close();
});
