import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Proposal } from '../../document/generated/types.ts';
import { say } from '../../document/say.ts';
import { withLockFile } from '../../federation/lock.node.ts';
import { checkNotOvertaken, isPlaced } from '../../federation/place.ts';
import { needsOf, signProposal } from '../../federation/proposal.ts';
import { Refused } from '../../federation/refused.ts';
import type { Io } from '../io.ts';
import { next, tell } from '../tell.ts';
import { type Desk, type DeskOptions, openDesk, placing, record, usable, withDesk } from './desk.ts';
import { contentsBeside, PLACED, readProposal, saveProposal, writeNames } from './files.ts';
import { shown } from './show.ts';

/** `tongren federation sign`: the next person looks at a proposal, and signs it. */
export function signCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('sign')
      .summary('查看提案并加签 · look at a proposal, and add signatures to it')
      .argument('<proposal>', '他人转来的文件 · file that somebody passed on'),
  ).action(async (file: string, options: DeskOptions) => {
    const desk = await openDesk(options, io);
    const sign = async () => {
      const before = knownBy(desk, await readProposal(file));
      checkNotOvertaken(before, desk.published);
      // With one more signature it would be another file than the one that is in force.
      if (isPlaced(before, desk.published))
        throw new Refused(say(`${file}：此提案已发布`, `${file}: this proposal was placed already`));
      const signed = await usable(() => signProposal(before, desk.published, desk.signers, desk.platform));
      if (options.apply && signed.added.length > 0) await saveProposal(file, signed.proposal);
      return signed;
    };
    // Of two who sign the same file at once, neither may write over the other's signature.
    const { proposal, added } = await (options.apply && existsSync(file) ? withLockFile(`${file}.lock`, sign) : sign());
    await record(`sign ${proposal.proposal}`, added, desk, options);
    const needs = needsOf(proposal, desk.published, desk.platform);
    const ready = needs.every(({ met }) => met);
    if (options.json)
      io.out(JSON.stringify({ operation: proposal.proposal, added, ready, needs, applied: options.apply === true }));
    else
      for (const line of shown(proposal.proposal, proposal, desk, ready ? 'would be placed' : 'signatures missing', []))
        io.out(line);
    if (added.length === 0)
      tell(
        io.hint,
        say(
          '没有加签：手头没有此提案所需的密钥；用 --key 指定',
          'nothing was signed: no key at hand has to sign this; --key names one',
        ),
      );
    else if (!options.apply)
      tell(io.hint, say('未写入；加 --apply 才加签', 'nothing was written; --apply adds the signatures'));
    else if (ready) io.hint(next(`npx tongren federation place ${file} --dir ${options.dir} --apply`));
    else io.hint(`下一步 next: 转交下一位签名人 pass it on: ${file}`);
  });
}

/** `tongren federation place`: what everybody has signed goes into the store. */
export function placeCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('place')
      .summary('发布已全部签名的提案 · publish a proposal that all have signed')
      .argument('<proposal>', '文件 · file')
      .option('--old-keys-lost', '同 rotate · as for rotate'),
  ).action(async (file: string, options: DeskOptions & { readonly oldKeysLost?: boolean }) => {
    const desk = await openDesk(options, io);
    const { oldKeysLost = false } = options;
    const proposal = knownBy(desk, await readProposal(file));
    // Whoever was killed right after publishing has it done.
    const done = isPlaced(proposal, desk.published);
    if (done) {
      if (options.apply) await writeNames(desk.folder, proposal.names);
      await record(proposal.proposal, ['was placed before'], desk, options);
      tell(io.out, say(`${file}：此提案已发布`, `${file}: this proposal was placed already`));
    } else await placing(proposal, await contentsBeside(file), desk, options, io, { oldKeysLost });
    // It waits no longer.
    if (options.apply) await rename(file, file.replace(/\.json$/, PLACED));
  });
}

/** What keys are called is not signed: what this desk knows them as goes before what the proposal says. */
const knownBy = ({ names }: Desk, proposal: Proposal): Proposal => ({
  ...proposal,
  names: { ...proposal.names, ...names },
});
