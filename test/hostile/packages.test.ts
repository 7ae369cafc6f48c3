import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSignedData } from '../../src/codec/cms.ts';
import { element, sequence } from '../../src/codec/der-writer.ts';
import { openOfd } from '../../src/codec/ofd.ts';
import { sealStamp, stampOfd } from '../../src/codec/ofd-writer.ts';
import type { Attestation } from '../../src/codec/proof.ts';
import { readSeal, readSealSignature } from '../../src/codec/seal.ts';
import { parseXml } from '../../src/codec/xml.ts';
import { PACKAGE_LIMITS, readZip } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { publicKeyOf, readCertificate } from '../../src/trust/certificate.ts';
import { broken } from '../support/broken.ts';
import { ascii, type RawEntry, rawZip } from '../support/raw-zip.ts';
import { changed, digest, licence, NOW, party, replaced, sealOf } from '../support/sealed.ts';

const MEGABYTE = 1 << 20;
const zip = (bytes: Uint8Array) => readZip(bytes, PACKAGE_LIMITS);
const xml = (text: string) => parseXml(ascii(text), PACKAGE_LIMITS);
const ofd = (bytes: Uint8Array) => openOfd(bytes, PACKAGE_LIMITS, digest);

/** So many bytes of one sign, deflated: 1,000 to 1. */
const packed = (length: number) => new Uint8Array(zlib.deflateRawSync(new Uint8Array(length).fill(0x20), { level: 9 }));
const bomb = (name: string, length: number, data = packed(length)): RawEntry => {
  const fields = { size: length, crc: 0 };
  return { name, method: 8, data, local: fields, central: fields };
};

interface Row {
  readonly name: string;
  readonly read: () => unknown;
  readonly says: 'MALFORMED' | 'LIMIT_EXCEEDED';
  readonly because: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'a package that inflates to a hundred megabytes is refused by what it declares',
    read: () => zip(rawZip([bomb('OFD.xml', 100 * MEGABYTE)])),
    says: 'LIMIT_EXCEEDED',
    because: 'nothing is inflated before all declared sizes fit together',
  },
  {
    name: 'a hundred entries of a megabyte each are refused together',
    read: () => {
      const data = packed(MEGABYTE);
      return zip(rawZip(Array.from({ length: 100 }, (_, i) => bomb(`${i}.xml`, MEGABYTE, data))));
    },
    says: 'LIMIT_EXCEEDED',
    because: 'the bound is one for the whole package',
  },
  {
    name: 'a package within the bound but packed a thousand to one is refused',
    read: () => zip(rawZip([bomb('OFD.xml', 20 * MEGABYTE)])),
    says: 'LIMIT_EXCEEDED',
    because: 'no page of a licence is so empty',
  },
  {
    name: 'an entry that inflates to more than it declares is stopped there',
    read: () => zip(rawZip([{ ...bomb('OFD.xml', MEGABYTE), data: packed(40 * MEGABYTE) }])),
    says: 'LIMIT_EXCEEDED',
    because: 'the declared size is the room that inflating gets',
  },
  {
    name: 'a thousand entries on one piece of data are refused',
    read: () => {
      const shared = bomb('0.xml', 500);
      const entries = Array.from(
        { length: 1000 },
        (_, i): RawEntry => ({ ...shared, name: `${i}.xml`, central: { ...shared.central, offset: 0 } }),
      );
      return zip(rawZip(entries));
    },
    says: 'MALFORMED',
    because: 'overlapping entries make a bomb without any ratio',
  },
  {
    name: 'ten thousand and one entries are refused',
    read: () => zip(rawZip(Array.from({ length: 10_001 }, (_, i) => ({ name: String(i) })))),
    says: 'LIMIT_EXCEEDED',
    because: 'each costs more than its bytes',
  },
  {
    name: 'a path to a system file is refused',
    read: () => zip(rawZip([{ name: '../../etc/passwd', content: 'x' }])),
    says: 'MALFORMED',
    because: 'somebody will unpack the file to a disk',
  },
  {
    name: 'two pages of one name are refused',
    read: () =>
      zip(
        rawZip([
          { name: 'Doc_0/Pages/Page_0/Content.xml', content: 'good' },
          { name: 'Doc_0/Pages/Page_0/Content.xml', content: 'bad' },
        ]),
      ),
    says: 'MALFORMED',
    because: 'the verifier takes one and the viewer the other',
  },
  {
    name: 'two pages of one name but for its case are refused',
    read: () =>
      zip(
        rawZip([
          { name: 'Doc_0/Content.xml', content: 'good' },
          { name: 'Doc_0/content.xml', content: 'bad' },
        ]),
      ),
    says: 'MALFORMED',
    because: 'on Windows they are one file',
  },
  {
    name: 'a page whose local header names another file is refused',
    read: () => zip(rawZip([{ name: 'good.xml', content: 'x', local: { name: ascii('evil.xml') } }])),
    says: 'MALFORMED',
    because: 'readers that stream take the local name',
  },
  {
    name: 'a package inside the comment of a package is refused',
    read: () => zip(rawZip([{ name: 'good.xml' }], { comment: rawZip([{ name: 'evil.xml' }]) })),
    says: 'MALFORMED',
    because: 'readers that look for the end record from the back find the inner one',
  },
  {
    name: 'a package behind a package is refused',
    read: () => zip(Buffer.concat([rawZip([{ name: 'evil.xml' }]), rawZip([{ name: 'good.xml' }])])),
    says: 'MALFORMED',
    because: 'some readers correct offsets by what stands before, others start at the front',
  },
  {
    name: 'billion laughs are refused at the first',
    read: () => {
      const entities = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`);
      return xml(`<!DOCTYPE l [<!ENTITY l0 "ha">${entities.join('')}]><l>&l10;</l>`);
    },
    says: 'MALFORMED',
    because: 'there is no document type declaration, so no entity can grow',
  },
  {
    name: 'a file of the machine as an entity is refused',
    read: () => xml('<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'),
    says: 'MALFORMED',
    because: 'nothing is fetched',
  },
  {
    name: 'an address of the network as a parameter entity is refused',
    read: () => xml('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://example.org/p.dtd"> %p;]><a/>'),
    says: 'MALFORMED',
    because: 'the same',
  },
  {
    name: 'a hundred thousand nested elements are stopped',
    read: () => xml('<a>'.repeat(100_000)),
    says: 'LIMIT_EXCEEDED',
    because: 'whoever walks the tree would run out of stack',
  },
  {
    name: 'ten megabytes of attributes are stopped',
    read: () =>
      xml(
        `<a ${Array.from({ length: 600_000 }, (_, i) => `a${i}="1"`)
          .join(' ')
          .slice(0, 10_000_000)}/>`,
      ),
    says: 'LIMIT_EXCEEDED',
    because: 'they are counted one by one, and compared with each other',
  },
  {
    name: 'one attribute of ten megabytes is read or refused at once, and a package of them is bounded',
    read: () => xml(`<a b="${'&amp;'.repeat(2_000_000)}"/>${' '.repeat(MEGABYTE)}`),
    says: 'LIMIT_EXCEEDED',
    because: 'the input is bounded before it is looked at',
  },
  {
    name: 'ten megabytes of ampersands are refused at the first',
    read: () => xml(`<a>${'&'.repeat(10_000_000)}</a>`),
    says: 'MALFORMED',
    because: 'no search for the end of a reference goes far',
  },
  {
    name: 'ten megabytes of comments that do not end are refused in one pass',
    read: () => xml(`<a>${'<!-- -'.repeat(1_600_000)}`),
    says: 'MALFORMED',
    because: 'a second pair of hyphens must end the comment',
  },
  {
    name: 'a million empty elements are stopped',
    read: () => xml(`<a>${'<b/>'.repeat(1_000_000)}</a>`),
    says: 'LIMIT_EXCEEDED',
    because: 'four bytes of text are a hundred of memory',
  },
  {
    name: 'sequences nested ten thousand deep are no seal',
    read: () =>
      readSeal(
        Array.from({ length: 10_000 }).reduce<Uint8Array>((inner) => sequence(inner), new Uint8Array(0)),
        PACKAGE_LIMITS,
      ),
    says: 'MALFORMED',
    because: 'only what is expected is entered',
  },
  {
    name: 'a million empty elements are no list of signers',
    read: () =>
      readSignedData(
        sequence(
          element(
            0x31,
            new Uint8Array(2 * MEGABYTE).map((_, i) => (i % 2 === 0 ? 0x30 : 0)),
          ),
        ),
        PACKAGE_LIMITS,
      ),
    says: 'MALFORMED',
    because: 'the structure comes first',
  },
  {
    name: 'a seal of eleven megabytes is refused',
    read: () => readSealSignature(sequence(new Uint8Array(11 * MEGABYTE)), PACKAGE_LIMITS),
    says: 'LIMIT_EXCEEDED',
    because: 'the input is bounded before it is looked at',
  },
];

describe('hostile packages', () => {
  it.each(ROWS)('$name, because $because', ({ read, says }) => {
    expect(read).toThrow(broken(says));
  });
});

it('refuses a bomb without taking the memory', () => {
  const bytes = rawZip([bomb('OFD.xml', 100 * MEGABYTE)]);
  const before = process.memoryUsage().arrayBuffers;
  expect(() => zip(bytes)).toThrow(broken('LIMIT_EXCEEDED'));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MEGABYTE);
});

/** What the codec can tell without any key, in the words of its finding. */
function told(files: ReadonlyMap<string, Uint8Array>): string[] {
  const { signatures, uncovered } = ofd(writeZip(files));
  const attestations = signatures.flatMap((signature) => signature.attestations);
  return [...attestations.flatMap(trouble), ...uncovered.map((part) => `unsigned ${part}`)];
}

function trouble({ at, altered, contentMatches, proof, seal }: Attestation): string[] {
  const check = ({ signed, signature, certificates }: typeof proof) =>
    nodePlatform.prepare('SM2-SM3', publicKeyOf(readCertificate(certificates![0]!)))!(signed, signature);
  return [
    ...altered.map((part) => `altered ${part}`),
    ...(contentMatches ? [] : [`another description ${at}`]),
    ...(check(proof) ? [] : [`bad signature ${at}`]),
    ...(seal === undefined || check(seal.maker) ? [] : [`bad seal ${at}`]),
    ...(seal === undefined || seal.listsSigner ? [] : [`seal of somebody else ${at}`]),
    ...(seal === undefined || seal.copyMatches ? [] : [`another copy of the seal ${at}`]),
  ];
}

describe('a sealed licence in hostile hands', () => {
  const SIGN = 'Doc_0/Signs/Sign_0/';
  const PAGE = 'Doc_0/Pages/Page_0/Content.xml';
  const { files, signer, maker, seal } = licence();
  const other = licence();

  it('is good before', () => {
    expect(told(files)).toEqual([]);
  });

  it('with an altered page: the seal is good, the page is not what was sealed', () => {
    expect(told(changed(files, { [PAGE]: replaced(files, PAGE, '310114', '310115') }))).toEqual([
      `altered ${PAGE}`,
      `unsigned ${PAGE}`,
    ]);
  });

  it('with an altered page and its new digest: the description is not what was sealed', () => {
    const page = ascii(replaced(files, PAGE, '310114', '310115'));
    const digests = [files.get(PAGE)!, page].map((content) => Buffer.from(digest('SM3', content)).toString('base64'));
    const description = replaced(files, `${SIGN}Signature.xml`, digests[0]!, digests[1]!);
    expect(told(changed(files, { [PAGE]: page, [`${SIGN}Signature.xml`]: description }))).toEqual([
      `another description ${SIGN}Signature.xml`,
    ]);
  });

  it('with a shorter list of references: the description is not what was sealed, and the page is free', () => {
    const description = replaced(
      files,
      `${SIGN}Signature.xml`,
      new RegExp(`<ofd:Reference FileRef="/${PAGE}">.*?</ofd:Reference>`),
      '',
    );
    expect(told(changed(files, { [PAGE]: '<free/>', [`${SIGN}Signature.xml`]: description }))).toEqual([
      `another description ${SIGN}Signature.xml`,
      `unsigned ${PAGE}`,
    ]);
  });

  it('with the signature value of another licence', () => {
    const value = other.files.get(`${SIGN}SignedValue.dat`)!;
    expect(told(changed(files, { [`${SIGN}SignedValue.dat`]: value }))).toEqual([
      `another description ${SIGN}Signature.xml`,
      `another copy of the seal ${SIGN}Signature.xml`,
    ]);
  });

  it('with another seal swapped into the signature value', () => {
    const value = files.get(`${SIGN}SignedValue.dat`)!;
    const at = Buffer.from(value).indexOf(seal);
    const forged = value.slice();
    // A seal of one length: serial numbers and signatures vary by some octets, and its name makes up for them.
    let name = '测试专用章';
    let same = sealOf(other.maker, [signer], { createdAt: NOW, name });
    while (same.length !== seal.length) {
      name = 'x'.repeat(new TextEncoder().encode(name).length + seal.length - same.length);
      same = sealOf(other.maker, [signer], { createdAt: NOW, name });
    }
    forged.set(same, at);
    expect(told(changed(files, { [`${SIGN}SignedValue.dat`]: forged, [`${SIGN}Seal.esl`]: same }))).toEqual([
      `altered ${SIGN}Seal.esl`,
      `bad signature ${SIGN}Signature.xml`,
    ]);
  });

  it('stamped by somebody with a seal that is not his', () => {
    const thief = party('Thief', undefined);
    const stamped = stampOfd(licence(0).files, sealStamp(seal, thief, NOW, digest), digest);
    expect(told(stamped)).toEqual([`seal of somebody else ${SIGN}Signature.xml`]);
  });

  it('stamped with a seal that its holder has put himself into', () => {
    const thief = party('Thief', undefined);
    // Information of his own making, under the maker's signature of another.
    const info = readSeal(sealOf(maker, [thief]), PACKAGE_LIMITS).maker.signed;
    const forged = sequence(info, afterInfo(seal));
    const stamped = stampOfd(licence(0).files, sealStamp(forged, thief, NOW, digest), digest);
    expect(told(stamped)).toEqual([`bad seal ${SIGN}Signature.xml`]);
  });

  it('with a page added after sealing, which a changed Document.xml shows', () => {
    const document = replaced(
      files,
      'Doc_0/Document.xml',
      '</ofd:Pages>',
      '<ofd:Page ID="999" BaseLoc="Pages/Page_1/Content.xml"/></ofd:Pages>',
    );
    expect(told(changed(files, { 'Doc_0/Document.xml': document, 'Doc_0/Pages/Page_1/Content.xml': '<x/>' }))).toEqual([
      'altered Doc_0/Document.xml',
      'unsigned Doc_0/Document.xml',
      'unsigned Doc_0/Pages/Page_1/Content.xml',
    ]);
  });

  it('with a second description of the signature, to which the list is bent', () => {
    const list = replaced(files, 'Doc_0/Signs/Signatures.xml', 'Sign_0/Signature.xml', 'Sign_9/Signature.xml');
    const empty = replaced(files, `${SIGN}Signature.xml`, /<ofd:Reference .*<\/ofd:Reference>/s, '');
    const bent = told(
      changed(files, { 'Doc_0/Signs/Signatures.xml': list, 'Doc_0/Signs/Sign_9/Signature.xml': empty }),
    );
    expect(bent).toContain('another description Doc_0/Signs/Sign_9/Signature.xml');
    expect(bent).toContain(`unsigned ${PAGE}`);
  });

  it('cut short at every point is refused', () => {
    const bytes = writeZip(files);
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => ofd(bytes.subarray(0, length)), String(length)).toThrow(Broken);
    }
  });

  it('with any part cut short is refused, or the part is named', () => {
    for (const [name, content] of files) {
      for (const length of [0, 1, content.length >> 1, content.length - 1]) {
        const cut = changed(files, { [name]: content.slice(0, length) });
        let words: string[];
        try {
          words = told(cut);
        } catch (error) {
          expect(error).toBeInstanceOf(Broken);
          continue;
        }
        expect(words.join('\n'), `${name} ${length}`).toMatch(/altered|another|unsigned|bad/);
      }
    }
  });
});

/** What follows the information in a seal: certificate, algorithm, signature. */
function afterInfo(seal: Uint8Array): Uint8Array {
  const { signed } = readSeal(seal, PACKAGE_LIMITS).maker;
  return seal.subarray(Buffer.from(seal).indexOf(signed) + signed.length);
}
