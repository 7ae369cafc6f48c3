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
  exchanges: ExchangeRow;
  consent_uses: ConsentUseRow;
  revoked_consents: RevokedConsentRow;
  traces: TraceRow;
  outbox: OutboxRow;
  objections: ObjectionRow;
  state_lists: StateListRow;
  kept_since: KeptSinceRow;
  log_waiting: LogWaitingRow;
  log_entries: LogEntryRow;
  log_heads: LogHeadRow;
}

/** What was recorded and is not in the log yet. The database itself puts it here. */
export interface LogWaitingRow {
  receipt_id: string;
  /** 0 for the receipt itself; else which disposition. */
  number: number;
}

/** What was recorded, as a digest. Never changed. */
export interface LogEntryRow extends LogWaitingRow {
  digest: string;
  /** In which stretch of the log. */
  head: number;
}

/** The end of a stretch of the log: a digest of its entries, and of the head before. Never changed, never removed. */
export interface LogHeadRow {
  number: number;
  at: number;
  entries: number;
  digest: string;
  before: string;
  head: string;
}

/** One row: what is older may be removed, though it can never be changed. */
export interface KeptSinceRow {
  since: number;
}

/** The newest list of states that a region told of one scheme, encrypted; empty when its time is over. */
export interface StateListRow {
  region: string;
  scheme: string;
  sequence: number;
  issued: number;
  until: number;
  list: string;
}

/** A document that a system asked for. What was asked and answered is encrypted, and removed when its time is over. */
export interface ExchangeRow {
  id: string;
  caller: string;
  /** The caller's own name for it. */
  idempotency: string;
  at: number;
  /** accepted, done, empty, forgotten */
  state: string;
  until: number;
  /** Whoever works on it has it until then. */
  leased_until: number;
  /** Tells one question from another when neither is kept any more. */
  fingerprint: string;
  asked: string | null;
  answer: string | null;
}

/** One use of a consent. The numbers of a consent are 1, 2, 3 … up to what it allows. */
export interface ConsentUseRow {
  exchange_id: string;
  /** That signed it: an id that another region made up is another consent. */
  region: string;
  consent: string;
  number: number;
  at: number;
}

export interface RevokedConsentRow {
  consent: string;
  region: string;
  at: number;
}

/** What the holder's region was told of a use. Never changed. */
export interface TraceRow {
  /** The region that told it, and its notice's id: nobody takes another's place. */
  sender: string;
  id: string;
  /** Empty where none was needed. */
  consent: string;
  region: string;
  /** By this machine's clock. */
  arrived: number;
  /** consent-use.schema.json */
  consent_use: string;
}

/** What another region has still to be told. */
export interface OutboxRow {
  id: string;
  region: string;
  next_at: number;
  attempts: number;
  notice: string;
}

export interface ObjectionRow {
  id: string;
  at: number;
  due_at: number;
  answered_at: number | null;
  verifying_region: string;
  issuing_region: string;
  receipt: string;
  state: string;
  /** The whole objection as it was filed, JSON. */
  objection: string;
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
