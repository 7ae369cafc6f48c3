import { encodeBase64 } from './base64url.ts';
import { type Digest, SM2_WITH_SM3, SM3_OID } from './cms-algorithms.ts';
import { writeSignedData } from './cms-writer.ts';
import { decodeMetadata } from './ofd-metadata.ts';
import { baseLocOf, childrenOf, filesOf, onlyChild, optionalChild, xmlOf } from './ofd-package.ts';
import { type SealWriterSigner, type StampFields, writeSealSignature } from './seal-writer.ts';
import type { ValueObject } from './value.ts';
import { attributeOf, textOfElement, type XmlElement } from './xml.ts';
import { writeXml, type XmlOut } from './xml-writer.ts';
import { PACKAGE_LIMITS } from './zip.ts';

/** Files of a package by name, as `writeZip` takes them. */
export type OfdContents = ReadonlyMap<string, Uint8Array>;

const NAMESPACE = { 'xmlns:ofd': 'http://www.ofdspec.org/2016' } as const;
const FOLDER = 'Doc_0';
const LIST = `${FOLDER}/Signs/Signatures.xml`;
const FONT = '2';
/** Millimetres: A4, margins, and what lies between two lines. */
const PAGE = { width: 210, height: 297, left: 20, top: 30, line: 9, size: 5 } as const;
const LINES = Math.floor((PAGE.height - 2 * PAGE.top) / PAGE.line);

/**
 * Makes an OFD (GB/T 33190) that shows its metadata line by line. Nothing is signed yet; `stampOfd` adds signatures.
 *
 * @param metadata an OFD.xml without a document (`encodeMetadata`)
 * @param mark a line that stands first on each page
 */
export function writeOfd(metadata: Uint8Array, mark?: string): Map<string, Uint8Array> {
  const { CustomDatas: entries = {} } = decodeMetadata(metadata, PACKAGE_LIMITS) as ValueObject;
  const lines = Object.entries(entries as ValueObject).map(([name, text]) => `${name}: ${String(text)}`);
  const pages = Array.from({ length: Math.max(1, Math.ceil(lines.length / LINES)) }, (_, i) => [
    ...(mark === undefined ? [] : [mark]),
    ...lines.slice(i * LINES, (i + 1) * LINES),
  ]);
  const contents: [string, Uint8Array][] = pages.map((page, i) => [pageFile(i), writeXml(pageOf(page, i))]);
  return new Map([
    ['OFD.xml', writeXml(rootOf(metadata))],
    [`${FOLDER}/Document.xml`, writeXml(documentOf(pages.length))],
    [`${FOLDER}/PublicRes.xml`, writeXml(RESOURCES)],
    ...contents,
    [LIST, writeXml({ name: 'ofd:Signatures', attributes: NAMESPACE })],
  ]);
}

const pageFile = (i: number): string => `${FOLDER}/Pages/Page_${i}/Content.xml`;
const pageId = (i: number): string => String(10 + i * 1000);

/** DocInfo as it came, with the places of the document and of its signatures. */
function rootOf(metadata: Uint8Array): XmlOut {
  const files = filesOf(new Map([['OFD.xml', metadata]]));
  const body = onlyChild(xmlOf(files, 'OFD.xml', 'OFD'), 'DocBody', 'OFD.xml');
  return {
    name: 'ofd:OFD',
    attributes: { ...NAMESPACE, DocType: 'OFD', Version: '1.1' },
    children: [
      {
        name: 'ofd:DocBody',
        children: [
          copyOf(onlyChild(body, 'DocInfo', 'OFD.xml')),
          { name: 'ofd:DocRoot', children: [`${FOLDER}/Document.xml`] },
          { name: 'ofd:Signatures', children: [`/${LIST}`] },
        ],
      },
    ],
  };
}

const copyOf = ({ name, attributes, children }: XmlElement): XmlOut => ({
  name: `ofd:${name}`,
  attributes: Object.fromEntries(attributes.map((attribute) => [attribute.name, attribute.value])),
  children: children.map((child) => (typeof child === 'string' ? child : copyOf(child))),
});

const documentOf = (pages: number): XmlOut => ({
  name: 'ofd:Document',
  attributes: NAMESPACE,
  children: [
    {
      name: 'ofd:CommonData',
      children: [
        { name: 'ofd:MaxUnitID', children: [pageId(pages)] },
        {
          name: 'ofd:PageArea',
          children: [{ name: 'ofd:PhysicalBox', children: [`0 0 ${PAGE.width} ${PAGE.height}`] }],
        },
        { name: 'ofd:PublicRes', children: ['PublicRes.xml'] },
      ],
    },
    {
      name: 'ofd:Pages',
      children: Array.from({ length: pages }, (_, i) => ({
        name: 'ofd:Page',
        attributes: { ID: pageId(i), BaseLoc: pageFile(i).slice(FOLDER.length + 1) },
      })),
    },
  ],
});

const RESOURCES: XmlOut = {
  name: 'ofd:Res',
  attributes: { ...NAMESPACE, BaseLoc: 'Res' },
  children: [
    {
      name: 'ofd:Fonts',
      children: [{ name: 'ofd:Font', attributes: { ID: FONT, FontName: '宋体', FamilyName: '宋体' } }],
    },
  ],
};

function pageOf(lines: readonly string[], i: number): XmlOut {
  const first = Number(pageId(i)) + 2;
  const width = PAGE.width - 2 * PAGE.left;
  return {
    name: 'ofd:Page',
    attributes: NAMESPACE,
    children: [
      {
        name: 'ofd:Content',
        children: [
          {
            name: 'ofd:Layer',
            attributes: { ID: String(first - 1) },
            children: lines.map((line, row) => ({
              name: 'ofd:TextObject',
              attributes: {
                ID: String(first + row),
                Boundary: `${PAGE.left} ${PAGE.top + row * PAGE.line} ${width} ${PAGE.line}`,
                Font: FONT,
                Size: String(PAGE.size),
              },
              children: [
                {
                  name: 'ofd:TextCode',
                  attributes: { X: '0', Y: String(PAGE.size), DeltaX: `g ${[...line].length} ${PAGE.size}` },
                  children: [line],
                },
              ],
            })),
          },
        ],
      },
    ],
  };
}

/** Whoever signs an OFD, and how. */
export interface OfdStamp {
  /** `Sign` is a signature without a seal. */
  readonly type: 'Seal' | 'Sign';
  /** Epoch ms. */
  readonly signedAt: number;
  /** A copy of the seal to lay beside the signature. */
  readonly seal?: Uint8Array;
  /** In: Signature.xml, and its path with a leading `/`. Out: the signature value. */
  sign(signatureXml: Uint8Array, path: string): Uint8Array;
}

/** A stamp with a seal (GB/T 38540). */
export const sealStamp = (
  seal: Uint8Array,
  signer: SealWriterSigner,
  signedAt: number,
  digest: Digest,
  timestamp?: StampFields['timestamp'],
): OfdStamp => ({
  type: 'Seal',
  signedAt,
  seal,
  sign: (xml, property) =>
    writeSealSignature(
      { seal, signedAt, dataHash: digest('SM3', xml), property, ...(timestamp === undefined ? {} : { timestamp }) },
      signer,
    ),
});

/** A signature without a seal (GB/T 35275). */
export const cmsStamp = (signer: SealWriterSigner, signedAt: number, digest: Digest): OfdStamp => ({
  type: 'Sign',
  signedAt,
  sign: (content) =>
    writeSignedData({
      profile: 'gm',
      content,
      detached: true,
      signers: [{ ...signer, signingTime: signedAt }],
      digest,
    }),
});

/**
 * Signs an OFD as `writeOfd` makes it, once more if it is signed already: every file is protected but the list of
 * signatures, which the next signature changes. Gives the files; the ones handed in are not changed.
 */
export function stampOfd(contents: OfdContents, stamp: OfdStamp, digest: Digest): Map<string, Uint8Array> {
  const files = filesOf(contents);
  const list = xmlOf(files, LIST, 'Signatures');
  const earlier = childrenOf(list, 'Signature').map((entry, i) => ({
    ID: attributeOf(entry, 'ID') ?? String(i + 1),
    Type: attributeOf(entry, 'Type') ?? 'Seal',
    BaseLoc: baseLocOf(entry, LIST),
  }));
  const folder = `${FOLDER}/Signs/Sign_${earlier.length}`;
  const file = `${folder}/Signature.xml`;
  const id = String(Number(textOfMax(list)) + 1);
  const entries = [...earlier, { ID: id, Type: stamp.type, BaseLoc: `/${file}` }];

  const stamped = new Map(contents);
  if (stamp.seal !== undefined) stamped.set(`${folder}/Seal.esl`, stamp.seal);
  const protectedFiles = [...stamped].filter(([name]) => name !== LIST);
  const signature = writeXml(signatureOf(protectedFiles, stamp, folder, digest));
  stamped.set(file, signature);
  stamped.set(`${folder}/SignedValue.dat`, stamp.sign(signature, `/${file}`));
  const children = [
    { name: 'ofd:MaxSignId', children: [id] },
    ...entries.map((attributes) => ({ name: 'ofd:Signature', attributes })),
  ];
  stamped.set(LIST, writeXml({ name: 'ofd:Signatures', attributes: NAMESPACE, children }));
  return stamped;
}

function textOfMax(list: XmlElement): string {
  const max = optionalChild(list, 'MaxSignId', LIST);
  return max === undefined ? '0' : textOfElement(max);
}

function signatureOf(
  files: readonly (readonly [string, Uint8Array])[],
  { signedAt, seal }: OfdStamp,
  folder: string,
  digest: Digest,
): XmlOut {
  const time = `${new Date(signedAt).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  return {
    name: 'ofd:Signature',
    attributes: NAMESPACE,
    children: [
      {
        name: 'ofd:SignedInfo',
        children: [
          { name: 'ofd:Provider', attributes: { ProviderName: 'tongren', Version: '1.0', Company: 'tongren' } },
          { name: 'ofd:SignatureMethod', children: [SM2_WITH_SM3] },
          { name: 'ofd:SignatureDateTime', children: [time] },
          {
            name: 'ofd:References',
            attributes: { CheckMethod: SM3_OID },
            children: files.map(([name, content]) => ({
              name: 'ofd:Reference',
              attributes: { FileRef: `/${name}` },
              children: [{ name: 'ofd:CheckValue', children: [encodeBase64(digest('SM3', content))] }],
            })),
          },
          ...(seal === undefined
            ? []
            : [
                { name: 'ofd:StampAnnot', attributes: { ID: '1', PageRef: pageId(0), Boundary: '130 230 40 40' } },
                { name: 'ofd:Seal', children: [{ name: 'ofd:BaseLoc', children: [`/${folder}/Seal.esl`] }] },
              ]),
        ],
      },
      { name: 'ofd:SignedValue', children: [`/${folder}/SignedValue.dat`] },
    ],
  };
}
