import { type FindingCode, finding } from '../document/findings.ts';
import type { Finding } from '../document/generated/types.ts';
import type { Rejected } from '../trust/key.ts';
import { GUESTS_ROLE } from '../trust/tuf/regions.ts';
import { TROUBLES, type Trouble, type TroubleCode } from '../trust/tuf/troubles.ts';
import type { Standpoint, StoreTrouble } from './standpoint.ts';

/** The attacks that a verdict names; every other refusal is STORE_REFUSED. */
const NAMED: Readonly<Partial<Record<TroubleCode, FindingCode>>> = {
  ROLLBACK: 'STORE_ROLLED_BACK',
  EXPIRED: 'STORE_FROZEN',
  MIX_AND_MATCH: 'STORE_MIXED',
  SIGNATURE_FOREIGN: 'STORE_SIGNED_BY_OTHERS',
  THRESHOLD_NOT_MET: 'STORE_SIGNED_BY_OTHERS',
  KEY_KIND_NOT_MET: 'STORE_SIGNED_BY_OTHERS',
  UNSIGNED: 'STORE_SIGNED_BY_OTHERS',
  FILE_ALTERED: 'STORE_ALTERED',
  SIGNATURE_INVALID: 'STORE_ALTERED',
};

/** Troubles of the store as verdicts say them: a region's own concern its documents and its verdicts, all others everybody. */
export function storeTroubles(troubles: readonly Trouble[], regions: readonly string[]): StoreTrouble[] {
  return troubles.map(({ code, role, detail }) => ({
    code: NAMED[code] ?? 'STORE_REFUSED',
    regions:
      role === GUESTS_ROLE
        ? regions.filter((region) => region.startsWith('x-'))
        : /^\d{6}$/.test(role)
          ? [role]
          : undefined,
    detail: shortened(`${role}: ${code} (${detail})`),
  }));
}

/** Parts of it were written by whoever offered the files. */
const shortened = (text: string): string => text.replaceAll(/[^ -~]/g, '?').slice(0, 200);

/** What of them a verdict on a document of this region has to say: each kind once, however many a server makes up. */
export const judgeTroubles = (
  { troubles, chain, region: verifying }: Pick<Standpoint, 'troubles' | 'chain' | 'region'>,
  region: string,
): Finding[] => {
  if (troubles.length === 0) return [];
  const concerned = new Set([...chain(region), ...chain(verifying)]);
  const told = new Map<FindingCode, Finding>();
  for (const { code, regions, detail } of troubles)
    if (!told.has(code) && (regions === undefined || regions.some((each) => concerned.has(each))))
      told.set(code, finding(code, { detail }));
  return [...told.values()];
};

/** The same for whoever looks after the store, beside the files that cannot be used. */
export const rejectedBy = (troubles: readonly Trouble[]): Rejected[] =>
  troubles.map(({ code, role, detail }) => ({
    file: `metadata/${role}.json`,
    at: '',
    reason: `${code}: ${TROUBLES[code].zh} ${TROUBLES[code].en} (${shortened(detail)})`,
    lastGood: true,
  }));
