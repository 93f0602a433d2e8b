// A relying party written with openid-client, unmodified: discovery, PKCE, private_key_jwt, ID token and userinfo, at every issuer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { cancel, logIn } from './login.mjs';

const world = JSON.parse(readFileSync(process.env.WORLD, 'utf8'));
const ALGORITHMS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

/** What openid-client knows about the server and this client; every signature is checked against the published keys. */
async function relyingParty(client) {
  const key = await crypto.subtle.importKey('jwk', client.jwk, ALGORITHMS[client.alg], false, ['sign']);
  const metadata = { id_token_signed_response_alg: client.signed_by };
  if (client.signed_userinfo) metadata.userinfo_signed_response_alg = client.signed_by;
  const proof = oidc.PrivateKeyJwt({ key, kid: client.jwk.kid });
  const config = await oidc.discovery(new URL(client.discovery), client.id, metadata, proof);
  assert.equal(config.serverMetadata().issuer, client.issuer);
  oidc.enableNonRepudiationChecks(config);
  return config;
}

/** The start of a login: the URL, and what has to be remembered for its end. */
async function begin(config, client, more = {}) {
  const kept = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: client.redirect_uri,
    scope: 'openid',
    claims: JSON.stringify({ userinfo: { name: { essential: true }, email: null, phone_number: null } }),
    code_challenge: await oidc.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: 'S256',
    state: kept.state,
    nonce: kept.nonce,
    ...more,
  });
  return { url, ...kept };
}

const redeem = (config, arrived, begun) => oidc.authorizationCodeGrant(config, arrived, {
  pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce, idTokenExpected: true,
});

for (const client of world.clients) {
  describe(`openid-client at ${client.mount}, ${client.alg}`, () => {
    const [person] = world.people;

    for (const factor of ['otp', 'pin']) {
      test(`logs in by ${factor} and reads what was allowed`, async () => {
        const config = await relyingParty(client);
        const begun = await begin(config, client);
        const arrived = await logIn(world, person, { url: begun.url, redirectUri: client.redirect_uri, factor, allow: ['email'] });
        const tokens = await redeem(config, arrived, begun);
        const claims = tokens.claims();
        assert.equal(claims.iss, client.issuer);
        assert.equal(claims.aud, client.id);
        assert.notEqual(claims.sub, person.uin, 'a pairwise subject');
        const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
        assert.equal(info.name, person.name);
        assert.equal(info.email, person.email);
        assert.equal(info.phone_number, undefined, 'asked for, not allowed');
        assert.equal(info.birthdate, undefined, 'not asked for');
      });
    }

    test('knows the person again, by the same subject', async () => {
      const config = await relyingParty(client);
      const subjects = new Set();
      for (let round = 0; round < 2; round += 1) {
        const begun = await begin(config, client);
        const arrived = await logIn(world, person, { url: begun.url, redirectUri: client.redirect_uri, factor: 'pin' });
        subjects.add((await redeem(config, arrived, begun)).claims().sub);
      }
      assert.equal(subjects.size, 1);
    });

    test('a code is good once', async () => {
      const config = await relyingParty(client);
      const begun = await begin(config, client);
      const arrived = await logIn(world, person, { url: begun.url, redirectUri: client.redirect_uri, factor: 'pin' });
      await redeem(config, arrived, begun);
      await assert.rejects(redeem(config, arrived, begun), oidc.ResponseBodyError);
    });

    test('a code without its verifier is worth nothing', async () => {
      const config = await relyingParty(client);
      const begun = await begin(config, client);
      const arrived = await logIn(world, person, { url: begun.url, redirectUri: client.redirect_uri, factor: 'pin' });
      const other = { ...begun, verifier: oidc.randomPKCECodeVerifier() };
      await assert.rejects(redeem(config, arrived, other), oidc.ResponseBodyError);
    });

    test('another key is refused', async () => {
      const config = await relyingParty({ ...client, jwk: { ...client.stranger, kid: client.jwk.kid } });
      const begun = await begin(config, client);
      const arrived = await logIn(world, person, { url: begun.url, redirectUri: client.redirect_uri, factor: 'pin' });
      await assert.rejects(redeem(config, arrived, begun), oidc.ResponseBodyError);
    });

    test('a login that is cancelled comes back as an error, with its state', async () => {
      const config = await relyingParty(client);
      const begun = await begin(config, client);
      const arrived = await cancel(begun.url, client.redirect_uri);
      assert.equal(arrived.searchParams.get('state'), begun.state);
      await assert.rejects(redeem(config, arrived, begun), { name: 'AuthorizationResponseError', error: 'access_denied' });
    });
  });
}
