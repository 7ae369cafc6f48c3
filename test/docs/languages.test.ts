import { describe, expect, it } from 'vitest';
import { brokenLinksOf, type Fence, fencesOf, headingsOf, linksOf, readDoc, wordsOf } from './guide.ts';

/** English and Chinese: each says what the other says, in its own words. */
const GUIDES = [
  ['docs/operate.md', 'docs/operate.zh-CN.md'],
  ['docs/add-a-region.md', 'docs/add-a-region.zh-CN.md'],
] as const;
/** Their code is compared without its comments, which are in both languages: readme.test.ts. */
const PAIRS = [...GUIDES, ['README.md', 'README.zh-CN.md']] as const;

const codeOf = (markdown: string): Pick<Fence, 'language' | 'note' | 'text'>[] =>
  fencesOf(markdown).map(({ language, note, text }) => ({ language, note, text }));

const levelsOf = (markdown: string): number[] => headingsOf(markdown).map(({ level }) => level);

/** What is the same in every language: words in code, numbers of rows, pages that are linked. One for each section. */
function factsOf(markdown: string): { code: string[]; rows: number; links: string[] }[] {
  return wordsOf(markdown)
    .join('\n')
    .split(/^(?=#{1,6} )/m)
    .map((section) => ({
      code: [...new Set([...section.matchAll(/`([^`]+)`/g)].map(([, word]) => word!))].sort(),
      rows: [...section.matchAll(/^\|/gm)].length,
      links: [...new Set(linksOf(section).map(inEnglish))].sort(),
    }));
}

/** Anchors are in the language of their page. */
const inEnglish = (link: string): string => link.replace(/#.*$/, '').replace('.zh-CN.md', '.md');

describe.each(GUIDES)('%s and %s', (...names) => {
  it('show the same code in the same order', async () => {
    const [en, zh] = await Promise.all(names.map(readDoc));
    expect(codeOf(zh!)).toEqual(codeOf(en!));
    expect(codeOf(en!).length).toBeGreaterThan(10);
  });

  it('name the same things in each section', async () => {
    const [en, zh] = await Promise.all(names.map(readDoc));
    expect(factsOf(zh!)).toEqual(factsOf(en!));
  });
});

describe.each(PAIRS)('%s and %s', (...names) => {
  it('have headings of the same levels in the same order', async () => {
    const [en, zh] = await Promise.all(names.map(readDoc));
    expect(levelsOf(zh!)).toEqual(levelsOf(en!));
    expect(levelsOf(en!).length).toBeGreaterThan(6);
  });

  it('lead to each other, and only to what is there', async () => {
    const [en, zh] = names.map((name) => name.split('/').at(-1)!);
    const texts = await Promise.all(names.map(readDoc));
    expect(linksOf(texts[0]!)[0]).toBe(zh);
    expect(linksOf(texts[1]!)[0]).toBe(en);
    for (const [i, name] of names.entries()) expect(await brokenLinksOf(name, texts[i]!)).toEqual([]);
  });
});

describe('what these tests rest on', () => {
  it('finds a link to a file or a heading that is not there', async () => {
    const page = [
      '# 标题 A，b `c`',
      '```sh\n# run\n```',
      '[a](#标题-ab-c) [b](#run) [c](add-a-region.md#2-the-pack) [d](add-a-region.md#the-pack) [e](nowhere.md)',
      '[f](../README.md) [g](https://a.example/nowhere.md#x)',
    ].join('\n');
    expect(await brokenLinksOf('docs/operate.md', page)).toEqual(['#run', 'add-a-region.md#the-pack', 'nowhere.md']);
  });

  it('tells apart what is said in another section', () => {
    expect(factsOf('# a\n`x` [b](b.zh-CN.md#c)\n# b\n')).toEqual(factsOf('# 甲\n[乙](b.md#d) `x` `x`\n# 乙\n'));
    expect(factsOf('# a\n`x`\n# b\n')).not.toEqual(factsOf('# a\n# b\n`x`\n'));
  });
});
