/**
 * `node bench/core-c.ts [ROUNDS]`: the WebAssembly core, which is AssemblyScript, beside its port to C (core-c/), which clang compiles
 * where it is at hand. Both are asked the same in turns, in one process; what is printed is C's time as a share of AssemblyScript's.
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledCore } from '../scripts/generate.ts';
import { type CoreExports, createCore, instantiate, MOST_LANES } from '../src/crypto/core/core.ts';
import { CORE_KINDS, type CoreKind } from '../src/crypto/core/use.ts';
import { keyFromSpki } from '../src/crypto/keys.ts';
import { sm2Digest, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../src/crypto/sm2.ts';
import { quantile, spreadOf } from './measure.ts';

/** Both builds export these as well: one function, a thousand times over, on what lies at `place`. */
const KERNELS = {
  mul4: 'four products of elements (product4.ts)',
  tame4: 'four elements made small again (quad.ts)',
  sub4: 'four differences (quad.ts)',
  gather: 'four points from tables (quad.ts)',
  mul: 'one product (field.ts)',
  mulN: 'one product modulo n (scalar.ts)',
  invertN: 'one inverse modulo n (inverse.ts)',
} as const;
type Kernel = keyof typeof KERNELS;
type Build = CoreExports & Record<Kernel, (kind: number, times: number, place: number) => void>;

/** On top of index.ts. The operands lie 320 bytes apart; out is not one of them, but for what works in place. */
const ENTRY = `
export * from './index';
import { curve } from './curve';
import { mul as oneProduct, P256, SM2 } from './field';
import { mul4 as products } from './product4';
import { gather as points, sub4 as differences, tame4 as tamed } from './quad';
import { invertN as inverseN, mulN as productN } from './scalar';
export function mul4(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++)
    if (kind == 1) products<P256>(place, place + 320, place + 640);
    else products<SM2>(place, place + 320, place + 640);
}
export function tame4(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++)
    if (kind == 1) tamed<P256>(place);
    else tamed<SM2>(place);
}
export function sub4(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++) differences(place, place + 320, place + 640);
}
export function gather(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++) points(place, place + 960);
}
export function mul(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++)
    if (kind == 1) oneProduct<P256>(place, place + 320, place + 640);
    else oneProduct<SM2>(place, place + 320, place + 640);
}
export function mulN(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++) productN(place, place + 320, place + 640, curve(kind));
}
export function invertN(kind: i32, times: i32, place: usize): void {
  for (let i = 0; i < times; i++) {
    // Else two numbers alternate, and the processor knows their branches by heart.
    store<i32>(place, load<i32>(place) ^ i);
    inverseN(place, curve(kind));
  }
}
`;

/** Undefined if there is no clang here that makes WebAssembly. */
function compiledC(): Uint8Array<ArrayBuffer> | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'core-c-'));
  try {
    const out = join(folder, 'core.wasm');
    const source = fileURLToPath(new URL('core-c/core.c', import.meta.url));
    // Without -fno-builtin, clang makes calls out of WebAssembly of every loop that copies.
    const options =
      '--target=wasm32 -std=gnu11 -O3 -msimd128 -mbulk-memory -fno-builtin -fwrapv -nostdlib -Wl,--no-entry';
    const { status, error, stderr } = spawnSync('clang', [...options.split(' '), '-o', out, source], {
      encoding: 'utf8',
    });
    if (status === 0) return new Uint8Array(readFileSync(out));
    process.stderr.write(`${error?.message ?? stderr}\n`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Signed {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  readonly checks: readonly { readonly digested: Uint8Array; readonly signature: Uint8Array; readonly good: boolean }[];
}

/** As many signatures of one key, over random data; every third one is damaged if that is asked for. */
function signed(kind: CoreKind, count: number, damaged: boolean): Signed {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = sm2PrivateKey();
  const key =
    kind === 'SM2'
      ? sm2PublicKey(secret)
      : (keyFromSpki(pair.publicKey.export({ format: 'der', type: 'spki' })) as { x: Uint8Array; y: Uint8Array });
  const checks = Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(randomBytes(40));
    const good = !damaged || i % 3 !== 0;
    const digested = kind === 'SM2' ? sm2Digest(key, data) : new Uint8Array(hash('sha256', data, 'buffer'));
    const signature =
      kind === 'SM2'
        ? sm2Sign(secret, data)
        : new Uint8Array(sign('sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }));
    if (!good) signature[i % 64]! ^= 1 << (i % 8);
    return { digested, signature, good };
  });
  return { x: key.x, y: key.y, checks };
}

const KINDS: Readonly<Record<CoreKind, number>> = { 'P-256': 1, SM2: 2 };

/** Random operands of kernels, the same in both builds: limbs of 13 bits as quads and points have them, or nine of 29 bits. */
function operands(build: Build, kernel: Kernel, kind: CoreKind, random: Uint8Array): number {
  const which = Object.keys(KERNELS).indexOf(kernel) * 2 + KINDS[kind];
  const place = ((build.message() + 15) & ~15) + 2048 * which;
  const words = new Int32Array(build.memory.buffer, place, 512);
  const limbs = new Int16Array(build.memory.buffer, place, 1024);
  const source = new DataView(random.buffer, random.byteOffset);
  const elements = kernel === 'mul' || kernel === 'mulN' || kernel === 'invertN';
  // The top limb of a number below p or n is a short one.
  if (elements)
    for (let i = 0; i < 512; i++) words[i] = source.getInt32(4 * i, true) & (i % 80 === 8 ? 0x7f_ffff : 0x1fff_ffff);
  else for (let i = 0; i < 960; i++) limbs[i] = source.getInt16(2 * i, true) & (i % 80 >= 72 ? 0xff : 0x1fff);
  if (kernel === 'gather')
    for (let i = 0; i < 4; i++) {
      words[240 + 2 * i] = place + 320 + 80 * i;
      words[241 + 2 * i] = -(i & 1);
    }
  return place;
}

/** What a kernel leaves, as text. */
function left(build: Build, kernel: Kernel, kind: CoreKind, random: Uint8Array): string {
  const place = operands(build, kernel, kind, random);
  build[kernel](KINDS[kind], 1, place);
  return new Uint8Array(build.memory.buffer, place, 320).toString();
}

interface Unit {
  readonly name: string;
  /** AssemblyScript first. */
  readonly runs: readonly [() => void, () => void];
}

/** Microseconds of processor time: waiting for a turn does not count. */
function time(run: () => void, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

interface Round {
  readonly ratio: number;
  /** Of AssemblyScript. */
  readonly micros: number;
}

/** Who comes first changes with each round. */
function roundsOf({ runs }: Unit, rounds: number): Round[] {
  const ROUND_MICROS = 4_000;
  // Long enough that the engine has compiled both for good.
  for (const run of runs) for (const end = performance.now() + 300; performance.now() < end; ) run();
  const times = Math.max(1, Math.round(ROUND_MICROS / (time(runs[0], 20) / 20)));
  return Array.from({ length: rounds }, (_, round) => {
    const took: [number, number] = [0, 0];
    for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) took[which] = time(runs[which], times);
    return { ratio: took[1] / took[0], micros: took[0] / times };
  });
}

/** Throws if the builds do not answer alike, or leave other numbers. */
function units(builds: readonly [Build, Build]): Unit[] {
  const found: Unit[] = [];
  // Larger tables are built at once, as `later` is not given: both are as they are for a key that comes often.
  const cores = builds.map((exports) => createCore({ exports }));
  for (const kind of CORE_KINDS) {
    for (let round = 0; round < 20; round++) {
      const { x, y, checks } = signed(kind, MOST_LANES, true);
      for (const core of cores) {
        const key = core.key(kind, x, y)!;
        const together = core.many(
          kind,
          checks.map((check) => ({ key, ...check })),
        );
        checks.forEach(({ digested, signature, good }, i) => {
          if (key.check(digested, signature) !== good || together[i] !== good)
            throw new Error(`${kind}: the builds do not answer alike`);
        });
      }
    }
    for (const kernel of Object.keys(KERNELS) as Kernel[])
      for (let round = 0; round < 500; round++) {
        const random = new Uint8Array(randomBytes(2048));
        const [one, other] = builds.map((build) => left(build, kernel, kind, random));
        if (one !== other) throw new Error(`${kind}: ${kernel} does not leave the same`);
      }
    const { x, y, checks } = signed(kind, MOST_LANES, false);
    const held = (answers: readonly (boolean | undefined)[]): void => {
      if (!answers.every((answer) => answer === true)) throw new Error('a good signature was not taken');
    };
    const [one, other] = cores.map((core) => {
      const key = core.key(kind, x, y)!;
      const all = checks.map((check) => ({ key, ...check }));
      return {
        single: () => held(all.map(({ digested, signature }) => key.check(digested, signature))),
        together: () => held(core.many(kind, all)),
      };
    }) as [Record<'single' | 'together', () => void>, Record<'single' | 'together', () => void>];
    found.push(
      { name: `${kind}: 64 whole checks, one by one`, runs: [one.single, other.single] },
      { name: `${kind}: 64 whole checks together`, runs: [one.together, other.together] },
    );
  }
  for (const kind of CORE_KINDS)
    for (const [kernel, about] of Object.entries(KERNELS) as [Kernel, string][]) {
      const random = new Uint8Array(randomBytes(2048));
      const [one, other] = builds.map((build) => {
        const place = operands(build, kernel, kind, random);
        return () => build[kernel](KINDS[kind], 1000, place);
      }) as [() => void, () => void];
      found.push({ name: `${kind}: ${kernel}, ${about}`, runs: [one, other] });
    }
  return found;
}

/** Fresh memory each time: where tables come to lie is worth some hundredths of a whole check, to either. */
const TIMES_FRESH = 5;
const rounds = Number(process.argv[2] ?? 41);
const c = compiledC();
if (c === undefined) process.stdout.write('not measured: there is no clang here that makes WebAssembly\n');
else {
  const modules = [await compiledCore(ENTRY), c].map((bytes) => new WebAssembly.Module(bytes));
  const found = new Map<string, Round[]>();
  for (let fresh = 0; fresh < TIMES_FRESH; fresh++)
    for (const unit of units(modules.map((module) => instantiate(module) as Build) as [Build, Build]))
      found.set(unit.name, [...(found.get(unit.name) ?? []), ...roundsOf(unit, rounds)]);
  process.stdout.write(
    `time of C / time of AssemblyScript, medians of ${TIMES_FRESH * rounds}, Node ${process.version}\n`,
  );
  for (const [name, all] of found) {
    const ratios = all.map(({ ratio }) => ratio);
    const micros = quantile(
      all.map(({ micros }) => micros),
      0.5,
    );
    process.stdout.write(
      `  ${quantile(ratios, 0.5).toFixed(3)}  ${name} (± ${(spreadOf(ratios) * 100).toFixed(1)} %; AssemblyScript ${micros.toFixed(0)} µs)\n`,
    );
  }
}
