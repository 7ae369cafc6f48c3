import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, readDoc } from './guide.ts';

const page = await readDoc('docs/terms.md');
const { paths } = parse(await readDoc('openapi.yaml')) as {
  paths: Record<string, Record<string, { tags?: string[] }>>;
};

it('docs/terms.md names only operations that there are', () => {
  const named = [...page.matchAll(/`(GET|POST) (\/[^`]+)`/g)];
  expect(named.length).toBeGreaterThan(12);
  for (const [, method = '', path = ''] of named)
    expect(paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
});

it('docs/terms.md has every operation of exchanges and objections', () => {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { tags }]) =>
      tags?.some((tag) => tag === 'exchange' || tag === 'objection') ? [`${method.toUpperCase()} ${path}`] : [],
    ),
  );
  // Notices are between gateways: no standard speaks of them.
  for (const each of all.filter((name) => name !== 'POST /v1/notices')) expect(page).toContain(`\`${each}\``);
});

it('docs/terms.md names only files that there are', () => {
  const named = [...page.matchAll(/`((?:trust-store|document|codec)\/[\w./-]+)`/g)].map(([, file]) => file!);
  for (const file of named) {
    const where = file.startsWith('trust-store/') ? file : `src/${file}`;
    expect(existsSync(join(ROOT, where)), file).toBe(true);
  }
  expect(named.length).toBeGreaterThan(2);
});

it('docs/terms.md cites no clause: the texts were not at hand', () => {
  expect(page).not.toMatch(/第\s*[\d.一二三四五六七八九十]+\s*[章条节款]|§|[Cc]lause \d/);
  expect(page).toContain('全文都不在手边');
});
