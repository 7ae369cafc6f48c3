import type { ExchangeAsk2 as ExchangeAsk, HolderConsent } from '../document/generated/types.ts';
import { type ConsentRefusal, readConsent, refusalOf } from '../record/consent.ts';
import type { Federation } from '../region/federation.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { Random } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { type AskingSystem, noticesOf, useOf } from './trace.ts';

export type RefusedCode = ConsentRefusal | 'basis' | 'target' | 'target-type' | 'idempotency';

/** The exchange may not be. What a consent's region can be told of it has been put into the outbox by then. */
export class ExchangeRefused extends Error {
  override readonly name = 'ExchangeRefused';
  readonly code: RefusedCode;
  constructor(code: RefusedCode) {
    super(code);
    this.code = code;
  }
}

export interface PermissionOptions {
  readonly store: Pick<Store, 'notices'>;
  readonly federation: () => Federation;
  /** The region whose gateway this is. */
  readonly region: string;
  readonly clock: () => number;
  readonly random: Random;
  /** Hears of each refusal, also of those that nobody else is told. */
  readonly refused: (asker: AskingSystem, code: RefusedCode) => void;
}

/** By what an exchange is allowed, and what is told where it is not. */
export interface Permission {
  /** Out: the consent that allows it; undefined where an agreement does. Errors: ExchangeRefused, StoreError. */
  given(ask: ExchangeAsk, asker: AskingSystem, standpoint: Standpoint): Promise<HolderConsent | undefined>;
  /** Refuses for any reason. In: the consent, if its region signed it. Errors: ExchangeRefused in any case but StoreError. */
  refuse(code: RefusedCode, ask: ExchangeAsk, asker: AskingSystem, consent?: HolderConsent): Promise<never>;
}

/** The same refused use is told again after this; and no more different ones in that time. */
const TELL_AGAIN_MS = 3_600_000;
const MOST_TOLD = 10_000;

export function createPermission(options: PermissionOptions): Permission {
  const { store, federation, region, clock, random } = options;
  /** When a refused use was last told, epoch ms: whoever asks in vain again and again fills no outbox. */
  const toldAt = new Map<string, number>();
  const isNews = (refused: string): boolean => {
    const since = clock() - TELL_AGAIN_MS;
    if (toldAt.size >= MOST_TOLD) for (const [other, at] of toldAt) if (at <= since) toldAt.delete(other);
    return toldAt.size < MOST_TOLD && (toldAt.get(refused) ?? since) <= since;
  };

  /** A refused use of a consent that its region signed is told to it like any other, but the same only once an hour. */
  const refuse: Permission['refuse'] = async (code, ask, asker, consent) => {
    options.refused(asker, code);
    const refused = `${consent?.region} ${consent?.id} ${asker.id} ${code}`;
    if (consent !== undefined && isNews(refused)) {
      const now = clock();
      const use = useOf({ ask, asker, consent }, { number: 0, outcome: code as ConsentRefusal }, now);
      await store.notices.put(
        noticesOf(region, [consent.region], { kind: 'use', use }, { federation: federation(), now, random }),
      );
      // Only now: what could not be written is told the next time.
      toldAt.set(refused, clock());
    }
    throw new ExchangeRefused(code);
  };

  return {
    refuse,
    async given(ask, asker, standpoint) {
      const { documentType, purpose, reference } = ask;
      if (ask.consent === undefined) {
        const question = { region: reference.region ?? '', documentType, purpose, number: ask.basis! };
        // By this gateway's own agreements, for its own region's systems: nobody's pack lets its own systems in.
        const own = asker.region === region && standpoint.agreements.withoutConsent(question, clock());
        return own ? undefined : refuse('basis', ask, asker);
      }
      const { manifest, systems, regions } = federation();
      const consent = readConsent(ask.consent, systems, clock());
      if (consent === undefined) return refuse('not-signed', ask, asker);
      const issuer = reference.region === undefined ? undefined : regions.get(reference.region);
      const code = refusalOf(consent, {
        federation: manifest.federation,
        gateway: region,
        asker: asker.id,
        documentType,
        purpose,
        reference,
        honours: (other) => issuer?.consentsOf?.includes(other) === true,
        now: clock(),
      });
      return code === undefined ? consent : refuse(code, ask, asker, consent);
    },
  };
}
