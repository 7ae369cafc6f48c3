import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Value } from '../../codec/value.ts';
import type { Founding, Held } from '../../document/generated/types.ts';
import { validateFounding } from '../../document/generated/validators.js';
import { found } from '../../federation/operations.ts';
import type { NamedKey } from '../../federation/operators.ts';
import { DECLARATIONS } from '../../region/folder.node.ts';
import { readJson } from '../../region/pack.ts';
import type { FederationRoot } from '../../trust/tuf/federation-profile.ts';
import type { Io } from '../io.ts';
import { noSuchFile } from '../usage.ts';
import { conclude, type DeskOptions, holdersFrom, namesOf, openDesk, withDesk } from './desk.ts';

interface Options extends DeskOptions {
  readonly catalogue?: string;
}

/** `tongren federation found`: the first root, and what belongs to all. */
export function foundCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('found')
      .summary('新建联盟：根、角色、目录 · begin a federation: its root, its roles, its catalogue')
      .argument(
        '<declaration>',
        'JSON 文件：名称、环境、各角色由谁持有（schemas/founding.schema.json） · JSON file: name, environment, who holds each role (schemas/founding.schema.json)',
      )
      .option(
        '--catalogue <file>',
        '证照类型和用途的目录；缺省用本项目自带的 · catalogue of document types and purposes; else the one that comes with the project',
      ),
  ).action((file: string, options: Options) => run(file, options, io));
}

async function run(file: string, options: Options, io: Io): Promise<void> {
  const declared = readJson<Founding>(file, await fileOf(file), validateFounding);
  const { federation, environment, name, waitingHours, kinds = {}, desk: belongsToAll, guests } = declared;
  const names: Record<string, string> = {};
  const held = async ({ keys: files, threshold }: Held) => {
    const { holders, keys } = await holdersFrom(
      files.map((key) => join(dirname(file), key)),
      threshold,
    );
    Object.assign(names, namesOf(keys as NamedKey[]));
    return holders;
  };
  const catalogue = await fileOf(options.catalogue ?? join(DECLARATIONS, 'catalogue.json'));
  const manifest = { federation, environment, name, ages: { warnAfterHours: 24, blockAfterHours: 72 } };
  const founding = {
    own: { federation, environment, kinds: kinds as FederationRoot['kinds'], waitingHours },
    top: {
      root: await held(declared.root),
      targets: await held(declared.targets),
      snapshot: await held(declared.snapshot),
      timestamp: await held(declared.timestamp),
    },
    desk: await held(belongsToAll),
    guests: guests && (await held(guests)),
    files: new Map([
      ['federation.json', encodeUtf8(writeJson(manifest as unknown as Value))],
      ['catalogue.json', catalogue],
    ]),
  };
  const desk = await openDesk(options, io);
  await conclude(found(founding, desk), desk, options, io, { names });
}

async function fileOf(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch(() => {
    throw noSuchFile(file);
  });
  return new Uint8Array(bytes);
}
