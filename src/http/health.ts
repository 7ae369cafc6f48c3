import type { Localized, Part } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { judgeAges } from '../region/age.ts';
import type { Federation } from '../region/federation.ts';
import type { StoreNews } from '../region/store.node.ts';
import { TROUBLES } from '../trust/tuf/troubles.ts';
import type { MetricFamily } from './metrics.ts';

/** One part of the trust view and how old it is. */
export interface PartAge extends Part {
  readonly region: string;
  readonly ageSeconds: number;
}

export interface RegionHealth {
  readonly region: string;
  readonly formats: number;
  readonly usable: boolean;
  readonly parts: readonly PartAge[];
}

export interface Readiness {
  readonly federation: string;
  readonly environment: string;
  readonly regions: readonly RegionHealth[];
  /** How many files, or entries of files, of the store could not be used. */
  readonly rejected: number;
  readonly store: StoreHealth;
}

/** How the trust store is looked after. */
export interface StoreHealth {
  /** False for a plain folder, which is never production. */
  readonly signed: boolean;
  /** When it was last asked for, and last found in order; absent if never. */
  readonly checkedAt?: string;
  readonly goodAt?: string;
  /** What was refused when it was last asked for, each kind once; what was good before is still in force. */
  readonly troubles: readonly { readonly code: string; readonly role: string; readonly message: Localized }[];
  /** Regions of which a file is at fault, so that an earlier version is in force, or none. */
  readonly quarantined: readonly string[];
}

/**
 * What the gateway can tell right now. A region is usable if documents of a format of its own, or of a region above it,
 * can be checked by lists of which none is too old. In: epoch ms.
 */
export function readinessOf(federation: Federation, now: number, news?: StoreNews): Readiness {
  const regions = [...federation.regions.keys()].map((region): RegionHealth => {
    const chain = federation.chain(region);
    const formats = federation.formats.filter((format) => chain.includes(format.region)).length;
    const trusted = federation.trust.parts(region);
    const { restsOn } = judgeAges(trusted, federation.manifest.ages, now);
    const parts = restsOn.map((part, i) => ({
      ...part,
      region: trusted[i]!.region,
      ageSeconds: Math.round((now - trusted[i]!.issued) / 1000),
    }));
    // Keys that are listed, or authorities of those that come with documents.
    const keys = parts.some((part) => /\/(issuers|anchors)\//.test(part.part));
    const usable = formats > 0 && keys && parts.every((part) => part.state !== 'block');
    return { region, formats, usable, parts };
  });
  const { federation: name, environment } = federation.manifest;
  return {
    federation: name,
    environment,
    regions,
    rejected: federation.rejected.length,
    store: storeOf(federation, news),
  };
}

/** At most so many troubles are told: a server may make up any number of them. */
const MOST_TROUBLES = 20;

export function storeOf({ signed, faulty }: Federation, news: StoreNews | undefined): StoreHealth {
  const troubles = new Map((news?.troubles ?? []).map((each) => [`${each.role} ${each.code}`, each]));
  return {
    signed: signed !== undefined,
    ...(news?.checkedAt === undefined ? {} : { checkedAt: instantOf(news.checkedAt) }),
    ...(news?.goodAt === undefined ? {} : { goodAt: instantOf(news.goodAt) }),
    troubles: [...troubles.values()]
      .slice(0, MOST_TROUBLES)
      .map(({ code, role }) => ({ code, role: role.slice(0, 60), message: TROUBLES[code] })),
    quarantined: [...faulty],
  };
}

const gauge = (name: string, help: string, rows: MetricFamily['rows']): MetricFamily => ({
  name,
  type: 'gauge',
  help,
  rows,
});
const only = (name: string, help: string, value: number): MetricFamily => gauge(name, help, [{ labels: {}, value }]);

/** The same as gauges. A part that several regions rest on is told once. In: epoch ms. */
export function gaugesOf({ regions, rejected, store }: Readiness, now: number): MetricFamily[] {
  const parts = new Map(regions.flatMap(({ parts }) => parts.map((part) => [`${part.region} ${part.part}`, part])));
  const { checkedAt, goodAt, troubles, quarantined } = store;
  // Asked for, and never yet in order since the start: longer ago than any alert allows.
  const never = checkedAt === undefined ? [] : [{ labels: {}, value: Number.POSITIVE_INFINITY }];
  return [
    gauge(
      'tongren_part_age_seconds',
      'Age of each part of the trust view.',
      [...parts.values()].map(({ region, part, ageSeconds }) => ({
        labels: { region, part },
        value: ageSeconds,
      })),
    ),
    gauge(
      'tongren_region_usable',
      '1 if documents of the region can be verified now.',
      regions.map(({ region, usable }) => ({ labels: { region }, value: usable ? 1 : 0 })),
    ),
    gauge(
      'tongren_parts',
      'Parts of the trust view: fresh, getting old (warn), too old to verify by (block).',
      (['fresh', 'warn', 'block'] as const).map((state) => ({
        labels: { state },
        value: [...parts.values()].filter((part) => part.state === state).length,
      })),
    ),
    gauge(
      'tongren_store_good_age_seconds',
      'Since the signed trust store was last found in order; +Inf if not since the start.',
      goodAt === undefined
        ? never
        : [{ labels: {}, value: Math.max(0, Math.round((now - Date.parse(goodAt)) / 1000)) }],
    ),
    only(
      'tongren_store_troubles',
      'Kinds of what was refused when the trust store was last asked for.',
      troubles.length,
    ),
    only('tongren_store_quarantined', 'Regions of which an earlier version is in force, or none.', quarantined.length),
    only('tongren_store_rejected', 'Files of the trust store, or entries of files, that cannot be used.', rejected),
  ];
}
