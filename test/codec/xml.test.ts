import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeOf, childrenNamed, parseXml, textOfElement, type XmlElement } from '../../src/codec/xml.ts';
import { writeXml, type XmlOut } from '../../src/codec/xml-writer.ts';
import { broken, malformed } from '../support/broken.ts';

const LIMITS = { input: 1 << 20, depth: 32, items: 10_000 };
const utf8 = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseXml(utf8(text), LIMITS);

/** An element in few words: `{ns}name`, its attributes, its children. */
function short({ name, namespace, attributes, children }: XmlElement): unknown[] {
  const own = Object.fromEntries(attributes.map((a) => [a.namespace ? `{${a.namespace}}${a.name}` : a.name, a.value]));
  const inner = children.map((child) => (typeof child === 'string' ? child : short(child)));
  return [namespace ? `{${namespace}}${name}` : name, own, ...inner];
}

describe('what XML 1.0 allows', () => {
  it.each<[string, string, unknown[]]>([
    ['an empty element', '<a/>', ['a', {}]],
    ['a start and an end tag', '<a></a>', ['a', {}]],
    ['white space inside tags', '<a\n b = "1"\t/>', ['a', { b: '1' }]],
    ['text and elements mixed, nothing trimmed', '<a> x<b/> y </a>', ['a', {}, ' x', ['b', {}], ' y ']],
    ['either quote', `<a b='"' c="'"/>`, ['a', { b: '"', c: "'" }]],
    ['the five entities', '<a b="&lt;&amp;">&gt;&apos;&quot;</a>', ['a', { b: '<&' }, `>'"`]],
    ['characters by number', '<a>&#25105;&#x6211;&#x1F600;&#9;</a>', ['a', {}, '我我😀\t']],
    ['what looks like an entity after one', '<a>&amp;lt;</a>', ['a', {}, '&lt;']],
    ['a CDATA section', '<a><![CDATA[<b>&amp;]]></a>', ['a', {}, '<b>&amp;']],
    ['CDATA and comments inside one text', '<a>1<!-- - -->2<![CDATA[3]]>4</a>', ['a', {}, '1234']],
    ['line ends as line feeds (§2.11)', '<a>1\r\n2\r3\n4</a>', ['a', {}, '1\n2\n3\n4']],
    ['a carriage return by number', '<a>&#13;\r\n</a>', ['a', {}, '\r\n']],
    ['white space in attributes as spaces (§3.3.3)', '<a b="1\t2\n3\r\n4&#10;5"/>', ['a', { b: '1 2 3 4\n5' }]],
    ['comments and instructions around the root', '<!-- x --><?p q?><a/><!-- y -->\n', ['a', {}]],
    ['a declaration', '<?xml version="1.0" encoding="utf-8" standalone="yes" ?><a/>', ['a', {}]],
    ['a byte order mark', '\ufeff<?xml version="1.0"?><a/>', ['a', {}]],
    ['names in Chinese', '<证照 编号="1"/>', ['证照', { 编号: '1' }]],
    ['names beyond the first plane', '<\u{20000}/>', ['\u{20000}', {}]],
    ['dots, digits and hyphens in names', '<x.m-1 xmi.version="1.0"/>', ['x.m-1', { 'xmi.version': '1.0' }]],
    ['a greater-than sign in text', '<a b=">">></a>', ['a', { b: '>' }, '>']],
    ['names that are properties of every object', '<__proto__ constructor="1"/>', ['__proto__', { constructor: '1' }]],
  ])('reads %s', (_, text, expected) => {
    expect(short(parse(text))).toEqual(expected);
  });

  it.each<[string, string, unknown[]]>([
    ['a prefix', '<o:a xmlns:o="urn:x"><o:b/></o:a>', ['{urn:x}a', {}, ['{urn:x}b', {}]]],
    ['the default, not for attributes', '<a xmlns="urn:x" b="1"/>', ['{urn:x}a', { b: '1' }]],
    ['a declaration after its use', '<a o:b="1" xmlns:o="urn:x"/>', ['a', { '{urn:x}b': '1' }]],
    [
      'the inner one of two',
      '<o:a xmlns:o="1"><o:b xmlns:o="2"/><o:c/></o:a>',
      ['{1}a', {}, ['{2}b', {}], ['{1}c', {}]],
    ],
    ['the default taken back', '<a xmlns="1"><b xmlns=""/></a>', ['{1}a', {}, ['b', {}]]],
    ['xml without a declaration', '<a xml:lang="zh"/>', ['a', { '{http://www.w3.org/XML/1998/namespace}lang': 'zh' }]],
    ['one local name in two namespaces', '<a b="1" o:b="2" xmlns:o="x"/>', ['a', { b: '1', '{x}b': '2' }]],
  ])('namespaces: %s', (_, text, expected) => {
    expect(short(parse(text))).toEqual(expected);
  });
});

/** What is refused, and the attack or the disagreement of parsers that this ends. */
const REFUSED: readonly [name: string, text: string, code?: string][] = [
  ['a document type declaration', '<!DOCTYPE a><a/>'],
  ['an external file as an entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
  ['an entity of its own', '<a>&x;</a>'],
  ['an entity without an end', '<a>&lt</a>'],
  ['an ampersand alone', '<a>& </a>'],
  ['an entity of another case', '<a>&LT;</a>'],
  ['a property of every object as an entity', '<a>&constructor;</a>'],
  ['a zero by number', '<a>&#0;</a>'],
  ['half a character by number', '<a>&#xD800;</a>'],
  ['a number beyond Unicode', '<a>&#x110000;</a>'],
  ['a number with a sign', '<a>&#+65;</a>'],
  ['a number in upper-case X', '<a>&#X41;</a>'],
  ['a number without digits', '<a>&#x;</a>'],
  ['another encoding', '<?xml version="1.0" encoding="GBK"?><a/>'],
  ['another version', '<?xml version="1.1"?><a/>'],
  ['a declaration without a version', '<?xml encoding="UTF-8"?><a/>'],
  ['a declaration that is not first', ' <?xml version="1.0"?><a/>'],
  ['a declaration inside', '<a><?xml version="1.0"?></a>'],
  ['nothing', ''],
  ['no element', '<!-- a -->'],
  ['two roots', '<a/><b/>'],
  ['text before the root', 'x<a/>'],
  ['text after the root', '<a/>x'],
  ['a second byte order mark', '\ufeff\ufeff<a/>'],
  ['an element that does not end', '<a>'],
  ['an element that ends twice', '<a/></a>'],
  ['elements that cross', '<a><b></a></b>'],
  ['an end tag of a longer name', '<a></ab>'],
  ['an end tag with an attribute', '<a></a b="1">'],
  ['an end tag by another prefix', '<o:a xmlns:o="1" xmlns:p="1"></p:a>'],
  ['a start tag cut short', '<a b="1"'],
  ['a start tag with a stray slash', '<a / b="1"/>'],
  ['a name beginning with a digit', '<1/>'],
  ['a space before a name', '< a/>'],
  ['a name of two colons', '<a:b:c xmlns:a="1"/>'],
  ['a name that begins with a colon', '<:a/>'],
  ['a name that ends with a colon', '<a: xmlns:a="1"/>'],
  ['an attribute twice', '<a b="1" b="1"/>'],
  ['an attribute twice by two prefixes', '<a o:b="1" p:b="2" xmlns:o="x" xmlns:p="x"/>'],
  ['a namespace declared twice', '<a xmlns:o="1" xmlns:o="2"/>'],
  ['attributes without space between', '<a b="1"c="2"/>'],
  ['an attribute without a value', '<a b/>'],
  ['an attribute without quotes', '<a b=1/>'],
  ['an attribute without an end', '<a b="1/>'],
  ['a tag inside an attribute', '<a b="<c/>"/>'],
  ['a prefix that is not declared', '<o:a/>'],
  ['a prefix declared elsewhere', '<a><o:b xmlns:o="1"/><o:c/></a>'],
  ['a prefix that is taken back', '<a xmlns:o=""/>'],
  ['another meaning of xml', '<a xmlns:xml="urn:x"/>'],
  ['another name for the namespace of xml', '<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>'],
  ['a meaning of xmlns', '<a xmlns:xmlns="urn:x"/>'],
  ['a comment with two hyphens inside', '<a><!-- -- --></a>'],
  ['a comment without an end', '<a><!-- </a>'],
  ['a CDATA section without an end', '<a><![CDATA[</a>'],
  ['a CDATA section outside the root', '<![CDATA[x]]><a/>'],
  ['the end of a CDATA section in text', '<a>]]></a>'],
  ['an instruction without an end', '<?p <a/>'],
  ['an instruction without a name', '<??><a/>'],
  ['a control character', '<a>\u0001</a>'],
  ['a non-character', '<a>\uffff</a>'],
  ['a name of 300 characters', `<${'a'.repeat(300)}/>`, 'LIMIT_EXCEEDED'],
  [
    // Every name below would be looked for in all of them.
    'a hundred namespaces around one element',
    `${Array.from({ length: 10 }, (_, i) => `<a${Array.from({ length: 10 }, (_, j) => ` xmlns:p${i}-${j}="u"`).join('')}>`).join('')}<b/>${'</a>'.repeat(10)}`,
    'LIMIT_EXCEEDED',
  ],
];

describe('what is refused', () => {
  it.each<[string, string, string?]>(REFUSED)('%s', (_, text, code) => {
    expect(() => parse(text)).toThrow(broken(code));
  });

  it('bytes that are no UTF-8, overlong forms among them', () => {
    expect(() => parseXml(Uint8Array.of(0x3c, 0x61, 0x3e, 0xc0, 0xbc, 0x3c, 0x2f, 0x61, 0x3e), LIMITS)).toThrow(
      malformed,
    );
    expect(() => parseXml(Uint8Array.of(0xff, 0xfe, 0x3c, 0, 0x61, 0, 0x2f, 0, 0x3e, 0), LIMITS)).toThrow(malformed);
  });

  it('more depth, items and bytes than allowed', () => {
    const limits = { input: 100, depth: 3, items: 5 };
    const read = (text: string) => parseXml(utf8(text), limits);
    expect(short(read('<a><b><c/></b></a>'))).toEqual(['a', {}, ['b', {}, ['c', {}]]]);
    expect(() => read('<a><b><c><d/></c></b></a>')).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => read('<a><b/><b/><b/><b/><b/></a>')).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => read('<a b="" c="" d="" e="" f=""/>')).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => read('<a>1<b/>2<b/>3</a>')).toThrow(broken('LIMIT_EXCEEDED'));
    expect(() => read(`<a>${' '.repeat(100)}</a>`)).toThrow(broken('LIMIT_EXCEEDED'));
  });

  it('more attributes than an element may have', () => {
    const attributes = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=""`).join(' ');
    expect(parse(`<a ${attributes(64)}/>`).attributes).toHaveLength(64);
    expect(() => parse(`<a ${attributes(65)}/>`)).toThrow(broken('LIMIT_EXCEEDED'));
  });

  it('every document that is cut short', () => {
    const text = '<?xml version="1.0"?><a b="1"><!-- c --><d>&amp;<![CDATA[e]]></d></a>';
    parse(text);
    for (let length = 0; length < text.length; length++) {
      expect(() => parse(text.slice(0, length)), text.slice(0, length)).toThrow(malformed);
    }
  });
});

describe('helpers', () => {
  const root = parse('<a xmlns:o="1" b="2" o:b="3"><c>x</c><o:c/><c>y<d/></c></a>');

  it('find children by name, in the namespaces given', () => {
    expect(childrenNamed(root, 'c')).toHaveLength(3);
    expect(childrenNamed(root, 'c', new Set(['1']))).toHaveLength(1);
  });

  it('give an attribute without namespace', () => {
    expect(attributeOf(root, 'b')).toBe('2');
    expect(attributeOf(root, 'c')).toBeUndefined();
  });

  it('give the text of an element that holds nothing else', () => {
    const [first, , third] = childrenNamed(root, 'c');
    expect(textOfElement(first!)).toBe('x');
    expect(() => textOfElement(third!)).toThrow(malformed);
  });
});

describe('writing', () => {
  it('is read back as it was', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !/[^\t\n\r -\ufffd]/.test(value));
    const name = fc.constantFrom('a', 'b', '证照', 'x.y');
    const { element } = fc.letrec<{ element: XmlOut }>((tie) => ({
      element: fc.record({
        name,
        attributes: fc.dictionary(name, text, { maxKeys: 3 }),
        children: fc.array(
          fc.oneof(
            { maxDepth: 3 },
            text.filter((value) => value !== ''),
            tie('element'),
          ),
          { maxLength: 3 },
        ),
      }) as fc.Arbitrary<XmlOut>,
    }));
    const expected = ({ name: own, attributes, children }: XmlOut): unknown[] => {
      const merged: unknown[] = [];
      for (const child of children ?? []) {
        const last = merged.length - 1;
        if (typeof child === 'string' && typeof merged[last] === 'string') merged[last] = merged[last] + child;
        else merged.push(typeof child === 'string' ? child : expected(child));
      }
      return [own, { ...attributes }, ...merged];
    };
    fc.assert(
      fc.property(element, (root) => {
        expect(short(parseXml(writeXml(root), LIMITS))).toEqual(expected(root));
      }),
    );
  });

  it('refuses characters that XML cannot carry', () => {
    expect(() => writeXml({ name: 'a', children: ['\u0000'] })).toThrow(malformed);
    expect(() => writeXml({ name: 'a', attributes: { b: '\ufffe' } })).toThrow(malformed);
    expect(() => writeXml({ name: 'a', children: ['\ud800'] })).toThrow(malformed);
  });

  it('escapes what would end a text or an attribute', () => {
    const root: XmlOut = { name: 'a', attributes: { b: '"><c d="' }, children: ['</a><x/>&lt;'] };
    expect(short(parseXml(writeXml(root), LIMITS))).toEqual(['a', { b: '"><c d="' }, '</a><x/>&lt;']);
  });
});
