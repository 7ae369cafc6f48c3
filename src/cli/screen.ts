import type { Command } from 'commander';
import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { judgeAges } from '../region/age.ts';
import type { Register, Standing } from '../trust/revocations.ts';
import { paragraph } from './help.ts';
import { idsOf } from './ids.ts';
import { EXIT, type Io } from './io.ts';
import { oneLine } from './render.ts';
import { loadStore } from './store.ts';
import { tell } from './tell.ts';
import { noRegion } from './usage.ts';

interface ScreenOptions {
  readonly region: string;
  readonly store?: string;
  readonly json?: boolean;
}

/** Ids that are asked about together. */
const TOGETHER = 65_536;

const WORDS: Readonly<Record<Standing['state'], Localized>> = {
  revoked: say('已撤销', 'revoked'),
  unconfirmed: say('无法判定', 'cannot tell'),
  unpublished: say('该地区未公布撤销名单', 'the region publishes no revocations'),
  clear: say('未撤销', 'not revoked'),
};

/**
 * `tongren trust screen`: which of the documents that somebody relies on were revoked since? Whoever keeps the revocation ids of
 * what he accepted (a conversion carries one) asks for all of them at once, without keeping or showing any document.
 */
export function screenCommand(trust: Command, io: Io): void {
  trust
    .command('screen')
    .summary(
      '按撤销编号（每行一个）批量查询哪些证照已撤销 · which of many documents, named by revocation ids, one a line, are revoked',
    )
    .argument('<file>', '文本文件，每行一个编号 · text file, one id a line')
    .requiredOption('--region <id>', '签发地区 · the region that issued them')
    .option('--store <dir>', '信任库 · trust store')
    .option('--json', '每行一个编号，供程序读取 · one id a line, machine-readable')
    .addHelpText(
      'after',
      paragraph(
        '退出码：0 都未撤销，1 至少一份已撤销，2 至少一份无法判定 · Exit: 0 none is revoked, 1 at least one is, 2 cannot tell of at least one',
      ),
    )
    .action(async (file: string, options: ScreenOptions) => {
      process.exitCode = await screen(file, options, io);
    });
}

/** Prints every id that is not surely good. */
async function screen(file: string, { region, store, json }: ScreenOptions, io: Io): Promise<number> {
  const { trust, manifest } = await loadStore(store, io);
  const register = trust.register(region);
  if (register === undefined) throw noRegion(region);
  const now = io.clock();
  const counts: Record<Standing['state'], number> = { revoked: 0, unconfirmed: 0, unpublished: 0, clear: 0 };
  // What is not in a list says nothing where the list is too old.
  const old = judgeAges(register.parts, manifest.ages, now).findings.filter(({ result }) => result === 'unknown');
  for (const ids of sliced(idsOf(file), TOGETHER)) {
    register.screen(ids, now).forEach((found, i) => {
      const { state } = found.state === 'clear' && old.length > 0 ? TOO_OLD : found;
      counts[state] += 1;
      if (state === 'clear') return;
      if (json) io.out(JSON.stringify({ id: ids[i], state }));
      else io.out(oneLine(`${ids[i]}  ${WORDS[state].zh} ${WORDS[state].en}`));
    });
  }
  for (const { at } of old)
    tell(io.hint, say(`${at}：名单过旧，或时钟不准`, `${at}: the list is too old, or the clock is wrong`));
  tell(io.hint, summary(counts, register));
  if (counts.revoked > 0) return EXIT.refused;
  return counts.unconfirmed + counts.unpublished > 0 ? EXIT.undetermined : EXIT.accepted;
}

const TOO_OLD: Standing = { state: 'unconfirmed', detail: 'the list is too old' };

function summary(counts: Readonly<Record<Standing['state'], number>>, { count }: Register): Localized {
  const there = (Object.keys(WORDS) as Standing['state'][]).filter((state) => counts[state] > 0);
  const zh = there.map((state) => `${WORDS[state].zh} ${counts[state]}`).join('，');
  const en = there.map((state) => `${counts[state]} ${WORDS[state].en}`).join(', ');
  return say(
    `${zh || '没有编号'}；撤销名单共列 ${count} 份`,
    `${en || 'no ids'}; ${count} documents are listed as revoked`,
  );
}

function* sliced(ids: Iterable<string>, most: number): Generator<string[]> {
  let some: string[] = [];
  for (const id of ids) {
    some.push(id);
    if (some.length < most) continue;
    yield some;
    some = [];
  }
  yield some;
}
