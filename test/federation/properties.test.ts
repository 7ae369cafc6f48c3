import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnvelopeAlgorithmName } from '../../src/crypto/algorithms.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { newPack } from '../../src/federation/region-template.ts';
import { FEDERATION } from '../../src/trust/tuf/federation-profile.ts';
import { refreshFrom } from '../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../src/trust/tuf/root.ts';
import type { TufContext, TufState } from '../../src/trust/tuf/state.ts';
import { viewOf } from '../../src/trust/tuf/view.ts';
import { type DeskStage, founded, HOUR, MEMBERS } from '../support/desk.ts';
import { judgedByTufJs } from '../support/tuf-js.ts';

/**
 * Whatever operators do, in whatever order and at whatever time: each command is done or refused, and what is published is
 * taken by a gateway that begins, by one that follows, by one that was away for less than the waiting time, and by tuf-js.
 */
const WAITING = 96;
const REGIONS = ['310000', '330000', '330200'] as const;
const region = fc.constantFrom(...REGIONS);
const STEPS = fc.oneof(
  fc.record({ do: fc.constant('admit'), region }),
  fc.record({ do: fc.constant('admit'), region }),
  fc.record({ do: fc.constant('suspend'), region }),
  fc.record({ do: fc.constant('retire'), region }),
  fc.record({ do: fc.constant('publish'), region }),
  fc.record({ do: fc.constant('renew'), region }),
  fc.record({ do: fc.constant('consent'), region }),
  fc.record({ do: fc.constant('announce'), region }),
  fc.record({ do: fc.constant('replace'), region }),
  fc.record({ do: fc.constant('members'), region }),
  fc.record({ do: fc.constant('online'), region }),
  fc.record({ do: fc.constant('wait'), region, hours: fc.integer({ min: 1, max: 110 }) }),
  fc.record({ do: fc.constant('wait'), region, hours: fc.integer({ min: 1, max: 20 }) }),
) as fc.Arbitrary<{ readonly do: keyof typeof ACTIONS; readonly region: string; readonly hours?: number }>;

interface World {
  readonly desk: DeskStage;
  round: number;
  /** Region → the key that holds it, as far as is known here. */
  readonly holder: Map<string, string>;
  readonly announced: Map<string, string>;
  members: string[];
  follower: TufState;
  straggler: { state: TufState; seen: number };
}

type Step = { readonly region: string; readonly hours?: number };

/** Done, or refused; never a fault, and never a mistake in the call. All keys that ever were are at hand. */
async function command(world: World, ...args: string[]): Promise<boolean> {
  const { exit, err } = await world.desk.run([...args, '--key', join(world.desk.folder, 'keys'), '--apply']);
  expect([args.join(' '), exit === 0 || exit === 1, err]).toEqual([args.join(' '), true, err]);
  return exit === 0;
}

const ACTIONS = {
  async admit(world: World, { region: id }: Step) {
    const { desk, holder, announced } = world;
    // Beside its province a city would be delegated by the members: another story.
    if (id === '330200' && !(await desk.published()).delegated.has('330000')) return;
    const keys = [holder.get(id) ?? id, ...(announced.has(id) ? [announced.get(id)!] : [])];
    for (const key of keys)
      if (await command(world, 'admit', id, '--holder', desk.key(key))) return void holder.set(id, key);
  },
  suspend: (world: World, { region: id }: Step) => command(world, 'suspend', id),
  retire: (world: World, { region: id }: Step) => command(world, 'retire', id),
  async publish(world: World, { region: id }: Step) {
    const { folder } = world.desk;
    const name = { zh: `第${world.round}版`, en: `Version ${world.round}` };
    const pack = join(folder, `packs/${world.round}`);
    for (const [file, text] of newPack({ id, name, contact: 'office', issues: [] })) {
      mkdirSync(dirname(join(pack, file)), { recursive: true });
      writeFileSync(join(pack, file), text);
    }
    await command(world, 'publish', id, pack);
  },
  renew: (world: World, { region: id }: Step) => command(world, 'renew', id),
  async consent(world: World, { region: id }: Step) {
    const { desk, holder, round } = world;
    const out = join(desk.folder, `consent-${round}.json`);
    const next = `${id}-${round}`;
    if (!(await command(world, 'consent', id, '--to', desk.key(next), '--out', out))) return;
    if (await command(world, 'rotate', id, '--to', desk.key(next), '--consent', out)) holder.set(id, next);
  },
  async announce(world: World, { region: id }: Step) {
    const next = `${id}-${world.round}`;
    if (await command(world, 'rotate', id, '--to', world.desk.key(next), '--announce')) world.announced.set(id, next);
  },
  async replace(world: World, { region: id }: Step) {
    const next = world.announced.get(id) ?? `${id}-never`;
    if (await command(world, 'rotate', id, '--to', world.desk.key(next))) world.holder.set(id, next);
  },
  async members(world: World) {
    const next = [...world.members.slice(1), `member-${world.round}`];
    const to = next.map((name) => world.desk.key(name));
    if (await command(world, 'rotate', 'root', 'targets', '--to', ...to, '--threshold', '3')) world.members = next;
  },
  online: (world: World) =>
    command(world, 'rotate', 'snapshot', 'timestamp', '--to', world.desk.key(`news-${world.round}`)),
  async wait(world: World, { hours = 1 }: Step) {
    world.desk.now += hours * HOUR;
  },
};

/** A region that has let its file run out is told of; and who was away too long, of keys that were replaced meanwhile. */
const isHonest = (trouble: string, away = 0): boolean =>
  REGIONS.some((id) => trouble === `${id} EXPIRED`) || (away >= WAITING * HOUR && trouble.endsWith(' REKEY_UNFOUNDED'));

async function judge(world: World): Promise<void> {
  const { desk } = world;
  // The server does what it does every few hours.
  expect(await command(world, 'renew')).toBe(true);
  const repository = await desk.repository();
  const context: TufContext = { platform: nodePlatform, profile: FEDERATION, now: desk.now };
  const told = (state: TufState, away = 0): TufState => {
    const { state: next, troubles } = refreshFrom(state, repository, context);
    const lines = troubles.map(({ role, code, detail }) => [`${role} ${code}`, detail]);
    expect(lines.filter(([line]) => !isHonest(line!, away))).toEqual([]);
    return next;
  };
  const root = repository.get('metadata/1.root.json')!;
  const fresh = told(beginWith(root, context));
  world.follower = told(world.follower);
  if (world.round % 3 === 0)
    world.straggler = { state: told(world.straggler.state, desk.now - world.straggler.seen), seen: desk.now };
  const { files } = viewOf(fresh, context);
  const held = [...files].map(([path, { content }]) => [path, new TextDecoder().decode(content)] as const);
  expect([...(await judgedByTufJs(root, repository, [...files.keys()], desk.now))].sort()).toEqual(held.sort());
}

describe.each<EnvelopeAlgorithmName>(['EdDSA', 'ES256'])('whatever operators do (%s)', (algorithm) => {
  it('leaves a store that everybody takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEPS, { minLength: 6, maxLength: 14 }), async (steps) => {
        const desk = await founded(algorithm, { waitingHours: WAITING });
        try {
          const context = { platform: nodePlatform, profile: FEDERATION };
          const begun = beginWith((await desk.repository()).get('metadata/1.root.json')!, context);
          const world: World = {
            desk,
            round: 0,
            holder: new Map(),
            announced: new Map(),
            members: [...MEMBERS],
            follower: begun,
            straggler: { state: begun, seen: desk.now },
          };
          // Something to work with.
          for (const id of ['310000', '330000']) await ACTIONS.admit(world, { region: id });
          for (const step of steps) {
            world.round++;
            await ACTIONS[step.do](world, step);
            await judge(world);
          }
        } finally {
          desk.remove();
        }
      }),
      { numRuns: 5 },
    );
  }, 240_000);
});
