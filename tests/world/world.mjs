// A whole deployment for tests: the server as a process, the gateway for one-time passwords, citizens and relying parties.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOtpGateway } from './otp_gateway.mjs';
import { seedApplications, seedMachines, seedParties, seedPeople, seedServices, seedWatchList } from './people_and_parties.mjs';
import { prepareServer } from './server.mjs';
import { startSite } from './site.mjs';
import { makeCertificates } from './tls.mjs';

/**
 * Starts one. `stop()` ends its processes and removes its files.
 * @param tls whether the server speaks TLS, with a certificate of an authority of the test's own (`authority`, a file)
 * @param redirectUri where all relying parties have the browser sent back to
 * @param lifetimes, `limits`, `registration` and `mounts`: of the configuration's sections
 * @param sections more of them, by name
 */
export async function startWorld({ tls = false, redirectUri, lifetimes, limits, registration, mounts, sections }) {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-world.'));
  const certificates = tls ? makeCertificates(folder) : undefined;
  const gateway = await startOtpGateway();
  const site = await startSite();
  const leave = () => { gateway.stop(); site.stop(); };
  try {
    const server = await prepareServer({ folder, otpUrl: gateway.url, tls: certificates, lifetimes, limits, registration, mounts, sections });
    server.command(['migrate']);
    const people = seedPeople(server, folder);
    const parties = seedParties(server, folder, redirectUri, mounts);
    const applications = seedApplications(server, redirectUri, site.origin);
    const machines = seedMachines(server, folder);
    const services = seedServices(server, folder);
    const gallery = sections?.['verification.identify']?.gallery;
    if (gallery) seedWatchList(server, folder, gallery);
    const serving = await server.serve();
    return {
      folder,
      origin: server.origin,
      otp: gateway.url,
      authority: certificates?.authority,
      log: server.log,
      people,
      clients: parties.filter((party) => party.mount !== 'bankid'),
      // Where that issuer is served.
      bankid: parties.find((party) => party.mount === 'bankid'),
      applications,
      site: site.origin,
      machines,
      services,
      stop: async () => {
        await serving.stop();
        leave();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (failure) {
    leave();
    rmSync(folder, { recursive: true, force: true });
    throw failure;
  }
}
