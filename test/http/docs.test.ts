import { describe, expect, it } from 'vitest';
import { docsPage } from '../../src/http/docs.ts';
import { description, useGateway } from './harness.ts';

describe('GET /docs', () => {
  const gateway = useGateway();

  it('shows every operation, parameter, answer and example, in Chinese first', async () => {
    const { text: page, headers } = await gateway.call('GET', '/docs');
    expect(headers.get('content-language')).toBe('zh-CN, en');
    expect(page).toContain('<html lang="zh-CN">');
    for (const [path, methods] of Object.entries(description.paths)) {
      expect(page).toContain(`<code>${path}</code>`);
      for (const { operationId } of Object.values(methods)) expect(page).toContain(`id="${operationId}"`);
    }
    for (const word of [
      '<code>purpose</code>',
      'application/x-ndjson',
      '408',
      'urn:tongren:problem:invalid-json',
      'NOT_RECOGNISED',
      'id="schema-Problem"',
      'Scope: <code>convert</code>',
      '<code>Tongren-Officer</code>',
    ]) {
      expect(page).toContain(word);
    }
    expect(page.indexOf('核验各成员地区')).toBeLessThan(page.indexOf('Verifies documents'));
  });

  it('has no script and loads nothing but its own style', async () => {
    const { text: page, headers } = await gateway.call('GET', '/docs');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';style-src 'self';frame-ancestors 'none';base-uri 'none';form-action 'none'",
    );
    expect(page).not.toMatch(/<script|<iframe|<img|<style|\son\w+=|\sstyle=|javascript:/i);
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link!);
    for (const link of links)
      expect(link).toMatch(/^(#[\w-]+|\/docs\.css|\/openapi\.yaml|\/schemas\/[\w.-]+(#\/\$defs\/\w+)?)$/);
    for (const link of new Set(links.filter((each) => each.startsWith('/')))) {
      expect((await gateway.call('GET', link.split('#')[0]!)).status, link).toBe(200);
    }
    for (const link of links.filter((each) => each.startsWith('#'))) expect(page).toContain(`id="${link.slice(1)}"`);
    expect((await gateway.call('GET', '/docs.css')).text).not.toMatch(/@import|url\(/);
  });

  it('closes what it opens', async () => {
    const { text: page } = await gateway.call('GET', '/docs');
    const open: string[] = [];
    for (const [, end, name] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (['meta', 'link', 'br'].includes(name!)) continue;
      if (end === '/') expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
  });
});

describe('whoever only knows the name of a gateway', () => {
  const gateway = useGateway();
  it.each(['/', '/checkpoint'])('is led from %s to the checkpoint’s page', async (path) => {
    const { status, headers } = await fetch(gateway.url + path, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([308, 'checkpoint/']);
    expect((await fetch(gateway.url + path)).url).toBe(`${gateway.url}/checkpoint/`);
  });
});

describe('the page of the description', () => {
  it('shows text as text, whatever is in it', () => {
    const script = '<script>"&\'</script>';
    const page = docsPage({
      info: { title: script, version: '1', description: script },
      tags: [{ name: 'a', description: script }],
      paths: {
        '/a': {
          get: {
            tags: ['a'],
            operationId: 'a',
            summary: script,
            responses: { 200: { description: script, content: { 'a/b': { schema: {}, example: script } } } },
          },
        },
      },
      components: { schemas: { A: { description: script } } },
    });
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;');
  });
});
