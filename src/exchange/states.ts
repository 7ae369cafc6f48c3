import { Broken } from '../document/broken.ts';
import type { Localized, StatesAnswer, StatesAsk } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { numberOf, type ReadList, readStateList } from '../record/state-list.ts';
import type { Federation } from '../region/federation.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { Store } from '../store/store.ts';
import { type Heard, NoticeRefused } from './notices.ts';
import type { Resolver } from './resolve.ts';
import type { Sealer } from './sealed-text.node.ts';

/**
 * What regions say of the states of people: lists that they push each day, and the question that is asked of the region itself. Numbers
 * go through memory only; of lists the newest of each region and scheme is kept, sealed.
 */
export interface States {
  /** In: a list as it was signed, and the region that handed it in. Errors: NoticeRefused for one that is not its own, or not for us; StoreError. */
  take(jws: string, from: string): Promise<Heard>;
  /** Errors: NotAskable; StoreError. */
  ask(ask: StatesAsk): Promise<StatesAnswer>;
}

/** This may not be asked. Nothing was looked at. */
export class NotAskable extends Error {
  override readonly name = 'NotAskable';
  readonly at: '/region' | '/scheme' | '/purpose';
  /** What could have been asked there. */
  readonly allowed: readonly string[];
  constructor(at: NotAskable['at'], message: string, allowed: Iterable<string>) {
    super(message);
    this.at = at;
    this.allowed = [...allowed];
  }
}

export interface StatesOptions {
  readonly store: Pick<Store, 'stateLists'>;
  /** The region whose gateway this is. */
  readonly region: string;
  readonly federation: () => Federation;
  readonly standpoint: (region: string) => Standpoint | undefined;
  readonly resolver: Resolver;
  readonly sealer: Sealer;
  readonly clock: () => number;
}

/** A list is made each day; one that is older is told as such. */
const WARN_MS = 86_400_000;

/** Lists that are read of one region within an hour: a list is made once a day, and reading a large one holds up everybody. */
const MOST_READ = 12;
const HOUR_MS = 3_600_000;

/** What was made of the newest list; by which federation it was checked, for a key that is taken out since vouches for nothing. */
interface Checked {
  readonly sequence: number;
  readonly by: Federation;
  /** Undefined: it cannot be used. */
  readonly list: ReadList | undefined;
}

export function createStates(options: StatesOptions): States {
  const { store, region: own, federation, resolver, sealer, clock } = options;
  const checked = new Map<string, Checked>();

  const read = (jws: string, region: string): ReadList | undefined => {
    const { manifest, systems } = federation();
    const { statuses } = options.standpoint(own)!;
    return readStateList(jws, { federation: manifest.federation, region, to: own, systems, statuses, now: clock() });
  };

  /** The newest list, whole again from the database: what was altered there is none. */
  const newest = async (region: string, scheme: string): Promise<ReadList | undefined> => {
    const name = nameOf(region, scheme);
    const row = await store.stateLists.newest(region, scheme);
    if (row === undefined || row.until <= clock()) {
      checked.delete(name);
      return undefined;
    }
    const known = checked.get(name);
    if (known?.sequence === row.sequence && known.by === federation()) return known.list;
    const text = await store.stateLists.text(region, scheme, row.sequence);
    const list = text === undefined ? undefined : read(opened(text, name), region);
    const same = list?.scheme === scheme && list.sequence === row.sequence && list.until === row.until;
    const found = { sequence: row.sequence, by: federation(), list: same ? list : undefined };
    checked.set(name, found);
    return found.list;
  };

  /** Undefined if it was altered. */
  const opened = (sealed: string, name: string): string => {
    try {
      return sealer.open(sealed, name);
    } catch (error) {
      if (error instanceof Broken) return '';
      throw error;
    }
  };

  const byList = async ({ region, scheme, idType, idNumber }: StatesAsk): Promise<Told> => {
    const list = await newest(region, scheme);
    const now = clock();
    // Its time may be over by now, and then it says nothing: least of all that somebody does not stand in it.
    if (list === undefined || list.until <= now) return { told: 'cannot-tell', age: 'block' };
    const state = list.find(idType, idNumber);
    const about = { age: ageOf(list.issued, now), asOf: instantOf(list.issued), basis: 'list' } as const;
    return state === undefined ? { told: 'not-listed', ...about } : { told: 'state', state, ...about };
  };

  /** Undefined where the region declares no such question, or does not answer it so that it can be believed. */
  const byRegion = async (ask: StatesAsk, standpoint: Standpoint): Promise<Told | undefined> => {
    const { region, scheme, idType, idNumber, purpose, use } = ask;
    const documentType = liveType(region, scheme, standpoint);
    if (documentType === undefined) return undefined;
    const reference = { cardNumber: numberOf(idNumber), region };
    const asked = { purpose, use, documentType, live: { idType } };
    const { journey } = await resolver.resolve(reference, standpoint, asked);
    const { outcome, findings } = journey.verdict;
    // An answer to somebody else's question, an old one, or one that our agreements do not know: it is none.
    if (outcome !== 'accept' && outcome !== 'conditional') return undefined;
    if (!findings.some(({ code }) => code === 'CHALLENGE_MET')) return undefined;
    const { status, validity } = journey.converted?.document ?? {};
    if (status === undefined || standpoint.statuses.word(status.canonical)?.scheme.scheme !== scheme) return undefined;
    const asOf = status.asOf ?? validity?.issuedAt;
    return {
      told: 'state',
      state: status.canonical,
      age: asOf === undefined ? 'warn' : ageOf(Date.parse(asOf), clock()),
      ...(asOf === undefined ? {} : { asOf: instantOf(Date.parse(asOf)) }),
      basis: 'region',
    };
  };

  const readOf = new Map<string, readonly number[]>();
  const mayRead = (region: string): boolean => {
    const now = clock();
    const lately = (readOf.get(region) ?? []).filter((at) => at > now - HOUR_MS);
    const may = lately.length < MOST_READ;
    readOf.set(region, may ? [...lately, now] : lately);
    return may;
  };

  return {
    async take(jws, from) {
      if (!mayRead(from)) throw new NoticeRefused(`more than ${MOST_READ} lists within an hour`);
      const list = read(jws, from);
      if (list === undefined) throw new NoticeRefused('it is no list of this region for us');
      const { scheme, sequence, issued, until } = list;
      if (until <= clock()) return 'outdated';
      const sealed = sealer.seal(jws, nameOf(from, scheme));
      const kept = await store.stateLists.keep({ region: from, scheme, sequence, issued, until, list: sealed });
      return kept ? 'taken' : 'outdated';
    },

    async ask(ask) {
      const standpoint = options.standpoint(own)!;
      const { region, scheme } = ask;
      if (region === own || !standpoint.regions.has(region))
        throw new NotAskable(
          '/region',
          'no other region of this code',
          [...standpoint.regions.keys()].filter((each) => each !== own),
        );
      const known = standpoint.statuses.scheme(scheme);
      if (known === undefined)
        throw new NotAskable('/scheme', 'the catalogue has no such scheme', standpoint.statuses.schemes);
      if (known.askedFor?.includes(ask.purpose) !== true)
        throw new NotAskable('/purpose', 'states of this scheme are not told for this purpose', known.askedFor ?? []);
      // What the region says now goes before what it said in the morning.
      const told = (await byRegion(ask, standpoint)) ?? (await byList(ask));
      const name = told.state === undefined ? {} : { name: standpoint.statuses.word(told.state)!.name };
      return { region, scheme, ...told, ...name, words: WORDS[told.told] };
    },
  };
}

type Told = Pick<StatesAnswer, 'told' | 'state' | 'asOf' | 'age' | 'basis'>;

const nameOf = (region: string, scheme: string): string => `list ${region} ${scheme}`;

const ageOf = (since: number, now: number): 'fresh' | 'warn' => (now - since > WARN_MS ? 'warn' : 'fresh');

/** The type of document by which a region answers such a question live: one that states this scheme. */
const liveType = (region: string, scheme: string, { connectors, types }: Standpoint): string | undefined =>
  connectors
    .filter((each) => each.region === region && each.declaration.live === true)
    .filter(({ declaration }) => declaration.asks.includes('cardNumber'))
    .flatMap(({ declaration }) => declaration.documentTypes)
    .find((type) => types.get(type)?.statusSchemes?.includes(scheme));

const WORDS: Readonly<Record<StatesAnswer['told'], Localized>> = {
  state: {
    zh: '这是该地区登记的状态，不是对本人的结论。有异议请向该地区提出。',
    en: 'This is the state that the region has on file, and no judgement about the person. Objections go to that region.',
  },
  'not-listed': {
    zh: '该地区最新名单中没有此号码。仅此而已，请照常查验。',
    en: 'The number is not in the region’s newest list. That is all it says: go on as usual.',
  },
  'cannot-tell': {
    zh: '无法得知：没有有效名单，该地区也没有应答。不能当作“未列入”，请照常查验其他证件。',
    en: 'Cannot tell: there is no list that still counts, and the region gave no answer. This is not “not listed”: go on by other documents.',
  },
};
