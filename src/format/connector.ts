import { decodeBase64 } from '../codec/base64url.ts';
import { writeJson } from '../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import type { AnswerCondition, ConnectorDeclaration, Reference, Use } from '../document/generated/types.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { readFolded } from './folded.ts';
import type { Presented } from './open.ts';
import { compileUnfold } from './unfold.ts';

/** By what a document can be asked for. */
export type AskedBy = ConnectorDeclaration['asks'][number];
export const ASKED_BY: readonly AskedBy[] = ['token', 'plate', 'cardNumber', 'passNumber'];

/** What a question to another region consists of. */
export interface RegionQuestion {
  readonly reference: Reference;
  /** The asking region. */
  readonly asker: string;
  readonly purpose: string;
  readonly documentType?: string | undefined;
  /** Of this question alone: an answer that is signed over it is fresh, and ours. */
  readonly nonce: string;
  readonly use?: Use | undefined;
  /** Of which kind the number is, as `/holder/idType` has it. */
  readonly idType?: string | undefined;
}

/** What a region's system said. */
export type RegionAnswer =
  | { readonly presented: Presented }
  /** It has no such document. */
  | { readonly absent: true };

/** A declaration made ready: pure, so that what another government declares can do nothing but fill in words. */
export interface Connector {
  readonly id: string;
  readonly region: string;
  readonly declaration: ConnectorDeclaration;
  readonly contentType: string;
  /** Throws Missing for a word that the asker has not said. */
  write(question: RegionQuestion): Uint8Array;
  /** Throws Broken for an answer that is none, or that says an error. */
  read(answer: Uint8Array): RegionAnswer;
}

/** The asker has not said what this system has to be told. */
export class Missing extends Error {
  override readonly name = 'Missing';
  constructor(words: readonly string[]) {
    super(`not said: ${words.join(', ')}`);
  }
}

/** What a declaration may ask to be told, one row each. */
const WORDS: Readonly<Record<string, (question: RegionQuestion) => string | undefined>> = {
  token: ({ reference }) => reference.token,
  plate: ({ reference }) => reference.plate,
  cardNumber: ({ reference }) => reference.cardNumber,
  passNumber: ({ reference }) => reference.passNumber,
  idType: ({ idType }) => idType,
  nonce: ({ nonce }) => nonce,
  asker: ({ asker }) => asker,
  purpose: ({ purpose }) => purpose,
  documentType: ({ documentType }) => documentType,
  orgName: ({ use }) => use?.orgName,
  username: ({ use }) => use?.username,
  itemName: ({ use }) => use?.itemName,
  itemCode: ({ use }) => use?.itemCode,
  businessCode: ({ use }) => use?.businessCode,
};

const WORD = /^\{([A-Za-z]+)\}$/;
const ANSWER_LIMITS = { input: 16 * 1024 * 1024, inflated: 0, depth: 16, items: 20_000 };

const ENCODINGS: Readonly<Record<string, { readonly type: string; write(members: Members): string }>> = {
  json: { type: 'application/json', write: (members) => writeJson(members as Value) },
  form: {
    type: 'application/x-www-form-urlencoded',
    write: (members) => new URLSearchParams(members as Record<string, string>).toString(),
  },
};

type Members = { [name: string]: string | Members };

/** Compiles a declaration (already valid by its schema). Errors: Error with pointer and reason. */
export function compileConnector(declaration: ConnectorDeclaration, region: string): Connector {
  const { connector: id, request, encoding = 'json', answer, path } = declaration;
  if (path.split('/').some((segment) => /^\.+$/.test(segment))) throw new Error('/path: steps up or nowhere');
  checkWords(request as Members, '/request');
  if (encoding === 'form' && Object.values(request).some((each) => typeof each !== 'string'))
    throw new Error('/request: a form has no members within members');
  const unfold = compileUnfold(answer.unfold ?? []);
  const { type, write } = ENCODINGS[encoding]!;
  return {
    id,
    region,
    declaration,
    contentType: type,
    write(question) {
      const missing: string[] = [];
      const filled = fill(request as Members, question, missing);
      if (missing.length > 0) throw new Missing([...new Set(missing)]);
      return encodeUtf8(write(filled));
    },
    read(bytes) {
      if (answer.document === '' && answer.as === 'text') return { presented: { text: decodeUtf8(bytes) } };
      const whole = readFolded(decodeUtf8(bytes), ANSWER_LIMITS, () => {});
      unfold.read(whole, ANSWER_LIMITS, () => {});
      if (answer.absent !== undefined && meets(whole, answer.absent)) return { absent: true };
      // Many systems say an error with a status of 200.
      if (answer.good !== undefined && !meets(whole, answer.good)) throw new Broken(answer.good.at, 'says an error');
      const found = valueAt(whole, stepsOf(answer.document)) as Value | undefined;
      if (found === undefined || found === null) throw new Broken(answer.document, 'no document stands there');
      return { presented: presentedOf(found, answer, whole) };
    },
  };
}

function checkWords(members: Members, at: string): void {
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'string') checkWords(value, `${at}/${name}`);
    else {
      const word = WORD.exec(value)?.[1];
      if (word !== undefined && !Object.hasOwn(WORDS, word))
        throw new Error(`${at}/${name}: no word "${word}"; there are: ${Object.keys(WORDS).join(', ')}`);
    }
  }
}

function fill(members: Members, question: RegionQuestion, missing: string[]): Members {
  const filled: Members = {};
  for (const [name, value] of Object.entries(members)) {
    const word = typeof value === 'string' ? WORD.exec(value)?.[1] : undefined;
    if (typeof value !== 'string') filled[name] = fill(value, question, missing);
    else if (word === undefined) filled[name] = value;
    else {
      const said = WORDS[word]!(question);
      if (said === undefined) missing.push(word);
      else filled[name] = said;
    }
  }
  return filled;
}

const meets = (whole: Value, { at, is }: AnswerCondition): boolean =>
  is.includes(valueAt(whole, stepsOf(at)) as string | number | boolean);

function presentedOf(found: Value, { as, beside }: ConnectorDeclaration['answer'], whole: Value): Presented {
  if (as === 'json') return { text: writeJson(found) };
  if (typeof found !== 'string') throw new Broken('document', 'no text');
  if (as === 'text') return { text: found };
  const bytes = decodeBase64(found);
  if (beside === undefined) return { bytes };
  const signature = valueAt(whole, stepsOf(beside));
  if (typeof signature !== 'string') throw new Broken(beside, 'no signature file');
  return { bytes, beside: decodeBase64(signature) };
}
