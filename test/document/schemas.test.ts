import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDINGS, type FindingCode, finding } from '../../src/document/findings.ts';
import type { Finding } from '../../src/document/generated/types.ts';
import * as validators from '../../src/document/generated/validators.js';
import { federation, fileOf, ROOT } from '../support/federation.ts';

describe('what is generated', () => {
  it('is what the generator makes of them today', () => {
    // In a process of its own: the generator compiles code from strings, which tests may not.
    const program = `import { generate } from ${JSON.stringify(`${ROOT}scripts/generate.ts`)}; process.stdout.write(JSON.stringify(await generate()));`;
    const fresh = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        cwd: ROOT,
        maxBuffer: 1 << 26,
        encoding: 'utf8',
      }),
    ) as Record<string, string>;
    const folder = 'src/document/generated/';
    const made = readdirSync(ROOT + folder).map((file) => folder + file);
    expect(Object.keys(fresh).sort()).toEqual(['src/crypto/core/generated.ts', ...made].sort());
    for (const [file, text] of Object.entries(fresh))
      expect(readFileSync(ROOT + file, 'utf8') === text, `${file}: run "npm run generate"`).toBe(true);
  });

  it('has a validator for every schema, which refuses what is no object and says why', () => {
    const files = readdirSync(`${ROOT}schemas`).filter(
      (file) => file.endsWith('.schema.json') && file !== 'common.schema.json',
    );
    const names = files.map(
      (file) =>
        `validate${file.replace('.schema.json', '').replace(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase())}`,
    );
    const all = validators as unknown as Record<string, validators.Validate>;
    expect(Object.keys(all).sort()).toEqual(names.sort());
    for (const name of names) expect([name, all[name]!(null), all[name]!.errors!.length]).toEqual([name, false, 1]);
  });

  it('allows no member that it does not name, wherever it describes an object', () => {
    const open: string[] = [];
    const look = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { type, properties, additionalProperties, patternProperties } = node as Record<string, unknown>;
      if (
        type === 'object' &&
        properties !== undefined &&
        additionalProperties === undefined &&
        patternProperties === undefined
      )
        open.push(at);
      for (const [key, inner] of Object.entries(node)) look(inner, `${at}/${key}`);
    };
    for (const file of readdirSync(`${ROOT}schemas`))
      look(JSON.parse(readFileSync(`${ROOT}schemas/${file}`, 'utf8')), file);
    expect(open).toEqual([]);
  });
});

describe('findings', () => {
  const rows = Object.entries(FINDINGS) as unknown as [FindingCode, Finding][];

  it.each(rows)('%s says what it means in both languages, and what to do where something is wrong', (code, row) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]{2,50}$/);
    for (const words of [row.message, ...(row.next === undefined ? [] : [row.next])]) {
      expect(words.zh).toMatch(/[\u4e00-\u9fff].*[。！？]$/);
      expect(words.en).toMatch(/^[A-Z].*[.!?]$/);
    }
    const needsStep = row.result === 'fail' || (row.result === 'unknown' && row.severity !== 'notice');
    // A rule and an agreement word their own next step.
    if (needsStep && !['RULE_FAILED', 'ACTION_REQUIRED'].includes(code)) expect(row.next?.zh).toBeTruthy();
    expect(validators.validateFinding(finding(code, { at: '/x', detail: 'y' }))).toBe(true);
  });

  it('that passed are one frozen object each; with extras they are a copy', () => {
    expect(finding('RECOGNISED')).toBe(finding('RECOGNISED'));
    expect(Object.isFrozen(finding('RECOGNISED'))).toBe(true);
    expect(finding('RECOGNISED', { at: '/x' })).toEqual({ ...finding('RECOGNISED'), at: '/x' });
    expect(finding('RECOGNISED')).not.toHaveProperty('at');
  });
});

describe('the catalogue', () => {
  const { documentTypes, purposes } = federation.catalogue;
  const WANTED = [
    '健康码',
    '服务码',
    '企业码',
    '工作通勤证',
    '两书一证',
    '车辆通行证',
    '长三角货通证',
    '重点物资运输车辆通行证',
    '复工通行证',
    '居民身份证',
    '居住证',
    '出生医学证明',
    '不动产权证书',
    '不动产登记证明',
    '营业执照',
    '食品经营许可证',
    '结婚证',
    '机动车驾驶证',
    '机动车行驶证',
    '普通护照',
    '往来港澳通行证',
    '养犬登记证',
    '道路运输证',
    '道路运输经营许可证',
    '公共场所卫生许可证',
    '酒类商品零售许可证',
    '特种行业许可证',
    '企业承诺书',
    '个人承诺书',
    '疫苗接种证明',
    '检测证明',
    '康复证明',
  ];

  it.each(WANTED)('has %s', (name) => {
    expect(documentTypes.map((type) => type.name.zh)).toContain(name);
  });

  it('names each type and purpose once, in both languages', () => {
    for (const list of [documentTypes, purposes]) {
      expect(new Set(list.map(({ code }) => code)).size).toBe(list.length);
      expect(new Set(list.map(({ name }) => name.zh)).size).toBe(list.length);
      for (const { name } of list) expect([name.zh.length > 1, name.en.length > 1]).toEqual([true, true]);
    }
  });

  it('gives every type something to compare with the person, the card or the vehicle', () => {
    expect(documentTypes.filter(({ compare }) => (compare?.length ?? 0) === 0).map(({ code }) => code)).toEqual([]);
  });

  it('has no purpose that judges people', () => {
    for (const { code, name } of purposes) expect(`${code} ${name.en}`).not.toMatch(/credit|score|scoring|rating/i);
  });

  it('points only at places that a shared document has', () => {
    const schema = JSON.parse(readFileSync(`${ROOT}schemas/document.schema.json`, 'utf8')) as {
      properties: Record<string, { properties?: object; items?: { properties?: object } }>;
    };
    const pointers = [
      ...documentTypes.flatMap((type) => type.compare ?? []),
      ...purposes.flatMap(({ discloses }) => discloses),
    ];
    for (const pointer of new Set(pointers)) {
      const [, section, field] = pointer.split('/');
      const found = schema.properties[section!];
      expect([pointer, found !== undefined]).toEqual([pointer, true]);
      const fields = found?.properties ?? found?.items?.properties;
      if (field !== undefined && section !== 'faceFields')
        expect([pointer, fields !== undefined && field in fields]).toEqual([pointer, true]);
    }
  });

  it('is the one in the store', () => {
    expect(fileOf('catalogue.json')).toEqual(JSON.parse(JSON.stringify(federation.catalogue)));
  });
});
