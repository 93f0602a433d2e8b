// The relying party's own site, where the browser comes from and where it is sent back to: redeems the code with openid-client.
import { createServer } from 'node:http';
import * as oidc from 'openid-client';

/** Listens on a free loopback port. `callback` is its redirect URI. */
export async function startSite() {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!doctype html><title>Back at the relying party</title><h1>Back at the relying party</h1>');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const callback = `http://127.0.0.1:${server.address().port}/callback`;
  return { callback, stop: () => { server.closeAllConnections(); server.close(); } };
}

/** Begins a login at an issuer: the URL to open, and `finish(url)` to end it with userinfo; `redeem` and
 * `userinfo` are its two halves. */
export async function beginLogin(client, more = {}) {
  const algorithm = client.alg === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('jwk', client.jwk, algorithm, false, ['sign']);
  const config = await oidc.discovery(new URL(client.discovery), client.id, { id_token_signed_response_alg: client.signed_by },
    oidc.PrivateKeyJwt({ key, kid: client.jwk.kid }), { execute: [oidc.allowInsecureRequests] });
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: client.redirect_uri, scope: 'openid', state, nonce, code_challenge_method: 'S256',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    claims: JSON.stringify({ userinfo: { name: { essential: true }, email: null, phone_number: null } }),
    ...more,
  }).href;
  const redeem = (arrived) => oidc.authorizationCodeGrant(config, new URL(arrived),
    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
  const userinfo = (tokens) => oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  const finish = async (arrived) => userinfo(await redeem(arrived));
  return { url, state, finish, redeem, userinfo };
}
