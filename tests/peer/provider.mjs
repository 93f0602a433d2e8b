// node-oidc-provider, for tests/bench: everything in memory, a login page that asks nothing.
// usage: provider.mjs '{"alg", "client", "redirect_uri", "jwk"}' (jwk: the client's public key). Prints its address.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import http from 'node:http';
import { Provider } from 'oidc-provider';

const { alg, client, redirect_uri: redirectUri, jwk } = JSON.parse(process.argv[2]);

// Keeps everything until the process ends, the fastest there is.
const kept = new Map();
class Memory {
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload) {
    kept.set(this.key(id), payload);
    if (payload.uid) kept.set(`uid:${payload.uid}`, this.key(id));
  }
  async find(id) { return kept.get(this.key(id)); }
  async findByUid(uid) { return kept.get(kept.get(`uid:${uid}`)); }
  async findByUserCode() {}
  async consume(id) { kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(this.key(id)); }
  async revokeByGrantId() {}
}

const own = alg === 'RS256'
  ? generateKeyPairSync('rsa', { modulusLength: 2048 })
  : generateKeyPairSync('ec', { namedCurve: 'P-256' });
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const provider = new Provider(`http://localhost:${server.address().port}`, {
    adapter: Memory,
    clients: [{}, { userinfo_signed_response_alg: alg }].map((more, at) => ({
      client_id: at ? `${client}-signed` : client,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: jwk.alg,
      id_token_signed_response_alg: alg,
      jwks: { keys: [jwk] },
      scope: 'openid email offline_access',
      ...more,
    })),
    // As ours: each use of a refresh token replaces it. Codes are made before they are measured.
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AuthorizationCode: 3600 },
    clientAuthMethods: ['private_key_jwt'],
    jwks: { keys: [{ ...own.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: 'peer' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'name'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: 'Person', email: 'person@load.test' }),
    }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    responseTypes: ['code'],
  });
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response);
    if (request.method === 'GET') {
      const page = '<!doctype html><form method="post"><input name="name"><input name="password"><button>Log in</button></form>';
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': page.length });
      return response.end(page);
    }
    request.resume();
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: 'person', clientId: params.client_id });
    grant.addOIDCScope('openid email');
    const result = { login: { accountId: 'person' }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  console.log(`127.0.0.1:${server.address().port}`);
});
