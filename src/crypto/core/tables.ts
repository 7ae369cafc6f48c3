/** Where a key's table lies in the core's memory, and how wide its windows are. */
export interface Table {
  readonly at: number;
  readonly width: number;
}

/** Whoever has a table for the time being: it may be given to another key when room is short. */
export interface Holder {
  slot: Slot | undefined;
}

interface Slot extends Table {
  holder: Holder | undefined;
  /** Used since the hand last came by. */
  touched: boolean;
  /** The round of `holding` in which it may not be given away. */
  held: number;
}

/** Tables of one width. */
interface Pool {
  readonly width: number;
  readonly bytes: number;
  readonly most: number;
  readonly slots: Slot[];
  hand: number;
}

export interface Tables {
  find(holder: Holder): Table | undefined;
  /** Room for a table of this width; what the holder had before is free again. What lies there is not the holder's yet. */
  take(holder: Holder, width: number): Table;
  /**
   * The same where there is room, or a table was not used lately; else undefined. Where more keys come than there are tables, those
   * that have one keep it: to give them round costs more than they save.
   */
  offer(holder: Holder, width: number): Table | undefined;
  /** Runs `run`, in which no table that was found or taken is given to another. */
  holding<T>(run: () => T): T;
}

/**
 * A first table is cheap to build (1.4 ms); a larger one (4 ms) makes a check a fifth faster, and is for keys that come often. A
 * wider one still is faster for one key alone, and not for many, whose tables then lie further from the processor.
 */
export const WIDTHS = { first: 6, hot: 8 } as const;
/** How much of the room goes to either. */
const SHARES: readonly (readonly [width: number, share: number])[] = [
  [WIDTHS.first, 0.35],
  [WIDTHS.hot, 0.65],
];
/** Twenty limbs of two bytes for each coordinate. */
const POINT_BYTES = 80;
/** A row has one point for each window. */
export const rowsOf = (width: number): number => 1 << (width - 1);
export const tableBytes = (width: number): number => (Math.floor(256 / width) + 1) * rowsOf(width) * POINT_BYTES;

/**
 * Room for tables, bounded. In: bytes for all of them, how memory is had, and how many tables must be to be had at one time.
 * When all room is taken, a table that was not used lately goes (the clock algorithm: second chance).
 */
export function createTables(budget: number, room: (bytes: number) => number, together: number): Tables {
  let round = 0;
  let holding = false;
  const pools: ReadonlyMap<number, Pool> = new Map(
    SHARES.map(([width, share]) => {
      const bytes = tableBytes(width);
      const most = Math.max(together, Math.floor((budget * share) / bytes));
      return [width, { width, bytes, most, slots: [], hand: 0 }];
    }),
  );

  const use = (slot: Slot): Slot => {
    slot.touched = true;
    if (holding) slot.held = round;
    return slot;
  };
  const isHeld = ({ held }: Slot): boolean => holding && held === round;
  const free = (pool: Pool): Slot | undefined => {
    const found = pool.slots.find((slot) => slot.holder === undefined && !isHeld(slot));
    if (found !== undefined || pool.slots.length >= pool.most) return found;
    const slot: Slot = { at: room(pool.bytes), width: pool.width, holder: undefined, touched: false, held: -1 };
    pool.slots.push(slot);
    return slot;
  };
  /** Looks at one, as a hand of the clock: what was used since it last came by stays. */
  const step = (pool: Pool): Slot | undefined => {
    const slot = pool.slots[pool.hand++ % pool.slots.length]!;
    if (isHeld(slot)) return undefined;
    if (!slot.touched) return slot;
    slot.touched = false;
    return undefined;
  };
  const give = (slot: Slot, holder: Holder): Table => {
    if (holder.slot !== undefined) holder.slot.holder = undefined;
    if (slot.holder !== undefined) slot.holder.slot = undefined;
    slot.holder = holder;
    holder.slot = slot;
    return use(slot);
  };
  return {
    find: ({ slot }) => slot && use(slot),
    take(holder, width) {
      const pool = pools.get(width)!;
      let slot = free(pool);
      while (slot === undefined) slot = step(pool);
      return give(slot, holder);
    },
    offer(holder, width) {
      const pool = pools.get(width)!;
      const slot = free(pool) ?? step(pool);
      return slot && give(slot, holder);
    },
    holding(run) {
      round += 1;
      holding = true;
      try {
        return run();
      } finally {
        holding = false;
      }
    },
  };
}
