import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SharedDocument, Verdict } from '../../src/document/generated/types.ts';
import { validateVerdict } from '../../src/document/generated/validators.js';
import { tidy } from '../../src/record/housekeeping.ts';
import { NUMBER_IN_WORDS } from '../../src/record/reason.ts';
import { recorder } from '../../src/record/recorder.ts';
import { newId } from '../../src/store/ids.ts';
import { openStore } from '../../src/store/store.ts';
import { allDatabases, query, START_MS } from '../store/databases.ts';
import { NOON, random, verdict } from './verdicts.ts';

const DAY = 86_400_000;

test('the page and both schemas refuse the same words', () => {
  const schema = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8'));
  const pattern = NUMBER_IN_WORDS.source.replaceAll('\\/', '/');
  expect(schema('disposition').properties.reason.not.pattern).toBe(pattern);
  expect(schema('use').$defs.words.not.pattern).toBe(pattern);
});

/** Planted, each where it would stand, and in other places too. Long enough not to turn up by chance. */
const IDENTITIES = {
  name: '欧阳若水·阿卜杜',
  latin: 'OUYANG<<RUOSHUI',
  number: '310101199003077715',
  birth: '1990-03-07',
  phone: '13917654321',
  plate: '沪A·F83K7',
  docId: 'PASS-2024-00817734',
  onceId: 'once-310101199003077715-7',
  pseudonym: 'pseudonym-9f2c77aa41',
  goods: '新鲜杨梅二百箱',
};

const words = { zh: IDENTITIES.name, en: IDENTITIES.latin };

/** A document in which every field that can hold a text holds an identity. */
const planted: SharedDocument = {
  docType: { code: 'commuter-pass', family: 'pass', nationalCode: '310101199003077715000' },
  docId: IDENTITIES.docId,
  version: IDENTITIES.phone,
  issuer: {
    region: '320000',
    unit: IDENTITIES.name,
    orgName: IDENTITIES.name,
    orgCode: IDENTITIES.number,
    areaCode: IDENTITIES.phone,
  },
  holder: {
    kind: 'person',
    name: IDENTITIES.name,
    nameMasked: IDENTITIES.name,
    nameLatin: IDENTITIES.latin,
    birthDate: IDENTITIES.birth,
    sex: 'female',
    idType: '111',
    idNumber: IDENTITIES.number,
    idRef: IDENTITIES.pseudonym,
    idSalt: IDENTITIES.pseudonym,
    pictureDigest: IDENTITIES.pseudonym,
  },
  validity: { from: IDENTITIES.birth, until: '2024-12-31' },
  status: {
    canonical: 'valid',
    raw: IDENTITIES.name,
    rawScheme: IDENTITIES.name,
    reasonCode: IDENTITIES.phone,
    authority: IDENTITIES.name,
  },
  vehicle: { plateNo: IDENTITIES.plate, trailerPlate: IDENTITIES.plate, kind: IDENTITIES.name },
  route: { from: IDENTITIES.name, to: IDENTITIES.name, via: [IDENTITIES.phone] },
  crew: [{ role: IDENTITIES.name, name: IDENTITIES.name, idNumber: IDENTITIES.number, idRef: IDENTITIES.pseudonym }],
  goods: { kind: IDENTITIES.goods, code: IDENTITIES.phone, quantity: IDENTITIES.name },
  commitments: [{ kind: 'person', number: IDENTITIES.number, digest: IDENTITIES.pseudonym }],
  faceFields: { holderName: IDENTITIES.name, telephone: IDENTITIES.phone },
  usage: { maker: IDENTITIES.name, purpose: IDENTITIES.name },
  presentation: { audience: IDENTITIES.name, nonce: IDENTITIES.pseudonym, onceId: IDENTITIES.onceId },
};

const plantedVerdict: Verdict = verdict({
  document: planted,
  sentence: words,
  next: words,
  issuer: { region: '320000', name: words, unit: IDENTITIES.name, keyId: 'key-1' },
  findings: [
    {
      code: 'RECOGNISED',
      stage: 'open',
      result: 'pass',
      severity: 'notice',
      message: words,
      next: words,
      at: `/holder/${IDENTITIES.name}`,
      detail: Object.values(IDENTITIES).join(' '),
      basis: { title: words, number: IDENTITIES.number },
    },
  ],
});

const input = JSON.stringify(planted);

/** A value in the forms in which it could stand in a file. */
function forms(value: string): [string, Buffer][] {
  const bytes = Buffer.from(value);
  const digests = ['sm3', 'sha256', 'sha1', 'md5'].map(
    (name) => [name, createHash(name).update(bytes).digest()] as const,
  );
  return [
    ['plain', bytes],
    ['UTF-16', Buffer.from(value, 'utf16le')],
    ['JSON escapes', Buffer.from(JSON.stringify(value).slice(1, -1))],
    ...[bytes, ...digests.map(([, digest]) => digest)].flatMap((each): [string, Buffer][] => [
      ['hexadecimal', Buffer.from(each.toString('hex'))],
      ['upper-case hexadecimal', Buffer.from(each.toString('hex').toUpperCase())],
      ...base64Forms(each),
    ]),
    ...digests.map(([name, digest]): [string, Buffer] => [`bytes of ${name}`, digest]),
  ];
}

/** Base64 depends on what stands before: three beginnings, of which only what the value itself decides is looked for. */
function base64Forms(bytes: Buffer): [string, Buffer][] {
  return [0, 1, 2].flatMap((shift): [string, Buffer][] => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=*$/, '');
    const inner = text.slice(Math.ceil((shift * 8) / 6), text.length - 1);
    const url = inner.replaceAll('+', '-').replaceAll('/', '_');
    return [
      [`base64 from ${shift}`, Buffer.from(inner)],
      [`base64url from ${shift}`, Buffer.from(url)],
    ];
  });
}

/** PostgreSQL's own: what lies outside the log and the databases, and in these the catalogues (numbers below 16384). */
const NOT_OURS = /postgres.*\/(global|base\/[145]|base\/\d+\/(\d{1,4}|1[0-5]\d{3}))(_\w+)?(\/|$)/;

/** All files below a folder that something of ours could stand in, without the zeros at their ends. */
function files(folder: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || NOT_OURS.test(path)) continue;
    const bytes = readFileSync(path);
    found.set(path, bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1));
  }
  return found;
}

const holding = (where: ReadonlyMap<string, Buffer>, needle: Buffer | string): string[] =>
  [...where].filter(([, bytes]) => bytes.includes(needle)).map(([path]) => path);

describe.each(allDatabases())('what $name keeps', (databases) => {
  beforeAll(databases.start, START_MS);
  afterAll(databases.stop, START_MS);

  test('the planted verdict is one', () => {
    expect(validateVerdict(plantedVerdict), JSON.stringify(validateVerdict.errors)).toBe(true);
  });

  test('names nobody, in no form, neither in rows nor in files', async () => {
    const url = await databases.fresh();
    const store = await openStore(url, { random });
    try {
      const desk = recorder(store, { clock: () => NOON, random });
      const receipt = await desk.record(plantedVerdict, input, { checkpoint: 'G2-01', officer: 'A1-7733' });
      const { authentic: _, issuer: __, ...unsigned } = plantedVerdict;
      await desk.record(unsigned, new TextEncoder().encode(input), { checkpoint: 'G2-01' });
      await desk.addDisposition(receipt.id, { action: 'let-pass-by-hand', reason: '救护车，人工核对' });
      const shown = { region: '320000', expiresAt: NOON + 60_000, checkpoint: 'G2-01', device: 'lane-1', at: NOON };
      await store.replay.remember({ ...shown, onceId: IDENTITIES.onceId });

      const disk = files(databases.folder());
      const stored = await rows(url);
      // That the search can find: what may be there is found.
      expect(stored).toContain('A1-7733');
      expect(holding(disk, 'A1-7733')).not.toEqual([]);
      expect(holding(disk, receipt.documentDigest.value)).not.toEqual([]);
      for (const [what, value] of [...Object.entries(IDENTITIES), ['input', input] as const]) {
        for (const [form, needle] of forms(value)) {
          expect(stored.includes(needle.toString('latin1')), `${what} as ${form} in a row`).toBe(false);
          expect(holding(disk, needle), `${what} as ${form}`).toEqual([]);
        }
      }
    } finally {
      await store.close();
    }
  });

  test('of a destroyed key nothing', async () => {
    const url = await databases.fresh();
    const store = await openStore(url, { random });
    try {
      const keys = new Map<number, string[]>();
      // Enough for many pages, in no order, so that pages are split and rows moved about.
      for (let i = 0; i < 400; i++) {
        const day = (i * 7) % 40;
        const { key } = await store.digestKeys.of(`checkpoint-${(i * 31) % 101}-${i}`, NOON - day * DAY);
        keys.set(day, [...(keys.get(day) ?? []), Buffer.from(key).toString('hex')]);
      }
      await tidy(store, NOON);
      // PostgreSQL's own log keeps what was written until the server recycles it; the table may not.
      if (databases.name === 'postgres') await query(url, 'checkpoint');
      const disk = files(databases.folder());
      for (const path of disk.keys()) if (path.includes('pg_wal')) disk.delete(path);
      for (const [day, all] of keys) {
        const found = all.filter((key) => holding(disk, key).length > 0);
        expect(found, `keys of ${day} days ago`).toEqual(day > 30 ? [] : all);
      }
    } finally {
      await store.close();
    }
  });

  test.skipIf(databases.name === 'postgres')(
    'of an exchange that is forgotten, and of a notice that is delivered, nothing',
    async () => {
      const store = await openStore(await databases.fresh(), { random });
      try {
        const [asked, answer, told] = ['asked', 'answer', 'told'].map((what) => `${what}-${'0123456789'.repeat(900)}`);
        const times = { at: NOON, until: NOON + 1, leasedUntil: NOON };
        const own = { id: newId(NOON, random), caller: 'a', idempotency: 'b', fingerprint: 'c' };
        await store.exchanges.take({ ...own, ...times, asked: asked! });
        const notice = { id: newId(NOON, random), at: '', from: '', to: '330000', kind: 'use', use: told! } as never;
        await store.exchanges.finish(own.id, { state: 'done', answer: answer!, until: NOON + 1 }, [notice]);
        const there = (): string[] =>
          [asked!, answer!, told!].filter((text) => holding(files(databases.folder()), text.slice(0, 40)).length > 0);
        expect(there()).toHaveLength(3);
        const [waiting] = await store.notices.due(NOON, NOON, 1);
        await store.notices.delivered(waiting!.notice.id);
        expect(await store.exchanges.forget(NOON + 2, NOON)).toBe(1);
        await store.cutLog();
        expect(there()).toEqual([]);
      } finally {
        await store.close();
      }
    },
  );

  /** Every row of every table as text. */
  async function rows(url: string): Promise<string> {
    const tables = ['receipts', 'dispositions', 'seen_ids', 'digest_keys'];
    const all: unknown[] = [];
    if (databases.name === 'postgres') {
      for (const table of tables) all.push(await query(url, `select * from ${table}`));
    } else {
      const { DatabaseSync } = await import('node:sqlite');
      const file = new DatabaseSync(url, { readOnly: true });
      for (const table of tables) all.push(file.prepare(`select * from ${table}`).all());
      file.close();
    }
    // Byte for byte, as the needles are.
    return Buffer.from(JSON.stringify(all).replaceAll('\\"', '"')).toString('latin1');
  }
});
