import type { Delegation } from './metadata.ts';
import type { Change } from './profile.ts';

type Holders = Pick<Delegation, 'keyIds' | 'threshold'>;

export const sameHolders = (a: Holders, b: Holders): boolean =>
  a.threshold === b.threshold && [...a.keyIds].sort().join() === [...b.keyIds].sort().join();

/** The delegations whose keys are others than before. */
export const rekeyed = ({ after, keyholders }: Change): Delegation[] =>
  after.body.delegations.filter((delegation) => {
    const before = keyholders.get(delegation.name);
    return before !== undefined && !sameHolders(before, delegation);
  });
