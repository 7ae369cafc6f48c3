import type { Verdict } from '../../../src/document/generated/types.ts';

/** Each outcome has a shape of its own, so that nobody needs to see its hue: circle and tick, triangle, octagon, square with "?". */
const SHAPES: Readonly<Record<Verdict['outcome'], { readonly outline: string; readonly mark: string }>> = {
  accept: { outline: 'M32 4a28 28 0 1 0 0 56a28 28 0 1 0 0-56z', mark: 'M18 33l10 10 19-22' },
  conditional: { outline: 'M32 5L61 58H3z', mark: 'M32 24v16M32 48v2' },
  refuse: { outline: 'M21 4h22l17 17v22L43 60H21L4 43V21z', mark: 'M21 21l22 22M43 21L21 43' },
  undetermined: { outline: 'M5 5h54v54H5z', mark: 'M24 25a8 8 0 1 1 11 7c-3 1-3 3-3 6M32 47v2' },
};

export function Shape({ outcome }: { readonly outcome: Verdict['outcome'] }) {
  const { outline, mark } = SHAPES[outcome];
  return (
    <svg class="shape" viewBox="0 0 64 64" aria-hidden="true">
      <path class="outline" d={outline} />
      <path class="mark" d={mark} />
    </svg>
  );
}
