import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { pemFromDer } from '../../src/codec/pem.ts';
import type { SystemKeysFile } from '../../src/document/generated/types.ts';
import { newSystemKeys } from '../../src/federation/system-keys.node.ts';
import { markServed, servedBy, stateFolderOf } from '../../src/region/state.node.ts';
import { keyRow } from '../http/harness.ts';
import { inside, temporary, tongren } from '../support/cli.ts';
import { storeWith } from '../support/federation.ts';
import { useServers } from '../support/serving.ts';

const place = temporary();
const store = join(place.folder, 'store');
/** Not those of a gateway that somebody has tried in this clone: they may be another region's. */
const own = {
  TONGREN_EXCHANGE_KEYS: join(place.folder, 'own/exchange-keys.json'),
  TONGREN_CONVERSION_KEYS: join(place.folder, 'own/conversion-keys.json'),
  TONGREN_EXCHANGE_SECRET: join(place.folder, 'own/exchange.key'),
};
const servers = useServers();

beforeAll(() => {
  for (const [file, bytes] of storeWith({})) place.write(`store/${file}`, bytes);
});
afterAll(() => place.remove());

const serving = (env: Record<string, string>) =>
  servers.serving({ cwd: place.folder, env: { TONGREN_STORE: store, ...own, ...env } });

describe('tongren serve', () => {
  it('keeps receipts in its database, and ends in peace when it is asked to', async () => {
    const database = join(place.folder, 'kept', 'receipts.sqlite');
    const { child, ask } = await serving({ TONGREN_DATABASE: database });
    expect(await ask({ Prefer: 'recorded' })).toBe(200);
    expect(existsSync(database)).toBe(true);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    // What was recorded stands in the log from the next minute on, or the next start.
    const again = await serving({ TONGREN_DATABASE: database });
    const [line] = await again.log(/.*"receipts were entered.*/);
    expect(JSON.parse(line)).toMatchObject({ number: 1, entries: 1, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('verifies though its database cannot be had, but gives no verdict that should be recorded', async () => {
    const { ask, hint } = await serving({ TONGREN_DATABASE: join(place.write('a-file', ''), 'no.sqlite') });
    await hint(/TONGREN_DATABASE: the database cannot be reached/);
    expect([await ask(), await ask({ Prefer: 'recorded' })]).toEqual([200, 503]);
  });

  it('reads its keys again on SIGHUP; a list that is spoiled changes nothing', async () => {
    const [first, second] = [keyRow({ id: 'first' }), keyRow({ id: 'second' })];
    const keys = place.write('keys.json', JSON.stringify([first.row]));
    const { child, ask, log, hint } = await serving({ TONGREN_API_KEYS: keys });
    expect([await ask(), await ask(first.headers), await ask(second.headers)]).toEqual([401, 200, 401]);

    writeFileSync(keys, JSON.stringify([second.row, keyRow({ id: 'third' }).row]));
    child.kill('SIGHUP');
    await log(/"keys":2/);
    expect([await ask(), await ask(first.headers), await ask(second.headers)]).toEqual([401, 401, 200]);

    writeFileSync(keys, JSON.stringify([{ ...first.row, scopes: ['all'] }]));
    child.kill('SIGHUP');
    await hint(/not read again: TONGREN_API_KEYS: .* at \/0\/scopes\/0/);
    expect([await ask(first.headers), await ask(second.headers)]).toEqual([401, 200]);
  });

  it('says who is left where its list of keys is empty, and how a key is made', async () => {
    const { ask, hint } = await serving({ TONGREN_API_KEYS: place.write('empty-keys.json', '[]') });
    await hint(/文件中没有密钥.*\n.*no key is in the file.*tongren keys new/);
    expect(await ask()).toBe(401);
  });

  it('reads its key and certificate of TLS again on SIGHUP; what does not fit changes nothing', async () => {
    const write = ({ signing, certificate }: SystemKeysFile): string => {
      place.write('tls.key', signing);
      place.write('tls.crt', pemFromDer(decodeBase64(certificate!), 'CERTIFICATE'));
      return new X509Certificate(decodeBase64(certificate!)).fingerprint256;
    };
    const made = () => newSystemKeys({ name: '310000/gateway', algorithm: 'ES256', certificate: true });
    const first = write(made());
    const { child, url, log, hint } = await serving({
      TONGREN_TLS_KEY: join(place.folder, 'tls.key'),
      TONGREN_TLS_CERT: join(place.folder, 'tls.crt'),
    });
    const shown = async (): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    expect(await shown()).toBe(first);

    const second = write(made());
    child.kill('SIGHUP');
    await log(/the key and certificate of TLS were read/);
    expect([await shown(), second === first]).toEqual([second, false]);

    place.write('tls.key', made().signing);
    child.kill('SIGHUP');
    await hint(/not read again: TONGREN_TLS_KEY, TONGREN_TLS_CERT: /);
    expect(await shown()).toBe(second);
  });

  it('does not start with a key that is not its certificate’s, and says in Chinese too whose mistake it is', async () => {
    const [one, other] = [0, 1].map(() =>
      newSystemKeys({ name: '310000/gateway', algorithm: 'ES256', certificate: true }),
    );
    place.write('pair.key', one!.signing);
    place.write('pair.crt', pemFromDer(decodeBase64(other!.certificate!), 'CERTIFICATE'));
    const { exit, err } = await inside(['serve'], {
      env: {
        TONGREN_STORE: store,
        TONGREN_PORT: '0',
        ...own,
        TONGREN_DATABASE: join(place.folder, 'pair.sqlite'),
        TONGREN_TLS_KEY: join(place.folder, 'pair.key'),
        TONGREN_TLS_CERT: join(place.folder, 'pair.crt'),
      },
    });
    expect(exit).toBe(64);
    expect(err).toContain('TONGREN_TLS_KEY、TONGREN_TLS_CERT：私钥与证书不能用，或不是一对');
    expect(err).toContain('error: configuration: TONGREN_TLS_KEY, TONGREN_TLS_CERT: ');
  });

  it('reads a plain folder again on SIGHUP, says that nobody signed it, and goes on where it cannot be read', async () => {
    const { child, log, hint, ask } = await serving({});
    await hint(/nobody signed: never production/);
    place.write('store/regions/340000/formats/broken.json', '{');
    child.kill('SIGHUP');
    await log(/"rejected":1\b.*what is in force of the trust store has changed/);
    rmSync(join(store, 'federation.json'));
    child.kill('SIGHUP');
    // What lies beside the regions has a last good version as well.
    await log(/"rejected":2\b.*what is in force of the trust store has changed/);
    rmSync(store, { recursive: true });
    child.kill('SIGHUP');
    await hint(/the store was not read again: .*there is no store here/);
    expect(await ask()).toBe(200);
    for (const [file, bytes] of storeWith({})) place.write(`store/${file}`, bytes);
  });

  const refused: readonly [string, Record<string, string>, RegExp][] = [
    ['an address beyond this machine without keys', { TONGREN_HOST: '0.0.0.0' }, /TONGREN_HOST: .*TONGREN_API_KEYS/],
    ['a list of keys that is not there', { TONGREN_API_KEYS: 'nowhere.json' }, /TONGREN_API_KEYS: .*ENOENT/],
    ['a region that the store does not have', { TONGREN_REGION: '999999' }, /no region 999999.*there are: .*310000/s],
    ['a purpose that no catalogue has', { TONGREN_PURPOSE: 'credit' }, /no purpose credit.*there are: .*checkpoint/s],
    [
      'a database of no kind',
      { TONGREN_DATABASE: 'mysql://user:secret@host/db' },
      /TONGREN_DATABASE: the database is named/,
    ],
  ];
  it('does not start with another region’s keys: they would be found with the first question to others', async () => {
    const keys = place.write(
      'exchange-keys.json',
      JSON.stringify(newSystemKeys({ name: '310000/gateway', algorithm: 'ES256' })),
    );
    const env = { ...own, TONGREN_PORT: '0', TONGREN_REGION: '330000', TONGREN_EXCHANGE_KEYS: keys };
    const { exit, err } = await tongren(['serve', '--store', store], { env });
    expect([exit, err]).toEqual([64, expect.stringMatching(/another region than 330000.*set TONGREN_REGION/s)]);
  });

  it.each(['TONGREN_CONVERSION_KEYS', 'TONGREN_EXCHANGE_SECRET'])(
    'does not start with a damaged file in %s',
    async (name) => {
      const file = place.write(`${name}.json`, '{"ES256":{"pkcs8":"secret"}}');
      const { exit, err } = await tongren(['serve', '--store', store], {
        env: { ...own, TONGREN_PORT: '0', [name]: file },
      });
      expect([exit, err]).toEqual([64, expect.stringContaining(`${name}: ${file}: no `)]);
      expect(err).toContain('put it back from a copy');
      expect(err).not.toContain('pkcs8');
    },
  );

  it.each(refused)('does not start with %s, and says why', async (_, env, why) => {
    const { exit, err } = await tongren(['serve', '--store', store], { env: { ...own, TONGREN_PORT: '0', ...env } });
    expect(exit).toBe(64);
    expect(err).toMatch(why);
    expect(err).not.toContain('secret');
  });
});

describe('a store that is served', () => {
  const served = join(place.folder, 'served');

  it('is not replaced by a new reference federation: the gateway would call its documents forged', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    servers.running.push(other);
    place.write(`served.state/served-by-${other.pid}`, '');
    expect(await servedBy(served)).toBe(other.pid);
    const { exit, err } = await inside(['start', '--once'], { env: { TONGREN_STORE: served } });
    expect([exit, err]).toEqual([64, expect.stringMatching(/a gateway serves this store.*stop it first/s)]);
    expect(existsSync(served)).toBe(false);
  });

  it('says so while it is, and a process is not in its own way', async () => {
    const done = await markServed(served);
    const note = join(stateFolderOf(served), `served-by-${process.pid}`);
    expect(existsSync(note)).toBe(true);
    await done();
    expect(existsSync(note)).toBe(false);
    await markServed(served);
    expect(await servedBy(served)).toBeUndefined();
  });

  it('is served by an account that cannot leave a note as well', async () => {
    // A file where the folder should be: whoever runs the tests may write everywhere else.
    const sealed = join(place.folder, 'sealed');
    place.write('sealed.state', '');
    await (await markServed(sealed))();
    expect(existsSync(`${sealed}.state`)).toBe(true);
  });

  it('is not taken for one because a gateway was killed', async () => {
    const gone = spawn(process.execPath, ['-e', '0']);
    await once(gone, 'exit');
    place.write(`served.state/served-by-${gone.pid}`, '');
    expect(await servedBy(served)).toBeUndefined();
    expect(existsSync(join(stateFolderOf(served), `served-by-${gone.pid}`))).toBe(false);
  });
});
