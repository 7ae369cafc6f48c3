import { join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import type { IssuerList, KeyStatus } from '../../document/generated/types.ts';
import { validateIssuers } from '../../document/generated/validators.js';
import { say } from '../../document/say.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { readJson } from '../../region/pack.ts';
import { KEY_STATES } from '../../trust/held.ts';
import { STATE_WORDS } from '../held.ts';
import { type Io, UsageError } from '../io.ts';
import { oneLine } from '../render.ts';
import { tell } from '../tell.ts';
import { thereAre } from '../usage.ts';
import { changing, hintPublish, momentsOf, packAt } from './pack.ts';

interface Options {
  readonly since?: string;
  readonly reason?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** `tongren region mark`: says of a key in the pack's lists what has become of it. */
export function markCommand(region: Command, io: Io): void {
  region
    .command('mark')
    .summary(
      '标记签发密钥：待停用、已停用、已泄露或已撤除 · say of a signing key that it is retiring, retired, compromised or removed',
    )
    .argument('<dir>', '地区包的文件夹 · folder of the pack')
    .argument('<key-id>', '名单中的密钥编号 · as its lists name it')
    .argument('<state>', `密钥状态 · ${KEY_STATES.join(', ')}`)
    .option(
      '--since <instant>',
      '自何时起（RFC 3339，UTC）；未指明时为现在 · since when (RFC 3339, UTC); now if it is not said',
    )
    .option('--reason <text>', '原因，简要说明 · why, in a few words')
    .option('--apply', '写入；否则只说明将写入什么 · write it; otherwise this only says what would be written')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((dir: string, keyId: string, state: string, options: Options) =>
      changing(dir, options, () => run(dir, keyId, state, options, io)),
    );
}

async function run(dir: string, keyId: string, wanted: string, options: Options, io: Io): Promise<void> {
  const { reason, apply, json } = options;
  const { now, since } = momentsOf(options.since, io);
  const state = KEY_STATES.find((each) => each === wanted);
  if (state === undefined) throw new UsageError(say(`没有状态 ${wanted}`, `no state ${wanted}`), thereAre(KEY_STATES));
  const { id, files } = await packAt(dir);
  const row: KeyStatus = { state, since, ...(reason === undefined ? {} : { reason }) };
  const written: string[] = [];
  let stays: KeyStatus | undefined;
  const known = new Set<string>();
  for (const [path, bytes] of files) {
    if (!/\/(issuers|anchors)\/[^/]+\.json$/.test(path) || path.endsWith('.recipe.json')) continue;
    const list = readJson<IssuerList>(path, bytes, validateIssuers);
    for (const { keyId: each } of list.issuers) if (each !== undefined) known.add(each);
    if (!list.issuers.some((entry) => entry.keyId === keyId)) continue;
    const issuers = list.issuers.map((entry) =>
      entry.keyId === keyId ? { ...entry, status: [...(entry.status ?? []), row] } : entry,
    );
    stays ??= list.issuers.flatMap((entry) => (entry.keyId === keyId ? firmOf(entry.status) : []))[0];
    const file = join(dir, path.slice(`regions/${id}/`.length));
    // The list is a new one: its age counts from here.
    if (apply) await writeWhole(file, writeJson({ ...list, issued: now, issuers } as unknown as Value));
    written.push(file);
  }
  if (written.length === 0)
    throw new UsageError(
      say(`地区包的名单中没有密钥 ${keyId}`, `no list of the pack has a key ${keyId}`),
      thereAre(known),
    );
  if (json) io.out(JSON.stringify({ region: id, keyId, ...row, written, applied: apply === true }));
  else io.out(oneLine(`${keyId}: ${STATE_WORDS[state]}, ${since} (${written.join(', ')})`));
  if (stays !== undefined && stays.state !== state && state !== 'removed')
    tell(
      io.hint,
      say(
        `${keyId} 此前已标记为${STATE_WORDS[stays.state].split(' ')[0]}，不可恢复：仍按此处理`,
        `${keyId} was marked ${stays.state} before, and stays so whatever is said later`,
      ),
    );
  hintPublish(apply, id, dir, io);
}

/** What nothing undoes (trust/held.ts). */
const firmOf = (status: readonly KeyStatus[] = []): KeyStatus[] =>
  (['removed', 'compromised'] as const).flatMap((firm) => status.filter(({ state }) => state === firm));
