// Who takes part: citizens, and relying parties with their keys, seeded by the server's own commands.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const people = [
  { uin: '7306251849', pin: '271828', name: 'Amina Haddad', email: 'amina@example.test', phone: '+33612345678', birthdate: '1990-04-12' },
  { uin: '5184930276', pin: '314159', name: 'Björn Lindqvist', email: 'bjorn@example.test', phone: '+46701234567', birthdate: '1978-11-30' },
];

/** One relying party for each issuer and algorithm: what its developer has agreed with the operator. */
const parties = [
  { id: 'shop', mount: 'op', alg: 'ES256', signed_by: 'ES256' },
  { id: 'bank', mount: 'op', alg: 'PS256', signed_by: 'ES256', signed_userinfo: true, number: 'on' },
  { id: 'clinic', mount: 'govstack', alg: 'RS256', signed_by: 'RS256', signed_userinfo: true },
  { id: 'school', mount: 'esignet', alg: 'PS256', signed_by: 'PS256', signed_userinfo: true },
  { id: 'broker', mount: 'bankid', alg: 'RS256', signed_by: 'ES512', acr: 'linked-wallet', refreshes: true },
];
const paths = { op: '/op', govstack: '', esignet: '/v1/esignet' };
/** Off unless the world's settings say otherwise. */
const optional = { bankid: '/bankid' };

/** Adds the people by `tessera person import`. */
export function seedPeople(server, folder) {
  for (const person of people) {
    const file = join(folder, `${person.uin}.json`);
    writeFileSync(file, JSON.stringify({
      identifiers: [{ kind: 'uin', value: person.uin }],
      attributes: {
        name: person.name, email: person.email, phone_number: person.phone, birthdate: person.birthdate,
      },
      pin: person.pin,
    }));
    server.command(['person', 'import', file]);
  }
  return people;
}

/** Registers the relying parties by `tessera client add`; gives what each of them knows, its private key too. */
export function seedParties(server, folder, redirectUri, mounts = {}) {
  return parties.filter((party) => party.mount in paths || mounts[party.mount]).map((party) => {
    const file = join(folder, `${party.id}.jwk`);
    server.command(['client', 'add', party.id, '--mount', party.mount, '--name', `Party ${party.id}`, '--name-in', `fra=Maison ${party.id}`,
      '--logo', 'https://party.example/logo.png', '--redirect-uri', redirectUri, '--new-key', file, '--alg', party.alg,
      ...(party.mount === 'op' && party.signed_userinfo ? ['--additional-config', '{"userinfo_response_type":"JWS"}'] : []),
      ...(party.mount === 'op' ? ['--login-policy', JSON.stringify({ number_matching: party.number ?? 'off' })] : []),
      ...(party.mount === 'bankid' ? ['--login-policy', '{"number_matching":"off","rotation":"off"}'] : []),
      ...(party.acr ? ['--acr', party.acr] : []),
      ...(party.refreshes ? ['--grant', 'authorization_code', '--grant', 'refresh_token'] : []),
      ...['name', 'email', 'phone_number', 'birthdate'].flatMap((claim) => ['--claim', claim])]);
    const issuer = `${server.origin}${{ ...paths, ...optional }[party.mount]}`;
    return {
      ...party,
      issuer,
      discovery: `${issuer}/.well-known/openid-configuration`,
      redirect_uri: redirectUri,
      jwk: JSON.parse(readFileSync(file, 'utf8')),
      stranger: strangersKey(party.alg),
    };
  });
}

/** Applications at the standard issuer that refresh and log out, one for each way in which a client without a key proves itself. */
const applications = [
  { id: 'portal', auth: 'client_secret_basic' },
  { id: 'desk', auth: 'client_secret_post' },
  { id: 'page', auth: 'none', own_site: true },
];

/** Registers them by `tessera client add`; gives what each of them knows, its secret too. `site` is the origin of the one that is a page. */
export function seedApplications(server, redirectUri, site) {
  return applications.map((application) => {
    const home = application.own_site ? `${site}/` : new URL('/', redirectUri).href;
    const redirect = application.own_site ? `${site}/callback` : redirectUri;
    const goodbye = `${home}goodbye`;
    const metadata = { grant_types: ['authorization_code', 'refresh_token'], post_logout_redirect_uris: [goodbye] };
    const printed = server.command(['client', 'add', application.id, '--mount', 'op', '--name', `Application ${application.id}`,
      '--logo', 'https://party.example/logo.png', '--redirect-uri', redirect, '--redirect-uri', 'http://127.0.0.1/callback',
      '--claim', 'name', '--claim', 'email', '--auth-method', application.auth, '--metadata', JSON.stringify(metadata)]);
    const issuer = `${server.origin}${paths.op}`;
    return {
      ...application,
      secret: /^client secret: (.*)$/m.exec(printed)?.[1],
      signed_by: 'ES256',
      issuer,
      discovery: `${issuer}/.well-known/openid-configuration`,
      redirect_uri: redirect,
      post_logout_redirect_uri: goodbye,
      home,
    };
  });
}

/** Registers a machine for each issuer, which may manage clients there. */
export function seedMachines(server, folder) {
  return Object.keys(paths).map((mount) => {
    const file = join(folder, `office-${mount}.jwk`);
    server.command(['client', 'add', 'office', '--mount', mount, '--grant', 'client_credentials', '--scope', 'add_oidc_client',
      ...['update_oidc_client', 'wallet_binding', 'send_binding_otp', 'audit_read', 'audit_case'].flatMap((scope) => ['--scope', scope]),
      '--new-key', file]);
    return { id: 'office', mount, alg: 'ES256', jwk: JSON.parse(readFileSync(file, 'utf8')) };
  });
}

/** Services that act for themselves at OSIA's interfaces: what each may do there. */
const services = [{
  id: 'ministry',
  claims: ['name', 'given_name', 'family_name', 'birthdate'],
  scopes: [
    'enroll.read', 'enroll.write', 'enroll.buf.read', 'enroll.buf.write',
    'id.verify', 'id.identify', 'id.read', 'id.DEFAULT_SET_01.read', 'id.consent.request',
    'notif.sub.read', 'notif.sub.write', 'notif.topic.read', 'notif.topic.write', 'notif.topic.publish',
    'notif.dead.read', 'notif.dead.write',
    'pr.person.read', 'pr.person.write', 'pr.person.match', 'pr.person.verify', 'pr.identity.read', 'pr.identity.write',
    'pr.reference.read', 'pr.reference.write', 'pr.gallery.read', 'pr.document.read', 'pr.history.read',
    'pr.identifier.read', 'pr.identifier.write', 'pr.duplicate.read', 'pr.duplicate.write',
    'pr.identifier.read', 'pr.identifier.write', 'pr.duplicate.read', 'pr.duplicate.write',
    'uin.generate', 'statistics.read',
  ],
}];

/** Registers them by `tessera client add`. */
export function seedServices(server, folder) {
  return services.map((service) => {
    const file = join(folder, `${service.id}.jwk`);
    server.command(['client', 'add', service.id, '--mount', 'op', '--grant', 'client_credentials',
      ...service.scopes.flatMap((scope) => ['--scope', scope]), ...service.claims.flatMap((claim) => ['--claim', claim]),
      '--new-key', file]);
    return { ...service, alg: 'ES256', jwk: JSON.parse(readFileSync(file, 'utf8')) };
  });
}

/** Puts somebody on a watch list by `tessera watchlist add`. */
export function seedWatchList(server, folder, gallery) {
  const file = join(folder, 'wanted.json');
  writeFileSync(file, JSON.stringify({ biographicData: { firstName: 'Jan', lastName: 'Novák', dateOfBirth: '1990-02-03' } }));
  server.command(['watchlist', 'add', '--gallery', gallery, file]);
}

/** A key that nobody has registered. */
function strangersKey(alg) {
  const { privateKey } = alg === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg };
}
