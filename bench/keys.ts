import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { createCore } from '../src/crypto/core/core.ts';
import { CORE_KINDS } from '../src/crypto/core/use.ts';
import { keyFromSpki } from '../src/crypto/keys.ts';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey } from '../src/crypto/sm2.ts';
import { MOST_TOGETHER } from '../src/journeys.ts';
import { R, type Row } from './bench.ts';
import { measure, mustHold, rowsOf, turn } from './measure.ts';

const KEYS = 1000;
/** Checks of a round. */
const SIZE = 256;
/** Until those that are given a table have it. */
const COMES_OFTEN = 70;

/** More keys than there is room for tables: what a check costs when they come in rotation, and how much memory they take. */
export async function manyKeys(data: Uint8Array): Promise<Row[]> {
  return [...(await rotation(data)), memory()];
}

async function rotation(data: Uint8Array): Promise<Row[]> {
  const checks = Array.from({ length: KEYS }, () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const verifier = forgetfulPlatform.prepare('ES256', keyOf(publicKey))!;
    const signature = new Uint8Array(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
    return { verifier, data, signature, publicKey, der: sign('sha256', data, privateKey) };
  });
  let next = 0;
  const some = (count: number) => Array.from({ length: count }, () => checks[next++ % KEYS]!);
  for (const { verifier, signature } of some(COMES_OFTEN * KEYS)) mustHold(verifier(data, signature));
  const times = await measure(
    [
      {
        name: R,
        size: SIZE,
        run: () => some(SIZE).forEach(({ publicKey, der }) => void mustHold(verify('sha256', data, publicKey, der))),
      },
      {
        name: 'ES256, 1,000 keys in rotation, one by one',
        size: SIZE,
        // As requests come; what is done between two of them is counted.
        run: async () => {
          for (const { verifier, signature } of some(SIZE)) {
            mustHold(verifier(data, signature));
            await turn();
          }
        },
      },
      {
        name: 'ES256, 1,000 keys in rotation, 64 at a time',
        size: SIZE,
        run: async () => {
          for (let done = 0; done < SIZE; done += MOST_TOGETHER) {
            mustHold(forgetfulPlatform.verifyMany(some(MOST_TOGETHER)).every(Boolean));
            await turn();
          }
        },
      },
    ],
    { rounds: 11 },
  );
  return rowsOf(times).slice(1);
}

const FILL = 1500;
/** Of them, so many that come often, and have larger tables. */
const OFTEN = 600;
const MOST_MB = 64;

/** A core that was asked about more keys of either curve than it has room for. */
function memory(): Row {
  const core = createCore();
  for (let i = 0; i < FILL; i++) {
    const kind = CORE_KINDS[i % CORE_KINDS.length]!;
    const { x, y } = kind === 'SM2' ? sm2PublicKey(sm2PrivateKey()) : p256Point();
    const key = core.key(kind, x, y)!;
    for (let use = 0; use < (i < OFTEN ? COMES_OFTEN : 1); use++) key.table();
  }
  const megabytes = core.bytes / 2 ** 20;
  return {
    name: 'memory of the core with 1,500 keys, against 64 MB',
    ratio: MOST_MB / megabytes,
    micros: 0,
    said: `${megabytes.toFixed(1)} MB, ${OFTEN} of them used often`,
  };
}

const keyOf = (key: KeyObject) => keyFromSpki(new Uint8Array(key.export({ format: 'der', type: 'spki' })))!;

function p256Point(): { x: Uint8Array; y: Uint8Array } {
  const key = keyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
  if (key.kind !== 'P-256') throw new Error('another curve');
  return key;
}
