import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import type { Consent } from '../../document/generated/types.ts';
import { validateConsent } from '../../document/generated/validators.js';
import { say } from '../../document/say.ts';
import { lastDelegated } from '../../federation/published.ts';
import { Refused } from '../../federation/refused.ts';
import { consentOf } from '../../federation/rekeying.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { readJson } from '../../region/pack.ts';
import type { Io } from '../io.ts';
import { NOT_WRITTEN, next, tell } from '../tell.ts';
import { noSuchFile } from '../usage.ts';
import { count, type DeskOptions, holdersFrom, openDesk, record, usable, withDesk } from './desk.ts';

interface Options extends DeskOptions {
  readonly to: string[];
  readonly threshold: number;
  readonly earlier?: string;
  readonly out: string;
}

/** `tongren federation consent`: the old keys of a region agree to new ones. */
export function consentCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('consent')
      .summary(
        '用地区旧钥同意其新钥，交 rotate 使用 · with a region’s old keys, agree to its new ones; rotate takes the file',
      )
      .argument('<id>', '地区 · the region')
      .requiredOption('--to <file...>', '新公钥（.pub.pem） · the new public keys (.pub.pem)')
      .option('--threshold <n>', '此后其中须有几把签名 · how many of them must sign from then on', count, 1)
      .option('--earlier <file>', '该地区其他人此前出具的同意书 · what others of the region have agreed to already')
      .requiredOption('--out <file>', '同意书写入何处 · where the consent goes'),
  ).action((id: string, options: Options) => run(id, options, io));
}

async function run(id: string, options: Options, io: Io): Promise<void> {
  const { holders } = await holdersFrom(options.to, options.threshold);
  const desk = await openDesk(options, io);
  const before = lastDelegated(desk.published, id);
  if (before === undefined) throw new Refused(say(`${id} 不是成员`, `${id} is no member`));
  const earlier = options.earlier === undefined ? undefined : await readConsent(options.earlier);
  const consent = await usable(() => consentOf(id, before, holders, desk.signers, earlier, desk));
  if (options.apply) await writeWhole(options.out, writeJson(consent as unknown as Value));
  await record(`consent ${id}`, [options.out], desk, options);
  const { threshold } = before.delegation;
  if (options.json) io.out(JSON.stringify({ ...consent, needed: threshold, applied: options.apply === true }));
  else
    tell(
      io.out,
      say(
        `${id}：须 ${threshold} 把旧钥同意，已有 ${consent.consent.length} 把`,
        `${id}: ${consent.consent.length} of ${threshold} of the old keys agree`,
      ),
    );
  if (!options.apply) return tell(io.hint, NOT_WRITTEN);
  io.hint(
    next(
      `npx tongren federation rotate ${id} --to <new public key> --consent ${options.out} --dir ${options.dir} --key <keys> --apply`,
    ),
  );
}

export async function readConsent(file: string): Promise<Consent> {
  const bytes = await readFile(file).catch(() => {
    throw noSuchFile(file);
  });
  return readJson<Consent>(file, bytes, validateConsent);
}
