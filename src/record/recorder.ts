import { decodeBase64url } from '../codec/base64url.ts';
import { canonicalJson } from '../codec/json.ts';
import type { Value } from '../codec/value.ts';
import type { Disposition, DocumentDigest, Receipt, Verdict } from '../document/generated/types.ts';
import { type Validate, validateDisposition, validateReceipt } from '../document/generated/validators.js';
import { exists, instantOf } from '../document/time.ts';
import { type DigestKey, dayOf } from '../store/digest-keys.ts';
import { newId, type Random, timeOf } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { digestOf, keyedDigest, type RecordContext, receiptOf } from './receipt.ts';
import { placeOf } from './settle.ts';

/** What may not be recorded as it is. `at`: JSON Pointer to what does not fit (`/officer`); no value is quoted. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly at: string;

  constructor(at: string, rule: string) {
    super(`cannot be recorded: ${at} (${rule})`);
    this.at = at;
  }
}

/** A disposition as it is reported. `at` if it was made earlier (a lane that was offline); now if absent. */
export type DispositionInput = Omit<Disposition, 'at'> & { readonly at?: string };

/** Errors of all: StoreError if the database fails. */
export interface Recorder {
  /**
   * Records a verdict. In: the verdict, the exact bytes or text it is about, and who asked. Resolves only when the receipt
   * is durable; if it rejects, the verdict must not be given out. Errors: RecordError for the context.
   */
  record(verdict: Verdict, input: Uint8Array | string, context?: RecordContext): Promise<Receipt>;
  /**
   * Takes the receipt of a verdict that a device gave by itself, with a plain digest (SM3) of what was looked at, and what was
   * done. The same once more changes nothing. Errors: RecordError for what does not fit, is of another time than its id, in the
   * future, or too old for a key; and where another receipt has its id.
   */
  take(receipt: Receipt, device: string): Promise<void>;
  /**
   * Adds what was then done. An earlier disposition stays, the new one holds. Out: the receipt with all of them; undefined
   * if there is no such receipt. Errors: RecordError for the disposition.
   */
  addDisposition(id: string, disposition: DispositionInput): Promise<Receipt | undefined>;
  findReceipt(id: string): Promise<Receipt | undefined>;
  /** By the case code as it was read out; the newest first. */
  findByCaseCode(code: string): Promise<Receipt[]>;
  /** For an objection: was the receipt made for exactly this input? Undefined if there is no such receipt. */
  compare(id: string, input: Uint8Array | string): Promise<'same' | 'different' | 'key-destroyed' | undefined>;
}

export interface RecorderOptions {
  /** Epoch ms. */
  readonly clock: () => number;
  readonly random: Random;
}

/** Of whom nothing is known. No caller's id is a hyphen. */
const NOBODY = '-';
/** Most keys held at once; the rest are read again when they are needed. */
const HELD_KEYS = 2_000;
/** How far a device's clock may be ahead, and how long it may have had no network. */
const AHEAD_MS = 10 * 60_000;
const OLDEST_MS = 14 * 86_400_000;

const UNKEYED: DocumentDigest = { algorithm: 'HMAC-SM3', keyId: '0'.repeat(16), value: 'A'.repeat(43) };

/** What a device says was done is kept, though its reason may not be: else the whole receipt would be lost with it. */
function withFitReason(disposition: Disposition): Disposition {
  if (validateDisposition(disposition) || typeof disposition?.reason !== 'string') return disposition;
  const without = { ...disposition, reason: REASON_NOT_KEPT };
  return validateDisposition(without) ? without : disposition;
}

const REASON_NOT_KEPT = '原因不符合规定，未保留 the reason was not fit to be kept';

export function recorder(store: Store, { clock, random }: RecorderOptions): Recorder {
  const keyOf = heldKeys(store);
  const { receipts } = store;

  /** What is kept already of a receipt that came before, as texts. Whoever knows another one's id adds nothing to it. */
  async function doneBefore(receipt: Receipt): Promise<string[]> {
    const { dispositions = [], ...made } = (await receipts.find(receipt.id))!;
    if (textOf(made) !== textOf(receipt)) throw new RecordError('/id', 'another receipt has this id');
    return dispositions.map(textOf);
  }

  return {
    async record(verdict, input, context = {}) {
      const now = clock();
      // Checked before the database is asked for a key, so that no nonsense gets that far.
      const unkeyed = receiptOf(verdict, { ...context, id: newId(now, random), digest: UNKEYED });
      check(validateReceipt, unkeyed);
      const key = await keyOf(placeOf({ checkpoint: unkeyed.checkpoint, device: context.caller ?? NOBODY }), now);
      const receipt = { ...unkeyed, documentDigest: digestOf(key, input) };
      await receipts.append(receipt);
      return receipt;
    },

    async take(sent, device) {
      const done = Array.isArray(sent.dispositions) ? sent.dispositions.map(withFitReason) : sent.dispositions;
      const receipt = done === undefined ? sent : { ...sent, dispositions: done };
      check(validateReceipt, receipt);
      const { dispositions = [], documentDigest, ...made } = receipt;
      if (documentDigest.algorithm !== 'SM3') throw new RecordError('/documentDigest/algorithm', 'SM3');
      const at = timeOf(made.id);
      if (made.at !== instantOf(at)) throw new RecordError('/at', 'another time than in the id');
      if (at > clock() + AHEAD_MS) throw new RecordError('/at', 'in the future');
      if (at < clock() - OLDEST_MS) throw new RecordError('/at', 'too old');
      const undated = dispositions.findIndex((each) => !exists(each.at));
      if (undated >= 0) throw new RecordError(`/dispositions/${undated}/at`, 'date');
      // Of its own day; asked for each time, so that an old one does not stand in for today's.
      const key = await store.digestKeys.of(placeOf({ checkpoint: made.checkpoint, device }), at);
      const digest = keyedDigest(key, decodeBase64url(documentDigest.value));
      const kept: Receipt = { ...made, device, documentDigest: digest };
      const there = (await receipts.appendOnce(kept)) ? [] : await doneBefore(kept);
      for (const disposition of dispositions)
        if (!there.includes(textOf(disposition))) await receipts.dispose(made.id, disposition);
    },

    async addDisposition(id, input) {
      const { action, reason, officer, at = instantOf(clock()) } = input;
      const disposition: Disposition = {
        action,
        ...(reason === undefined ? {} : { reason }),
        ...(officer === undefined ? {} : { officer }),
        at,
      };
      check(validateDisposition, disposition);
      if (Number.isNaN(Date.parse(at))) throw new RecordError('/at', 'date');
      return (await receipts.dispose(id, disposition)) ? receipts.find(id) : undefined;
    },

    findReceipt: (id) => receipts.find(id),
    findByCaseCode: (code) => receipts.findByCaseCode(code),

    async compare(id, input) {
      const receipt = await receipts.find(id);
      if (receipt === undefined) return undefined;
      const key = await store.digestKeys.find(receipt.documentDigest.keyId);
      if (key === undefined) return 'key-destroyed';
      return digestOf(key, input).value === receipt.documentDigest.value ? 'same' : 'different';
    },
  };
}

const textOf = (value: Receipt | Disposition): string => canonicalJson(value as unknown as Value);

function check(validate: Validate, value: unknown): void {
  if (validate(value)) return;
  const { instancePath, keyword } = validate.errors![0]!;
  throw new RecordError(instancePath, keyword);
}

/** The day's keys, asked for once. Yesterday's are dropped: a key that is destroyed in the database must not live on here. */
function heldKeys({ digestKeys }: Store): (checkpoint: string, now: number) => Promise<DigestKey> {
  const held = new Map<string, Promise<DigestKey>>();
  let today = '';
  return (checkpoint, now) => {
    const day = dayOf(now);
    if (day !== today || held.size >= HELD_KEYS) held.clear();
    today = day;
    let key = held.get(checkpoint);
    if (key === undefined) {
      key = digestKeys.of(checkpoint, now);
      held.set(checkpoint, key);
      // One failure is not the answer for the rest of the day.
      key.catch(() => held.delete(checkpoint));
    }
    return key;
  };
}
