import type { GroupVerdict, Localized, Verdict } from '../../src/document/generated/types.ts';
import type { Presented } from '../../src/format/open.ts';
import type { Engine, Looked } from './engine.ts';

/** What one verifying region says of a document or a case. */
export interface View {
  readonly region: Localized;
  readonly members: readonly Looked[];
  readonly group: GroupVerdict | undefined;
  /** The name of a place by its code (GB/T 2260): its own if it is a member, else its province's. */
  placeName(code: string): Localized | undefined;
}

/** The stricter first: at a checkpoint that two regions share, the stricter word is the one that counts. */
const STRICT: readonly Verdict['outcome'][] = ['refuse', 'undetermined', 'conditional', 'accept'];

export const saidBy = ({ group, members }: View): GroupVerdict | Verdict => group ?? members[0]!.verdict;

export const strictest = (views: readonly View[]): View =>
  views.toSorted((one, other) => STRICT.indexOf(saidBy(one).outcome) - STRICT.indexOf(saidBy(other).outcome))[0]!;

/** The same documents by every region that judges here. In: as the first of them looked at them, and how the others do. */
export const viewsOf = (
  engines: readonly Engine[],
  looked: readonly Looked[],
  look: (engine: Engine, presented: Presented) => Promise<Looked>,
  together: ((engine: Engine, members: readonly Looked[]) => Promise<GroupVerdict>) | undefined,
): Promise<View[]> =>
  Promise.all(
    engines.map(async (engine, i) => {
      const members = i === 0 ? looked : await Promise.all(looked.map(({ presented }) => look(engine, presented)));
      const { regions, region } = engine.standpoint;
      return {
        region: regions.get(region)!.name,
        members,
        group: await together?.(engine, members),
        placeName: (code) => (regions.get(code) ?? regions.get(`${code.slice(0, 2)}0000`))?.name,
      };
    }),
  );
