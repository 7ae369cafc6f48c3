import type { Proposal } from '../../document/generated/types.ts';
import { instantOf } from '../../document/time.ts';
import type { Context } from '../../federation/operations.ts';
import { contentsHash } from '../../federation/pack-hash.ts';
import { filesOf, needsOf } from '../../federation/proposal.ts';
import { oneLine } from '../render.ts';

export const STATES = {
  placed: '已发布',
  'would be placed': '将发布',
  'signatures missing': '待签',
} as const;

/** A change as its signers and its placer see it: what becomes of the store, and who has signed. */
export function shown(
  operation: string,
  proposal: Proposal | undefined,
  { published, platform }: Context,
  state: keyof typeof STATES,
  written: readonly string[],
): string[] {
  const lines = [`${STATES[state]} ${state}: ${operation}`];
  if (proposal !== undefined) {
    const { root, roles } = filesOf(proposal);
    for (const [role, file] of [...(root === undefined ? [] : [['root', root] as const]), ...roles]) {
      lines.push(`  ${role} 版本 version ${file.version}, 有效至 until ${instantOf(file.expires)}`);
      if ('targets' in file.body) {
        if (file.body.targets.size > 0)
          lines.push(
            `    文件 files: ${file.body.targets.size}, 摘要 hash: ${contentsHash(file.body.targets, platform)}`,
          );
        lines.push(
          ...handsOn(
            file.body.delegations.map(({ name }) => name),
            published.roles.get(role)?.body.delegations.map(({ name }) => name),
          ),
        );
      }
    }
    for (const { role, under, threshold, signed, missing, met } of needsOf(proposal, published, platform)) {
      const name = (id: string): string => proposal.names[id] ?? id.slice(0, 12);
      const open = met || missing.length === 0 ? '' : `; 未签 not yet: ${missing.map(name).join(', ')}`;
      const by = under === 'then' ? '（按新名单 by its new list）' : '';
      const count = met
        ? `${signed.length} have signed, ${threshold} needed`
        : `${signed.length} of ${threshold} have signed`;
      const who = signed.map(name).join(', ') || '-';
      lines.push(
        `  ${met ? '+' : '?'} ${role}${by}: 须 ${threshold} 签，已签 ${signed.length} · ${count}: ${who}${open}`,
      );
    }
  }
  if (written.length > 0)
    lines.push(
      `  文件 files: ${written.length} (${written.filter((file) => file.startsWith('metadata/')).join(', ')})`,
    );
  return lines.map(oneLine);
}

function handsOn(after: readonly string[], before: readonly string[] = []): string[] {
  const joins = after.filter((name) => !before.includes(name));
  const leaves = before.filter((name) => !after.includes(name));
  return [
    ...(joins.length === 0 ? [] : [`    加入 joins: ${joins.join(', ')}`]),
    ...(leaves.length === 0 ? [] : [`    移出 leaves: ${leaves.join(', ')}`]),
  ];
}
