// A relying party written with openid-client, unmodified, through the whole life of a login: offline access, refresh with
// rotation, a stolen refresh token, revocation, introspection, single sign-on and logout. Tokens are verified with jose too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';
import { logIn, logOut } from './login.mjs';

const world = JSON.parse(readFileSync(process.env.WORLD, 'utf8'));
const client = world.applications.find((one) => one.auth === 'client_secret_basic');
const [person] = world.people;
const SITE = client.home;

async function relyingParty() {
  const config = await oidc.discovery(new URL(client.discovery), client.id, { id_token_signed_response_alg: client.signed_by },
    oidc.ClientSecretBasic(client.secret));
  oidc.enableNonRepudiationChecks(config);
  return config;
}

/** Logs in in `browser`; the tokens and the claims of the ID token. */
async function tokensOf(config, browser, more = {}) {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: client.redirect_uri, scope: 'openid email offline_access', prompt: 'consent', state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  });
  const arrived = await logIn(world, person, { url, redirectUri: SITE, factor: 'pin', allow: ['email'], browser });
  return oidc.authorizationCodeGrant(config, arrived, {
    pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true,
  });
}

const refused = (error) => ({ name: 'ResponseBodyError', error });

describe(`openid-client at ${client.issuer}, a session`, () => {
  test('refreshes: the person stays the same, the refresh token does not', async () => {
    const config = await relyingParty();
    const first = await tokensOf(config, new Browser(SITE));
    assert.ok(first.refresh_token);
    const second = await oidc.refreshTokenGrant(config, first.refresh_token);
    assert.notEqual(second.access_token, first.access_token);
    assert.notEqual(second.refresh_token, first.refresh_token, 'RFC 9700 §4.14.2: rotation');
    const info = await oidc.fetchUserInfo(config, second.access_token, first.claims().sub);
    assert.equal(info.email, person.email);
  });

  test('a refresh token that is used twice ends the whole family', async () => {
    const config = await relyingParty();
    const first = await tokensOf(config, new Browser(SITE));
    const second = await oidc.refreshTokenGrant(config, first.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(config, first.refresh_token), refused('invalid_grant'));
    await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), refused('invalid_grant'));
  });

  test('revocation ends a token, and introspection tells so', async () => {
    const config = await relyingParty();
    const tokens = await tokensOf(config, new Browser(SITE));
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true);
    await oidc.tokenRevocation(config, tokens.refresh_token);
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false);
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused('invalid_grant'));
  });

  test('the ID token verifies with jose, and not with another audience', async () => {
    const config = await relyingParty();
    const { jwks_uri: published, issuer } = config.serverMetadata();
    const tokens = await tokensOf(config, new Browser(SITE));
    const keys = createRemoteJWKSet(new URL(published));
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, keys, { issuer, audience: client.id });
    assert.equal(protectedHeader.alg, client.signed_by);
    assert.equal(payload.sub, tokens.claims().sub);
    await assert.rejects(jwtVerify(tokens.id_token, keys, { issuer, audience: 'another' }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
  });

  test('who is logged in is not asked again until the logout', async () => {
    const config = await relyingParty();
    const browser = new Browser(SITE);
    const tokens = await tokensOf(config, browser);
    const silent = async () => {
      const verifier = oidc.randomPKCECodeVerifier();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: client.redirect_uri, scope: 'openid', prompt: 'none', state: 'silent',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      });
      const { arrived } = await browser.open(url);
      return oidc.authorizationCodeGrant(config, arrived, { pkceCodeVerifier: verifier, expectedState: 'silent' });
    };
    assert.equal((await silent()).claims().sub, tokens.claims().sub);

    const end = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token, post_logout_redirect_uri: client.post_logout_redirect_uri, state: 'bye',
    });
    const gone = await logOut(browser, end);
    assert.equal(gone.origin + gone.pathname, client.post_logout_redirect_uri);
    assert.equal(gone.searchParams.get('state'), 'bye');
    await assert.rejects(silent(), { name: 'AuthorizationResponseError', error: 'login_required' });
  });
});
