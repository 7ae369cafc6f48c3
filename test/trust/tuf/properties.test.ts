import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../../src/federation/tuf-publish.ts';
import type { TufState } from '../../../src/trust/tuf/state.ts';
import { viewOf } from '../../../src/trust/tuf/view.ts';
import { codes, HOUR, packOf, type Stage, stage, versions } from '../../support/tuf.ts';

/**
 * Random histories of an honest federation, and clients that are served the newest store, an older one, or a mixture.
 */
type Step =
  | { readonly do: 'publish'; readonly role: string }
  | { readonly do: 'members' }
  | { readonly do: 'online'; readonly which: 'snapshot' | 'timestamp' }
  | { readonly do: 'wait'; readonly hours: number }
  | { readonly do: 'honest' }
  | { readonly do: 'replay'; readonly back: number }
  | { readonly do: 'mix'; readonly back: number; readonly parity: number };

const STEPS = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ do: fc.constant('publish' as const), role: fc.constantFrom('310000', '330200', 'guests') }),
  fc.record({ do: fc.constant('members' as const) }),
  fc.record({ do: fc.constant('online' as const), which: fc.constantFrom('snapshot' as const, 'timestamp' as const) }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('honest' as const) }),
  fc.record({ do: fc.constant('replay' as const), back: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant('mix' as const),
    back: fc.integer({ min: 1, max: 4 }),
    parity: fc.integer({ min: 0, max: 1 }),
  }),
);

interface World {
  readonly fed: Stage;
  readonly history: Repository[];
  state: TufState;
  round: number;
}

/** What a client has in force, by role. */
const held = ({ fed, state }: World): Record<string, number> =>
  versions({ view: viewOf(state, fed.context()) } as Parameters<typeof versions>[0]);

/**
 * No role goes back. A new root can withdraw so many keys that nobody vouches for the `targets` held: served without the
 * next one, nothing is in force until that comes.
 */
function neverBack(before: Record<string, number>, after: Record<string, number>): void {
  if (after['targets'] === undefined && after['root']! > before['root']!) return;
  for (const [role, version] of Object.entries(before)) {
    if (role === 'timestamp' || role === 'snapshot') continue;
    expect([role, after[role] ?? 0]).toEqual([role, Math.max(version, after[role] ?? 0)]);
  }
}

function serve(world: World, repository: Repository): string[] {
  const before = held(world);
  const done = world.fed.refresh(world.state, {}, repository);
  world.state = done.state;
  neverBack(before, held(world));
  return codes(done);
}

const older = ({ history }: World, back: number): Repository => history.at(-1 - back) ?? history[0]!;

async function upToDate({ fed }: World): Promise<void> {
  // Everybody signs in time.
  for (const role of ['310000', '330200']) await fed.region(role, { files: packOf(role, 'kept') });
  await fed.region('guests', { files: packOf('x-guest') });
  await fed.region('330000', { files: packOf('330000'), delegations: fed.delegations(['330200']) });
  await fed.news();
}

const ACTIONS: { readonly [D in Step['do']]: (world: World, step: Extract<Step, { do: D }>) => Promise<void> } = {
  async publish({ fed, round }, { role }) {
    const folder = role === 'guests' ? 'x-guest' : role;
    await fed.region(role, { files: packOf(folder, `round ${round}`) });
    await fed.news();
  },
  async members({ fed }) {
    const leaving = fed.members[0]!;
    fed.members = [...fed.members.slice(1), fed.key()];
    await fed.root([leaving, ...fed.members]);
    await fed.targets();
    await fed.news();
  },
  async online({ fed }, { which }) {
    fed.online[which] = [fed.key()];
    await fed.root();
    await fed.news();
  },
  async wait(world, { hours }) {
    world.fed.now += hours * HOUR;
    await upToDate(world);
  },
  async honest(world) {
    const { fed } = world;
    expect(serve(world, fed.repository)).toEqual([]);
    // Up to date: exactly what a new client finds.
    const fresh = fed.refresh(fed.begin());
    expect(held(world)).toEqual(versions(fresh));
    const contents = ({ files }: ReturnType<typeof viewOf>) => [...files].map(([path, { content }]) => [path, content]);
    expect(contents(viewOf(world.state, fed.context())).sort()).toEqual(contents(fresh.view).sort());
  },
  async replay(world, { back }) {
    serve(world, older(world, back));
  },
  async mix(world, { back, parity }) {
    const old = older(world, back);
    const mixed = new Map(
      [...world.fed.repository].map(([name, bytes], i) => [name, i % 2 === parity ? (old.get(name) ?? bytes) : bytes]),
    );
    serve(world, mixed);
  },
};

describe('random histories', () => {
  it('keep honest clients up to date and never take anyone back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEPS, { minLength: 4, maxLength: 9 }), async (steps) => {
        const fed = await stage();
        const world: World = { fed, history: [fed.repository], state: fed.begin(), round: 0 };
        for (const step of [...steps, { do: 'honest' } as const]) {
          world.round++;
          await (ACTIONS[step.do] as (world: World, step: Step) => Promise<void>)(world, step);
          world.history.push(fed.repository);
        }
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it('with any one file damaged anywhere are never believed', async () => {
    const fed = await stage();
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.news();
    const honest = fed.refresh(fed.begin());
    const names = [...fed.repository.keys()].filter((name) => name !== 'metadata/1.root.json');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (name, place, change) => {
          const bytes = fed.repository.get(name)!.slice();
          bytes[Math.floor(place * bytes.length)]! ^= change;
          const done = fed.refresh(fed.begin(), {}, new Map(fed.repository).set(name, bytes));
          // Whatever is in force is what was signed.
          for (const [path, { content }] of done.view.files)
            expect([path, content]).toEqual([path, honest.view.files.get(path)?.content]);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});
