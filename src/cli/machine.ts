import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';

const NOT_ALLOWED = [
  say('没有权限', 'there is no permission'),
  say('请检查该处的属主和权限', 'look at the owner and the permissions there'),
] as const;

/** What the machine refuses, by the code of its error: what it is, and what to do. No fault of ours, nor of the command line. */
const FAULTS: Readonly<Record<string, readonly [what: Localized, todo: Localized]>> = {
  ENOSPC: [say('磁盘已满', 'the disk is full'), say('请腾出空间', 'make room')],
  EDQUOT: [say('磁盘配额已用完', 'the disk quota is used up'), say('请腾出空间', 'make room')],
  EROFS: [
    say('此处只读', 'what lies there can only be read'),
    say('请换到可写的位置', 'name a place that can be written to'),
  ],
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  ENOTDIR: [say('路径中有一段不是文件夹', 'a part of the path is no folder'), say('请检查路径', 'look at the path')],
  EISDIR: [
    say('这是文件夹，不是文件', 'it is a folder, and a file is expected'),
    say('请检查路径', 'look at the path'),
  ],
  EMFILE: [
    say('打开的文件过多', 'too many files are open'),
    say('请提高上限（ulimit -n）', 'raise the limit (ulimit -n)'),
  ],
  EIO: [say('磁盘读写出错', 'the disk cannot be read or written'), say('请检查磁盘', 'look at the disk')],
};

/** An error of the machine's files, in words; undefined for any other. Each file is written whole or not at all, so the command may run again. */
export function machineFault(error: unknown): { readonly said: Localized; readonly hint: Localized } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  const found = syscall !== undefined && Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
  if (found === undefined) return undefined;
  const [what, todo] = found;
  const where = path === undefined ? { zh: '', en: '' } : { zh: `${path}：`, en: `${path}: ` };
  return {
    said: say(`${where.zh}${what.zh}（${code}）`, `${where.en}${what.en} (${code})`),
    hint: say(`${todo.zh}，然后重新运行该命令`, `${todo.en}, and run the command again`),
  };
}
