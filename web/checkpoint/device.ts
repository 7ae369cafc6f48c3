import { type DBSchema, openDB } from 'idb';
import type { Receipt } from '../../src/document/generated/types.ts';

/**
 * What this device keeps: how it was registered, the last good lists, and receipts that still have to go up. No document, no
 * name, no verdict on a person.
 */
export interface Registration {
  readonly v: 1;
  /** The key of this device at the gateway; none where the gateway serves this machine alone. */
  readonly key?: string | undefined;
  /** The checkpoint's code. */
  readonly place: string;
  readonly region: string;
  /** The other region of a checkpoint that two share. */
  readonly also?: readonly string[];
  /** `kiosk`: people serve themselves. */
  readonly profile?: 'desk' | 'kiosk';
  readonly lane: string;
  /** SHA-256 (hex) of the root that this device trusts, from the operator by the pairing code. */
  readonly root: string;
}

interface Tables extends DBSchema {
  kept: { key: string; value: unknown };
  /** Receipts that were made here and have not been acknowledged. */
  queue: { key: string; value: Receipt };
  /** Receipts that the gateway never takes, and why: until the operator has them. */
  returned: { key: string; value: Returned };
}

export interface Returned {
  readonly receipt: Receipt;
  /** What of it does not fit, and why, as the gateway says it. */
  readonly at: string;
  readonly detail: string;
}

export interface Device {
  read<T>(name: Kept): Promise<T | undefined>;
  write(name: Kept, value: unknown): Promise<void>;
  /** Several at once, or none of them. */
  writeAll(values: Partial<Record<Kept, unknown>>): Promise<void>;
  queue: {
    add(receipt: Receipt): Promise<void>;
    /** The oldest first. */
    list(most: number): Promise<Receipt[]>;
    /** Removes what was acknowledged; one that was added to since it was sent stays. */
    remove(sent: readonly Receipt[]): Promise<void>;
    count(): Promise<number>;
  };
  returned: {
    add(returned: readonly Returned[]): Promise<void>;
    list(): Promise<Returned[]>;
    /** Removes those that were handed on. */
    remove(handed: readonly Returned[]): Promise<void>;
    count(): Promise<number>;
  };
  /** After the operator has cut this device off. */
  forget(): Promise<void>;
}

export type Kept = 'registration' | 'language' | 'muted' | ListKept | `${ListKept} ${string}`;
/** What there is of each region's lists. */
type ListKept = 'lists' | 'memory' | 'etag';

/** The regions that judge at this checkpoint, the device's own first. */
export const regionsOf = ({ region, also = [] }: Registration): readonly string[] => [region, ...also];

/** The device as it keeps the lists of one of its regions: those of the other one lie beside. */
export function deviceFor(device: Device, own: string, region: string): Device {
  if (region === own) return device;
  const named = (kept: Kept): Kept => (isListKept(kept) ? `${kept} ${region}` : kept);
  return {
    ...device,
    read: (kept) => device.read(named(kept)),
    write: (kept, value) => device.write(named(kept), value),
    writeAll: (values) =>
      device.writeAll(Object.fromEntries(Object.entries(values).map(([kept, value]) => [named(kept as Kept), value]))),
  };
}

const isListKept = (kept: Kept): kept is ListKept => kept === 'lists' || kept === 'memory' || kept === 'etag';

export async function openDevice(): Promise<Device> {
  const database = await openDB<Tables>('tongren-checkpoint', 2, {
    upgrade(made, before) {
      if (before < 1) {
        made.createObjectStore('kept');
        made.createObjectStore('queue', { keyPath: 'id' });
      }
      made.createObjectStore('returned', { keyPath: 'receipt.id' });
    },
  });
  return {
    read: async <T>(kept: Kept) => (await database.get('kept', kept)) as T | undefined,
    write: async (kept, value) => void (await database.put('kept', value, kept)),
    async writeAll(values) {
      const transaction = database.transaction('kept', 'readwrite', { durability: 'strict' });
      for (const [kept, value] of Object.entries(values)) transaction.store.put(value, kept);
      await transaction.done;
    },
    queue: {
      add: async (receipt) => void (await database.put('queue', receipt)),
      list: (most) => database.getAll('queue', null, most),
      async remove(sent) {
        const transaction = database.transaction('queue', 'readwrite');
        for (const { id, dispositions } of sent) {
          const now = await transaction.store.get(id);
          if (now?.dispositions?.length === dispositions?.length) await transaction.store.delete(id);
        }
        await transaction.done;
      },
      count: () => database.count('queue'),
    },
    returned: {
      async add(returned) {
        for (const each of returned) await database.put('returned', each);
      },
      list: () => database.getAll('returned'),
      async remove(handed) {
        const transaction = database.transaction('returned', 'readwrite');
        for (const { receipt } of handed) {
          const now = await transaction.store.get(receipt.id);
          // One that was put right since has not been handed on.
          if (now?.receipt.dispositions?.length === receipt.dispositions?.length)
            await transaction.store.delete(receipt.id);
        }
        await transaction.done;
      },
      count: () => database.count('returned'),
    },
    async forget() {
      await database.clear('kept');
    },
  };
}

/** A registration from a pairing link or code; undefined for what is none. In: the link, or its part behind `#pair=`. */
export function registrationOf(text: string): Registration | undefined {
  const [, packed = text] = /#pair=([A-Za-z0-9_-]+)$/.exec(text.trim()) ?? [];
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Registration>;
    const { v, key, place, region, lane, root, also = [], profile = 'desk' } = value;
    const texts = [place, region, lane, root].every((each) => typeof each === 'string' && each.length <= 200);
    if (v !== 1 || !texts || !/^[0-9a-f]{64}$/.test(root!) || (key !== undefined && typeof key !== 'string'))
      return undefined;
    if (!Array.isArray(also) || also.length > 1 || also.some((each) => typeof each !== 'string' || each === region))
      return undefined;
    if (profile !== 'desk' && profile !== 'kiosk') return undefined;
    return { v, place: place!, region: region!, lane: lane!, root: root!, key, also, profile };
  } catch {
    return undefined;
  }
}
