import { describe, expect, it } from 'vitest';
import { atFixedTime, pictures, runsOf, svgOf } from '../../scripts/picture.ts';
import { readDoc } from './guide.ts';

describe('docs/pictures', () => {
  it('show what the commands print today; if not, run "node scripts/picture.ts"', async () => {
    for (const [file, svg] of pictures())
      expect(svg.split('\n')).toEqual((await readDoc(`docs/pictures/${file}`)).split('\n'));
  }, 300_000);

  it('move every time to one day, so that making them again changes nothing', () => {
    const now = Date.parse('2031-05-04T20:00:10.000Z');
    const line = 'from 2031-05-04T20:00:09.123Z until 2031-05-05T20:00:07Z, day 2031-05-05, born 1999-01-01';
    expect(atFixedTime(line, now)).toBe(
      'from 2026-01-15T01:00:00Z until 2026-01-16T01:00:00Z, day 2026-01-15, born 1999-01-01',
    );
    // Beijing's times, of a document of 24 hours ago and of the question.
    expect(atFixedTime('2031-05-04 03:59, 2031-05-05 04:00 北京时间', now)).toBe(
      '2026-01-14 09:00, 2026-01-15 09:00 北京时间',
    );
  });

  it('put wide and narrow pieces each in their own columns', () => {
    expect(runsOf('●  认可 Accepted  x y')).toEqual([
      { column: 0, columns: 1, text: '●' },
      { column: 3, columns: 4, text: '认可' },
      { column: 8, columns: 8, text: 'Accepted' },
      { column: 18, columns: 3, text: 'x y' },
    ]);
  });

  it('escape what would end a text or an attribute', () => {
    const svg = svgOf('a "title" & <more>', 'cat <file>', ['</text><script>alert("&")</script>']);
    expect(svg).toContain('<title>a &quot;title&quot; &amp; &lt;more&gt;</title>');
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
    expect(svg).not.toContain('<script');
  });
});
