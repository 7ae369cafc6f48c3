import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import type { GroupVerdict, Part, Verdict } from '../../src/document/generated/types.ts';
import type { Presented } from '../../src/format/open.ts';
import { judgeGroup, MOST_MEMBERS } from '../../src/group.ts';
import { type Journey, journey } from '../../src/journey.ts';
import type { Showing } from '../../src/judge/presented.ts';
import { judgeAges } from '../../src/region/age.ts';
import type { Federation } from '../../src/region/federation.ts';
import type { Standpoint } from '../../src/region/standpoint.ts';
import { withParts } from './later.ts';

/** One document that was looked at: kept while its result, or the case it belongs to, is on the screen, and no longer. */
export interface Looked {
  readonly presented: Presented;
  readonly walked: Journey;
  readonly verdict: Verdict;
  /** The gateway asked the issuing region, and the verdict is the gateway's. */
  readonly asked?: true;
  /** It was shown in answer to a challenge, and the verdict is the gateway's. */
  readonly answered?: true;
}

/** Judges on this device: the same journey as the server's, on verified lists. */
export interface Engine {
  readonly standpoint: Standpoint;
  readonly federation: Federation;
  /** The oldest of the lists that verdicts of this region's neighbours rest on, and what that means by now. */
  age(): { readonly issued: string; readonly state: Part['state'] | 'ahead' } | undefined;
  look(presented: Presented, purpose: string, showing?: Showing): Promise<Looked>;
  together(members: readonly Looked[], purpose: string, occupants?: number): Promise<GroupVerdict>;
}

/** Errors: RangeError if the federation has no such region. */
export function engineOf(federation: Federation, region: string, clock: () => number): Engine {
  const standpoint = federation.standpoint(region, clock);
  if (standpoint === undefined) throw new RangeError(`no region ${region} in the lists`);
  return {
    standpoint,
    federation,
    age() {
      const { trust, ages } = standpoint;
      const parts = trust.regions.flatMap((each) => trust.parts(each));
      const { restsOn } = judgeAges(parts, ages, clock());
      const [oldest] = restsOn.toSorted((one, other) => one.issued.localeCompare(other.issued));
      // Not old: made later than this clock says it is.
      return oldest?.state === 'block' && Date.parse(oldest.issued) > clock() ? { ...oldest, state: 'ahead' } : oldest;
    },
    async look(presented, purpose, showing = {}) {
      const walked = await withParts(() => journey(presented, standpoint, { purpose, ...showing }));
      return { presented, walked, verdict: walked.verdict };
    },
    together(members, purpose, occupants) {
      const question = { purpose, ...(occupants === undefined ? {} : { occupants }) };
      return withParts(() => judgeGroup(members.slice(0, MOST_MEMBERS), standpoint, question, browserPlatform));
    },
  };
}

/** Nothing that any format claims: a poster's link, half a code. It gets a quiet notice and no verdict on the screen. */
export const isNoDocument = ({ findings, format }: Verdict): boolean =>
  format === undefined && findings.some(({ code }) => code === 'NOT_RECOGNISED');
