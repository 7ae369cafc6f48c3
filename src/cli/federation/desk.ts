import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { sameBytes } from '../../codec/bytes.ts';
import { nodePlatform } from '../../crypto/platform.node.ts';
import { Broken } from '../../document/broken.ts';
import type { Proposal } from '../../document/generated/types.ts';
import { say } from '../../document/say.ts';
import { instantOf } from '../../document/time.ts';
import { addToJournal, readJournal } from '../../federation/journal.node.ts';
import { withLock } from '../../federation/lock.node.ts';
import type { Context } from '../../federation/operations.ts';
import type { NamedKey, NamedSigner } from '../../federation/operators.ts';
import { place } from '../../federation/place.ts';
import { type Draft, type Need, needsOf, proposalOf, signProposal } from '../../federation/proposal.ts';
import { openPublished, type Published } from '../../federation/published.ts';
import { Refused } from '../../federation/refused.ts';
import { readRepository, writeRepository } from '../../federation/repository.node.ts';
import { exposedKeys, openSigners, readPublicKey } from '../../federation/signers.node.ts';
import { newest, type Repository } from '../../federation/tuf-publish.ts';
import type { Holders } from '../../federation/tuf-write.ts';
import { TROUBLES, TufRefusal } from '../../trust/tuf/troubles.ts';
import { collect, type Io, UsageError } from '../io.ts';
import { NOT_WRITTEN, tell } from '../tell.ts';
import { noSuchFile } from '../usage.ts';
import { readNames, writeNames, writeProposal } from './files.ts';
import { shown } from './show.ts';

/**
 * An operator's desk: a folder with the published `repository/`, the `journal.jsonl`, `proposals/` under way, and `keys/`
 * for the keys that lie here. What all commands of `federation` have in common.
 */
export interface DeskOptions {
  readonly dir: string;
  readonly key?: string[];
  readonly passphraseFile?: string;
  readonly by?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

export const withDesk = (command: Command): Command =>
  command
    .option('--dir <dir>', "联盟的管理目录 · the operator's folder", 'var/federation')
    .option(
      '--key <file>',
      '密钥或密钥文件夹（.pem、.p12、.signer.json）；可多次指定；<dir>/keys 中的密钥始终可用 · a key, or a folder of keys (.pem, .p12, .signer.json); again for more; those in <dir>/keys are always at hand',
      collect,
    )
    .option('--passphrase-file <file>', '口令文件，首行用于打开密钥 · file whose first line opens the keys')
    .option(
      '--by <who>',
      '由谁办理，记入日志：职务或人员编号 · who does it, for the journal: a function or an officer’s number',
      process.env['USER'] ?? 'unnamed',
    )
    .option('--apply', '执行；否则只说明将要做什么 · do it; otherwise this only says what would be done')
    .option('--json', '供程序读取的报告 · machine-readable report');

export interface Desk extends Context {
  readonly folder: string;
  readonly published: Published;
  /** The newest version of the snapshot that the journal here tells of; 0 if none. */
  readonly journaled: number;
  readonly signers: readonly NamedSigner[];
  /** Key id → what people call it. */
  readonly names: Readonly<Record<string, string>>;
  readonly by: string;
}

export const repositoryOf = (folder: string): string => join(folder, 'repository');

/** Errors: UsageError for keys that cannot be used, Refused for a repository that cannot be read. */
export async function openDesk(options: DeskOptions, io: Io): Promise<Desk> {
  const { dir: folder, by = 'unnamed' } = options;
  // Before the store: what others publish in between is in the store first.
  const journaled = await newestInJournal(folder);
  const published = await publishedAt(repositoryOf(folder));
  const keys = await keyFiles(options);
  const signers = await usable(async () => openSigners(keys, await passphraseOf(options)));
  for (const file of await exposedKeys(keys))
    tell(
      io.hint,
      say(`${file}：本机其他用户可读；请 chmod 600`, `${file}: others on this machine can read it; chmod 600`),
    );
  const names = {
    ...(await readNames(folder)),
    ...Object.fromEntries(signers.map(({ keyId, name }) => [keyId, name])),
  };
  return { folder, published, journaled, signers, names, by, now: io.clock(), platform: nodePlatform };
}

/** Errors: Refused where a file of it cannot be read: not in the words of a gateway, which can do nothing about it. */
async function publishedAt(repository: string): Promise<Published> {
  const files = await readRepository(repository);
  try {
    return openPublished(files);
  } catch (error) {
    if (!(error instanceof TufRefusal)) throw error;
    const { role, message, code } = error;
    throw new Refused(
      say(`${repository}：${role}：${TROUBLES[code].zh}`, `${repository}: ${role}: ${TROUBLES[code].en} (${message})`),
      COPY_WHOLE,
    );
  }
}

const COPY_WHOLE = say(
  '请从发布处或镜像完整复制 repository/，再重新运行',
  'copy repository/ whole from where it is served or from a mirror, and run the command again',
);

/** The newest snapshot that this desk's journal tells of; 0 if none. */
async function newestInJournal(folder: string): Promise<number> {
  const { entries } = await readJournal(folder);
  const written = entries.flatMap(({ applied, detail }) => (applied ? detail : []));
  return Math.max(0, ...written.map((file) => Number(/^metadata\/(\d{1,15})\.snapshot\.json$/.exec(file)?.[1] ?? 0)));
}

/**
 * The store as it was before something that this desk published: a copy that is too old was put back. What is published on it
 * has versions that gateways know with other content, and is refused. Out: in words; undefined where all is there.
 */
export function behindJournal({ folder, published, journaled }: Desk): Refused | undefined {
  const there = newest(published.repository, 'snapshot')?.version ?? 0;
  if (there >= journaled) return undefined;
  const repository = repositoryOf(folder);
  return new Refused(
    say(
      `${repository} 是旧的：snapshot 为第 ${there} 版，而此处日志记有第 ${journaled} 版`,
      `${repository} is an old one: snapshot is version ${there}, and the journal here tells of ${journaled}`,
    ),
    COPY_WHOLE,
  );
}

function checkNotBehind(desk: Desk): void {
  const behind = behindJournal(desk);
  if (behind !== undefined) throw behind;
}

/** Those that are named, and those that lie at the desk: the online keys, as a rule. */
async function keyFiles({ dir, key = [] }: DeskOptions): Promise<string[]> {
  const folder = join(dir, 'keys');
  const there = await stat(folder).catch(() => undefined);
  return there?.isDirectory() ? [...key, folder] : key;
}

async function passphraseOf({ passphraseFile: file }: DeskOptions): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch(() => {
    throw noSuchFile(file);
  });
  return text.split(/\r?\n/)[0]!;
}

/** The commonest faults of a key's file; others stay as they are told. */
const FAULTS: readonly (readonly [en: string, zh: string])[] = [
  [': there is no such file', '：没有这个文件'],
  [': no PKCS#8 private key in this file', '：其中没有 PKCS#8 私钥'],
  [': no public key in this file', '：其中没有公钥'],
];
const inChinese = (message: string): string =>
  FAULTS.reduce((said, [en, zh]) => (said.endsWith(en) ? said.slice(0, -en.length) + zh : said), message);

const KEY_FILES = say(
  '密钥文件为 PKCS#8（.pem）、PKCS#12（.p12）或 .signer.json',
  'a key is PKCS#8 (.pem), PKCS#12 (.p12) or .signer.json',
);
const PUBLIC_KEY_FILES = say('这里要公钥文件（.pub.pem）', 'a file of a public key is expected here (.pub.pem)');

/** A key that cannot be used is a mistake in the call. */
export async function usable<T>(run: () => Promise<T>, hint = KEY_FILES): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Broken)
      throw new UsageError(say(`密钥不能用：${inChinese(error.message)}`, error.message), hint);
    throw error;
  }
}

/** Who shall hold a role: files of public keys, and how many of them must sign. */
export async function holdersFrom(
  files: readonly string[],
  threshold: number,
): Promise<{ readonly holders: Holders; readonly keys: readonly NamedKey[] }> {
  const keys = await usable(() => Promise.all(files.map(readPublicKey)), PUBLIC_KEY_FILES);
  if (threshold > keys.length)
    throw new UsageError(
      say(
        `--threshold ${threshold}，但只有 ${keys.length} 把密钥`,
        `--threshold ${threshold}, and only ${keys.length} keys`,
      ),
    );
  return { holders: { keys: keys.map(({ publicKey }) => publicKey), threshold }, keys };
}

export function count(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('a whole number from 1 is expected');
  return Number(value);
}

/** Names that keys get from their files. */
export const namesOf = (keys: readonly NamedKey[]): Record<string, string> =>
  Object.fromEntries(keys.map(({ keyId, name }) => [keyId, name]));

export interface Concluding {
  readonly oldKeysLost?: boolean;
  readonly names?: Readonly<Record<string, string>>;
}

/** Signs a draft with the keys at hand; placed if that is enough, else a proposal to be passed on. */
export async function conclude(
  draft: Draft,
  desk: Desk,
  options: DeskOptions,
  io: Io,
  more: Concluding = {},
): Promise<void> {
  checkNotBehind(desk);
  const names = { ...desk.names, ...more.names };
  const begun = proposalOf(draft, instantOf(desk.now - (desk.now % 1000)), desk.by, names);
  const { proposal } = await usable(() => signProposal(begun, desk.published, desk.signers, desk.platform));
  const needs = needsOf(proposal, desk.published, desk.platform);
  if (needs.every(({ met }) => met)) return placing(proposal, draft.contents, desk, options, io, more);
  // A timer that still has the old key must not succeed every day while the region's files end.
  if (options.key !== undefined && needs.every(({ signed }) => signed.length === 0)) throw noneSigns(proposal, needs);
  await keep(proposal, draft.contents, desk, options, io);
}

function noneSigns({ names }: Proposal, needs: readonly Need[]): Refused {
  const who = needs.map(
    ({ role, missing }) => `${role} (${missing.map((id) => names[id] ?? id.slice(0, 12)).join(', ')})`,
  );
  return new Refused(
    say('给出的密钥都不在签名人之列', 'none of the keys that were given has to sign this'),
    say(`须由以下密钥签名：${who.join('；')}`, `it has to be signed by keys of: ${who.join('; ')}`),
  );
}

/** Places a proposal that everybody has signed; a dry run does all but the writing. */
export async function placing(
  proposal: Proposal | undefined,
  contents: ReadonlyMap<string, Uint8Array>,
  desk: Desk,
  options: DeskOptions,
  io: Io,
  { oldKeysLost = false, names = {} }: Concluding = {},
): Promise<void> {
  checkNotBehind(desk);
  const after = await usable(() => place(proposal, contents, { ...desk, oldKeysLost }));
  const operation = proposal?.proposal ?? 'renew news';
  const written = options.apply ? await write(after, desk) : fresh(after, desk.published.repository);
  if (options.apply) await writeNames(desk.folder, { ...proposal?.names, ...desk.names, ...names });
  await record(operation, written, desk, options);
  const state = options.apply ? 'placed' : 'would be placed';
  if (options.json) io.out(JSON.stringify({ operation, state, applied: options.apply === true, written }));
  else for (const line of shown(operation, proposal, desk, state, written)) io.out(line);
  if (!options.apply) tell(io.hint, NOT_WRITTEN);
}

/** Two who write at once would each count from what they have read. */
const write = (after: Repository, { folder, published }: Desk): Promise<string[]> =>
  withLock(folder, async () => {
    const now = await readRepository(repositoryOf(folder));
    const moved = [...now].find(([file, bytes]) => {
      const seen = published.repository.get(file);
      return seen === undefined || !sameBytes(seen, bytes);
    });
    if (moved !== undefined)
      throw new UsageError(
        say('信任库在此期间已变动', 'the store has changed in the meantime'),
        say('请重新运行该命令', 'run the command again'),
      );
    return writeRepository(repositoryOf(folder), published.repository, after);
  });

const fresh = (after: Repository, before: Repository): string[] =>
  [...after.keys()].filter((file) => after.get(file) !== before.get(file));

/** Not enough signatures yet: the proposal is kept, for the next person. */
async function keep(
  proposal: Proposal,
  contents: ReadonlyMap<string, Uint8Array>,
  desk: Desk,
  options: DeskOptions,
  io: Io,
): Promise<void> {
  const file = options.apply ? await writeProposal(desk.folder, proposal, contents) : undefined;
  if (options.apply) await writeNames(desk.folder, { ...proposal.names, ...desk.names });
  await record(proposal.proposal, file === undefined ? [] : [file], desk, options);
  const needs = needsOf(proposal, desk.published, desk.platform);
  if (options.json)
    io.out(
      JSON.stringify({
        operation: proposal.proposal,
        state: 'signatures missing',
        applied: options.apply === true,
        file,
        needs,
      }),
    );
  else for (const line of shown(proposal.proposal, proposal, desk, 'signatures missing', [])) io.out(line);
  if (file === undefined)
    return tell(
      io.hint,
      say('未写入；加 --apply 才写成提案，供转交', 'nothing was written; --apply writes a proposal to be passed on'),
    );
  io.hint(`下一步 next: 其他人签名 others sign: npx tongren federation sign ${file} --dir <desk> --key <key> --apply`);
  io.hint(`然后 then: 发布 place it: npx tongren federation place ${file} --dir ${options.dir} --apply`);
}

export const record = (
  operation: string,
  detail: readonly string[],
  desk: Desk,
  { apply }: DeskOptions,
): Promise<void> =>
  withLock(desk.folder, () =>
    addToJournal(desk.folder, {
      at: instantOf(desk.now - (desk.now % 1000)),
      by: desk.by,
      operation,
      applied: apply === true,
      detail,
    }),
  );
