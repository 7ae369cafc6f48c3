import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../codec/json.ts';
import { writeJws } from '../codec/jws.ts';
import { nodePictureReader } from '../codec/picture.node.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { keyThumbprint, keyToJwk } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import type { IssuerEntry } from '../document/generated/types.ts';
import { mintKey, signerOf } from '../federation/signer.node.ts';
import { readShcIssuer, readVciDirectory, type ShcIssuer } from '../federation/vci-directory.node.ts';
import { open, type Presented } from '../format/open.ts';
import { present } from '../intake.ts';
import { type Journey, journey } from '../journey.ts';
import type { Files } from '../region/pack.ts';
import { sameData } from './compare.ts';
import { declarations, neutralStandpoint } from './neutral.node.ts';
import { CAUSES, codesIn, expectationOf, NOT_CARDS } from './shc-labels.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

const REGION = 'x-shc';
const HOUR_MS = 3_600_000;
const EXPECTED = 'dev-tools/EXPECTED-from-upstream-tests.json';
const EXAMPLES = 'spec-examples';
/** Where named files lie. */
const FOLDERS = ['dev-tools/testdata', EXAMPLES, 'dev-tools'];
/** The clock of the upstream tests, as the labels' file says. */
const CLOCK = 1_653_955_200_000;
/** Folders that stand for addresses in the network, with a key set in `.well-known`. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'https://spec.smarthealth.cards/examples/issuer': 'spec-examples-issuer/generate-examples/issuer',
  'https://smarthealth.cards/examples/issuer': 'spec-examples-issuer/generate-examples/issuer',
  'https://raw.githubusercontent.com/smart-on-fhir/health-cards-dev-tools/main/testdata/badcrl':
    'dev-tools/testdata/badcrl',
};

interface Card {
  readonly test: string;
  readonly files: readonly string[];
  readonly type: string | null;
  readonly raw: string;
}

/** What the whole suite reads once. */
interface House {
  readonly dir: string;
  readonly files: Files;
  /** By address. */
  readonly issuers: ReadonlyMap<string, ShcIssuer>;
  readonly directory: readonly IssuerEntry[];
}

/**
 * SMART Health Cards: the specification's examples, which must verify under their issuer's keys, and the upstream
 * validator's cards and keys with the error codes it gives for them.
 */
export const shc: Suite = {
  name: 'shc',
  summary:
    'SMART Health Cards：规范的示例，以及上游验证程序的恶意卡和密钥 · SMART Health Cards: examples of the specification, and hostile cards and keys of the upstream validator',
  async run(dir, report, progress) {
    const labels = JSON.parse(await readFile(join(dir, EXPECTED), 'utf8')) as {
      cards: Card[];
      keys: { test: string; raw: string }[];
    };
    const house = await furnish(dir);
    const examples = (await readdir(join(dir, EXAMPLES))).sort();
    const cases: { name: string; judge(): Promise<Outcome> }[] = [
      { name: 'VCI directory', judge: () => directoryCase(house) },
      ...[...house.issuers].map(([iss, issuer]) => ({ name: iss, judge: async () => issuerCase(iss, issuer) })),
      ...examples.map((file) => ({ name: `${EXAMPLES}/${file}`, judge: () => exampleCase(house, file) })),
      ...labels.cards.map((card) => ({
        name: `${card.test} (${card.files.join(', ') || 'no file'})`,
        judge: () => cardCase(house, card),
      })),
      ...labels.keys.map((key) => ({ name: key.test, judge: () => keyCase(house, key.raw) })),
    ];
    for (const [index, each] of cases.entries()) {
      report({ name: each.name, ...(await each.judge()) });
      progress?.(index + 1, cases.length);
    }
  },
};

async function furnish(dir: string): Promise<House> {
  const issuers = new Map<string, ShcIssuer>();
  for (const [address, folder] of Object.entries(ADDRESSES)) {
    for (const at of ['', ...(await readdir(join(dir, folder))).map((name) => `/${name}`)]) {
      const issuer = await issuerAt(`${address}${at}`, join(dir, folder, at));
      if (issuer !== undefined) issuers.set(`${address}${at}`, issuer);
    }
  }
  const directory = readVciDirectory(await snapshot(dir)).issuers;
  return { dir, files: await declarations(), issuers, directory };
}

const snapshot = async (dir: string) => ({
  files: new Map<string, Uint8Array>([
    ['snapshot.json', await readFile(join(dir, 'vci-directory/logs/vci_snapshot.json'))],
    ['snapshot.sig', await readFile(join(dir, 'vci-directory/logs/vci_snapshot.sig'))],
  ]),
  key: await readFile(join(dir, 'vci-directory/vci_snapshot.crt'), 'utf8'),
  platform: nodePlatform,
});

async function issuerAt(iss: string, folder: string): Promise<ShcIssuer | undefined> {
  const known = join(folder, '.well-known');
  const set = await readFile(join(known, 'jwks.json'), 'utf8').catch(() => undefined);
  if (set === undefined) return undefined;
  const lists = (await readdir(join(known, 'crl')).catch(() => [])).filter((name) => name.endsWith('.json'));
  const crls = await Promise.all(
    lists.map(async (name) => JSON.parse(await readFile(join(known, 'crl', name), 'utf8'))),
  );
  return readShcIssuer({ iss, ...keySet(set), crls }, nodePlatform);
}

const keySet = (text: string): { keys: unknown } => ({
  keys: (JSON.parse(text) as { keys?: unknown }).keys,
});

async function directoryCase({ dir, directory }: House): Promise<Outcome> {
  const { files, ...rest } = await snapshot(dir);
  const body = files.get('snapshot.json')!;
  const altered = new Map([...files, ['snapshot.json', body.map((byte, i) => (i === 1000 ? byte ^ 1 : byte))]]);
  try {
    readVciDirectory({ files: altered, ...rest });
    return differ('the snapshot verifies after it was altered');
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  const units = new Set(directory.map(({ unit }) => unit)).size;
  return agree(`signature good; ${directory.length} keys of ${units} issuers`);
}

/** A key set and lists without a fault of their own; those that the labels call faulty are judged there. */
function issuerCase(iss: string, { issuers, left }: ShcIssuer): Outcome {
  if (iss.includes('/bad')) return notApplicable('made faulty on purpose; judged by the cards that point there');
  if (left.length > 0) return differ(left.map(({ what, why }) => `${what}: ${why}`).join('; '));
  return agree(`${issuers.length} keys`);
}

/** The specification's examples: the letter in the name says in which form. */
async function exampleCase(house: House, file: string): Promise<Outcome> {
  const [, number, form] = /^example-(\d+)-([a-z])-/.exec(file) ?? [];
  const bytes = await readFile(join(house.dir, EXAMPLES, file));
  if (form === 'a') return notApplicable(NOT_CARDS['fhirbundle']!);
  if (form === 'b' || form === 'c') {
    const names = await readdir(join(house.dir, EXAMPLES));
    const card = names.find((name) => name.startsWith(`example-${number}-d-`));
    if (card === undefined) return notApplicable('its card is not here');
    const walked = walk({ bytes: await readFile(join(house.dir, EXAMPLES, card)) }, house, allOf(house), undefined);
    const same = sameData(walked.opened?.payload, JSON.parse(bytes.toString('utf8')));
    return same ? agree() : differ('the card of this number says something else');
  }
  if (file.endsWith('.svg')) return notApplicable(SVG);
  const walked = walk(await present(bytes, nodePictureReader), house, allOf(house), undefined);
  return walked.verdict.outcome === 'accept' ? agree() : differ(foundIn(walked));
}

const SVG = 'an SVG drawing is no picture that the gateway reads; the same code is here as text';

const allOf = ({ issuers }: House): ShcIssuer => joined([...issuers.values()]);
const joined = (issuers: readonly ShcIssuer[]): ShcIssuer => ({
  issuers: issuers.flatMap((each) => each.issuers),
  revoked: issuers.flatMap((each) => each.revoked),
  left: issuers.flatMap((each) => each.left),
});

/** Walks a card; without a clock, an hour after the card says that it was issued. */
function walk(presented: Presented, house: House, issuer: ShcIssuer, clock: number | undefined): Journey {
  const at = clock ?? issuedAt(presented, house) + HOUR_MS;
  const revocations = { issued: new Date(at).toISOString(), revoked: issuer.revoked };
  const files = new Map([
    ...house.files,
    [`regions/${REGION}/revocations/suite.json`, encodeUtf8(JSON.stringify(revocations))] as const,
  ]);
  const standpoint = neutralStandpoint(files, REGION, issuer.issuers, at);
  return journey(presented, standpoint, { purpose: 'checkpoint', at });
}

function issuedAt(presented: Presented, house: House): number {
  const { opened } = open(presented, neutralStandpoint(house.files, REGION, [], 0), CLOCK);
  return Date.parse(opened?.claims.issuedAt ?? '') || CLOCK;
}

const foundIn = ({ verdict }: Journey): string =>
  `${verdict.outcome}: ${verdict.findings
    .filter(({ result }) => result === 'fail' || result === 'unknown')
    .map(({ code, at, detail }) => [code, at, detail].filter((part) => part !== undefined).join(' '))
    .join(', ')}`;

async function cardCase(house: House, { files, type, raw }: Card): Promise<Outcome> {
  const reason = NOT_CARDS[type ?? 'null'];
  if (reason !== undefined) return notApplicable(reason);
  if (files.length === 0) return notApplicable('the label names its files by a pattern, and none of them is here');
  const found = await Promise.all(files.map((file) => locate(house.dir, file)));
  const missing = files.filter((_, i) => found[i] === undefined);
  if (missing.length > 0) return notApplicable(`not here: ${missing.join(', ')}`);
  const paths = found as string[];
  const read = READERS[type!];
  if (read === undefined) return differ(`a card of type ${type} is not known here`);
  if (paths.some((path) => path.endsWith('.svg'))) return notApplicable(SVG);
  const contents = await Promise.all(paths.filter((path) => !path.includes('jwks')).map((path) => readFile(path)));
  const { cards, own } = await read(contents);
  const issuer = joined([own, await issuersFor(house, raw, paths)]);
  // The specification made its examples again after the labels were written: then they were not valid yet.
  const remade = paths.every((path) => path.startsWith(join(house.dir, EXAMPLES)));
  const walked = cards.map((card) => walk(card, house, issuer, remade ? undefined : CLOCK));
  return judge(raw, walked, issuer);
}

async function locate(dir: string, file: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = join(dir, folder, file);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}

interface Read {
  readonly cards: readonly Presented[];
  /** Keys that the suite itself made for what is not signed. */
  readonly own: ShcIssuer;
}

const NONE: ShcIssuer = { issuers: [], revoked: [], left: [] };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** How each type of file is handed to the gateway, one row each. */
const READERS: Readonly<Record<string, (contents: readonly Uint8Array[]) => Read | Promise<Read>>> = {
  jws: (contents) => ({ cards: contents.map((bytes) => ({ text: text(bytes) })), own: NONE }),
  healthcard: (contents) => ({ cards: contents.map((bytes) => ({ bytes })), own: NONE }),
  qrnumeric: (contents) => ({ cards: [{ codes: contents.map(text) }], own: NONE }),
  qr: async (contents) => ({
    cards: await Promise.all(contents.map((bytes) => present(bytes, nodePictureReader))),
    own: NONE,
  }),
  // What a server answers may hold several cards; the gateway is handed one at a time.
  fhirhealthcard: (contents) => ({
    cards: contents.flatMap((bytes) => cardsOf(bytes).map((card) => ({ text: card }))),
    own: NONE,
  }),
  jwspayload: (contents) => signedBySuite(contents),
};

function cardsOf(bytes: Uint8Array): readonly string[] {
  const { parameter = [] } = JSON.parse(text(bytes)) as { parameter?: { valueString?: string }[] };
  return parameter.flatMap(({ valueString }) => valueString ?? []);
}

/** A payload is no card until somebody signs it: the suite does, with a key that it lists for the payload's own `iss`. */
function signedBySuite(contents: readonly Uint8Array[]): Read {
  const key = mintKey('ES256');
  const keyId = keyThumbprint(nodePlatform, key.publicKey);
  const issuers: IssuerEntry[] = [];
  const cards = contents.map((bytes) => {
    const { iss } = parseJson(text(bytes), { depth: 32, items: 10_000 }) as { iss?: string };
    issuers.push({ keyId, jwk: { ...keyToJwk(key.publicKey) }, ...(iss === undefined ? {} : { unit: iss }) });
    return { text: writeJws(bytes, { zip: 'DEF' }, signerOf(key, keyId)) };
  });
  return { cards, own: { ...NONE, issuers } };
}

/** Whose keys are known: all that are here, or those that the label's options name. */
async function issuersFor(house: House, raw: string, paths: readonly string[]): Promise<ShcIssuer> {
  const [, named] = /issuerDirectory: '([^']+)'/.exec(raw) ?? [];
  if (named === 'VCI') return { ...NONE, issuers: [...house.directory] };
  if (named !== undefined) {
    const list = JSON.parse(await readFile(join(house.dir, FOLDERS[0]!, 'test-issuers.json'), 'utf8')) as {
      participating_issuers: { iss: string }[];
    };
    const listed = new Set(list.participating_issuers.map(({ iss }) => iss));
    return joined([...house.issuers].filter(([iss]) => listed.has(iss)).map(([, issuer]) => issuer));
  }
  const set = paths.find((path) => path.includes('jwks'));
  if (set === undefined) return allOf(house);
  // A key set that is handed over lies at no issuer's address, so it is nobody's of those.
  return readShcIssuer({ iss: 'https://key-set.invalid', ...keySet(await readFile(set, 'utf8')) }, nodePlatform);
}

function judge(raw: string, walked: readonly Journey[], issuer: ShcIssuer): Outcome {
  const { errors, warnings } = expectationOf(raw);
  const causes = errors.map((code) => ({ code, ...CAUSES[code] }));
  const unknown = causes.find(({ found, alien, list }) => !found && !alien && !list);
  if (unknown !== undefined) return differ(`error code ${unknown.code} is not known here`);
  if (causes.some(({ list }) => list)) {
    const lists = walked.map(({ opened }) => `${opened?.claims.unit} list`);
    const faults = issuer.left.filter(({ what }) => lists.some((list) => what.startsWith(list))).map(({ why }) => why);
    return faults.length > 0
      ? agree(`found when the list is imported: ${faults.join('; ')}`)
      : differ('no fault found');
  }
  const ours = causes.filter(({ found }) => found !== undefined);
  if (errors.length > 0 && ours.length === 0) {
    return notApplicable([...new Set(causes.map(({ code, alien }) => `${code}: ${alien}`))].join('; '));
  }
  const decisive = warnings.filter((code) => CAUSES[code]?.decides);
  const wanted = [...ours, ...decisive.map((code) => ({ code, ...CAUSES[code] }))];
  const said = new Set(walked.flatMap(({ verdict }) => codesIn(verdict)));
  const accepted = walked.every(({ verdict }) => verdict.outcome === 'accept');
  const summary = walked.map(foundIn).join(' | ');
  if (wanted.length === 0) return accepted ? agree() : differ(`valid upstream; ${summary}`);
  if (accepted) return differ(`${wanted.map(({ code }) => code).join(', ')} upstream; accepted`);
  const unsaid = wanted.filter(({ found }) => !found!.some((code) => said.has(code)));
  if (unsaid.length > 0) return differ(`${unsaid.map(({ code }) => code).join(', ')} upstream; ${summary}`);
  return decisive.length === 0 ? agree() : agree(`a warning upstream, decisive here: ${summary}`);
}

/** `testKey('file.json'…)` with an error code, or with none. */
async function keyCase({ dir }: House, raw: string): Promise<Outcome> {
  const [, file = ''] = /testKey\('([^']+)'/.exec(raw) ?? [];
  const [, code] = /ErrorCode\.(INVALID_KEY_\w+)/.exec(raw) ?? [];
  const alien = code === undefined ? undefined : CAUSES[code]?.alien;
  if (alien !== undefined) return notApplicable(alien);
  const path = await locate(dir, file);
  if (path === undefined) return notApplicable(`not here: ${file}`);
  const set = keySet(await readFile(path, 'utf8'));
  const { issuers, left } = readShcIssuer({ iss: 'https://key-set.invalid', ...set }, nodePlatform);
  const whys = left.map(({ why }) => why).join('; ');
  if (code === undefined) return left.length === 0 && issuers.length > 0 ? agree() : differ(`valid upstream; ${whys}`);
  return issuers.length === 0 && left.length > 0 ? agree(`${code}: ${whys}`) : differ(`${code} upstream; taken`);
}
