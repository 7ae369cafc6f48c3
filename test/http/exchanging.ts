import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type Exchanging, type ExchangingOptions, startExchanging } from '../../src/exchange/exchanging.node.ts';
import { sealer } from '../../src/exchange/sealed-text.node.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { temporary } from '../support/cli.ts';
import { type SystemStage, systemStage } from '../support/systems.ts';
import { type Harness, type keyRow, keyringOf } from './harness.ts';

export const random = (octets: number) => new Uint8Array(randomBytes(octets));

/** What is there while the tests of a file run. */
export interface ExchangingStage {
  /** Where its database lies. */
  readonly folder: string;
  readonly stage: SystemStage;
  readonly store: Store;
  readonly exchanging: Exchanging;
}

/**
 * The gateway as Zhejiang's, which exchanges documents with regions whose systems are played. In: what it sends to others, and
 * the keys of its callers.
 */
export function useExchanging(
  h: Harness,
  { post, seal }: Pick<ExchangingOptions['client'], 'post'> & Pick<ExchangingOptions, 'seal'>,
  ...keys: ReturnType<typeof keyRow>[]
): ExchangingStage {
  const { folder, remove } = temporary();
  const made = { folder } as { -readonly [Member in keyof ExchangingStage]: ExchangingStage[Member] };
  beforeAll(async () => {
    const stage = await systemStage();
    made.stage = stage;
    made.store = await openStore(`${folder}/exchange.sqlite`, { random });
    const exchanging = startExchanging({
      store: made.store,
      region: '330000',
      federation: () => stage.federation,
      client: { ask: () => Promise.reject(new Error('not asked')), post },
      resolver: stage.resolver(),
      sealer: sealer(random(32)),
      seal,
      issuer: async () => (await h.conversions()).issuer,
      platform: nodePlatform,
      clock: () => stage.now,
      random,
      told: () => {},
      undelivered: () => {},
      failed: (error) => {
        throw error;
      },
    });
    made.exchanging = exchanging;
    h.federation = stage.federation;
    h.clock = () => stage.now;
    h.keyring = keyringOf(...keys.map(({ row }) => row));
    Object.assign(h.gateway, {
      defaults: { region: '330000', purpose: 'checkpoint' },
      resolver: stage.resolver(),
      exchanging: async () => exchanging,
    });
  }, 60_000);
  afterAll(async () => {
    await made.exchanging.stop();
    await made.store.close();
    await made.stage.systems.close();
    remove();
  });
  return made;
}
