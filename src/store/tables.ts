/**
 * The tables. Nothing but text and whole numbers, so that SQLite, PostgreSQL, openGauss and KingbaseES mean the same by
 * them: times are epoch ms (bigint), keys and digests hexadecimal, a receipt its JSON.
 */
export interface Tables {
  receipts: ReceiptRow;
  dispositions: DispositionRow;
  seen_ids: SeenIdRow;
  digest_keys: DigestKeyRow;
  challenges: ChallengeRow;
}

/** One verdict. Never changed: the database itself refuses. The columns are what is searched by. */
export interface ReceiptRow {
  id: string;
  at: number;
  case_code: string;
  checkpoint: string | null;
  officer: string | null;
  business_code: string | null;
  outcome: string;
  issuing_region: string | null;
  document_type: string | null;
  format: string | null;
  /** The whole receipt without its dispositions, JSON. */
  receipt: string;
}

/** What was done after a verdict. Never changed: whoever decides otherwise adds a row with the next number. */
export interface DispositionRow {
  receipt_id: string;
  /** 1, 2, 3 … */
  number: number;
  at: number;
  /** The whole disposition, JSON. */
  disposition: string;
}

/** A one-time id that was shown. */
export interface SeenIdRow {
  region: string;
  digest: string;
  expires_at: number;
  first_at: number;
  checkpoint: string;
  device: string;
}

/** The key of the document digests that one checkpoint makes on one day, UTC+8. */
export interface DigestKeyRow {
  id: string;
  checkpoint: string;
  /** 2024-05-01 */
  day: string;
  key: string;
}

/** A challenge that was made, and what answered it. */
export interface ChallengeRow {
  digest: string;
  region: string;
  purpose: string;
  place: string;
  caller: string;
  expires_at: number;
  answered_by: string | null;
}
