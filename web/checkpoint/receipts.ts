import { encodeBase64url } from '../../src/codec/base64url.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import type { Disposition, Receipt, Verdict } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { bytesOf, type Presented } from '../../src/format/open.ts';
import { receiptOf } from '../../src/record/receipt.ts';
import { caseCode, newId } from '../../src/store/ids.ts';
import type { View } from './views.ts';

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** A receipt of a verdict that was given here. It holds codes, versions and a digest: nothing of a person. */
function deviceReceipt(
  verdict: Verdict,
  presented: Presented,
  { place, group, now }: { readonly place: string; readonly group?: string | undefined; readonly now: number },
): Receipt {
  // A plate or a number can be found by trying all of them: a digest of it would tell it.
  const handed = 'reference' in presented ? random(32) : bytesOf(presented);
  const value = encodeBase64url(browserPlatform.digest('SM3', handed));
  // Plain on its way: the gateway keeps it only under its key.
  const digest = { algorithm: 'SM3', keyId: '0'.repeat(16), value } as const;
  return receiptOf(verdict, { id: newId(now, random), checkpoint: place, group, digest });
}

/** Receipts of one case, or of one document by two regions, are held together by a number of their own. */
export function receiptsOf(
  views: readonly View[],
  { place, together, now }: { readonly place: string; readonly together: boolean; readonly now: number },
): Receipt[] {
  const group = together || views.length > 1 ? newId(now, random) : undefined;
  return views.flatMap(({ members }) =>
    members.map(({ verdict, presented }) => deviceReceipt(verdict, presented, { place, group, now })),
  );
}

/** What was then done, noted in the receipt behind what was noted before. It goes up with it, or after it. */
export const disposed = (
  receipt: Receipt,
  action: Disposition['action'],
  reason: string | undefined,
  now: number,
): Receipt => ({
  ...receipt,
  dispositions: [
    ...(receipt.dispositions ?? []),
    { action, ...(reason === undefined ? {} : { reason }), at: instantOf(now) },
  ],
});

/** The person-free code that officer and holder can read out. */
export const codeOf = ({ id }: Receipt): string => caseCode(id);
