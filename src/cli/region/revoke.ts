import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import type { RevocationList } from '../../document/generated/types.ts';
import { validateRevocations } from '../../document/generated/validators.js';
import { say } from '../../document/say.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { readJson } from '../../region/pack.ts';
import { type Io, UsageError } from '../io.ts';
import { changing, hintPublish, momentsOf, mustFit, packAt } from './pack.ts';

interface Options {
  readonly since?: string;
  readonly reason?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** The list that this command keeps; lists from elsewhere stay beside it as they are. */
const FILE = 'revocations/by-hand.json';

/** `tongren region revoke`: the region takes documents of its own back. */
export function revokeCommand(region: Command, io: Io): void {
  region
    .command('revoke')
    .summary(
      '撤销证照：编号写入地区包的名单；撤销不可恢复 · take documents back: their ids into a list of the pack; what is revoked stays so',
    )
    .argument('<dir>', '地区包的文件夹 · folder of the pack')
    .argument(
      '<id...>',
      '撤销编号，如 `tongren inspect` 所示（claims.revocationId） · revocation ids, as `tongren inspect` shows them (claims.revocationId)',
    )
    .option(
      '--since <instant>',
      '自何时起（RFC 3339，UTC）；未指明时为现在 · since when (RFC 3339, UTC); now if it is not said',
    )
    .option('--reason <code>', '原因，用该地区的代码 · why, as a code of the region')
    .option('--apply', '写入；否则只说明将写入什么 · write it; otherwise this only says what would be written')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((dir: string, ids: string[], options: Options) => changing(dir, options, () => run(dir, ids, options, io)));
}

async function run(dir: string, ids: readonly string[], options: Options, io: Io): Promise<void> {
  const { reason, apply, json } = options;
  const { now, since } = momentsOf(options.since, io);
  for (const id of ids) checkId(id);
  const { id: region } = await packAt(dir);
  const file = join(dir, FILE);
  const before: RevocationList = existsSync(file)
    ? readJson(file, new Uint8Array(await readFile(file)), validateRevocations)
    : { issued: now, revoked: [] };
  const there = new Set(before.revoked.map(({ id }) => id));
  const added = [...new Set(ids)].filter((id) => !there.has(id));
  const rows = added.map((id) => ({ id, since, ...(reason === undefined ? {} : { reasonCode: reason }) }));
  // The list is a new one: its age counts from here.
  const next = { ...before, issued: now, revoked: [...before.revoked, ...rows] };
  mustFit(file, next, validateRevocations);
  if (apply) await writeWhole(file, writeJson(next as unknown as Value));
  if (json) io.out(JSON.stringify({ region, file, revoked: added, since, applied: apply === true }));
  else
    for (const id of ids)
      io.out(`${id}: ${there.has(id) ? '此前已撤销 was revoked before' : `撤销 revoked, ${since}`}`);
  hintPublish(apply, region, dir, io);
}

/** Before the list is looked at: it would be called faulty for what was typed. Errors: UsageError. */
function checkId(id: string): void {
  const list = { issued: '2026-01-01T00:00:00Z', revoked: [{ id, since: '2026-01-01T00:00:00Z' }] };
  if (validateRevocations(list)) return;
  throw new UsageError(
    say(`${id}：不是撤销编号（16 至 200 个字符）`, `${id}: no revocation id (16 to 200 characters)`),
    say(
      '请用 tongren inspect 查看证照，取其中 claims.revocationId 的全文；要标记签发密钥，用 region mark',
      'run tongren inspect on the document, and take all of claims.revocationId; for a signing key: region mark',
    ),
  );
}
